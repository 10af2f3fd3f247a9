"""A writer of small MP4 files (ISO/IEC 14496-12 and -14): ftyp, moov first, then the samples in mdat."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from demo import codecs
from demo.media_specs import AudioSpec, FileSpec, SubtitleSpec

_FRAMES = 3
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# QuickTime's "unspecified" (QuickTime File Format, language code values): the field cannot be left out.
_NO_LANGUAGE = 0x7FFF
_ROLES = b"urn:mpeg:dash:role:2011"
_SUBTITLE_SAMPLE = struct.pack(">H", 7) + b"(music)"
# AC-3 frames hold 1536 samples, AAC 1024, Opus 20 ms.
_SAMPLES = {"AAC": 1024, "Opus": codecs.SAMPLE_RATE // 50, "AC-3": 1536, "E-AC-3": 1536}


@dataclass(frozen=True, slots=True)
class _Track:
    """What the boxes of one track are made of; times in units of `scale` a second."""

    handler: bytes
    media_head: bytes
    entry: bytes
    scale: int
    duration: int
    samples: tuple[bytes, ...]
    language: str | None
    bcp47: str | None
    title: str
    enabled: bool
    group: int
    roles: tuple[str, ...]


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, version_flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version_flags), *parts)


def build(spec: FileSpec) -> bytes:
    """The bytes of an MP4 file.

    Raises:
        KeyError: MP4 does not hold one of the codecs.
    """
    tracks = [
        _video(),
        *(_audio(audio) for audio in spec.audio),
        *(_subtitle(text) for text in spec.subtitles),
    ]
    kind = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    # The samples stand after the index, whose length does not depend on the positions in it.
    start = len(kind) + len(_movie(tracks, 0)) + 8
    data = b"".join(sample for track in tracks for sample in track.samples)
    return kind + _movie(tracks, start) + _box(b"mdat", data)


def _movie(tracks: list[_Track], position: int) -> bytes:
    duration = _FRAMES * codecs.FRAME_MS
    head = _full(
        b"mvhd",
        0,
        struct.pack(">4IIH10x", 0, 0, 1000, duration, 0x10000, 0x0100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", len(tracks) + 1),
    )
    boxes = []
    for number, track in enumerate(tracks, start=1):
        boxes.append(_track(number, track, position))
        position += sum(len(sample) for sample in track.samples)
    return _box(b"moov", head, *boxes)


def _track(number: int, track: _Track, position: int) -> bytes:
    is_video = track.handler == b"vide"
    head = _full(
        b"tkhd",
        0x3 if track.enabled else 0x2,
        struct.pack(">5I8xHHHH", 0, 0, number, 0, _milliseconds(track), 0, track.group, _volume(track), 0),
        _MATRIX,
        struct.pack(">II", codecs.WIDTH << 16 if is_video else 0, codecs.HEIGHT << 16 if is_video else 0),
    )
    return _box(b"trak", head, _media(track, position), _user_data(track))


def _milliseconds(track: _Track) -> int:
    return track.duration * 1000 // track.scale


def _volume(track: _Track) -> int:
    return 0x0100 if track.handler == b"soun" else 0


def _media(track: _Track, position: int) -> bytes:
    packed = _packed_language(track.language)
    head = _full(b"mdhd", 0, struct.pack(">4IHH", 0, 0, track.scale, track.duration, packed, 0))
    names = {b"vide": b"VideoHandler", b"soun": b"SoundHandler", b"sbtl": b"SubtitleHandler"}
    handler = _full(b"hdlr", 0, bytes(4), track.handler, bytes(12), names[track.handler], b"\0")
    # The extended language tag; it wins over the packed code (ISO/IEC 14496-12, 8.4.6).
    extended = _full(b"elng", 0, track.bcp47.encode(), b"\0") if track.bcp47 else b""
    reference = _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1)))
    information = _box(b"minf", track.media_head, reference, _sample_table(track, position))
    return _box(b"mdia", head, handler, extended, information)


def _packed_language(code: str | None) -> int:
    """Three letters in five bits each (ISO/IEC 14496-12, 8.4.2)."""
    if code is None:
        return _NO_LANGUAGE
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return first << 10 | second << 5 | third


def _sample_table(track: _Track, position: int) -> bytes:
    number = len(track.samples)
    times = struct.pack(">III", 1, number, track.duration // number) if number else struct.pack(">I", 0)
    sizes = struct.pack(f">II{number}I", 0, number, *(len(sample) for sample in track.samples))
    chunks = struct.pack(">4I", 1, 1, number, 1) if number else struct.pack(">I", 0)
    offsets = struct.pack(">II", 1, position) if number else struct.pack(">I", 0)
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), track.entry),
        _full(b"stts", 0, times),
        _full(b"stsc", 0, chunks),
        _full(b"stsz", 0, sizes),
        _full(b"stco", 0, offsets),
    )


def _user_data(track: _Track) -> bytes:
    parts = [_full(b"kind", 0, _ROLES, b"\0", role.encode(), b"\0") for role in track.roles]
    if track.title:
        parts.append(_box(b"name", track.title.encode()))
    return _box(b"udta", *parts) if parts else b""


def _video() -> _Track:
    size = struct.pack(">HHIIIH", codecs.WIDTH, codecs.HEIGHT, 0x480000, 0x480000, 0, 1)
    entry = _box(
        b"avc1",
        struct.pack(">6xH16x", 1),
        size,
        bytes(32),
        struct.pack(">Hh", 24, -1),
        _box(b"avcC", codecs.avc_configuration()),
    )
    return _Track(
        handler=b"vide",
        media_head=_full(b"vmhd", 1, bytes(8)),
        entry=entry,
        scale=1000,
        duration=_FRAMES * codecs.FRAME_MS,
        samples=tuple(codecs.h264_picture(number) for number in range(_FRAMES)),
        language="und",
        bcp47=None,
        title="",
        enabled=True,
        group=0,
        roles=(),
    )


def _audio(audio: AudioSpec) -> _Track:
    frame = codecs.audio_frame(audio.codec, audio.channels)
    return _Track(
        handler=b"soun",
        media_head=_full(b"smhd", 0, bytes(4)),
        entry=_audio_entry(audio),
        scale=codecs.SAMPLE_RATE,
        duration=_FRAMES * _SAMPLES[audio.codec] if frame else 0,
        samples=(frame,) * _FRAMES if frame else (),
        language=audio.language,
        bcp47=audio.bcp47,
        title=audio.title,
        enabled=audio.default,
        group=1,
        roles=_audio_roles(audio),
    )


def _audio_roles(audio: AudioSpec) -> tuple[str, ...]:
    roles = {
        "commentary": audio.commentary,
        "description": audio.visual_impaired,
        "dub": audio.original is False,
    }
    return tuple(role for role, given in roles.items() if given)


def _audio_entry(audio: AudioSpec) -> bytes:
    kind, settings = _AUDIO_ENTRIES[audio.codec](audio.channels)
    rate = codecs.SAMPLE_RATE << 16
    return _box(kind, struct.pack(">6xH8xHHHHI", 1, audio.channels, 16, 0, 0, rate), settings)


def _aac(channels: int) -> tuple[bytes, bytes]:
    """An esds box: ES, decoder and specific descriptors (ISO/IEC 14496-1, 7.2.6)."""
    specific = _descriptor(5, codecs.aac_configuration(channels))
    decoder = _descriptor(4, struct.pack(">BBBHII", 0x40, 0x15, 0, 0, 128000, 128000) + specific)
    stream = _descriptor(3, struct.pack(">HB", 0, 0) + decoder + _descriptor(6, b"\x02"))
    return b"mp4a", _full(b"esds", 0, stream)


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body


def _ac3(channels: int) -> tuple[bytes, bytes]:
    """A dac3 box (ETSI TS 102 366, F.4): 48 kHz, bsid 8, main, the channel mode, LFE with six channels."""
    mode = {1: 1, 2: 2, 6: 7}[channels]
    bits = codecs.Bits().put(0, 2).put(8, 5).put(0, 3).put(mode, 3).put(int(channels == 6), 1)
    return b"ac-3", _box(b"dac3", bits.put(10, 5).put(0, 5).done())


def _eac3(channels: int) -> tuple[bytes, bytes]:
    """A dec3 box (ETSI TS 102 366, F.6): 192 kbit/s, one independent substream, bsid 16."""
    mode = {1: 1, 2: 2, 6: 7}[channels]
    bits = codecs.Bits().put(192, 13).put(0, 3).put(0, 2).put(16, 5).put(0, 5)
    bits.put(mode, 3).put(int(channels == 6), 1).put(0, 3).put(0, 4).put(0, 1)
    return b"ec-3", _box(b"dec3", bits.done())


def _opus(channels: int) -> tuple[bytes, bytes]:
    """A dOps box (Opus in ISOBMFF, 4.3.2): the Ogg header's fields, big-endian."""
    family = 0 if channels <= 2 else 1
    head = struct.pack(">BBHIhB", 0, channels, 312, codecs.SAMPLE_RATE, 0, family)
    return b"Opus", _box(b"dOps", head, b"" if channels <= 2 else codecs.opus_mapping(channels))


