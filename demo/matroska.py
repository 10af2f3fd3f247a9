"""A writer of small Matroska files (RFC 9559 over EBML, RFC 8794): head, tracks, one cluster, cues."""

from __future__ import annotations

import struct
from itertools import count

from demo import codecs
from demo.media_specs import AudioSpec, FileSpec, SubtitleSpec

_CODEC_IDS = {
    "AAC": "A_AAC",
    "AC-3": "A_AC3",
    "E-AC-3": "A_EAC3",
    "DTS": "A_DTS",
    "TrueHD": "A_TRUEHD",
    "FLAC": "A_FLAC",
    "Opus": "A_OPUS",
    "MP3": "A_MPEG/L3",
    "PCM": "A_PCM/INT/LIT",
    "SRT": "S_TEXT/UTF8",
    "ASS": "S_TEXT/ASS",
    "PGS": "S_HDMV/PGS",
}
_FRAMES = 3
_VIDEO, _AUDIO, _SUBTITLE = 1, 2, 17
_INFO, _TRACKS, _CUES = 0x1549A966, 0x1654AE6B, 0x1C53BB6B
_ASS_HEAD = b"[Script Info]\r\nScriptType: v4.00+\r\n"
_APPLICATION = "Taggarr demo"


def _vint(value: int, width: int = 0) -> bytes:
    """A size as a variable-length integer of the least width, or of `width` bytes."""
    width = width or next(n for n in range(1, 9) if value < (1 << 7 * n) - 1)
    return (value | 1 << 7 * width).to_bytes(width, "big")


def _element(number: int, body: bytes) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + _vint(len(body)) + body


