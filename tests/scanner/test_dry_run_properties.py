"""A dry run sends nothing that changes anything and writes no file, whatever the library looks like."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.arr.state import ArrState
from jobs.models import JobState
from library.models import Media
from scanner.models import ManagedLabel, Policy, ScanSettings

from .build import add_series, spec, writes_at

pytestmark = [pytest.mark.uncounted, pytest.mark.django_db(transaction=True)]

tracks = st.lists(st.sampled_from(["jpn", "eng", "ger", None]), min_size=1, max_size=3)
series = st.tuples(
    st.lists(tracks, max_size=3),
    st.sets(st.sampled_from(["dub", "semi-dub", "wrong-dub", "4k"])),
    st.booleans(),
)
NFO = "<tvshow><title>A</title><tag>dub</tag><tag>mine</tag></tvshow>"


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file under a folder: what is in it, and when it was written."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()
    }


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    library=st.lists(series, min_size=1, max_size=4),
    mode=st.sampled_from(["update", "rewrite", "remove"]),
    ours=st.booleans(),
)
def test_a_dry_run_writes_nothing_anywhere(sonarr, series_instance, scan, library, mode, ours):
    Media.objects.all().delete()
    ManagedLabel.objects.all().delete()
    ScanSettings.objects.update(last_full_scan_at=None, held_since=None)
    Policy.objects.update(write_nfo=True, dub_genre=True)
    if ours:
        ManagedLabel.objects.bulk_create(
            ManagedLabel(connection=series_instance, label=label)
            for label in ("dub", "semi-dub", "wrong-dub")
        )
    with TemporaryDirectory() as folder:
        state = ArrState("sonarr")
        for number, (files, tags, with_nfo) in enumerate(library):
            added = add_series(
                state, Path(folder), f"Series {number}", {1: [spec(*f) for f in files]}, tags=sorted(tags)
            )
            if with_nfo:
                (Path(added.path) / "tvshow.nfo").write_text(NFO)
        sonarr.load(state)
        before = contents(Path(folder))
        job = scan(series_instance, mode=mode, dry_run=True)
        assert job.state == JobState.COMPLETED
        assert writes_at(sonarr) == []
        assert contents(Path(folder)) == before
        assert job.summary["would"].keys() >= {"added", "removed"}
