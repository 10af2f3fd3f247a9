"""Facts as they are stored."""

import json

from scanner.probe.tracks import Track

FULL = Track(
    "text",
    1,
    language="por",
    region="br",
    title="Para surdos",
    default=True,
    forced=True,
    commentary=True,
    descriptive=True,
    original=False,
    codec="SubRip",
    channels=0,
    hearing_impaired=True,
    enabled=False,
)


def test_a_track_comes_back_from_the_database_as_it_was():
    assert Track.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_a_track_that_was_stored_before_a_field_was_read_has_its_default():
    stored = FULL.to_json()
    del stored["hearing_impaired"], stored["enabled"]
    track = Track.from_json(stored)
    assert (track.language, track.hearing_impaired, track.enabled) == ("por", False, True)
