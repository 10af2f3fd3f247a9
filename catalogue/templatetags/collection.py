"""Filters for pages of the collection: titles, names of kinds, ratings."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalogue.models import Work
from catalogue.pages.import_rows import outcomes
from catalogue.pages.names import FIELD_TYPES, KIND, PROGRAMS
from catalogue.values import Kind
from core.features import Text

register = template.Library()
register.filter(outcomes)


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
