"""The forms of the scanner: languages are typed by name or code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.kinds import kind_of
from core.errors import ConfigError
from library.models import Kind, Media
from scanner.languages.names import named, understood, with_hint
from scanner.models import Policy
from scanner.models.policy import POLICY_OPTIONS, clean_languages, clean_undetermined
from web.forms import Section

from .media_settings import clean_original_language

T = TypeVar("T")


POLICY_PARTS = (
    ("languages", _("Languages"), ("name", "target_languages", "dry_run")),
    ("labels", _("Labels"), ("label_dub", "label_semi_dub", "label_wrong_dub")),
    (
        "language-tags",
        _("A tag for each language"),
        (
            "language_labels",
            "language_label_pattern",
            "language_label_rule",
            "label_sub_only",
            "label_unknown_audio",
        ),
    ),
    ("rules", _("Rules"), ("native_titles", "extra_languages", "undetermined")),
    ("files", _("Files"), ("include_specials", "only_monitored", "quick")),
    (
        "titles",
        _("Titles"),
        ("genres", "exclude_tags", "exclude_genres", "exclude_paths", "untag_excluded"),
    ),
    ("nfo", _("NFO files"), ("write_nfo", "dub_genre")),
    ("actions", _("Actions"), ("allow_search", "allow_unmonitor")),
)
MAIN_PARTS = ("languages", "labels")
"""Those that everybody looks at; the others are folded."""
POLICY_LABELS = {
    "target_languages": _("Languages you want to hear"),
    "dry_run": _("Dry run: write nothing"),
    "label_dub": _("Tag for dub"),
    "label_semi_dub": _("Tag for semi-dub"),
    "label_wrong_dub": _("Tag for wrong dub"),
    "language_labels": _("Tag these languages"),
    "language_label_pattern": _("What such a tag looks like"),
    "language_label_rule": _("The language must be heard"),
    "label_sub_only": _("Tag for originals with subtitles you want (empty: none)"),
    "label_unknown_audio": _("Tag where no track names a language (empty: none)"),
    "allow_search": _("Offer to search for a replacement of a file"),
    "allow_unmonitor": _("Offer to unmonitor files with a wrong dub"),
    "native_titles": _("Where your language is the original one, call it"),
    "extra_languages": _("Languages besides those you want"),
    "undetermined": _("A first track without a language is"),
    "include_specials": _("Specials count"),
    "only_monitored": _("Only monitored seasons count"),
    "quick": _("Quick: the first file of each season stands for all"),
    "genres": _("Only these genres (empty: all)"),
    "exclude_tags": _("Exclude titles with these tags"),
    "exclude_genres": _("Exclude these genres"),
    "exclude_paths": _("Exclude these paths (patterns such as /tv/Kids/*)"),
    "untag_excluded": _("Take our tags off what is excluded"),
    "write_nfo": _("Write the tag into NFO files"),
    "dub_genre": _("Write the genre “Dub” too"),
}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy whose languages are typed as names or codes."""

    class Meta:
        model = Policy
        fields = [name for _slug, _title, names in POLICY_PARTS for name in names]

    target_languages = forms.CharField(
        max_length=500,
        help_text=with_hint(_("What you want to hear, the most wanted first, with commas between.")),
    )
    undetermined = forms.CharField(
        max_length=100,
        initial="original",
        help_text=_("What the first track without a language is: “original”, “ignore”, or a language."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in POLICY_LABELS.items():
            self.fields[name].label = label
        self.fields["target_languages"].widget.attrs.update(
            {"data-choices": "languages", "data-remove": _("Remove"), "autocomplete": "off"}
        )
        if codes := self.initial.get("target_languages"):
            self.initial["target_languages"] = ", ".join(map(named, codes))
        if code := self.initial.get("undetermined"):
            self.initial["undetermined"] = named(code)

    def add_error(self, field: str | None, error: Any) -> None:
        """Tell one thing of each field: what holds for whole policies cannot be told of a refused field."""
        if field is None and isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            new = {name: errors for name, errors in error.error_dict.items() if name not in self.errors}
            if not new:
                return
            error = ValidationError(new)
        super().add_error(field, error)

    def clean_target_languages(self) -> list[str]:
        texts = [understood(text) for text in self.cleaned_data["target_languages"].split(",")]
        codes = _refusing(lambda: clean_languages(texts))
        if not codes:
            raise ValidationError(_("Name at least one target language."))
        return codes

    def clean_undetermined(self) -> str:
        return _refusing(lambda: clean_undetermined(understood(self.cleaned_data["undetermined"])))

    @property
    def sections(self) -> list[Section]:
        usual = Policy()
        changed = {name for name in POLICY_OPTIONS if getattr(self.instance, name) != getattr(usual, name)}
        return [
            Section(slug, title, [self[name] for name in names])
            if slug in MAIN_PARTS
            else Section(slug, title, (), [self[name] for name in names], len(changed.intersection(names)))
            for slug, title, names in POLICY_PARTS
        ]


class SetupInstanceForm(forms.Form):
    """The first step: what is most needed of an instance."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("Leave it empty to use the kind as name."),
    )
    url = forms.CharField(
        label=_("Address or folder"),
        max_length=500,
        help_text=_(
            "As this machine reaches it, such as http://nas:8989;"
            " of a plain folder its path, such as /media/movies"
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    api_key = forms.CharField(
        label=_("API key"),
        max_length=200,
        required=False,
        help_text=_("In Sonarr and Radarr under Settings → General; a folder has none."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True),
    )

    def given(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        kind = kind_of(found["kind"])
        found["name"] = found["name"] or str(kind.title)
        if not kind.secrets:
            found.pop("api_key")
        return found


class SetupLanguageForm(forms.Form):
    """Which languages are wanted: those of a policy that is there, or these."""

    languages = forms.CharField(
        label=_("Languages you want to hear"),
        max_length=500,
        required=False,
        help_text=_("By name, the most wanted first, with commas between: English, German"),
        widget=forms.TextInput(
            attrs={"data-choices": "languages", "data-remove": _("Remove"), "autocomplete": "off"}
        ),
    )
    policy = forms.ModelChoiceField(
        Policy.objects.all(),
        label=_("Or follow a policy"),
        required=False,
        to_field_name="name",
        empty_label=_("None: the languages above"),
    )

    def __init__(self, *args: Any, current: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["languages"] = ", ".join(map(named, current.target_languages))
        if not Policy.objects.exclude(pk=current.pk).exists():
            del self.fields["policy"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = dict(self.cleaned_data)
        texts = [understood(text) for text in given.get("languages", "").split(",") if text.strip()]
        if not texts and not given.get("policy"):
            self.add_error("languages", _("Name at least one language."))
        return {"languages": texts, "policy": given["policy"].name if given.get("policy") else ""}


class MediaForm(forms.ModelForm):  # type: ignore[type-arg]
    original_language_override = forms.CharField(
        label=_("Original language"),
        max_length=100,
        required=False,
        help_text=with_hint(_("For when the app is wrong. Leave it empty to follow the app.")),
    )

    policy_override = forms.ModelChoiceField(
        Policy.objects.all(), label=_("Policy"), required=False, empty_label=_("Policy of its instance")
    )

    class Meta:
        model = Media
        fields = ("excluded", "original_language_override")
        labels: ClassVar = {"excluded": _("Exclude it")}
        help_texts: ClassVar = {"excluded": _("It is neither scanned nor tagged.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["policy_override"] = self.instance.scan_state.policy_override_id
        if code := self.initial.get("original_language_override"):
            self.initial["original_language_override"] = named(code)

    def clean_original_language_override(self) -> str:
        text = understood(self.cleaned_data["original_language_override"])
        return _refusing(lambda: clean_original_language(text))


def _refusing(clean: Callable[[], T]) -> T:
    try:
        return clean()
    except ConfigError as error:
        raise ValidationError(error.told) from None
