"""Whatever the bytes are, the header readers end in tracks or in a `HeaderError` with its place, within
bounds.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import fuzzing
from .building import ebml, element, ftyp, moov

pytestmark = pytest.mark.uncounted

SEGMENT, TRACKS = 0x18538067, 0x1654AE6B


@pytest.mark.parametrize("place", range(len(fuzzing.seeds())))
def test_the_seeds_are_good_files(place):
    outcome = fuzzing.check(fuzzing.seeds()[place])
    assert outcome.endswith(("tracks", "streams told"))
    assert not outcome.startswith("0")


def test_broken_files_break_no_promise():
    """A sample; `python -m tests.scanner.probe.fuzzing` reads millions."""
    run = fuzzing.run(1, executions=3000)
    assert run.executions == 3000
    assert len(run.outcomes) > 15


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from([None, 1 << 20, 1 << 40]))
def test_any_bytes_where_tracks_should_be(junk, size):
    fuzzing.check(ebml() + element(SEGMENT, element(TRACKS, junk)), size)
    fuzzing.check(ebml() + element(SEGMENT, junk), size)
    fuzzing.check(ftyp() + moov(junk), size)
    fuzzing.check(b"OggS\0\2" + junk, size)
    fuzzing.check(fuzzing.ogg_seeds()[2][:58] + junk, size)
    fuzzing.check(fuzzing.broadcast_seeds()[0][:188] + junk, size)
    fuzzing.check(junk, size)


def test_a_long_way_through_many_small_boxes_ends():
    fuzzing.check(ftyp() + moov(b"".join(element(0xEC) for _ in range(4000))) + bytes(60000), 1 << 40)
    fuzzing.check(ebml() + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + element(0xEC) * 30000)


def test_a_run_tells_what_came_of_it():
    told: list[str] = []
    run = fuzzing.run(4, executions=200, told=told.append)
    assert told == []
    *outcomes, total, slowest, memory = run.lines()
    assert sum(int(line.split()[0]) for line in outcomes) == 200
    assert total.split()[:2] == ["200", "executions,"]
    assert run.slowest_outcome in slowest
    assert memory.endswith("MiB at most")
