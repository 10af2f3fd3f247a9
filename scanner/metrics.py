"""What the scanner adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Func

from core.features import Metrics
from core.metrics import Family, gauge
from library.models import Media
from scanner.models import FileScanState, ScanSettings, Verdict


def media() -> Iterator[Family]:
    found = gauge("media", "Series and movies by verdict.", ["instance", "kind", "verdict"])
    rows = Media.objects.order_by().values_list("connection__name", "connection__kind", "scan_state__verdict")
    counts = {row[:3]: row[3] for row in rows.annotate(Count("pk"))}
    for name, kind in ScanSettings.objects.values_list("connection__name", "connection__kind"):
        for verdict in Verdict.values:
            found.add_metric([name, kind, verdict], counts.get((name, kind, verdict), 0))
    yield found
    dirty = gauge("media_unwritten", "Series and movies whose tags are still to be written.", ["instance"])
    waiting = Media.objects.filter(scan_state__dirty=True).order_by().values_list("connection__name")
    for name, count in waiting.annotate(Count("pk")):
        dirty.add_metric([name], count)
    yield dirty


def files() -> Iterator[Family]:
    by_language = gauge("files", "Files by the audio language they hold.", ["language"])
    languages = FileScanState.objects.annotate(language=Func(F("languages"), function="unnest"))
    for language, count in languages.values_list("language").annotate(Count("pk")):
        by_language.add_metric([language], count)
    yield by_language
    by_engine = gauge(
        "files_probed", "Files by the engine that read them, and what is wrong.", ["engine", "problem"]
    )
    rows = FileScanState.objects.values_list("engine", "problem").annotate(Count("pk"))
    for engine, problem, count in rows:
        by_engine.add_metric([engine or "none", problem or "none"], count)
    yield by_engine


def connections() -> Iterator[Family]:
    """Which instances the brake holds, and when each was scanned last."""
    held = gauge("held", "1 where the brake holds the instance.", ["instance"])
    scanned = gauge("last_full_scan_timestamp_seconds", "When the last full scan ended.", ["instance"])
    for name, held_since, at in ScanSettings.objects.values_list(
        "connection__name", "held_since", "last_full_scan_at"
    ):
        held.add_metric([name], held_since is not None)
        if at:
            scanned.add_metric([name], at.timestamp())
    yield from (held, scanned)


BRINGS = Metrics((media, files, connections))
