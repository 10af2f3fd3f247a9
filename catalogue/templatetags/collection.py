"""Filters for pages of the collection: titles, names of kinds, ratings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.models import Change, Work
from catalogue.models.pictures import Shows
from catalogue.pages.forms import CopyForm, EditionForm, WorkForm
from catalogue.pages.import_rows import outcomes
from catalogue.pages.names import FIELD_TYPES, KIND, PROGRAMS, ROLES, TERMS
from catalogue.values import Kind
from core.features import Text
from web.templatetags.records import value_text

register = template.Library()
register.filter(outcomes)


_CALLED: dict[str, Any] = {
    **{
        name: field.label
        for form in (WorkForm, EditionForm, CopyForm)
        for name, field in form.base_fields.items()
    },
    **{role.value: called for role, called in ROLES.items()},
    **{kind.value: called for kind, called in TERMS.items()},
    "box": gettext_lazy("In the box"),
    "library": gettext_lazy("Library"),
    "locks": gettext_lazy("What imports leave alone"),
    "merged": gettext_lazy("Part of it"),
    "own": gettext_lazy("Fields of your own"),
    "picture": gettext_lazy("Picture"),
    "seasons": gettext_lazy("Seasons"),
}
_VALUES: dict[str, dict[Any, Any]] = {
    "kind": {kind.value: called for kind, called in KIND.items()},
    "picture": dict(Shows.choices),
}


@register.filter
def work_changes(change: Change) -> list[tuple[str, str, str]]:
    """Return (field, before, after): fields called as in the forms, those of a copy after its number."""
    found = []
    for key in dict.fromkeys([*change.before, *change.after]):
        number, _space, name = key.rpartition(" ")
        called = " ".join(filter(None, (number, str(_CALLED.get(name, name)))))
        values = (change.before.get(key), change.after.get(key))
        before, after = (value_text(_said(name, value)) for value in values)
        found.append((called, before, after))
    return found


def _said(name: str, value: Any) -> Any:
    if name == "locks" and isinstance(value, list):
        return [str(_CALLED.get(one, one)) for one in value]
    return _VALUES.get(name, {}).get(value, value) if isinstance(value, str) else value


@register.filter
def work_title(work: Work) -> str:
    """What a work is called; of one that is known by its number alone, that it has no title yet."""
    return work.title or _("Without a title")


@register.filter
def kind_name(kind: str) -> Text:
    return KIND[Kind(kind)]


@register.filter
def program_name(key: str) -> Text:
    """What the program or list is called that something comes from."""
    return PROGRAMS.get(key, key)


@register.filter
def field_type(key: str) -> Text:
    """What goes into a field of one's own."""
    return FIELD_TYPES[key]


@register.filter
def rating(stars: Decimal | None) -> str:
    """A rating out of ten, without zeros behind it."""
    return "" if stars is None else number_format(stars.normalize() + 0)
