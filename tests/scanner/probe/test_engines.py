"""Which engine reads a file, what it says of that, and that the engines agree."""

import os
import time

import pytest

from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build
from library.errors import ProbeError, StorageError
from scanner.facts import Fingerprint
from scanner.probe import probe
from scanner.probe.window import HeaderError

from .building import INFO, SEGMENT, ebml, element, entry, matroska, tracks

FILM = FileSpec(
    audio=(
        AudioSpec("jpn", default=True, channels=6),
        AudioSpec("eng", title="Dub"),
        AudioSpec("por", bcp47="pt-BR"),
    ),
    subtitles=(SubtitleSpec("ger", title="Schilder"),),
)


@pytest.fixture
def written(tmp_path):
    def write(data, name="film.mkv"):
        path = tmp_path / name
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        return path

    return write


@pytest.mark.parametrize("container", ["mkv", "mp4"])
def test_the_header_reader_comes_first_and_agrees_with_mediainfo(written, container):
    path = written(build(FileSpec(FILM.audio, FILM.subtitles, container)))
    facts, other = probe(path).facts, probe(path, engine="mediainfo").facts
    assert (facts.engine, facts.note, other.engine) == ("header", "", "mediainfo")
    assert facts.tracks == other.tracks
    assert [track.default for track in facts.audio] == [True, False, False]


def test_the_content_decides_and_not_the_name(written):
    assert probe(written(build(FILM), "film.avi")).facts.engine == "header"


def test_the_fingerprint_is_that_of_the_file_that_was_read(written):
    data = build(FILM)
    assert probe(written(data)).fingerprint == Fingerprint(len(data), 1_600_000_000 * 10**9)


def test_where_the_reader_is_not_sure_mediainfo_is_asked_and_the_facts_say_so(written):
    data = ebml() + element(SEGMENT, element(0x114D9B74, b"\0"), element(INFO), tracks(entry(language="jpn")))
    facts = probe(written(data)).facts
    assert facts.engine == "mediainfo"
    assert facts.note == f"no element ID at byte {len(ebml()) + 5 + 5}"
    assert facts.audio[0].language == "jpn"


def test_both_fail(written):
    with pytest.raises(ProbeError, match="holds no audio and no video: it is damaged"):
        probe(written(ebml() + element(SEGMENT, element(INFO))))


def test_of_a_file_that_ends_within_its_tracks_nobody_tells_half(written):
    data = matroska(entry(language="jpn"), entry(language="eng"))
    path = written(data[:-10])
    with pytest.raises(
        ProbeError, match=r"is cut off \(an element that is cut off at byte \d+\): copy it again"
    ):
        probe(path)
    assert len(probe(path, engine="mediainfo").facts.audio) >= 1


def test_a_file_that_is_still_being_copied_is_put_off_and_not_called_cut_off(tmp_path):
    path = tmp_path / "copy.mkv"
    path.write_bytes(matroska(entry())[:-10])

    def copy_on(_seconds):
        path.write_bytes(matroska(entry()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", copy_on)
        with pytest.raises(StorageError, match="still being copied"):
            probe(path)
    assert len(probe(path).facts.audio) == 1


def test_the_reader_alone_tells_why(written):
    with pytest.raises(HeaderError, match="no Matroska, WebM, MP4 or QuickTime at byte 0"):
        probe(written(b"nothing"), engine="header")


def test_a_title_without_nuls_whichever_engine(written):
    path = written(matroska(entry(name=b"Stereo\0\0")))
    for engine in ("header", "mediainfo"):
        assert probe(path, engine=engine).facts.audio[0].title == "Stereo"
