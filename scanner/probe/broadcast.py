"""What a transport stream says of its audio streams in the descriptors that MediaInfo does not tell whole:
every language of a stream, and whom it is for.

Format: ISO/IEC 13818-1, 2.4.3 (packets) and 2.4.4 (sections: the PAT names the programmes and where their
PMTs are, a PMT names the streams of one), and ETSI EN 300 468, 6. A packet has 188 bytes; recordings put four
before it (Blu-ray), or sixteen of error correction behind."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Collection, Container, Iterator
from typing import NamedTuple

from scanner.probe.naming import NO_ROLE, Role, roles
from scanner.probe.window import HeaderError, Window

# A PMT comes twice a second at least (ETSI TR 101 290), which is 3 MiB of the fattest stream.
BUDGET = 4 * 1024 * 1024
_PIECE = 64 * 1024
_PACKET = 188
# So many are looked at together.
_PACKETS = 256
_STRIDES = (188, 192, 204)
_SYNC = 0x47
# So many packets in step are no accident, and so far apart from where they should be they may begin.
_IN_STEP = 5
_ASTRAY = 1024
# How often the step may be lost, in a recording of bad reception.
_LOSSES = 16
_PAT, _PMT = 0x00, 0x02
_STUFFING = 0xFF
# Of a section: from its table to the number of the last one, and the checksum; and what both tables may have.
_HEADER, _CHECKSUM, _SECTION_LIMIT = 8, 4, 1024
# So many different sections are looked at.
_SECTIONS_LIMIT = 64
# So many packets of tables are looked at. Each table comes two to ten times a second: of ten programmes these
# are the first twenty seconds at least.
_TABLES_LIMIT = 2_000

_ISO_639, _AC3, _ENHANCED_AC3, _EXTENSION = 0x0A, 0x6A, 0x7A, 0x7F
_SUPPLEMENTARY_AUDIO = 0x06
_DOLBY_SERVICES, _AUDIO_TYPES, _EDITORIAL = roles("dolby"), roles("iso639"), roles("editorial")


class Voice(NamedTuple):
    """One language of a stream as its descriptors have it, and whom it is for."""

    code: str
    role: Role


def read_voices(
    read: Callable[[int, int], bytes], size: int, streams: Collection[int]
) -> dict[int, tuple[Voice, ...]]:
    """What the descriptors say of these streams, by PID; nothing of one whose PMT was not found.

    A stream has two voices where its two channels speak two languages ("dual mono").
    """
    window = Window(read, size, piece=_PIECE, left=BUDGET)
    missing = set(streams)
    found: dict[int, tuple[Voice, ...]] = {}
    try:
        for pid, descriptors in _streams(window):
            if pid in missing:
                missing.discard(pid)
                found[pid] = _voices(descriptors)
            if not missing:
                break
    except HeaderError:
        # The budget is spent; what was found until then is true.
        pass
    return found


def _streams(window: Window) -> Iterator[tuple[int, bytes]]:
    """The streams of all programmes and their descriptors, as the PMTs come."""
    tables = {0: _PAT}
    pending: dict[int, bytes] = {}
    seen: set[bytes] = set()
    for packet in itertools.islice(_packets(window, tables), _TABLES_LIMIT):
        # A packet may be damaged, and its payload may be missing.
        if packet[1] & 0x80 or not packet[3] & 0x10:
            continue
        pid = _pid(packet, 1)
        payload = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
        sections, pending[pid] = _sections(pending.get(pid, b""), payload, starts=bool(packet[1] & 0x40))
        for section in sections:
            # The lowest bit tells that the section is in force already.
            if section[0] != tables[pid] or not section[5] & 1 or section in seen:
                continue
            seen.add(section)
            if len(seen) > _SECTIONS_LIMIT:
                return
            if not _is_whole(section):
                continue
            body = section[_HEADER:-_CHECKSUM]
            if pid == 0:
                tables |= _programmes(body)
            else:
                yield from _entries(body)


def _packets(window: Window, pids: Container[int]) -> Iterator[bytes]:
    """The packets of these PIDs (which may become more), as long as they are in step and the budget lasts."""
    offset = 0
    for _ in range(_LOSSES):
        first = _in_step(window.peek(offset, _ASTRAY + _IN_STEP * _STRIDES[-1]))
        if not first:
            return
        offset, stride = offset + first[0], first[1]
        in_step = True
        while in_step:
            data = window.peek(offset, _PACKETS * stride)
            if len(data) < _PACKET:
                return
            for place in range(0, len(data) - _PACKET + 1, stride):
                if data[place] != _SYNC:
                    in_step = False
                    break
                if _pid(data, place + 1) in pids:
                    yield data[place : place + _PACKET]
                offset += stride


def _pid(data: bytes, place: int) -> int:
    return (data[place] & 0x1F) << 8 | data[place + 1]


def _in_step(data: bytes) -> tuple[int, int] | None:
    """Where the first packet begins, and how far it is from one to the next."""
    for start in range(min(_ASTRAY, len(data))):
        if data[start] == _SYNC:
            for stride in _STRIDES:
                if data[start : start + _IN_STEP * stride : stride] == bytes([_SYNC]) * _IN_STEP:
                    return start, stride
    return None


def _sections(pending: bytes, payload: bytes, *, starts: bool) -> tuple[list[bytes], bytes]:
    """The sections that end in this payload, and what there is of the next."""
    if not starts:
        # In the middle of a section whose beginning was missed there is nothing to learn.
        return _whole(pending + payload) if pending else ([], b"")
    pointer = payload[0] if payload else 0
    ended, _ = _whole(pending + payload[1 : 1 + pointer]) if pending else ([], b"")
    sections, rest = _whole(payload[1 + pointer :])
    return ended + sections, rest


def _whole(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole sections that `data` begins with, and what is left."""
    sections: list[bytes] = []
    while len(data) >= 3 and data[0] != _STUFFING:
        length = 3 + ((data[1] & 0x0F) << 8 | data[2])
        if length > _SECTION_LIMIT:
            return sections, b""
        if len(data) < length:
            return sections, data
        if length > _HEADER + _CHECKSUM:
            sections.append(data[:length])
        data = data[length:]
    return sections, b"" if data[:1] == bytes([_STUFFING]) else data


