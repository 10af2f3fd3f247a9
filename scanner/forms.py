"""Forms of media and policies: languages are typed by name or code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import ConfigError
from library.models import Media
from scanner.languages.names import named, understood, with_hint
from scanner.models import Policy
from scanner.verdict.rules import clean_languages, clean_undetermined

from .media_settings import clean_original_language

T = TypeVar("T")


POLICY_FIELDSETS: Any = (
    (None, {"fields": ("name", "target_languages", "dry_run")}),
    ("Labels", {"fields": ("label_dub", "label_semi_dub", "label_wrong_dub")}),
    (
        "Labels of languages",
        {
            "fields": (
                "language_labels",
                "language_label_pattern",
                "language_label_rule",
                "label_sub_only",
                "label_unknown_audio",
            )
        },
    ),
    (
        "Rules",
        {
            "fields": (
                "undetermined",
                "extra_languages",
                "native_titles",
                "include_specials",
                "only_monitored",
                "quick",
            )
        },
    ),
    (
        "Which titles",
        {"fields": ("genres", "exclude_tags", "exclude_genres", "exclude_paths", "untag_excluded")},
    ),
    ("NFO files", {"fields": ("write_nfo", "dub_genre")}),
    ("Acting on it", {"fields": ("allow_search", "allow_unmonitor")}),
)


class LanguagePolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy whose languages are typed as names or codes."""

    class Meta:
        model = Policy
        fields = flatten_fieldsets(POLICY_FIELDSETS)

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


class MediaForm(forms.ModelForm):  # type: ignore[type-arg]
    original_language_override = forms.CharField(
        label=_("Original language"),
        max_length=100,
        required=False,
        help_text=with_hint(_("Where the app is wrong. Empty: as the app says.")),
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
