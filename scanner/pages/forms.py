"""The forms of the scanner's pages. What they hold is checked by the services that take it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.kinds import kind_of
from connections.models import Connection
from library.models import Kind, is_folder
from scanner.forms import LanguagePolicyForm
from scanner.models import FactsFrom, Policy


class ConnectionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address or folder"),
        max_length=500,
        help_text=_(
            "Of Sonarr and Radarr with the URL base where there is one, such as http://nas:8989/sonarr;"
            " of a plain folder its path, such as /media/movies"
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )
    api_key = forms.CharField(
        label=_("API key"),
        max_length=200,
        required=False,
        help_text=_("In Sonarr and Radarr under Settings → General; a folder has none."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class InstanceForm(ConnectionForm):
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
        label=_("Stop and ask when more titles vanish than (percent)"), min_value=0, max_value=100, initial=10
    )

    def __init__(self, *args: Any, known: Connection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known is None:
            return
        kind = kind_of(known.kind)
        del self.fields["kind"]
        url = self.fields["url"]
        url.label, url.help_text = str(kind.address_title), str(kind.address_help)
        self.fields["api_key"].help_text = _("Empty keeps the stored one; a new address needs it again.")
        if not kind.secrets:
            del self.fields["api_key"]
        if is_folder(known):
            del self.fields["facts_from"]


class SetupInstanceForm(ConnectionForm):
    languages = forms.CharField(
        label=_("Languages you want to hear"),
        max_length=500,
        help_text=_("By name, the most wanted first, with commas between: English, German"),
        widget=forms.TextInput(attrs={"data-choices": "languages", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = "Sonarr"
        self.fields["url"].help_text = _(
            "As this machine reaches it, such as http://nas:8989;"
            " of a plain folder its path, such as /media/movies"
        )


class PolicyForm(LanguagePolicyForm):
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
            _("Which titles"),
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


class PathMappingForm(forms.Form):
    """One path mapping; a row without either folder is no mapping."""

    remote_prefix = forms.CharField(label=_("Folder in the application"), max_length=1000, required=False)
    local_prefix = forms.CharField(label=_("The same folder here"), max_length=1000, required=False)


PathMappingFormSet = forms.formset_factory(PathMappingForm, extra=2)
