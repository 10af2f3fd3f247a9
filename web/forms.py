"""The forms of the pages. What they hold is checked by the services that take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from history.sentences import shown
from library.errors import TaggarrError
from library.models import FactsFrom, Kind, Policy
from scanner.forms import LanguagePolicyForm
from system.retention import LONGEST

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def show_error(form: forms.Form, error: TaggarrError) -> None:
    """Show an error at the field that it names, where the form has it; else above the form."""
    field = getattr(error, "field", "")
    form.add_error(field if field in form.fields else None, shown(error.sentence))


def new_password(*, known: bool = False) -> forms.CharField:
    """A field for a new password; whose account is `known` may leave it empty and keep theirs."""
    return forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        required=not known,
        help_text=_("Empty keeps it.") if known else _("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class FirstAdminForm(forms.Form):
    """The first account."""

    token = forms.CharField(
        label=_("Token"),
        max_length=100,
        help_text=_("Printed in the log of the first start; manage.py setup_token prints it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = new_password()


class ConnectionForm(forms.Form):
    """Which application, where it is, and its key."""

    kind = forms.ChoiceField(label=_("Application"), choices=Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("With the URL base where there is one, such as http://nas:8989/sonarr"),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    api_key = forms.CharField(
        label=_("API key"),
        max_length=200,
        help_text=_("In Sonarr and Radarr under Settings → General."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class InstanceForm(ConnectionForm):
    """An instance: where it is, its key, its policy, and how careful scans of it are."""

    policy = forms.ModelChoiceField(label=_("Policy"), queryset=Policy.objects.all(), empty_label=None)
    enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)
    facts_from = forms.ChoiceField(
        label=_("Read tracks from"), choices=FactsFrom.choices, initial=FactsFrom.AUTO
    )
    brake_verdicts_percent = forms.IntegerField(
        label=_("Stop and ask when more verdicts change than (percent)"),
        min_value=0,
        max_value=100,
        initial=20,
    )
    brake_orphans_percent = forms.IntegerField(
        label=_("Stop and ask when more media vanish than (percent)"), min_value=0, max_value=100, initial=10
    )

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["kind"]
            self.fields["api_key"].required = False
            self.fields["api_key"].help_text = _("Empty keeps the stored one; a new address needs it again.")


class SetupInstanceForm(ConnectionForm):
    """The first instance, with the languages that are wanted."""

    languages = forms.CharField(
        label=_("Languages you want to hear"),
        max_length=500,
        help_text=_("By name, the most wanted first, with commas between: English, German"),
        widget=forms.TextInput(attrs={"data-choices": "languages", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = "Sonarr"
        self.fields["url"].help_text = _("As this machine reaches it, such as http://nas:8989")


class PolicyForm(LanguagePolicyForm):
    """A policy, its fields in groups and in words of the page."""

    GROUPS = (
        (_("What you want"), ("name", "target_languages", "dry_run")),
        (_("Labels"), ("label_dub", "label_semi_dub", "label_wrong_dub")),
        (
            _("A tag for each language"),
            (
                "language_labels",
                "language_label_pattern",
                "language_label_rule",
                "label_sub_only",
                "label_unknown_audio",
            ),
        ),
        (_("Rules"), ("native_titles", "extra_languages", "undetermined")),
        (_("Which files count"), ("include_specials", "only_monitored", "quick")),
        (
            _("Which media"),
            ("genres", "exclude_tags", "exclude_genres", "exclude_paths", "untag_excluded"),
        ),
        (_("NFO files"), ("write_nfo", "dub_genre")),
        (_("Acting on it"), ("allow_search", "allow_unmonitor")),
    )
    LABELS = {
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
        "extra_languages": _("Languages beside those you want"),
        "undetermined": _("A first track without a language is"),
        "include_specials": _("Specials count"),
        "only_monitored": _("Only monitored seasons count"),
        "quick": _("Quick: the first file of each season stands for all"),
        "genres": _("Only these genres (empty: all)"),
        "exclude_tags": _("Exclude media with these tags"),
        "exclude_genres": _("Exclude these genres"),
        "exclude_paths": _("Exclude these paths (patterns such as /tv/Kids/*)"),
        "untag_excluded": _("Take our tags off what is excluded"),
        "write_nfo": _("Write the tag into NFO files"),
        "dub_genre": _("Write the genre “Dub” too"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
        self.fields["target_languages"].widget.attrs.update(
            {"data-choices": "languages", "autocomplete": "off"}
        )

    def groups(self) -> list[tuple[Promise, list[forms.BoundField]]]:
        """The bound fields in their groups, with the title of each."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]


class ImportForm(forms.Form):
    """The original's files."""

    settings = forms.CharField(
        label=_("Its settings"),
        strip=False,
        max_length=200_000,
        help_text=_(
            "The text of taggarr.yaml, docker-compose.yml or .env, with keys in the place of variables."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocomplete": "off"}),
    )
    state = forms.FileField(
        label=_("Its taggarr.json"),
        required=False,
        help_text=_("In the folder of your series or movies: it tells which tags are its own."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )
    connect = forms.BooleanField(label=_("Test addresses and keys"), required=False, initial=True)


class PathMappingForm(forms.Form):
    """One path mapping; a row without either folder is no mapping."""

    remote_prefix = forms.CharField(label=_("Folder in the application"), max_length=1000, required=False)
    local_prefix = forms.CharField(label=_("The same folder here"), max_length=1000, required=False)


PathMappingFormSet = forms.formset_factory(PathMappingForm, extra=2)


class UserForm(forms.Form):
    """A user, new or known."""

    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)
    password = new_password()
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            self.fields["password"] = new_password(known=True)


class ScheduleForm(forms.Form):
    """When a job starts by itself: by an interval or by a cron line."""

    enabled = forms.BooleanField(label=_("Start it by itself"), required=False)
    every = forms.IntegerField(
        label=_("Every so many seconds"), required=False, min_value=1, help_text=_("3600 is once an hour.")
    )
    cron = forms.CharField(
        label=_("Or at these times"),
        max_length=100,
        required=False,
        help_text=_(
            "As cron: minute, hour, day of month, month, day of week. 30 3 * * * is 3:30 every night."
        ),
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )


def _kept(label: _StrPromise, help_text: _StrPromise) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=LONGEST, help_text=help_text)


class RetentionForm(forms.Form):
    """How long things are kept."""

    keep = _kept(_("Backups"), _("So many are kept."))
    keep_days = _kept(_("Days a backup is kept"), _("The newest always stays."))
    history = _kept(_("Days of history"), _("What changed and why, and the audit log."))
    jobs = _kept(_("Days of jobs"), _("With the messages that were told."))
    items = _kept(
        _("Days of what jobs did"), _("Items that were done; failed ones stay as long as their job.")
    )
    logs = _kept(_("Days of logs"), _("Rotated log files."))


class ApiKeyForm(forms.Form):
    """A key for a program."""

    name = forms.CharField(label=_("What uses it"), max_length=100)
    role = forms.ChoiceField(label=_("Rights"), choices=Role.choices, initial=Role.VIEWER)
