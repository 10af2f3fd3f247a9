"""The MediaInfo engine: what it takes from MediaInfo's words, and what it does where there are none."""

import base64
import errno
import json
import os
import shutil
import subprocess

import pytest

from core.errors import ProbeError
from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build
from scanner.probe import broadcast, library, mediainfo
from scanner.probe.engines import probe
from scanner.probe.naming import NO_ROLE
from scanner.probe.storage import OpenVideo, open_video
from scanner.probe.tracks import Facts, Fingerprint, Track

from .building import BCP47, ENTRY, NAME, TYPE, ebml, element, value

FILM = FileSpec(
    audio=(
        AudioSpec("jpn", default=True, channels=6),
        AudioSpec("eng", title="Dub", forced=True),
    ),
    subtitles=(SubtitleSpec("ger", title="Schilder", codec="ASS"),),
)


def facts_of(tmp_path, data):
    path = tmp_path / "film.bin"
    path.write_bytes(data)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    return probe(path, engine="mediainfo").facts


@pytest.fixture
def said(monkeypatch):
    """Makes MediaInfo say this of every file."""

    def say(*streams, note=""):
        class Library:
            def document(self, _read, _size):
                return json.dumps({"media": {"track": [{"@type": "General"}, *streams]}})

        monkeypatch.setattr(library, "_library", Library)
        told = library.read_inside(-1, {"size": 1})["streams"]
        return mediainfo.facts_of(OpenVideo("'a.ts'", -1, Fingerprint(1, 1)), told, note=note)

    return say


@pytest.mark.parametrize("container", ["mkv", "mp4"])
def test_a_real_file(tmp_path, container):
    facts = facts_of(tmp_path, build(FileSpec(FILM.audio, FILM.subtitles, container)))
    assert facts.engine == "mediainfo"
    assert [(track.kind, track.index, track.language, track.title) for track in facts.tracks] == [
        ("audio", 0, "jpn", ""),
        ("audio", 1, "eng", "Dub"),
        ("text", 0, "deu", "Schilder"),
    ]
    assert [track.codec for track in facts.audio] == ["AAC", "AAC"]
    assert [track.channels for track in facts.audio] == [6, 2]
    assert [track.default for track in facts.audio] == [True, False]


def test_a_file_may_have_no_audio(tmp_path):
    assert facts_of(tmp_path, build(FileSpec())).tracks == ()


@pytest.mark.skipif(
    not shutil.which("ffmpeg"), reason="ffmpeg is not installed: no transport stream can be made"
)
def test_a_transport_stream(tmp_path):
    path = tmp_path / "broadcast.ts"
    sources = ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    languages = ["-map", "0", "-map", "1", "-map", "1", "-metadata:s:a:0", "language=jpn"]
    command = ["ffmpeg", "-v", "error", *sources, *languages, "-c:v", "mpeg2video", "-c:a", "ac3", str(path)]
    subprocess.run(command, check=True)
    facts = probe(path).facts
    assert facts.engine == "mediainfo"
    assert facts.note == "", "nothing is wrong with a file of another format"
    assert [(track.language, track.codec) for track in facts.audio] == [("jpn", "AC-3"), (None, "AC-3")]


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed: no AVI can be made")
def test_titles_of_an_avi(tmp_path):
    path = tmp_path / "film.avi"
    sources = ["-f", "lavfi", "-i", "color=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    titles = [
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "1",
        "-metadata:s:a:0",
        "title=Doppiaggio è",
        "-metadata:s:a:1",
    ]
    command = [
        "ffmpeg",
        "-v",
        "error",
        *sources,
        *titles,
        "title=監督解説",
        "-c:v",
        "mpeg4",
        "-c:a",
        "mp2",
        path,
    ]
    subprocess.run(command, check=True)
    assert [track.title for track in probe(path).facts.audio] == ["Doppiaggio è", "監督解説"]


def test_garbage_is_an_error(tmp_path):
    with pytest.raises(ProbeError, match="MediaInfo finds no audio and no video in it"):
        facts_of(tmp_path, bytes(range(256)) * 1000)


def test_an_empty_file_is_an_error(tmp_path):
    with pytest.raises(ProbeError, match=r"is empty \(0 bytes\): copy it again"):
        facts_of(tmp_path, b"")


def test_subtitles_alone_are_an_error(tmp_path):
    with pytest.raises(ProbeError, match="finds no audio and no video"):
        facts_of(tmp_path, b"1\n00:00:01,000 --> 00:00:02,000\nHello\n" * 9)


