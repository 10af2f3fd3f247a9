"""Files that are made to do harm end as an error that names them, and harm nobody else."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cage.keeper import BrokenError, Cage, Limits, StalledError, UnreadyError
from core.errors import ConfigError, ProbeError, StorageError
from demo.media_files import AudioSpec, FileSpec, build
from scanner.probe import caged, library
from scanner.probe.engines import UNREADABLE_FORMATS, probe
from scanner.probe.storage import OpenVideo
from scanner.probe.tracks import MOST_TRACKS, Facts, Fingerprint, Track

from . import hostile
from .building import entry, matroska

GOOD = build(FileSpec((AudioSpec("jpn"), AudioSpec("eng", title="Dub"))))
VIDEO = OpenVideo("'film.ts'", -1, Fingerprint(1, 1))
BAD = Path(__file__).parent / "bad"
FOUND = {"*-processor-time*": "took more than 1 seconds", "*-crash*": r"crashed \(SIGSEGV\)"}
AUDIO = {"@type": "Audio", "Language": "ja", "Title": "Japanese", "Format": "AAC", "Channels": "2"}


@pytest.fixture
def _quick(monkeypatch):
    """A file may take one second of processor here."""
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=1))


class Answering(Cage):
    """A cage that answers this, or fails so."""

    def __init__(self, answer):
        super().__init__("", "")
        self.answer = answer

    def call(self, *_, **_named):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def told(answer, **how):
    return caged.read_facts(VIDEO, cage=Answering(answer), **how)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_costs_its_limit_at_most_and_the_next_good_one_is_read(written, name):
    path = written(hostile.FILES[name]())
    try:
        found = probe(path)
    except ProbeError as error:
        assert str(path) in str(error)  # noqa: PT017 - some of them are read, within the limits
    else:
        assert len(found.facts.tracks) <= MOST_TRACKS
    assert len(probe(written(GOOD, "good.mkv"), engine="mediainfo").facts.tracks) == 2


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (hostile.nested_flash, r"MediaInfo crashed \(SIGSEGV\)"),
        (hostile.endless_flash, "MediaInfo took more than 1 seconds of processor time"),
        (hostile.packed_header, "MediaInfo finds no audio and no video in it"),
    ],
)
@pytest.mark.usefixtures("_quick")
def test_what_a_hostile_file_did_is_said(written, make, what):
    with pytest.raises(ProbeError, match=what):
        probe(written(make()), engine="mediainfo")


@pytest.mark.parametrize(("pattern", "what"), FOUND.items())
def test_what_fuzzing_found_stays_within_its_limits(written, pattern, what, monkeypatch):
    """Small files that it kept (`whole_fuzzing`), named for what they have MediaInfo do."""
    # A machine with much to do needs longer for a crash.
    monkeypatch.setattr(caged.CAGE, "limits", Limits(processor=10 if "crash" in pattern else 1))
    found = sorted(BAD.glob(pattern))
    assert found
    for path in found:
        with pytest.raises(ProbeError, match=rf"film.mkv' cannot be read: MediaInfo {what}"):
            probe(written(path.read_bytes()))


def test_a_number_that_is_no_character_costs_a_file_nothing_else(written):
    """MediaInfo 24.12 tells one of this file."""
    found = probe(written((BAD / "ogg-no-character.bin").read_bytes())).facts
    assert [track.language for track in found.tracks] == [None, "deu", None]


@pytest.mark.parametrize(("place", "signature", "name"), UNREADABLE_FORMATS)
def test_what_nobody_reads_never_reaches_mediainfo(written, monkeypatch, place, signature, name):
    monkeypatch.setattr(caged, "CAGE", None)
    path = written(bytes(place) + signature + bytes(100), "film.mkv")
    with pytest.raises(ProbeError) as caught:
        probe(path)
    wanted = f"'{path}' is {name}, which Taggarr does not read: put the film into a Matroska file."
    assert str(caught.value) == wanted


def test_a_library_that_needs_no_mediainfo_starts_no_process(written, monkeypatch):
    caged.CAGE.end()
    probe(written(GOOD))
    assert caged.CAGE.process is None


def test_an_odd_file_is_put_off_where_others_wait_and_one_of_another_format_is_not(written):
    caged.CAGE.end()
    odd = written(hostile.endless_samples())
    with pytest.raises(StorageError, match=r"film.mkv' waits for the other files \(too many boxes at byte"):
        probe(odd, patient=False)
    assert caged.CAGE.process is None
    with pytest.raises(ProbeError, match="finds no audio and no video"):
        probe(written(b"no film " * 100), patient=False)
    assert len(probe(written(GOOD), patient=False).facts.tracks) == 2


@pytest.mark.parametrize("pattern", FOUND)
def test_what_mediainfo_breaks_at_or_takes_long_for_is_put_off_where_others_wait(written, pattern):
    path = next(iter(sorted(BAD.glob(pattern))))
    with pytest.raises(
        StorageError, match=r"waits for the other files .*: Taggarr reads it in a few minutes"
    ):
        probe(written(path.read_bytes()), patient=False)


def test_more_tracks_than_any_film_has(written):
    path = written(matroska(*(entry(number=number) for number in range(1, 300))))
    with pytest.raises(ProbeError, match=r"film.mkv' lists more than 256 audio and subtitle tracks"):
        probe(path)


def test_a_process_that_is_killed_by_the_system_costs_the_file_nothing(written):
    path = written(GOOD)
    before = probe(path, engine="mediainfo")
    assert caged.CAGE.process
    os.kill(caged.CAGE.process, signal.SIGKILL)
    assert probe(path, engine="mediainfo") == before


def test_the_errors_of_the_engine_are_those_of_the_cage(written, tmp_path):
    with pytest.raises(ProbeError, match=r"film.mkv' is empty \(0 bytes\)"):
        probe(written(b""), engine="mediainfo")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        video = OpenVideo("'film.ts'", folder, Fingerprint(1000, 1))
        with pytest.raises(StorageError, match=r"'film.ts' cannot be read now \(Is a directory\)"):
            caged.read_facts(video)
    finally:
        os.close(folder)


@pytest.mark.parametrize(
    ("failure", "kind", "sentence"),
    [
        (
            BrokenError("crashed (SIGSEGV)"),
            ProbeError,
            "'film.ts' cannot be read: MediaInfo crashed (SIGSEGV). It is damaged, or made to do harm: "
            "replace it or delete it.",
        ),
        (
            StalledError("had no answer after 60 seconds"),
            StorageError,
            "'film.ts' cannot be read now: MediaInfo had no answer after 60 seconds. "
            "Check its disk or mount, and whether this machine has too much to do.",
        ),
        (
            UnreadyError("no such file", lasting=True),
            ConfigError,
            "The MediaInfo library cannot be loaded (no such file): install the pymediainfo wheel for this "
            "system, or its package libmediainfo.",
        ),
        (
            UnreadyError("it could not be started", lasting=False),
            StorageError,
            "'film.ts' cannot be read now: MediaInfo runs apart, and it could not be started.",
        ),
    ],
)
def test_how_a_cage_fails_decides_whether_the_file_is_tried_again(failure, kind, sentence):
    with pytest.raises(kind) as caught:
        told(failure)
    assert (type(caught.value), str(caught.value)) == (kind, sentence)


class TestAnswers:
    def test_good_ones(self):
        second = {**AUDIO, "Language": "pt-BR", "Title": {"#value": "w5xiZXI="}}
        assert told({"streams": [AUDIO, second, {"@type": "Text"}]}, note="why") == Facts(
            (
                Track("audio", 0, language="jpn", title="Japanese", codec="AAC", channels=2),
                Track("audio", 1, language="por", region="br", title="Über", codec="AAC", channels=2),
                Track("text", 0),
            ),
            "mediainfo",
            note="why",
        )

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            [],
            {},
            {"errno": "x"},
            {"errno": -1},
            {"errno": 2**31},
            {"streams": {}},
            {"streams": [AUDIO] * 2000},
            {"streams": ["stream"]},
            {"streams": [AUDIO, {}]},
            {"streams": [{**AUDIO, "@type": 1}]},
            {"streams": [{**AUDIO, "@type": {"#value": "x"}}]},
            {"streams": [{**AUDIO, "Channels": 2}]},
            {"streams": [{**AUDIO, "Language": None}]},
            {"streams": [{**AUDIO, "Title": ["x"]}]},
            {"streams": [{**AUDIO, "Title": {"#value": 1}}]},
            {"streams": [{**AUDIO, "Title": "x" * 3000}]},
        ],
    )
    def test_nonsense(self, answer):
        with pytest.raises(ProbeError, match=r"'film.ts' cannot be read: MediaInfo answered nonsense"):
            told(answer)

    def test_too_many(self):
        assert len(told({"streams": [AUDIO] * 256}).tracks) == 256
        with pytest.raises(ProbeError, match="more than 256 audio and subtitle tracks"):
            told({"streams": [AUDIO] * 257})

    @given(
        st.dictionaries(
            st.sampled_from(library.TOLD),
            st.text(max_size=700) | st.builds(lambda text: {"#value": text}, st.text(max_size=20)),
        )
    )
    def test_whatever_the_texts_are_the_facts_can_be_stored(self, stream):
        [track] = told({"streams": [{**stream, "@type": "Audio"}]}).tracks
        stored = json.dumps(track.to_json(), ensure_ascii=False)
        assert "\\u0000" not in stored
        assert len(stored.encode()) < 10_000
        assert len(track.title) <= 500
        assert len(track.language or "") <= 10
        assert 0 <= track.channels < 10_000


def test_both_sides_fit_together(written):
    """What the inner side says is what the outer one takes."""
    path = written(GOOD)
    with path.open("rb") as file:
        answer = library.read_inside(file.fileno(), {"size": len(GOOD)})
        assert told(answer, note="why") == replace(probe(path, engine="mediainfo").facts, note="why")
    answer = library.read_inside(-1, {"size": len(GOOD)})
    with pytest.raises(StorageError, match=r"'film.ts' cannot be read now \(Bad file descriptor\)"):
        told(answer)
