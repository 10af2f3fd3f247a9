"""Taking all that is ours away again: labels, old ones too, and what we wrote into NFO files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from connections.models import Connection
from library.models import Media
from scanner.labels.desired import NOTHING, difference
from scanner.labels.managed import labels_of
from scanner.models import FileScanState, ScanState, SeasonScanState, Verdict


def forget_verdicts(connection: Connection) -> None:
    """Forget every verdict of an instance and ask that all our labels be taken off its media.

    Facts stay: the next scan decides again without reading what did not change.
    """
    ScanState.objects.filter(media__connection=connection).update(
        verdict=Verdict.UNKNOWN,
        verdict_reason={},
        verdict_at=None,
        language_labels=None,
        scanned_fingerprint="",
        untag=True,
        dirty=True,
        reconcile_rounds=0,
    )
    FileScanState.objects.filter(file__media__connection=connection).update(
        verdict=Verdict.UNKNOWN, reason={}
    )
    SeasonScanState.objects.filter(season__media__connection=connection).update(
        verdict=Verdict.UNKNOWN, counts={}
    )


def preview_removal(connection: Connection) -> dict[str, Any]:
    """Return how many media would lose each label, and how many NFO files would be edited."""
    labels = labels_of(connection)
    removed: Counter[str] = Counter()
    nfo = 0
    carried = Media.objects.filter(connection=connection).values_list("tags", "scan_state__nfo_tags")
    for tags, nfo_tags in carried:
        removed.update(difference(tags, NOTHING, labels).remove)
        nfo += bool(nfo_tags)
    return {"added": {}, "removed": dict(sorted(removed.items())), "nfo_written": nfo}
