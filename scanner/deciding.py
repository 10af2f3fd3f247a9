"""From facts to verdict: decide files, seasons and media from what the database holds, and save it.

Nothing here touches a file or a network; the rules themselves are `scanner.verdict`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from history.models import EventKind
from history.services import record_many
from library.models import File, FileProblem, Instance, Media, Policy, Season

from .desired import Labels
from .labels import labels_of
from .nfo_reconcile import nfo_is_due
from .reading import FACT_FIELDS, Reading, facts_of
from .reconcile import change_of
from .rules import original_language, rules_of
from .verdict import FileInput, RollUp, SeasonInput, decide_file, roll_up

CHUNK = 200
MEDIA_FIELDS = ["verdict", "verdict_reason", "verdict_at", "dirty", "reconcile_rounds"]


@dataclass(frozen=True, slots=True)
class Scanned:
    """One media as a worker read it. `fingerprint` is the app's when it began, `started` the time of its claim."""

    media_id: int
    fingerprint: str
    started: datetime
    files: Sequence[File]
    reading: Reading
    job_id: int


@dataclass(slots=True)
class Decided:
    """What deciding changed: rows to save and events to write."""

    files: list[File] = field(default_factory=list)
    seasons: list[Season] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def save(self, *, file_fields: Sequence[str] = ()) -> None:
        """Write it all."""
        File.objects.bulk_update(self.files, [*file_fields, "verdict", "reason"], batch_size=CHUNK)
        Season.objects.bulk_update(self.seasons, ["verdict", "counts"], batch_size=CHUNK)
        record_many(self.events)


def save_scan(scan: Scanned) -> None:
    """Save what a scan of one media read, and decide. Runs in the caller's transaction and locks the media.

    Of two scans of one media the later-started wins: an older one leaves everything as it is. Files that could
    not be reached leave the media waiting for the next scan.
    """
    media = _loaded(Media.objects.filter(pk=scan.media_id)).select_for_update(of=("self",)).first()
    if media is None or (media.probe_started_at and media.probe_started_at > scan.started):
        return
    media.probe_started_at = scan.started
    if scan.reading.unreached:
        media.scan_error = scan.reading.unreached[0]
    else:
        media.scan_error = ""
        media.scanned_fingerprint = scan.fingerprint
        media.scanned_at = timezone.now()
        # An NFO may have come, or been rewritten, since we wrote it: look at it again.
        media.nfo_tags = []
    media.untag = False
    decided = Decided()
    _decide(media, scan.files, list(media.seasons.all()), labels_of(media.instance), scan.job_id, decided)
    known = {file.pk for file in decided.files}
    decided.files += [file for file in scan.reading.changed if file.pk not in known]
    decided.save(file_fields=FACT_FIELDS)
    media.save()


def redecide(query: QuerySet[Media], *, job_id: int | None = None) -> int:
    """Decide these media anew from their stored facts; return how many verdicts changed."""
    changed = 0
    labels: dict[int, Labels] = {}
    ids = list(query.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            chunk = _loaded(Media.objects.filter(pk__in=ids[start : start + CHUNK]))
            decided = Decided()
            for media in chunk.prefetch_related("files", "seasons").select_for_update(of=("self",)):
                if media.instance_id not in labels:
                    labels[media.instance_id] = labels_of(media.instance)
                before = media.verdict
                files, seasons = list(media.files.all()), list(media.seasons.all())
                _decide(media, files, seasons, labels[media.instance_id], job_id, decided)
                changed += media.verdict != before
                decided.media.append(media)
            decided.save()
            Media.objects.bulk_update(decided.media, MEDIA_FIELDS, batch_size=CHUNK)
    return changed


def would_be(query: QuerySet[Media], policy: Policy) -> Iterator[tuple[Media, str]]:
    """Yield each of these media with the verdict that a policy, saved or not, would give it."""
    rules = rules_of(policy)
    for media in _loaded(query).prefetch_related("files", "seasons").iterator(chunk_size=CHUNK):
        original = original_language(media)
        files = list(media.files.all())
        verdicts = {file.pk: decide_file(facts_of(file), rules, original) for file in files}
        rolled = roll_up(_seasons_for_roll_up(files, list(media.seasons.all()), verdicts), rules)
        yield media, media.verdict if _is_waiting(files) else rolled.verdict


def _loaded(query: QuerySet[Media]) -> QuerySet[Media]:
    return query.select_related("instance__policy", "policy_override")
