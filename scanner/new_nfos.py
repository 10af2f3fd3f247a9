"""Labels in NFO files that others wrote where we had found none: artwork publishes some after a scan."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from jobs.models import Trigger
from library import changes
from library.models import Media, What
from scanner.models import Policy, ScanState
from scanner.scan.starting import start_reconcile

READER = "scanner.nfo"


def follow_nfos() -> None:
    """Have labels written into the NFO files that are new. What a first reading missed the next scan sees."""
    if not Policy.objects.filter(write_nfo=True).exists():
        return
    while changes.read(READER, _take) == changes.MOST:
        pass


def _take(batch: changes.Batch) -> None:
    named = {change.media_id for change in batch.changes if change.what == What.NFO}
    if not named:
        return
    # Where there was an NFO, it is one that was written anew: whoever does that keeps our labels.
    lacking = ScanState.objects.filter(media__in=named, nfo_there=False).exclude(nfo_tags=[])
    ids = list(lacking.values_list("pk", flat=True))
    ScanState.objects.filter(pk__in=ids).update(nfo_tags=None, dirty=True)
    titles = (
        Media.objects.filter(scan_state__in=ids).select_related("connection").order_by("connection", "pk")
    )
    for connection, of_one in groupby(titles, attrgetter("connection")):
        start_reconcile(connection, media_ids=[media.pk for media in of_one], trigger=Trigger.SCHEDULED)
