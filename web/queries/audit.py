"""The audit log, filtered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from history.audit import search
from history.models import AuditEntry
from web.keyset import RowsPage, rows_page

from .activity import LATEST_FIRST


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What is asked for; what is empty filters nothing. Days are those of the server's time zone."""

    actor: str = ""
    action: str = ""
    kind: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None


def audit_entries(filters: AuditFilters, at: str) -> RowsPage[AuditEntry]:
    found = AuditEntry.objects.all()
    if filters.actor:
        found = found.filter(actor_name=filters.actor)
    if filters.action:
        found = found.filter(action=filters.action)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.text:
        found = found.filter(search(filters.text))
    if filters.since:
        found = found.filter(time__gte=_start_of(filters.since))
    if filters.until:
        found = found.filter(time__lt=_start_of(filters.until + timedelta(days=1)))
    return rows_page(found, LATEST_FIRST, at)


def actors() -> list[str]:
    return _values("actor_name")


def kinds() -> list[str]:
    return _values("kind")


def _values(name: str) -> list[str]:
    rows = AuditEntry.objects.exclude(**{name: ""}).order_by(name)
    return list(rows.values_list(name, flat=True).distinct())


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
