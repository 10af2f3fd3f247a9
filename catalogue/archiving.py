"""The archive of a large collection: made by a job, and kept for a while to be downloaded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Now

from accounts.models import User
from catalogue import exporting, scope
from catalogue.formats import archive, archived
from catalogue.imports import services as imports
from core.errors import ConfigError
from core.words import Phrase
from jobs import services
from jobs.models import OUTCOME, Job, JobState
from storage import keeping
from storage.models import Stored

JOB = "catalogue_archive"
MOST_WORKS = 2_000
MOST_BYTES = 64 << 20
"""Works, and what their pictures weigh: an archive of no more is made while one waits."""

KEPT = timedelta(days=2)
_LARGEST = 1 << 40
_DIGEST = "digest"


def is_large(user: User) -> bool:
    """Whether making an archive of all that somebody sees takes longer than one waits."""
    return scope.works(user).count() > MOST_WORKS or _shown(user)[0] > MOST_BYTES


def warning(user: User) -> Phrase | None:
    """Who can import an archive of all that somebody sees, and how, as its pictures alone tell."""
    return _warning(*_shown(user))


def _shown(user: User) -> tuple[int, int]:
    """What the pictures weigh that somebody sees, and how many they are."""
    rows = Stored.objects.filter(digest__in=scope.pictures(user).order_by().values("digest"))
    told = rows.aggregate(sum=Sum("size"), number=Count("pk"))
    return told["sum"] or 0, told["number"]


def _warning(size: int, pictures: int) -> Phrase | None:
    if pictures > archive.MOST_MEMBERS - len(archived.TEXTS):
        return Phrase("catalogue.archive-too-many", most=archive.MOST_MEMBERS)
    if size > imports.MOST_OF_ADMINS:
        return Phrase("catalogue.archive-too-large", gib=imports.MOST_OF_ADMINS >> 30)
    return Phrase("catalogue.archive-of-admins", mib=imports.MOST >> 20) if size > imports.MOST else None


def start(user: User) -> Job:
    """Start to make somebody's archive, or return the job that does."""
    return services.start(JOB, user=user, dedupe_key=f"{JOB}:{user.pk}")[0]


def last(user: User) -> Job | None:
    """The job that last made an archive for somebody, or makes it; not one whose file is gone."""
    return _jobs().filter(requested_by=user).order_by("-pk").first()


def made(user: User) -> tuple[Job, Stored]:
    """The last archive that was made for somebody. Raises ConfigError where there is none."""
    job = _jobs().filter(requested_by=user, state=JobState.COMPLETED).order_by("-pk").first()
    stored = Stored.objects.filter(digest=job.summary[_DIGEST]).first() if job else None
    if job is None or stored is None:
        raise ConfigError("catalogue.archive-large")
    return job, stored


def make(user: User | None, going_on: Callable[[], object]) -> dict[str, Any]:
    """Make an archive and keep it; return what is in it, and its digest."""
    if user is None:
        raise ConfigError("catalogue.archive-nobody")
    with tempfile.TemporaryFile(dir=settings.TAGGARR_DATA) as file:
        counts = exporting.write_archive(user, file, going_on)
        file.seek(0)
        stored = keeping.keep_file(keeping.pieces_of(file), most=_LARGEST)
    told = _warning(stored.size, counts["pictures"])
    outcome = {OUTCOME: told.stored()} if told else {}
    return {**counts, "size": stored.size, _DIGEST: stored.digest, **outcome}


def digests(user: User | None = None) -> Iterator[str]:
    """The files of archives that can still be downloaded, or those of one person."""
    rows = _jobs().filter(state=JobState.COMPLETED)
    rows = rows if user is None else rows.filter(requested_by=user)
    return rows.values_list(f"summary__{_DIGEST}", flat=True).iterator()


def _jobs() -> QuerySet[Job]:
    return Job.objects.filter(name=JOB, created_at__gt=Now() - KEPT)