def _programmes(body: bytes) -> dict[int, int]:
    """Where the PMTs of a PAT are; programme 0 is the network's own table."""
    return {
        _pid(body, place + 2): _PMT
        for place in range(0, len(body) - 3, 4)
        if body[place : place + 2] != b"\0\0"
    }


def _entries(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The PID and the descriptors of each stream of a PMT."""
    place = 4 + ((body[2] & 0x0F) << 8 | body[3]) if len(body) >= 4 else len(body)
    while place + 5 <= len(body):
        start = place + 5
        end = start + ((body[place + 3] & 0x0F) << 8 | body[place + 4])
        yield _pid(body, place + 1), body[start:end]
        place = end


def _voices(descriptors: bytes) -> tuple[Voice, ...]:
    """What these descriptors of one stream say, each language once."""
    spoken: list[Voice] = []
    whole = NO_ROLE
    supplementary = ""
    for tag, data in _descriptors(descriptors):
        if tag == _ISO_639:
            for place in range(0, len(data) - 3, 4):
                role = _AUDIO_TYPES.get(data[place + 3], NO_ROLE)
                spoken.append(Voice(data[place : place + 3].decode("latin-1"), role))
        elif tag in (_AC3, _ENHANCED_AC3) and len(data) >= 2 and data[0] & 0x80:
            whole = whole.joined(_DOLBY_SERVICES.get(data[1] >> 3 & 7, NO_ROLE))
        elif tag == _EXTENSION and len(data) >= 2 and data[0] == _SUPPLEMENTARY_AUDIO:
            whole = whole.joined(_EDITORIAL.get(data[1] >> 2 & 0x1F, NO_ROLE))
            if data[1] & 1:
                supplementary = data[2:5].decode("latin-1")
    if supplementary:
        # It overrides the language of the ISO 639 descriptor.
        roles = [voice.role for voice in spoken] or [NO_ROLE]
        spoken = [Voice(supplementary, role) for role in roles]
    voices = spoken or [Voice("", NO_ROLE)]
    return tuple(dict.fromkeys(Voice(voice.code, voice.role.joined(whole)) for voice in voices))


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 2 <= len(data):
        end = place + 2 + data[place + 1]
        yield data[place], data[place + 2 : end]
        place = end


def _is_whole(section: bytes) -> bool:
    """Whether a section fits its checksum (ISO/IEC 13818-1, annex A).

    zlib has the same polynomial, counts the bits of each byte from the other end and inverts the remainder.
    """
    return zlib.crc32(section.translate(_MIRRORED)) == 0xFFFFFFFF


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
