"""Health: what is wrong now, why it matters, and what to do about it.

What is wrong is found anew at every look; only since when is remembered (`system.health.watch`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import get_language

from core.features import Health, brought
from core.issues import Check, Issue, Severity
from system.health import machine, programs
from system.models import KnownIssue

__all__ = ["Issue", "Severity", "find_issues", "kept_issues"]

KEPT = 5
"""Seconds that what was found serves pages which show it beside other things."""

_KEY = "system.health.%s"

BRINGS = Health(
    stored=(programs.newer_version,),
    live=(
        programs.web_limits,
        machine.not_restored,
        machine.full_disks,
        machine.servers,
        machine.database_rights,
        machine.clock,
    ),
)


def find_issues(*, live: bool = True) -> list[Issue]:
    """Return all that is wrong now, errors first.

    Without `live` only the database is asked, in a number of queries that does not depend on the size of the
    library.
    """
    checks: list[Check] = []
    for _, health in brought(Health):
        checks += [*health.stored, *(health.live if live else ())]
    issues = [replace(issue, code=check.__name__) for check in checks for issue in check()]
    return sorted(_dated(issues), key=lambda issue: (issue.severity != Severity.ERROR, issue.source))


def kept_issues() -> list[Issue]:
    """Return what `find_issues` without `live` found, in this language, at most `KEPT` seconds ago."""
    key = _KEY % get_language()
    return caches["process"].get_or_set(key, lambda: find_issues(live=False), KEPT) or []


def forget_issues() -> None:
    """Have the next page look anew: somebody did something, and wants to see whether it helped."""
    caches["process"].delete_many([_KEY % code for code, _name in settings.LANGUAGES])


def _dated(issues: Iterable[Issue]) -> list[Issue]:
    """Return the issues, each with the time since when it is known, where it names none itself."""
    found = list(issues)
    if not any(issue.since is None for issue in found):
        return found
    known = {(row.code, row.source): row.since for row in KnownIssue.objects.all()}
    return [
        issue if issue.since else replace(issue, since=known.get((issue.code, issue.source)))
        for issue in found
    ]
