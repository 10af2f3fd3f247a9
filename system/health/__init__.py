"""Health: what is wrong now, why it matters, and what to do about it. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from . import instances, media, programs, work
from .issue import Issue, Severity

__all__ = ["Issue", "Severity", "find_issues"]

STORED: tuple[Callable[[], Iterable[Issue]], ...] = (
    instances.secrets,
    instances.breakers,
    instances.held,
    instances.found_labels,
    media.not_scanned,
    media.bad_files,
    media.undone_tags,
    media.not_written,
    work.failed_jobs,
    work.failed_items,
    work.silent_scheduler,
)
"""Checks that the database answers."""

LIVE: tuple[Callable[[], Iterable[Issue]], ...] = (
    programs.workers,
    programs.media_info,
    programs.path_mappings,
)
"""Checks that ask workers, libraries or disks, and may take seconds."""


def find_issues(*, live: bool = True) -> list[Issue]:
    """Return all that is wrong now, errors first.

    Without `live` only the database is asked, in a number of queries that does not depend on the size of the
    library; idle workers are then told by the work that waits for them.
    """
    checks = (*STORED, *LIVE) if live else (*STORED, work.waiting_work)
    issues = [issue for check in checks for issue in check()]
    return sorted(issues, key=lambda issue: (issue.severity != Severity.ERROR, issue.source))