def test_a_file_of_which_neither_engine_makes_anything_is_told_with_both_reasons(said):
    with pytest.raises(ProbeError, match="MediaInfo finds no audio and no video in it") as caught:
        said({"@type": "Text"})
    assert "no Matroska" not in str(caught.value)
    with pytest.raises(ProbeError, match="no Matroska"):
        said({"@type": "Text"}, note="it is no Matroska")


def test_text_that_mediainfo_wraps_is_unwrapped(said):
    wrapped = {"@dt": "binary.base64", "#value": base64.b64encode("Über".encode()).decode()}
    assert [track.title for track in said({"@type": "Audio", "Title": wrapped}).audio] == ["Über"]
    wrapped["#value"] = base64.b64encode("Ü".encode() * 10_000).decode()
    assert said({"@type": "Audio", "Title": wrapped}).audio[0].title == "Ü" * 500
    wrapped["#value"] = "x"
    assert said({"@type": "Audio", "Title": wrapped}).audio[0].title == ""


def test_of_what_a_hostile_file_has_mediainfo_say_little_is_told(said):
    menus = [{"@type": "Menu"}] * 5000
    [track] = said(*menus, {"@type": "Audio", "Title": "x" * 10_000, "Extra": "x"}).tracks
    assert (track.index, track.title) == (0, "x" * 500)
    with pytest.raises(ProbeError, match="lists more than 256 audio and subtitle tracks"):
        said(*[{"@type": "Audio"}] * 257)
    assert len(library.read_inside(-1, {"size": 1})["streams"]) == 258
    with pytest.raises(ProbeError, match="lists more than 256"):
        said(*[{"@type": "Audio"}] * 50_000)
    assert len(library.read_inside(-1, {"size": 1})["streams"]) == library.MOST_STREAMS


def test_two_voices_of_a_transport_stream_are_two_tracks(said, monkeypatch):
    voices = broadcast.Voice("deu", NO_ROLE), broadcast.Voice("eng", NO_ROLE)

    def read(_read, _size, pids):
        assert pids == {257}
        return {257: voices}

    monkeypatch.setattr(broadcast, "read_voices", read)
    general = {"@type": "General", "Format": "MPEG-TS"}
    audio = [{"@type": "Audio", "ID": number} for number in ("257", "1-²")]
    assert [track.language for track in said(general, *audio).audio] == ["deu", "eng", None]


def test_a_name_in_any_script_is_no_obstacle(tmp_path):
    path = tmp_path / "Amélie 😀 שלום.mkv"
    path.write_bytes(build(FILM))
    assert len(probe(path, engine="mediainfo").facts.tracks) == 3


def test_one_file_leaves_no_trace_in_the_next(tmp_path):
    first, second = build(FILM), build(FileSpec())
    assert facts_of(tmp_path, first) == facts_of(tmp_path, first)
    assert facts_of(tmp_path, second).tracks == ()
    assert len(facts_of(tmp_path, first).tracks) == 3


