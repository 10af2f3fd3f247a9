"""The smallest real streams: a grey H.264 picture, silence in several audio formats, their decoder settings.

All made bit by bit from the specifications, so that a file of a few KiB is a video that players and probes
accept: ITU-T H.264 (one intra picture of DC-predicted macroblocks without residual), ISO/IEC 14496-3 (AAC-LC
frames whose channels carry no spectral data), RFC 6716 and 7845 (Opus), ISO/IEC 11172-3 (MP3), and the
STREAMINFO of FLAC. AC-3, E-AC-3, DTS and TrueHD tracks are declared, and hold no frame.
"""

from __future__ import annotations

import struct
from typing import Literal

AudioCodec = Literal["AAC", "AC-3", "E-AC-3", "DTS", "TrueHD", "FLAC", "Opus", "MP3", "PCM"]

WIDTH, HEIGHT = 320, 192
FRAME_MS = 40
SAMPLE_RATE = 48000

_AAC_LAYOUTS = {1: "S", 2: "C", 6: "SCCL", 8: "SCCCL"}
_AAC_ELEMENTS = {"S": 0, "C": 1, "L": 3}
_AAC_CHANNEL_CONFIGURATION = {1: 1, 2: 2, 6: 6, 8: 7}


class Bits:
    """A string of bits, written from the left, highest bit first."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def put(self, value: int, width: int) -> Bits:
        if width:
            self._text.append(f"{value:0{width}b}")
        return self

    def golomb(self, *values: int) -> Bits:
        """Appends unsigned Exp-Golomb codes (H.264, 9.1); the signed code of 0 is the same."""
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)
        return self

    def done(self, *, stop_bit: bool = False) -> bytes:
        """The bytes, filled up with zeros; H.264 ends its units with a one first."""
        text = "".join(self._text) + ("1" if stop_bit else "")
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


# Video


def h264_parameter_sets() -> tuple[bytes, bytes]:
    """The sequence and picture parameter sets: Baseline, level 1.3, WIDTH x HEIGHT, progressive."""
    sequence = Bits().put(66, 8).put(0b11000000, 8).put(13, 8)
    # id, frame number bits - 4, picture order type 2 (output in decoding order), one reference frame.
    sequence.golomb(0, 0, 2, 1).put(0, 1).golomb(WIDTH // 16 - 1, HEIGHT // 16 - 1)
    # Frames only, direct inference, no cropping, no VUI.
    sequence.put(0b1100, 4)
    picture = Bits().golomb(0, 0).put(0b00, 2).golomb(0, 0, 0).put(0b000, 3).golomb(0, 0, 0).put(0b000, 3)
    return b"\x67" + sequence.done(stop_bit=True), b"\x68" + picture.done(stop_bit=True)


def avc_configuration() -> bytes:
    """The AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3)."""
    sequence, picture = h264_parameter_sets()
    head = bytes([1, *sequence[1:4], 0xFF, 0xE1]) + struct.pack(">H", len(sequence)) + sequence
    return head + b"\x01" + struct.pack(">H", len(picture)) + picture


def h264_picture(number: int) -> bytes:
    """One grey intra picture, with its length before it; neighbouring pictures need different numbers."""
    header = Bits().golomb(0, 7, 0).put(0, 4).golomb(number % 2).put(0b00, 2).golomb(0)
    for _ in range((WIDTH // 16) * (HEIGHT // 16)):
        # I_16x16 with DC prediction and nothing coded, chroma DC, quantiser unchanged, no coefficient.
        header.golomb(3, 0, 0, 0)
    unit = b"\x65" + header.done(stop_bit=True)
    return struct.pack(">I", len(unit)) + unit


# Audio


def audio_configuration(codec: AudioCodec, channels: int) -> bytes:
    """The decoder settings of a codec (Matroska's CodecPrivate), empty where it needs none."""
    match codec:
        case "AAC":
            return aac_configuration(channels)
        case "Opus":
            return opus_head(channels)
        case "FLAC":
            return b"fLaC" + flac_stream_info(channels)
    return b""


def audio_frame(codec: AudioCodec, channels: int) -> bytes:
    """One frame of silence, or nothing where the track holds no frame."""
    match codec:
        case "AAC":
            return _aac_silence(channels)
        case "Opus" if channels <= 2:
            # CELT, full band, 20 ms; the smallest packet that decodes to silence.
            return bytes([0xF8 | (4 if channels == 2 else 0), 0xFF, 0xFE])
        case "MP3":
            # MPEG-1 layer III, 128 kbit/s, 48 kHz; all side information zero means no spectral data.
            return bytes([0xFF, 0xFB, 0x94, 0xC0 if channels == 1 else 0x00]).ljust(384, b"\0")
        case "PCM":
            return bytes(2 * channels * SAMPLE_RATE * 20 // 1000)
    return b""


def aac_configuration(channels: int) -> bytes:
    """The AudioSpecificConfig of AAC-LC at 48 kHz (ISO/IEC 14496-3, 1.6.2.1)."""
    return Bits().put(2, 5).put(3, 4).put(_AAC_CHANNEL_CONFIGURATION[channels], 4).put(0, 3).done()


def _aac_silence(channels: int) -> bytes:
    bits = Bits()
    counts: dict[str, int] = {}
    for element in _AAC_LAYOUTS[channels]:
        connection = counts.get(element, 0)
        counts[element] = connection + 1
        bits.put(_AAC_ELEMENTS[element], 3).put(connection, 4)
        if element == "C":
            # A common window, one long block without a band, no mid/side coding; then both channels.
            bits.put(1, 1).put(0, 11).put(0, 2)
            bits.put(128, 8).put(0, 3).put(128, 8).put(0, 3)
        else:
            bits.put(128, 8).put(0, 11).put(0, 3)
    return bits.put(7, 3).done()


def opus_head(channels: int) -> bytes:
    """The identification header of Opus (RFC 7845, 5.1)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 312, SAMPLE_RATE, 0, 0 if channels <= 2 else 1)
    return head if channels <= 2 else head + opus_mapping(channels)


def opus_mapping(channels: int) -> bytes:
    """How more than two channels are spread over Opus streams: their count, the coupled ones, the order."""
    orders = {6: (4, 2, 0, 4, 1, 2, 3, 5), 8: (5, 3, 0, 6, 1, 2, 3, 4, 5, 7)}
    return bytes(orders[channels])


def flac_stream_info(channels: int) -> bytes:
    """FLAC's STREAMINFO as the only, last metadata block: 4096 samples a block, 16 bits, length unknown."""
    info = Bits().put(4096, 16).put(4096, 16).put(0, 24).put(0, 24)
    info.put(SAMPLE_RATE, 20).put(channels - 1, 3).put(15, 5).put(0, 36)
    return b"\x80" + (34).to_bytes(3, "big") + info.done() + bytes(16)
