"""Taking all that is ours away again: labels, old ones too, and what we wrote into NFO files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from library.models import File, Instance, Media, Season, Verdict

from .desired import NOTHING, difference
from .labels import labels_of


def forget_verdicts(instance: Instance) -> None:
    """Forget every verdict of an instance and ask that all our labels be taken off its media.

    Facts stay: the next scan decides again without reading what did not change.
    """
    Media.objects.filter(instance=instance).update(
        verdict=Verdict.UNKNOWN,
        verdict_reason={},
        verdict_at=None,
        language_labels=None,
        scanned_fingerprint="",
        untag=True,
        dirty=True,
        reconcile_rounds=0,
    )
    File.objects.filter(media__instance=instance).update(verdict=Verdict.UNKNOWN, reason={})
    Season.objects.filter(media__instance=instance).update(verdict=Verdict.UNKNOWN, counts={})


def preview_removal(instance: Instance) -> dict[str, Any]:
    """Return how many media would lose each label, and how many NFO files would be edited."""
    labels = labels_of(instance)
    removed: Counter[str] = Counter()
    nfo = 0
    for tags, nfo_tags in Media.objects.filter(instance=instance).values_list("tags", "nfo_tags"):
        removed.update(difference(tags, NOTHING, labels).remove)
        nfo += bool(nfo_tags)
    return {"added": {}, "removed": dict(sorted(removed.items())), "nfo_written": nfo}