def test_a_forked_process_reads_too(tmp_path):
    path = tmp_path / "film.mkv"
    path.write_bytes(build(FILM))
    expected = probe(path, engine="mediainfo")
    child = os.fork()
    if not child:
        os._exit(0 if probe(path, engine="mediainfo") == expected else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_library_is_found_and_tells_its_version():
    assert library.check_engine()[0].isdigit()


@pytest.mark.parametrize("wheel", [True, False])
def test_a_missing_library_is_told_once_and_clearly(monkeypatch, wheel):
    """That of the wheel is taken, else the system's."""
    asked = []

    def load(name):
        asked.append(name)
        raise OSError("no such file")

    monkeypatch.setattr("ctypes.CDLL", load)
    if not wheel:
        monkeypatch.setattr(library, "find_spec", lambda _name: None)
    library._library.cache_clear()
    with pytest.raises(OSError, match="no such file"):
        library.check_engine()
    [name] = asked
    assert name.endswith("/pymediainfo/libmediainfo.so.0") if wheel else name == "libmediainfo.so.0"


def test_reading_stops_at_a_limit(monkeypatch):
    """However long MediaInfo goes on asking."""

    assert sum(fed(monkeypatch, library._NOWHERE)) == 64 * 1024 * 1024


def test_a_wish_to_read_behind_the_end_of_the_file_ends_the_reading(monkeypatch):
    assert fed(monkeypatch, 1 << 40) == [64 * 1024]


def fed(monkeypatch, wanted):
    """The lengths of what is read of an endless file by a MediaInfo that always wants to read there next."""

    class Insatiable:
        def __getattr__(self, name):
            return lambda *_args: wanted if name.endswith("GoTo_Get") else 0

    reads = []

    def read(_offset, length):
        reads.append(length)
        return bytes(length)

    loaded = library._Library()
    monkeypatch.setattr(loaded, "_calls", Insatiable())
    loaded.document(read, 1 << 40)
    return reads


def test_a_failing_disk_is_no_fact(tmp_path):
    path = tmp_path / "film.mkv"
    path.write_bytes(build(FILM))
    with open_video(path) as video:
        size = video.fingerprint.size
        assert library.read_inside(-1, {"size": size}) == {"errno": errno.EBADF}
        told = library.read_inside(video.descriptor, {"size": size})["streams"]
        assert len(mediainfo.facts_of(video, told).tracks) == 3


class TestWords:
    def test_all_of_a_track(self, said):
        assert said(
            {
                "@type": "Audio",
                "Format": "MLP FBA",
                "Channels": "8 / 6",
                "Language": "pt-BR",
                "Title": " Dub ",
                "Default": "Yes",
                "Forced": "Yes",
            }
        ) == Facts(
            (
                Track(
                    "audio",
                    0,
                    language="por",
                    region="br",
                    title="Dub",
                    default=True,
                    forced=True,
                    codec="TrueHD",
                    channels=8,
                ),
            ),
            engine="mediainfo",
        )

    def test_the_service_kind_is_a_role(self, said):
        kinds = ["C", "VI", "HI", "CM"]
        facts = said(*({"@type": "Audio", "ServiceKind": kind} for kind in kinds))
        assert [track.commentary for track in facts.audio] == [True, False, False, False]
        assert [track.descriptive for track in facts.audio] == [False, True, False, False]
        assert [track.hearing_impaired for track in facts.audio] == [False, False, True, False]

    def test_the_audio_type_is_a_role_where_no_descriptor_was_found(self, said):
        words = ["Clean effects", "Hearing impaired", "Visual impaired commentary"]
        facts = said(
            {"@type": "General", "Format": "MPEG-PS"},
            *({"@type": "Audio", "Language_More": word} for word in words),
        )
        assert [track.descriptive for track in facts.audio] == [False, False, True]
        assert [track.hearing_impaired for track in facts.audio] == [False, True, False]

    def test_teletext_subtitles_for_the_hearing_impaired(self, said):
        teletext = {"@type": "Text", "Language_More": "For hearing impaired people"}
        facts = said({"@type": "Video"}, teletext, {"@type": "Text"})
        assert [track.hearing_impaired for track in facts.tracks] == [True, False]

    @pytest.mark.parametrize(
        ("container", "title", "expected"),
        [
            ("AVI", "BÃ¶", "Bö"),
            ("AVI", "Caf\xe9 \x93AD\x94", "Café “AD”"),
            ("AVI", "ラ", "ラ"),
            ("Windows Media", "BÃ¶", "BÃ¶"),
        ],
    )
    def test_titles_of_avi_are_utf8(self, said, container, title, expected):
        facts = said({"@type": "General", "Format": container}, {"@type": "Audio", "Title": title})
        assert facts.tracks[0].title == expected

    @pytest.mark.parametrize(("container", "enabled"), [("MPEG-4", False), ("Matroska", True)])
    def test_a_track_that_is_no_default_is_disabled_in_mp4_alone(self, said, container, enabled):
        facts = said({"@type": "General", "Format": container}, {"@type": "Audio", "Default": "No"})
        assert [track.enabled for track in facts.audio] == [enabled]

    @pytest.mark.parametrize(
        ("words", "name"),
        [
            ({"Format": "MPEG Audio", "Format_Profile": "Layer 3"}, "MP3"),
            ({"Format": "AC-3", "Format_Profile": "Blu-ray Disc"}, "AC-3"),
            ({"Format": "MPEG Audio", "CodecID": "A_MPEG/L3"}, "MP3"),
            ({"Format": "D_WEBVTT/SUBTITLES", "CodecID": "D_WEBVTT/SUBTITLES"}, "WebVTT"),
            ({}, ""),
        ],
    )
    def test_codec_names(self, said, words, name):
        assert said({"@type": "Audio", **words}).tracks[0].codec == name

    @pytest.mark.parametrize(
        ("words", "channels"), [("6", 6), ("Object Based", 0), ("", 0), ("²", 0), ("2" * 9, 0)]
    )
    def test_channels(self, said, words, channels):
        assert said({"@type": "Audio", "Channels": words}).tracks[0].channels == channels

    def test_text_that_is_not_valid_is_kept_as_well_as_can_be(self, tmp_path):
        odd = "Q\x01 \ud800".encode("utf-8", "surrogatepass")
        entry = element(ENTRY, value(0xD7, 1), value(TYPE, 2), value(BCP47, "ja"), value(NAME, odd))
        data = ebml() + element(0x18538067, element(0x1654AE6B, entry))
        assert facts_of(tmp_path, data).tracks[0].title.startswith("Q\x01 ")
