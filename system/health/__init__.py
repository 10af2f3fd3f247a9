"""Health: what is wrong now, why it matters, and what to do about it.

What is wrong is found anew at every look; only since when is remembered (`system.health.watch`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from library.issues import Check, Issue, Severity, registered_checks
from system.models import KnownIssue

from . import instances, machine, media, programs, roots, work

__all__ = ["Issue", "Severity", "find_issues"]

STORED: tuple[Check, ...] = (
    instances.secrets,
    instances.breakers,
    instances.held,
    instances.found_labels,
    roots.lost_roots,
    media.not_scanned,
    media.bad_files,
    media.undone_tags,
    media.not_written,
    work.failed_jobs,
    work.failed_items,
    work.silent_scheduler,
    programs.newer_version,
)
"""Checks that the database answers."""

LIVE: tuple[Check, ...] = (
    programs.workers,
    programs.schedulers,
    programs.media_info,
    programs.path_mappings,
    work.waiting_work,
    machine.full_disks,
    roots.full_media_disks,
    machine.servers,
    machine.clock,
)
"""Checks that ask workers, libraries or disks, and may take seconds."""


def find_issues(*, live: bool = True) -> list[Issue]:
    """Return all that is wrong now, errors first.

    Without `live` only the database is asked, in a number of queries that does not depend on the size of the
    library; idle workers are then told by the work that waits for them.
    """
    stored = (*STORED, *registered_checks())
    checks = (*stored, *LIVE) if live else (*stored, work.waiting_work)
    issues = [replace(issue, code=check.__name__) for check in checks for issue in check()]
    return sorted(_dated(issues), key=lambda issue: (issue.severity != Severity.ERROR, issue.source))


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