def _uint(number: int, value: int) -> bytes:
    return _element(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _float(number: int, value: float) -> bytes:
    return _element(number, struct.pack(">d", value))


def _text(number: int, value: str) -> bytes:
    return _element(number, value.encode())


def build(spec: FileSpec) -> bytes:
    info = _element(
        _INFO,
        _uint(0x2AD7B1, 1_000_000)
        + _float(0x4489, float(_FRAMES * codecs.FRAME_MS))
        + _text(0x4D80, _APPLICATION)
        + _text(0x5741, _APPLICATION),
    )
    tracks = _tracks(spec)
    cluster = _cluster(spec)
    # Every position in the head is written 8 bytes wide, so that its own length is known beforehand.
    head_length = len(_seek_head(0, 0, 0))
    tracks_at = head_length + len(info)
    cluster_at = tracks_at + len(tracks)
    head = _seek_head(head_length, tracks_at, cluster_at + len(cluster))
    position = _uint(0xF7, 1) + _uint(0xF1, cluster_at)
    cues = _element(_CUES, _element(0xBB, _uint(0xB3, 0) + _element(0xB7, position)))
    return _ebml_head() + _element(0x18538067, head + info + tracks + cluster + cues)


def _ebml_head() -> bytes:
    versions = _uint(0x4286, 1) + _uint(0x42F7, 1) + _uint(0x42F2, 4) + _uint(0x42F3, 8)
    return _element(0x1A45DFA3, versions + _text(0x4282, "matroska") + _uint(0x4287, 4) + _uint(0x4285, 2))


def _seek_head(*positions: int) -> bytes:
    seeks = b""
    for number, position in zip((_INFO, _TRACKS, _CUES), positions, strict=True):
        at = _element(0x53AC, position.to_bytes(8, "big"))
        seeks += _element(0x4DBB, _element(0x53AB, number.to_bytes(4, "big")) + at)
    return _element(0x114D9B74, seeks)


def _tracks(spec: FileSpec) -> bytes:
    numbers = count(1)
    size = _uint(0xB0, codecs.WIDTH) + _uint(0xBA, codecs.HEIGHT)
    video = _track_head(next(numbers), _VIDEO, "V_MPEG4/ISO/AVC", codecs.avc_configuration())
    video += _uint(0x23E383, codecs.FRAME_MS * 1_000_000) + _element(0xE0, size)
    entries = [_element(0xAE, video + _text(0x22B59C, "und"))]
    for audio in spec.audio:
        private = codecs.audio_configuration(audio.codec, audio.channels)
        body = _track_head(next(numbers), _AUDIO, _CODEC_IDS[audio.codec], private)
        entries.append(_element(0xAE, body + _described(audio) + _audio_settings(audio)))
    for subtitle in spec.subtitles:
        private = _ASS_HEAD if subtitle.codec == "ASS" else b""
        body = _track_head(next(numbers), _SUBTITLE, _CODEC_IDS[subtitle.codec], private)
        entries.append(_element(0xAE, body + _described(subtitle)))
    return _element(_TRACKS, b"".join(entries))


def _track_head(number: int, kind: int, codec: str, private: bytes) -> bytes:
    # Without lacing every block holds one frame.
    head = _uint(0xD7, number) + _uint(0x73C5, 1000 + number) + _uint(0x83, kind) + _uint(0x9C, 0)
    return head + _text(0x86, codec) + (_element(0x63A2, private) if private else b"")


def _described(track: AudioSpec | SubtitleSpec) -> bytes:
    parts = [_uint(0x88, int(track.default)), _uint(0x55AA, int(track.forced))]
    if track.language is not None:
        parts.append(_text(0x22B59C, track.language))
    if track.bcp47 is not None:
        parts.append(_text(0x22B59D, track.bcp47))
    if track.title:
        parts.append(_text(0x536E, track.title))
    if track.hearing_impaired:
        parts.append(_uint(0x55AB, 1))
    if isinstance(track, AudioSpec) and track.visual_impaired:
        parts.append(_uint(0x55AC, 1))
    if track.original is not None:
        parts.append(_uint(0x55AE, int(track.original)))
    if track.commentary:
        parts.append(_uint(0x55AF, 1))
    return b"".join(parts)


def _audio_settings(audio: AudioSpec) -> bytes:
    body = _float(0xB5, float(codecs.SAMPLE_RATE)) + _uint(0x9F, audio.channels)
    if audio.codec in ("PCM", "FLAC"):
        body += _uint(0x6264, 16)
    settings = _element(0xE1, body)
    if audio.codec == "Opus":
        # Both in nanoseconds: the pre-skip of the header, and the 80 ms that RFC 7845 wants before a seek.
        settings += _uint(0x56AA, 6_500_000) + _uint(0x56BB, 80_000_000)
    return settings


def _cluster(spec: FileSpec) -> bytes:
    parts = [_uint(0xE7, 0)]
    for frame in range(_FRAMES):
        at = frame * codecs.FRAME_MS
        parts.append(_simple_block(1, at, codecs.h264_picture(frame)))
        for number, audio in enumerate(spec.audio, start=2):
            silence = codecs.audio_frame(audio.codec, audio.channels)
            if silence:
                parts.append(_simple_block(number, at, silence))
    for number, subtitle in enumerate(spec.subtitles, start=2 + len(spec.audio)):
        parts.append(_subtitle_block(number, subtitle))
    return _element(0x1F43B675, b"".join(parts))


def _block(number: int, at: int, flags: int, data: bytes) -> bytes:
    return _vint(number) + struct.pack(">hB", at, flags) + data


def _simple_block(number: int, at: int, data: bytes) -> bytes:
    return _element(0xA3, _block(number, at, 0x80, data))


def _subtitle_block(number: int, subtitle: SubtitleSpec) -> bytes:
    texts = {"SRT": b"(music)", "ASS": b"0,0,Default,,0,0,0,,(music)", "PGS": b""}
    text = texts[subtitle.codec]
    if not text:
        return b""
    return _element(0xA0, _element(0xA1, _block(number, 0, 0, text)) + _uint(0x9B, codecs.FRAME_MS))
