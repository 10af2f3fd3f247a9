"""What the owner of a library wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.words import Phrase
from scanner.labels.of_languages import LanguageLabelRules
from scanner.languages.codes import normalise, require
from scanner.languages.names import UNDETERMINED_WORDS
from scanner.verdict.counting import Undetermined
from scanner.verdict.file import Rules

if TYPE_CHECKING:
    from accounts.models import User

valid_label = RegexValidator(
    r"^[a-z0-9-]+\Z",
    "A label may hold only a-z, 0-9 and '-': Sonarr and Radarr refuse anything else.",
)
valid_label_pattern = RegexValidator(
    r"^[a-z0-9-]*\{language\}[a-z0-9-]*\Z",
    "Write {language} once, and beside it only a-z, 0-9 and '-': audio-{language}.",
)
valid_language_code = RegexValidator(
    r"^[a-z]{3}(-[a-z]{2}|-[0-9]{3})?\Z", "A language is stored as an ISO 639-3 code and an optional region."
)


def clean_languages(texts: list[str]) -> list[str]:
    """Return a person's target languages (names or codes) as canonical codes, each once, in their order.

    Raises `ConfigError` naming the first that is no language.
    """
    return list(dict.fromkeys(str(require(text)) for text in texts if text.strip()))


def clean_undetermined(text: str) -> str:
    """Return a person's `undetermined` option as it is stored.

    Raises `ConfigError` for an unknown language.
    """
    word = text.strip()
    return word.lower() if word.lower() in UNDETERMINED_WORDS else str(require(word))


class Verdict(models.TextChoices):
    """What the audio of a file, season or media amounts to, in the eyes of its policy."""

    DUB = "dub", _("Dub")
    SEMI_DUB = "semi-dub", _("Semi-dub")
    WRONG_DUB = "wrong-dub", _("Wrong dub")
    ORIGINAL = "original", _("Original")
    UNKNOWN = "unknown", _("Unknown")


class ExtraLanguages(models.TextChoices):
    """What to make of a track that is neither a target nor the original language."""

    TOLERATE = "tolerate", _("Tolerate")
    FORBID = "forbid", _("Forbid")


class NativeTitles(models.TextChoices):
    """What to call a title whose original language is the only target."""

    DUB = "dub", _("Dub")
    ORIGINAL = "original", _("Original")


class LanguageLabels(models.TextChoices):
    """For which languages a title gets a label each."""

    OFF = "off", _("None")
    TARGETS = "targets", _("Those that are wanted")
    ALL = "all", _("All that are heard")


class LanguageRule(models.TextChoices):
    """In how many files of a series a language must be heard."""

    EVERY = "every", _("In every file")
    ANY = "any", _("In any file")


def _texts() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.TextField(), default=list, blank=True)


class Policy(models.Model):
    """Target languages, labels and options; belongs to instances, and a title may override it.

    The meaning of the languages and the effect of a change are the scanner's (`scanner.policies`); this model
    holds their shape. Languages are canonical codes such as `jpn` or `por-br`.
    """

    name = models.CharField(max_length=100, unique=True)
    target_languages = ArrayField(models.CharField(max_length=10, validators=[valid_language_code]))
    label_dub = models.CharField(max_length=50, default="dub", validators=[valid_label])
    label_semi_dub = models.CharField(max_length=50, default="semi-dub", validators=[valid_label])
    label_wrong_dub = models.CharField(max_length=50, default="wrong-dub", validators=[valid_label])

    language_labels = models.CharField(
        max_length=10,
        choices=LanguageLabels,
        default=LanguageLabels.OFF,
        db_default=LanguageLabels.OFF,
        help_text=_("Also give a label for each language that is heard."),
    )
    language_label_pattern = models.CharField(
        max_length=40,
        default="audio-{language}",
        db_default="audio-{language}",
        validators=[valid_label_pattern],
        help_text=_("What such a label looks like; {language} is the code, such as en or pt-br."),
    )
    language_label_rule = models.CharField(
        max_length=10,
        choices=LanguageRule,
        default=LanguageRule.EVERY,
        db_default=LanguageRule.EVERY,
        help_text=_("In which files of a series a language must be heard."),
    )
    label_sub_only = models.CharField(
        max_length=50,
        blank=True,
        default="",
        db_default="",
        validators=[valid_label],
        help_text=_("The label of originals with subtitles in a language you want, such as sub-only."),
    )
    label_unknown_audio = models.CharField(
        max_length=50,
        blank=True,
        default="",
        db_default="",
        validators=[valid_label],
        help_text=_("The tag of titles of which no track names a language, such as unknown-audio."),
    )

    undetermined = models.CharField(
        max_length=10,
        default="original",
        help_text=_("What the first track without a language is: 'original', 'ignore', or a language code."),
    )
    extra_languages = models.CharField(max_length=10, choices=ExtraLanguages, default=ExtraLanguages.TOLERATE)
    native_titles = models.CharField(max_length=10, choices=NativeTitles, default=NativeTitles.DUB)
    include_specials = models.BooleanField(default=False)
    only_monitored = models.BooleanField(default=False)
    quick = models.BooleanField(default=False, help_text=_("Probe only the first file of each season."))

    genres = _texts()
    exclude_tags = _texts()
    exclude_genres = _texts()
    exclude_paths = _texts()
    untag_excluded = models.BooleanField(
        default=False, help_text=_("Take our tags off titles that are excluded.")
    )

    allow_search = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Let admins have the app search its indexers for another release of a file."),
    )
    allow_unmonitor = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Let admins stop the app from watching for files with a wrong dub."),
    )

    write_nfo = models.BooleanField(default=False, help_text=_("Also write the label into NFO files."))
    dub_genre = models.BooleanField(
        default=False, help_text=_("Also put <genre>Dub</genre> into the NFO of dubbed titles.")
    )
    dry_run = models.BooleanField(default=False, help_text=_("Probe and decide, but send and write nothing."))

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                name="policy_has_a_target", condition=models.Q(target_languages__len__gte=1)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_target_languages_display(self) -> list[Phrase]:
        return [Phrase("language.name", code=code) for code in self.target_languages]

    def clean(self) -> None:
        """Refuse a policy without a target, or with one label for two things."""
        if len(set(self.labels.values())) < len(self.labels):
            raise ValidationError(
                _("The labels for dub, semi-dub and wrong-dub must differ from each other.")
            )
        extra = [label for label in (self.label_sub_only, self.label_unknown_audio) if label]
        if len({*self.labels.values(), *extra}) < len(self.labels) + len(extra):
            raise ValidationError(
                _("The labels for subtitles only and for unknown audio must differ from the others.")
            )
        if not self.target_languages:
            raise ValidationError({"target_languages": _("Name at least one target language.")})

    def values(self) -> dict[str, Any]:
        """All that a person sets of it, as it is stored, but for its name."""
        return {name: getattr(self, name) for name in ("target_languages", *POLICY_OPTIONS)}

    @property
    def labels(self) -> dict[str, str]:
        return {
            Verdict.DUB: self.label_dub,
            Verdict.SEMI_DUB: self.label_semi_dub,
            Verdict.WRONG_DUB: self.label_wrong_dub,
        }

    @property
    def rules(self) -> Rules:
        """What a verdict depends on."""
        languages = (normalise(code) for code in self.target_languages)
        word = self.undetermined
        known: dict[str, Undetermined] = {"original": "original", "ignore": "ignore"}
        return Rules(
            targets=tuple(language for language in languages if language is not None),
            undetermined=known[word] if word in known else require(word),
            extra_languages="forbid" if self.extra_languages == ExtraLanguages.FORBID else "tolerate",
            native_titles="original" if self.native_titles == NativeTitles.ORIGINAL else "dub",
            include_specials=self.include_specials,
            only_monitored=self.only_monitored,
        )

    @property
    def label_rules(self) -> LanguageLabelRules:
        """What the labels beside the verdict's depend on."""
        scope = self.language_labels
        return LanguageLabelRules(
            scope="all"
            if scope == LanguageLabels.ALL
            else "targets"
            if scope == LanguageLabels.TARGETS
            else "off",
            pattern=self.language_label_pattern,
            every_file=self.language_label_rule == LanguageRule.EVERY,
            sub_only=self.label_sub_only,
            unknown_audio=self.label_unknown_audio,
            reserved=frozenset(self.labels.values()),
        )


POLICY_OPTIONS = tuple(
    field.name
    for field in Policy._meta.concrete_fields
    if field.editable and field.name not in ("id", "name", "target_languages", "created_at", "updated_at")
)
"""The fields of a policy that a person sets, beside its name and languages."""


class PolicyVersion(models.Model):
    """What a policy was like from `saved_at` on, and who saved it so."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    values = models.JSONField()
    saved_at = models.DateTimeField(auto_now_add=True)
    saved_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.policy} of {self.saved_at:%Y-%m-%d %H:%M}"

    def differs_from(self, policy: Policy) -> list[str]:
        """The fields of a policy that were otherwise then."""
        now = policy.values()
        return [name for name, value in self.values.items() if value != now.get(name)]

    def applied(self) -> Policy:
        """The policy as it was then, under the name that it has now, not saved."""
        found = Policy.objects.get(pk=self.policy_id)
        for name, value in self.values.items():
            setattr(found, name, value)
        return found
