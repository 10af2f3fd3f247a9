"""Watching health: history tells when an issue comes and when it goes, and so do notifications."""

from __future__ import annotations

from django.db import transaction

from connections.models import Connection
from core import live, sql
from core.issues import Issue
from core.words import Phrase
from history.services import record
from system.models import KnownIssue
from system.words import SystemEvent

from . import find_issues

LOCK = 0x68656C74
"""Any number does: one look at a time ("helt" in ASCII)."""


def look() -> None:
    """Compare what is wrong now with what the last look saw.

    An issue is told when a second look sees it still, so that a restart tells nothing; one that is gone is
    told only where it was told before.
    """
    issues = find_issues()
    with transaction.atomic():
        ((is_our_turn,),) = sql.fetch("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if is_our_turn:
            _compare(issues)


def _compare(issues: list[Issue]) -> None:
    now = {(issue.code, issue.source): issue for issue in reversed(issues)}
    known = {(row.code, row.source): row for row in KnownIssue.objects.all()}
    for key, issue in now.items():
        row = known.get(key)
        if row is None:
            KnownIssue.objects.create(code=issue.code, source=issue.source, what=issue.what)
        elif not row.told:
            KnownIssue.objects.filter(pk=row.pk).update(told=True, what=issue.what)
            text = Phrase("health.issue", source=issue.source, what=issue.what)
            _record(SystemEvent.HEALTH, issue.source, text, issue)
    for key, row in known.items():
        if key not in now:
            row.delete()
            if row.told:
                _record(
                    SystemEvent.RESTORED, row.source, Phrase("health.again", source=row.source, what=row.what)
                )


def _record(kind: SystemEvent, source: str, text: Phrase, issue: Issue | None = None) -> None:
    live.after_commit([("health", {"source": source, "well": issue is None, "text": text})])
    record(
        kind,
        text,
        connection=Connection.objects.filter(name=source).first(),
        title=source,
        after=issue.to_json() if issue else None,
    )
