"""Filters for the audit log: what an entry changed."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from history.audit import field_text
from history.models import AuditEntry

register = template.Library()


@register.filter
def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of what an entry tells; empty texts where there was nothing."""
    before, after = _fields(entry.before), _fields(entry.after)
    names = dict.fromkeys([*before, *after])
    return [
        (_(field_text(name)), value_text(before.get(name)), value_text(after.get(name))) for name in names
    ]


def _fields(values: Any) -> dict[str, Any]:
    """The fields; of what is one value, such as a switch, that value."""
    return values if isinstance(values, dict) else {} if values is None else {_("value"): values}


@register.filter
def value_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {value_text(one)}" for name, one in value.items())
    return str(value)
