"""Forms of media and policies: languages are typed by name or code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from library.admin import PolicyForm
from library.errors import ConfigError
from library.models import Media

from .languages import display_name, normalise
from .media_settings import clean_original_language
from .rules import UNDETERMINED_WORDS, clean_languages, clean_undetermined

T = TypeVar("T")
LANGUAGE_HINT = "By name or code: Japanese, ja, pt-BR, Spanish (Latino)."


def language_name(code: str) -> str:
    """Return the name under which a stored language is shown in a form; other words as they are."""
    language = normalise(code) if code not in UNDETERMINED_WORDS else None
    return display_name(language) if language else code


class LanguagePolicyForm(PolicyForm):
    """A policy whose languages are typed as names or codes."""

    target_languages = forms.CharField(
        max_length=500,
        help_text="What you want to hear, the most wanted first, with commas between. " + LANGUAGE_HINT,
    )
    undetermined = forms.CharField(
        max_length=100,
        initial="original",
        help_text="What the first track without a language is: “original”, “ignore”, or a language.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if codes := self.initial.get("target_languages"):
            self.initial["target_languages"] = ", ".join(map(language_name, codes))
        if code := self.initial.get("undetermined"):
            self.initial["undetermined"] = language_name(code)

    def clean_target_languages(self) -> list[str]:
        """The target languages as they are stored, in their order, each once."""
        texts = self.cleaned_data["target_languages"].split(",")
        codes = _refusing(lambda: clean_languages(texts))
        if not codes:
            raise ValidationError("Name at least one target language.")
        return codes

    def clean_undetermined(self) -> str:
        """The word or the code."""
        return _refusing(lambda: clean_undetermined(self.cleaned_data["undetermined"]))


class MediaForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person decides of a media."""

    original_language_override = forms.CharField(
        label="Original language",
        max_length=100,
        required=False,
        help_text="Where the app is wrong. Empty: as the app says. " + LANGUAGE_HINT,
    )

    class Meta:
        """All that a person sets."""

        model = Media
        fields = ("excluded", "original_language_override", "policy_override")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if code := self.initial.get("original_language_override"):
            self.initial["original_language_override"] = language_name(code)

    def clean_original_language_override(self) -> str:
        """The code, empty where there is none."""
        return _refusing(lambda: clean_original_language(self.cleaned_data["original_language_override"]))


def _refusing(clean: Callable[[], T]) -> T:
    try:
        return clean()
    except ConfigError as error:
        raise ValidationError(str(error)) from None
