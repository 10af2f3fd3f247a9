"""What the original remembered: read as far as it can be read, and never a reason to stop."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from original.differences import cause_of, verdict_of
from original.state import Remembered, matching, read_state

from .build import movie, series

WHOLE = json.dumps(
    {
        "version": "0.4.21",
        "series": {
            "/tv/A": series("dub", seasons=2),
            "/tv2/B": series("none", unexpected=("pt-br",)),
            "/tv/C": {"tag": 3},
            "/tv/D": "x",
        },
        "movies": {"/movies/M": movie("wrong-dub", "ja", "de")},
    }
)


def test_every_title_is_read_with_its_tag_and_what_it_had_seen():
    state = read_state(WHOLE, "taggarr.json")
    assert state.counts() == {"dub": 1, "none": 1, "wrong-dub": 1}
    a, b, m = state.entries
    assert (a.folder, a.root, a.seasons, a.tag) == ("A", "/tv", 2, "dub")
    assert (b.tag, b.unexpected, b.original_language) == ("", ("pt-br",), "japanese")
    assert (m.kind, m.seasons, m.languages) == ("radarr", None, ("ja", "de"))
    assert state.problems == ["taggarr.json: 2 entries are damaged, and left out."]


def test_titles_belong_to_the_instance_in_whose_folders_they_lie():
    states = [read_state(WHOLE, "taggarr.json")]
    assert [entry.folder for entry in matching(states, "sonarr", ("/tv", "/tv3"))] == ["A"]
    assert [entry.folder for entry in matching(states, "radarr", ("/movies",))] == ["M"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE[:200], "is damaged or cut off at line 1"),
        ("[]", "is no state of the original"),
        ('{"series": []}', "series is no mapping"),
        ('{"serie": {}}', "serie is unknown, and was left out (did you mean series)"),
        ("[" * 100_000, "is damaged"),
    ],
)
def test_a_damaged_state_is_told_and_stops_nothing(text, told):
    state = read_state(text, "taggarr.json")
    assert state.entries == []
    assert told in state.problems[0]


@given(st.integers(0, len(WHOLE)))
def test_a_half_written_state_is_never_an_error(length):
    state = read_state(WHOLE[:length], "taggarr.json")
    assert state.problems if length < len(WHOLE) else state.entries


def entry(tag: str = "", **fields) -> Remembered:
    return Remembered(**{"kind": "sonarr", "path": "/tv/A", "tag": tag, "seasons": 1, **fields})


def test_tags_are_understood_by_the_names_of_the_settings_and_by_those_they_have_at_first():
    labels = ("dubbed", "half", "wrong")
    assert [verdict_of(entry(tag), labels) for tag in ("dubbed", "Half", "semi-dub", "", "dub-en,fr")] == [
        "dub",
        "semi-dub",
        "semi-dub",
        "original",
        "",
    ]


@pytest.mark.parametrize(
    ("one", "theirs", "ours", "told"),
    [
        (entry("dub", seasons=0), "dub", "unknown", "no folder whose name begins with Season"),
        (entry(), "original", "unknown", "cannot be read"),
        (entry(unexpected=("pt-br",)), "wrong-dub", "dub", "It saw pt-br"),
        (
            entry(unexpected=("nb",), original_language="norwegian"),
            "wrong-dub",
            "original",
            "take nb for norwegian",
        ),
        (entry(seasons=None), "original", "semi-dub", "no semi-dub for movies"),
        (entry(), "dub", "original", "counted commentaries"),
        (entry(), "original", "dub", "named no language"),
        (entry(), "dub", "wrong-dub", "changed since"),
    ],
)
def test_the_cause_of_a_difference_is_named(one, theirs, ours, told):
    assert told in cause_of(one, theirs, ours, {})


def test_specials_are_named_where_they_were_left_out_here():
    assert "specials" in cause_of(entry(), "semi-dub", "dub", {"left_out": {"specials": 2}})
