"""Whatever the bytes are, the header readers end in tracks or in a `HeaderError`, in time and within
bounds.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import fuzzing
from .building import ebml, element, ftyp, moov

SEGMENT, TRACKS = 0x18538067, 0x1654AE6B


@pytest.mark.parametrize("place", range(len(fuzzing.seeds())))
def test_the_seeds_are_good_files(place):
    assert fuzzing.check(fuzzing.seeds()[place]).endswith("tracks")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_broken_files_break_no_promise(seed):
    outcomes = fuzzing.run(seed, executions=5000)
    assert sum(outcomes.values()) == 5000
    assert len(outcomes) > 15


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, 1 << 20, 1 << 40]))
def test_any_bytes_where_tracks_should_be(junk, size):
    fuzzing.check(ebml() + element(SEGMENT, element(TRACKS, junk)), size)
    fuzzing.check(ebml() + element(SEGMENT, junk), size)
    fuzzing.check(ftyp() + moov(junk), size)
    fuzzing.check(junk, size)


def test_a_long_way_through_many_small_boxes_ends_in_time():
    fuzzing.check(ftyp() + moov(b"".join(element(0xEC) for _ in range(4000))) + bytes(60000), 1 << 40)
    fuzzing.check(ebml() + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + element(0xEC) * 30000)
