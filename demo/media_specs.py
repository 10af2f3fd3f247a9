"""What a small video file is made of: its container, audio and subtitle tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from demo.codecs import AudioCodec

SubtitleCodec = Literal["SRT", "ASS", "PGS"]


@dataclass(frozen=True, slots=True)
class AudioSpec:
    """One audio track.

    `language` is an ISO 639-2 code or `und`; None leaves the element out (MP4: "unspecified"). `bcp47` is the
    modern language tag beside it (Matroska's LanguageBCP47, MP4's `elng`). `original` None leaves the flag
    out. MP4 cannot say `original` true, `forced` or `hearing_impaired` of audio: its role `dub` says that a
    track is not the original, the others are left out.
    """

    language: str | None = "eng"
    title: str = ""
    codec: AudioCodec = "AAC"
    channels: int = 2
    bcp47: str | None = None
    default: bool = False
    forced: bool = False
    commentary: bool = False
    original: bool | None = None
    hearing_impaired: bool = False
    visual_impaired: bool = False


@dataclass(frozen=True, slots=True)
class SubtitleSpec:
    """One subtitle track; the fields are those of `AudioSpec`. MP4 knows text subtitles only."""

    language: str | None = "eng"
    title: str = ""
    codec: SubtitleCodec = "SRT"
    bcp47: str | None = None
    default: bool = False
    forced: bool = False
    commentary: bool = False
    original: bool | None = None
    hearing_impaired: bool = False


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One video file: a short grey picture, and these tracks."""

    audio: tuple[AudioSpec, ...] = ()
    subtitles: tuple[SubtitleSpec, ...] = ()
    container: Literal["mkv", "mp4"] = "mkv"
