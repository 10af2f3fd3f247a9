"""The small video files are real: MediaInfo and ffprobe read in them what was written, without complaint."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pymediainfo import MediaInfo

from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build, write
from demo.titles import AUDIO, SUBTITLES
from tests.waiting import PATIENCE

CODECS = {
    "mkv": ["AAC", "AC-3", "E-AC-3", "DTS", "TrueHD", "FLAC", "Opus", "MP3", "PCM"],
    "mp4": ["AAC", "AC-3", "E-AC-3", "Opus"],
}
# As ffprobe names them.
FFPROBE_CODECS = {
    "AAC": "aac",
    "AC-3": "ac3",
    "E-AC-3": "eac3",
    "DTS": "dts",
    "TrueHD": "truehd",
    "FLAC": "flac",
    "Opus": "opus",
    "MP3": "mp3",
    "PCM": "pcm_s16le",
}
# As MediaInfo shortens them; what is not here stays as it is.
SHORT = {
    "eng": "en",
    "jpn": "ja",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "por": "pt",
    "spa": "es",
}

EVERYTHING = (
    AudioSpec("jpn", "Japanese", default=True, original=True),
    AudioSpec("eng", 'Dub "A" 🚀', codec="AC-3", channels=6, original=False),
    AudioSpec(None, "no language"),
    AudioSpec("und"),
    AudioSpec("por", bcp47="pt-BR", channels=1),
    AudioSpec("eng", "Director", commentary=True),
    AudioSpec("eng", "שלום", visual_impaired=True),
)
SOME_SUBTITLES = (
    SubtitleSpec("eng", default=True),
    SubtitleSpec("eng", "SDH", hearing_impaired=True),
    SubtitleSpec("spa", "Forzados", forced=True),
    SubtitleSpec("jpn", commentary=True),
)

needs_ffprobe = pytest.mark.skipif(
    not shutil.which("ffprobe"), reason="ffprobe is not installed (package ffmpeg)"
)
needs_mediainfo = pytest.mark.skipif(not shutil.which("mediainfo"), reason="mediainfo is not installed")
containers = pytest.mark.parametrize("container", ["mkv", "mp4"])


def ffprobe(path: Path) -> list[dict[str, Any]]:
    """The streams that ffprobe shows; fails on any complaint."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    streams: list[dict[str, Any]] = json.loads(done.stdout)["streams"]
    return streams


