"""What may be set of one type of pictures, as fields of a form: what few know stands in one as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from artwork.choice.rules import LARGEST, MOST_WANTED, checked_language, parse_rule, rule_from, write_rule
from artwork.choice.scoring import TEXTLESS, usual_rule
from artwork.names import ArtType
from core.errors import ConfigError, FieldError
from core.words import Phrase

NUMBERS: Mapping[str, tuple[Any, Any, int]] = {
    "most": (_("At most"), _("0 for none of this type."), MOST_WANTED),
    "least": (_("At least"), _("Fewer count as missing."), MOST_WANTED),
    "min_width": (_("Smallest width (pixels)"), "", LARGEST),
    "min_height": (_("Smallest height (pixels)"), "", LARGEST),
}
LANGUAGES, FINER = "languages", "finer"


def name_of(art: ArtType, name: str) -> str:
    return f"{art}-{name}"


def names_of(art: ArtType) -> list[str]:
    """The names of the fields of a type."""
    return [name_of(art, name) for name in (*NUMBERS, LANGUAGES, FINER)]


def fields_of(art: ArtType, rule: Mapping[str, Any]) -> dict[str, forms.Field]:
    """The fields of a type with what its rule says; behind those that are empty stands what is usual."""
    finer = {name: value for name, value in rule.items() if name not in (*NUMBERS, LANGUAGES)}
    found = [
        *(_number(art, name, rule.get(name)) for name in NUMBERS),
        forms.CharField(
            label=_("Languages"),
            help_text=_("Usually without text.") if art in TEXTLESS else _("Usually those of all pictures."),
            max_length=200,
            required=False,
            initial=", ".join(rule.get(LANGUAGES, ())),
        ),
        forms.CharField(
            label=_("Fine-tuning, as text"),
            help_text=_("Such as tolerance 15, weights 30 40 20 10, alike 9, tiers no."),
            max_length=200,
            required=False,
            initial=write_rule(finer),
            widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        ),
    ]
    return dict(zip(names_of(art), found, strict=True))


def _number(art: ArtType, name: str, value: int | None) -> forms.IntegerField:
    label, help_text, most = NUMBERS[name]
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=most,
        required=False,
        initial=value,
        widget=forms.NumberInput(attrs={"placeholder": getattr(usual_rule(art), name)}),
    )


def rule_of(art: ArtType, given: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that the fields of a type say. Raises FieldError."""
    field = LANGUAGES
    try:
        named = filter(str.strip, given[name_of(art, LANGUAGES)].split(","))
        languages = [checked_language(one) for one in named]
        field = FINER
        finer = given[name_of(art, FINER)]
        rule = parse_rule(art, finer) if finer else {}
    except ConfigError as error:
        raise FieldError(name_of(art, field), error.phrase) from None
    numbers = {name: given[name_of(art, name)] for name in NUMBERS}
    rule |= {name: value for name, value in numbers.items() if value is not None}
    rule |= {LANGUAGES: languages} if languages else {}
    try:
        rule_from(art, rule, (), ())
    except ValueError:
        raise FieldError(name_of(art, "least"), "artwork.rule-least", art=Phrase(f"art.{art}")) from None
    return rule