_AUDIO_ENTRIES = {"AAC": _aac, "AC-3": _ac3, "E-AC-3": _eac3, "Opus": _opus}


def _subtitle(subtitle: SubtitleSpec) -> _Track:
    # Timed text (3GPP TS 26.245, 5.16): no flags, centred at the bottom, one font of its own.
    style = struct.pack(">HHHBBI", 0, 0, 1, 0, 18, 0xFFFFFFFF)
    font = _box(b"ftab", struct.pack(">HHB", 1, 1, 5), b"Serif")
    head = struct.pack(">6xHIbbI8x", 1, 0, 1, -1, 0)
    return _Track(
        handler=b"sbtl",
        media_head=_full(b"nmhd", 0),
        entry=_box(b"tx3g", head, style, font),
        scale=1000,
        duration=_FRAMES * codecs.FRAME_MS,
        samples=(_SUBTITLE_SAMPLE,),
        language=subtitle.language,
        bcp47=subtitle.bcp47,
        title=subtitle.title,
        enabled=subtitle.default,
        group=2,
        roles=_subtitle_roles(subtitle),
    )


def _subtitle_roles(subtitle: SubtitleSpec) -> tuple[str, ...]:
    roles = {
        "forced-subtitle": subtitle.forced,
        "commentary": subtitle.commentary,
        "caption": subtitle.hearing_impaired,
    }
    return tuple(role for role, given in roles.items() if given)