def of_kind(streams: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [stream for stream in streams if stream["codec_type"] == kind]


def flags(stream: dict[str, Any]) -> set[str]:
    return {name for name, given in stream["disposition"].items() if given}


@needs_ffprobe
@pytest.mark.parametrize(
    ("container", "codec", "channels"),
    [(c, codec, n) for c in CODECS for codec, n in product(CODECS[c], (1, 2, 6)) if (codec, n) != ("MP3", 6)],
)
def test_ffprobe_reads_every_codec(tmp_path: Path, container: str, codec: str, channels: int) -> None:
    audio = AudioSpec("jpn", codec=codec, channels=channels)  # type: ignore[arg-type]
    write(tmp_path / "file", FileSpec((audio,), container=container))  # type: ignore[arg-type]
    (video, sound) = ffprobe(tmp_path / "file")
    assert (video["codec_name"], video["width"], video["height"]) == ("h264", 320, 192)
    assert (sound["codec_name"], sound["channels"]) == (FFPROBE_CODECS[codec], channels)
    assert sound["tags"]["language"] == "jpn"


@needs_ffprobe
@containers
def test_ffmpeg_decodes_picture_and_sound(tmp_path: Path, container: str) -> None:
    codecs = [codec for codec in CODECS[container] if codec in ("AAC", "Opus", "MP3", "PCM")]
    audio = tuple(AudioSpec("eng", codec=codec) for codec in codecs)  # type: ignore[arg-type]
    audio += (AudioSpec("eng", channels=6), AudioSpec("eng", channels=8), AudioSpec("eng", channels=1))
    write(tmp_path / "file", FileSpec(audio, container=container))  # type: ignore[arg-type]
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(tmp_path / "file")]
    done = subprocess.run(
        [*command, "-map", "0", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_ffprobe
def test_ffprobe_reads_languages_titles_and_flags_of_matroska(tmp_path: Path) -> None:
    write(tmp_path / "a.mkv", FileSpec(EVERYTHING, SOME_SUBTITLES))
    streams = ffprobe(tmp_path / "a.mkv")
    sounds = of_kind(streams, "audio")
    # An absent language means the format's default; `und` is shown as none; LanguageBCP47 is not read.
    expected = ["jpn", "eng", "eng", None, "por", "eng", "eng"]
    assert [stream.get("tags", {}).get("language") for stream in sounds] == expected
    assert [stream.get("tags", {}).get("title", "") for stream in sounds] == [row.title for row in EVERYTHING]
    assert [flags(stream) for stream in sounds] == [
        {"default", "original"},
        {"dub"},
        set(),
        set(),
        set(),
        {"comment"},
        {"visual_impaired"},
    ]
    assert [flags(stream) for stream in of_kind(streams, "subtitle")] == [
        {"default"},
        {"hearing_impaired"},
        {"forced"},
        {"comment"},
    ]


@needs_ffprobe
def test_ffprobe_reads_languages_and_flags_of_mp4(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", FileSpec(EVERYTHING, SOME_SUBTITLES, "mp4"))
    streams = ffprobe(tmp_path / "a.mp4")
    sounds = of_kind(streams, "audio")
    assert [stream["tags"].get("language") for stream in sounds] == [
        "jpn",
        "eng",
        None,
        "und",
        "por",
        "eng",
        "eng",
    ]
    assert [flags(stream) for stream in sounds] == [
        {"default"},
        {"dub"},
        set(),
        set(),
        set(),
        {"comment"},
        {"visual_impaired", "descriptions"},
    ]
    assert [flags(stream) for stream in of_kind(streams, "subtitle")] == [
        {"default"},
        {"hearing_impaired", "captions"},
        {"forced"},
        {"comment"},
    ]


def expected_language(audio: AudioSpec, container: str) -> str | None:
    """What MediaInfo makes of the language of a track."""
    if audio.bcp47:
        return audio.bcp47
    if audio.language is None:
        return "en" if container == "mkv" else None
    return None if audio.language == "und" else SHORT.get(audio.language, audio.language)


def tracks_of(document: str, kind: str) -> list[dict[str, Any]]:
    return [row for row in json.loads(document)["media"]["track"] if row["@type"] == kind]


@containers
def test_mediainfo_reads_languages_titles_and_channels(tmp_path: Path, container: str) -> None:
    path = tmp_path / f"a.{container}"
    write(path, FileSpec(EVERYTHING, SOME_SUBTITLES, container))  # type: ignore[arg-type]
    document = str(MediaInfo.parse(path, output="JSON"))
    sounds = tracks_of(document, "Audio")
    assert [row.get("Language") for row in sounds] == [
        expected_language(row, container) for row in EVERYTHING
    ]
    assert [row.get("Title", "") for row in sounds] == [row.title for row in EVERYTHING]
    assert [row["Default"] for row in sounds] == ["Yes"] + ["No"] * 6
    assert [row.get("Channels") for row in sounds if row["Format"] == "AAC"] == ["2", "2", "2", "1", "2", "2"]
    texts = tracks_of(document, "Text")
    assert [row["Language"] for row in texts] == ["en", "en", "es", "ja"]
    assert [row.get("Title", "") for row in texts] == ["", "SDH", "Forzados", ""]


@containers
@pytest.mark.parametrize("name", AUDIO)
def test_mediainfo_finds_the_tracks_of_every_demo_file(tmp_path: Path, name: str, container: str) -> None:
    path = tmp_path / f"a.{container}"
    write(path, FileSpec(AUDIO[name], SUBTITLES, container))  # type: ignore[arg-type]
    info = MediaInfo.parse(path)
    assert len(info.audio_tracks) == len(AUDIO[name])
    assert len(info.text_tracks) == len(SUBTITLES)
    assert [track.title or "" for track in info.audio_tracks] == [track.title for track in AUDIO[name]]


@needs_mediainfo
def test_the_mediainfo_program_agrees(tmp_path: Path) -> None:
    for container in ("mkv", "mp4"):
        write(tmp_path / f"a.{container}", FileSpec(EVERYTHING, SOME_SUBTITLES, container))
        command = ["mediainfo", "--Output=JSON", str(tmp_path / f"a.{container}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
        assert done.stderr == ""
        languages = [row.get("Language") for row in tracks_of(done.stdout, "Audio")]
        assert languages == [expected_language(row, container) for row in EVERYTHING]


def test_other_subtitle_codecs_are_told(tmp_path: Path) -> None:
    subtitles = (SubtitleSpec("eng"), SubtitleSpec("eng", codec="ASS"), SubtitleSpec("eng", codec="PGS"))
    write(tmp_path / "a.mkv", FileSpec((AudioSpec(),), subtitles))
    info = MediaInfo.parse(tmp_path / "a.mkv")
    assert [track.format for track in info.text_tracks] == ["UTF-8", "ASS", "PGS"]


def test_a_spec_gives_the_same_bytes_every_time() -> None:
    spec = FileSpec(EVERYTHING, SOME_SUBTITLES)
    assert build(spec) is build(FileSpec(EVERYTHING, SOME_SUBTITLES))
    build.cache_clear()
    first = build(spec)
    build.cache_clear()
    assert build(spec) == first
    assert len(first) < 4096


def test_what_a_container_cannot_hold_is_refused() -> None:
    with pytest.raises(KeyError):
        build(FileSpec((AudioSpec(codec="TrueHD"),), container="mp4"))
    with pytest.raises(KeyError):
        build(FileSpec((AudioSpec(channels=5),)))


def test_a_file_has_the_time_it_is_given(tmp_path: Path) -> None:
    size = write(tmp_path / "a.mkv", FileSpec((AudioSpec(),)), mtime=1_700_000_000)
    found = (tmp_path / "a.mkv").stat()
    assert (found.st_size, found.st_mtime_ns) == (size, 1_700_000_000 * 10**9)


def test_a_thousand_files_of_one_kind_are_built_once(tmp_path: Path) -> None:
    build.cache_clear()
    for number in range(1000):
        write(tmp_path / f"{number}.mkv", FileSpec(EVERYTHING, SOME_SUBTITLES))
    assert build.cache_info().misses == 1
