"""Rows in doubt: a person says what they are."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from catalogue import scope
from catalogue.entries import entry_of
from catalogue.formats.archived import ARCHIVED
from catalogue.imports import services
from catalogue.imports.applying import Choice, apply, understood
from catalogue.imports.parting import library_of
from catalogue.models import ImportRow, Library, Outcome
from core.errors import ConfigError


def waiting(user: User) -> QuerySet[ImportRow]:
    """The rows that wait for somebody's decision, the oldest first."""
    rows = ImportRow.objects.filter(outcome=Outcome.REVIEW, of__in=scope.imports(user), of__undone_at=None)
    return rows.select_related("of").order_by("pk")


def accept(row: ImportRow) -> ImportRow:
    """Say that a row is of the work that is most like it. Raises ConfigError."""
    best = row.candidates.first()
    if best is None:
        raise ConfigError("catalogue.no-candidate")
    return _decide(row, Choice(best.work_id))


def choose(row: ImportRow, work: int, user: User) -> ImportRow:
    """Say of which work a row is. Raises ConfigError where the user sees no such work."""
    if not scope.works(user).filter(pk=work, library=library_for(row)).exists():
        raise ConfigError("catalogue.no-work")
    return _decide(row, Choice(work))


def library_for(row: ImportRow) -> Library | None:
    """The library that a row goes into."""
    return library_of(row.of, entry_of(row.entry))


def keep_as_new(row: ImportRow) -> ImportRow:
    """Say that a row is of nothing that is there. Raises ConfigError."""
    return _decide(row, Choice(None))


@transaction.atomic
def skip(row: ImportRow) -> ImportRow:
    """Leave a row out. Raises ConfigError."""
    row = _held(row)
    row.outcome = Outcome.SKIPPED
    row.save(update_fields=["outcome"])
    services.count(row.of)
    return row


@transaction.atomic
def _decide(row: ImportRow, choice: Choice) -> ImportRow:
    row = _held(row)
    apply(row.of, understood([row]), {row.pk: choice})
    services.count(row.of)
    if row.of.format == ARCHIVED.key:
        services.bring_later(row)
    return row


def _held(row: ImportRow) -> ImportRow:
    """The row as it is now, for this transaction alone. Raises ConfigError where nothing is to be decided."""
    held = ImportRow.objects.select_for_update(of=("self",)).select_related("of").get(pk=row.pk)
    if held.outcome != Outcome.REVIEW or held.of.undone_at is not None:
        raise ConfigError("catalogue.decided")
    return held
