"""Which engine reads a file, what it says of that, and that the engines agree."""

import time
from pathlib import Path

import pytest

from core.errors import ProbeError, StorageError
from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build
from scanner.probe.engines import probe
from scanner.probe.tracks import Fingerprint
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
    path = written(data)
    found = Path(path).stat()
    assert probe(path).fingerprint == Fingerprint(
        len(data), 1_600_000_000 * 10**9, found.st_ctime_ns, found.st_ino
    )


def test_where_the_reader_is_not_sure_mediainfo_is_asked_and_the_facts_say_so(written):
    data = ebml() + element(SEGMENT, element(0x114D9B74, b"\0"), element(INFO), tracks(entry(language="jpn")))
    facts = probe(written(data)).facts
    assert facts.engine == "mediainfo"
    assert facts.note == f"no element ID at byte {len(ebml()) + 5 + 5}"
    assert facts.audio[0].language == "jpn"


def test_where_both_fail_the_reasons_of_both_are_told(written):
    data = ebml() + element(SEGMENT, element(INFO))
    with pytest.raises(HeaderError) as met:
        probe(written(data), engine="header")
    with pytest.raises(ProbeError) as caught:
        probe(written(data))
    assert str(caught.value).endswith(
        f" cannot be read: the header reader met {met.value}, and MediaInfo finds no audio and no video in "
        "it. If it does not play either, copy it again or delete it."
    )


def test_of_a_format_that_the_header_reader_does_not_know_mediainfo_alone_tells(written):
    with pytest.raises(ProbeError) as caught:
        probe(written(b"nothing", "Film.ts"))
    assert str(caught.value).endswith(
        "Film.ts' cannot be read: MediaInfo finds no audio and no video in it. "
        "If it does not play either, copy it again or delete it."
    )


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
    with pytest.raises(HeaderError, match="no Matroska, WebM, MP4, QuickTime or Ogg at byte 0"):
        probe(written(b"nothing"), engine="header")


def test_a_title_without_nuls_whichever_engine(written):
    path = written(matroska(entry(name=b"Stereo\0\0")))
    for engine in ("header", "mediainfo"):
        assert probe(path, engine=engine).facts.audio[0].title == "Stereo"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"nut/multimedia container\0" + bytes(99), "a NUT file"),
        (bytes.fromhex("b7d800203749da11a64e0007e95ead8d") + bytes(99), "a WTV recording"),
        (bytes(0x8001) + b"CD001" + bytes(99), r"the image of a disc \(ISO 9660\)"),
        (b"\x33\xed" + bytes(0x7FFF) + b"BEA01" + bytes(99), r"the image of a disc \(UDF\)"),
    ],
)
def test_a_format_that_no_engine_reads_is_named(written, data, what):
    path = written(data, "film.mkv")
    with pytest.raises(ProbeError, match=rf"film.mkv' is {what}.*, which Taggarr does not read") as caught:
        probe(path)
    assert not isinstance(caught.value, HeaderError)
