"""Filters for the audit log: what an entry changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.words import told
from history.audit import field_text, told_value
from history.models import AuditEntry

register = template.Library()


@register.filter
def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of what an entry tells; empty texts where there was nothing."""
    before, after = _fields(entry.before), _fields(entry.after)

    def shown(name: str, values: dict[str, Any]) -> str:
        return value_text(told_value(entry.kind, name, values.get(name)))

    names = dict.fromkeys([*before, *after])
    return [(_(field_text(name)), shown(name, before), shown(name, after)) for name in names]


def _fields(values: Any) -> dict[str, Any]:
    """The fields; of what is one value, such as a switch, that value."""
    return values if isinstance(values, dict) else {} if values is None else {_("value"): values}


@register.filter
def value_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, list):
        return ", ".join(value_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {value_text(one)}" for name, one in value.items())
    return told(value)
