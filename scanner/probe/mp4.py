"""The header reader for MP4, M4V and QuickTime: from box to box to each `trak` of `moov`, and nothing else.

Format: ISO/IEC 14496-12 and the QuickTime File Format. A box is a 32-bit size that counts the header, a
type of four characters and a body; size 1 means that a 64-bit size follows, size 0 that the box goes on to
the end of the file. The sample tables of a film are megabytes, so a box is stepped over by its size and
only what is wanted is read."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from scanner.probe.mp4_audio import NO_ENTRY, SampleEntry, read_sample_entry
from scanner.probe.naming import FORCED, NO_ROLE, Role, clean, roles, string, track_language
from scanner.probe.tracks import MOST_TRACKS, Track, TrackKind
from scanner.probe.window import CutOffError, HeaderError, Window

# What a file of this kind may begin with: hardly any but QuickTime's begin with anything but `ftyp`.
FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid"})
# What is read at most of one file after its first bytes, which told what it is.
BUDGET = 1024 * 1024
_BOXES_LIMIT = 8192
# No box whose body is read whole (a header, a name, one sample entry) is longer than this.
_BODY_LIMIT = 2 * 1024
_HEADER = struct.Struct(">I4s")
_LARGE_HEADER = 16

_KINDS: dict[bytes, TrackKind] = {
    b"soun": "audio",
    b"sbtl": "text",
    b"subt": "text",
    b"text": "text",
    b"subp": "text",
    b"clcp": "text",
}
_VIDEO = b"vide"
_MACINTOSH_LIMIT = 0x400
_UNSPECIFIED = 0x7FFF
_ENABLED = 1
_HANDLER_SIZE = 12
# What writers put into a handler's name instead of a title ("SoundHandler", "Apple Sound Media Handler"); the
# word alone, in a name that a person gave, is no more than one word too many.
_PROGRAM = re.compile(
    r"\Bhandler|media handler|iso ?media file|core media|gpac|google|l-smash", re.IGNORECASE
)
_HANDLER = re.compile(r"\s*[(\[]?\bhandler\b[)\]]?", re.IGNORECASE)
# The name of a track in its metadata: iTunes' item, and QuickTime's keys.
_ITEM_NAME = b"\xa9nam"
_TITLE_KEYS = (b"com.apple.quicktime.title", b"com.apple.quicktime.displayname", b"title")

# QuickTime File Format, "Language code values": the code, below 0x400, is an index; "-" is no language.
MACINTOSH_LANGUAGES = (
    "eng fra deu ita nld swe spa dan por nor heb jpn ara fin ell isl mlt tur hrv zho urd hin tha kor "
    "lit pol hun est lav sme fao fas rus zho nld gle sqi ron ces slk slv yid srp mkd bul ukr bel uzb "
    "kaz aze aze hye kat ron kir tgk tuk mon mon pus kur kas snd bod nep san mar ben asm guj pan ori "
    "mal kan tam tel sin mya khm lao vie ind tgl msa msa amh tir orm som swa kin run nya mlg epo"
    + " -" * 33
    + " cym eus cat lat que grn aym tat uig dzo jav sun glg afr bre iku gla glv gle ton grc kal aze"
).split()

# The schemes of a `kind` box.
_KIND_ROLES = {
    "urn:mpeg:dash:role:2011": roles("dash"),
    "about:html-kind": roles("html"),
    "urn:tva:metadata:cs:AudioPurposeCS:2007": roles("tva"),
}
_CHARACTERISTICS = roles("quicktime")


@dataclass(slots=True)
class _Trak:
    number: int = 0
    enabled: bool = False
    handler: bytes = b""
    handler_name: str = ""
    macintosh_or_iso: int = _UNSPECIFIED
    tag: str = ""
    name: str = ""
    role: Role = NO_ROLE
    chapters: frozenset[int] = frozenset()
    forced_tracks: frozenset[int] = frozenset()
    entry: SampleEntry = NO_ENTRY


def read_tracks(window: Window) -> tuple[Track, ...]:
    """The audio and subtitle tracks, in file order. Raises `HeaderError` where the file is not plain."""
    window.left = BUDGET
    return _Reader(window).tracks()


class _Reader:
    def __init__(self, window: Window) -> None:
        self._window = window
        # Every box takes one of these, in whatever it stands.
        self._allowance = iter(range(_BOXES_LIMIT))
        # QuickTime alone may begin without `ftyp`.
        self._quicktime = True

    def tracks(self) -> tuple[Track, ...]:
        start, stop = self._moov()
        traks = [self._trak(body, end) for box, body, end in self._boxes(start, stop) if box == b"trak"]
        if len(traks) > MOST_TRACKS:
            raise HeaderError("too many tracks", start)
        if not any(trak.handler in (b"soun", _VIDEO) for trak in traks):
            raise HeaderError("no audio and no video track", start)
        return tuple(self._listed(traks))

    def _listed(self, traks: list[_Trak]) -> Iterator[Track]:
        """What is audio or subtitles, with what the tracks say of one another."""
        chapters = {number for trak in traks for number in trak.chapters}
        forced = {number for trak in traks for number in trak.forced_tracks}
        counts = {"audio": 0, "text": 0}
        for trak in traks:
            kind = _KINDS.get(trak.handler)
            if not kind or trak.number in chapters:
                continue
            # The extended language tag overrides the other.
            code = trak.tag or _language_code(trak.macintosh_or_iso, self._quicktime)
            title = _title(trak.handler_name, trak.name)
            role = trak.role.joined(trak.entry.role)
            if trak.number in forced:
                role = role.joined(FORCED)
            yield _track(kind, counts[kind], code, title, entry=trak.entry, role=role, enabled=trak.enabled)
            counts[kind] += 1

    def _moov(self) -> tuple[int, int]:
        for box, body, end in self._boxes(0, self._window.size, whole_file=True):
            if box == b"ftyp":
                self._quicktime = self._window.take(body, 4) == b"qt  "
            elif box == b"moov":
                return body, end
        raise HeaderError("no moov box", self._window.size)

    def _boxes(self, start: int, stop: int, *, whole_file: bool = False) -> Iterator[tuple[bytes, int, int]]:
        """Type, begin and end of the body of each box between two places of the file."""
        window, unpack = self._window, _HEADER.unpack_from
        for _ in self._allowance:
            body = start + _HEADER.size
            # QuickTime ends user data with four zero bytes: less than a box is none.
            if body > stop:
                return
            if start < window.start or body > window.stop:
                window.take(start, _HEADER.size)
            size, box = unpack(window.buffer, start - window.start)
            if size == 1:
                size = int.from_bytes(window.take(body, 8))
                body = start + _LARGE_HEADER
            elif size == 0 and whole_file:
                size = stop - start
            end = start + size
            if end > stop and whole_file:
                raise CutOffError("a box that is cut off", start)
            if not body <= end <= stop:
                raise HeaderError("a box that does not fit into what holds it", start)
            yield box, body, end
            start = end
        raise HeaderError("too many boxes", start)

    def _body(self, start: int, stop: int) -> bytes:
        return self._window.peek(start, min(stop - start, _BODY_LIMIT))

    def _trak(self, start: int, stop: int) -> _Trak:
        trak = _Trak()
        for box, body, end in self._boxes(start, stop):
            if box == b"tkhd":
                trak.enabled, trak.number = _track_header(self._body(body, end), body)
            elif box == b"mdia":
                self._media(trak, body, end)
            elif box == b"tref":
                self._references(trak, body, end)
            elif box == b"udta":
                self._user_data(trak, body, end)
            elif box == b"meta":
                self._metadata(trak, body, end)
        return trak

    def _media(self, trak: _Trak, start: int, stop: int) -> None:
        information = (stop, stop)
        for box, body, end in self._boxes(start, stop):
            if box == b"mdhd":
                trak.macintosh_or_iso = _media_language(self._body(body, end), body)
            elif box == b"hdlr":
                data = self._body(body, end)
                if len(data) < _HANDLER_SIZE:
                    raise HeaderError("a handler that is cut off", body)
                trak.handler, trak.handler_name = _handler(data)
            elif box == b"elng":
                trak.tag = string(self._body(body, end)[4:])
            elif box == b"minf":
                information = body, end
        kind = _KINDS.get(trak.handler)
        if kind:
            trak.entry = self._sample_entry(kind, *information)

    def _sample_entry(self, kind: TrackKind, start: int, stop: int) -> SampleEntry:
        for wanted in (b"stbl", b"stsd"):
            for box, body, end in self._boxes(start, stop):
                if box == wanted:
                    start, stop = body, end
                    break
            else:
                return NO_ENTRY
        return read_sample_entry(self._body(start, stop), kind)

    def _references(self, trak: _Trak, start: int, stop: int) -> None:
        for box, body, end in self._boxes(start, stop):
            numbers = self._body(body, end)
            found = frozenset(number for (number,) in struct.iter_unpack(">I", numbers[: len(numbers) & ~3]))
            if box == b"chap":
                trak.chapters |= found
            elif box == b"forc":
                trak.forced_tracks |= found

    def _user_data(self, trak: _Trak, start: int, stop: int) -> None:
        for box, body, end in self._boxes(start, stop):
            if box == b"name":
                trak.name = string(self._body(body, end)) or trak.name
            elif box in _NAMES:
                trak.name = trak.name or _NAMES[box](self._body(body, end))
            elif box == b"meta":
                self._metadata(trak, body, end)
            elif box == b"kind":
                scheme, _, value = self._body(body, end)[4:].partition(b"\0")
                kinds = _KIND_ROLES.get(string(scheme), {})
                trak.role = trak.role.joined(kinds.get(string(value), NO_ROLE))
            elif box == b"tagc":
                tag = string(self._body(body, end))
                trak.role = trak.role.joined(_CHARACTERISTICS.get(tag, NO_ROLE))

    def _metadata(self, trak: _Trak, start: int, stop: int) -> None:
        """The name among a track's metadata; where it makes no sense there is none."""
        # ISO's `meta` has a version and flags, QuickTime's has not.
        if self._window.peek(start, 8)[4:] != b"hdlr":
            start += 4
        wanted = {_ITEM_NAME}
        with suppress(HeaderError):
            for box, body, end in self._boxes(start, stop):
                if box == b"keys":
                    wanted |= _title_items(self._body(body, end))
                elif box == b"ilst":
                    self._items(trak, body, end, wanted)

    def _items(self, trak: _Trak, start: int, stop: int, wanted: Collection[bytes]) -> None:
        for item, first, last in self._boxes(start, stop):
            if item in wanted:
                for box, body, end in self._boxes(first, last):
                    if box == b"data":
                        # Behind the type of the value and its locale.
                        trak.name = trak.name or string(self._body(body + 8, max(body + 8, end)))


def _title_items(keys: bytes) -> set[bytes]:
    """The types of the items that hold a title, by the body of a `keys` box: each is its number from 1."""
    found, number, place = set(), 1, 8
    while place + 8 <= len(keys):
        size = max(8, int.from_bytes(keys[place : place + 4]))
        if keys[place + 8 : place + size] in _TITLE_KEYS:
            found.add(number.to_bytes(4))
        number, place = number + 1, place + size
    return found


def _international_text(data: bytes) -> str:
    """QuickTime's text of user data: its length and its language, 16 bits each, stand before it."""
    return string(data[4 : 4 + int.from_bytes(data[:2])])


def _text_of_3gpp(data: bytes) -> str:
    """3GPP's text (TS 26.244, 8): version, flags and language stand before it, and it may be UTF-16."""
    text = data[6:]
    if text.startswith((b"\xfe\xff", b"\xff\xfe")):
        return text.decode("utf-16", "replace").split("\0", 1)[0]
    return string(text)


# Names of a track in its user data beside `name`.
_NAMES: dict[bytes, Callable[[bytes], str]] = {b"titl": _text_of_3gpp, _ITEM_NAME: _international_text}


def _track_header(data: bytes, offset: int) -> tuple[bool, int]:
    place = 20 if data[:1] == b"\1" else 12
    if len(data) < place + 4:
        raise HeaderError("a track header that is cut off", offset)
    return bool(data[3] & _ENABLED), int.from_bytes(data[place : place + 4])


def _media_language(data: bytes, offset: int) -> int:
    place = 32 if data[:1] == b"\1" else 20
    if len(data) < place + 2:
        raise HeaderError("a media header that is cut off", offset)
    return int.from_bytes(data[place : place + 2])


@lru_cache(maxsize=256)
def _handler(data: bytes) -> tuple[bytes, str]:
    """The type and the name of a handler. QuickTime's name begins with its length, ISO's ends with a NUL."""
    name = data[24:]
    if name and name[0] == len(name) - 1 and data[4:8] != bytes(4):
        name = name[1:]
    return data[8:12], string(name)


@lru_cache(maxsize=1024)
def _language_code(number: int, quicktime: bool) -> str:
    """The 16-bit language of a media header as a code; "" where it names none."""
    # 0 is English in QuickTime. In MP4 it is no code at all: what a writer leaves that does not care.
    if number == _UNSPECIFIED or (number == 0 and not quicktime):
        return ""
    if number < _MACINTOSH_LIMIT:
        return MACINTOSH_LANGUAGES[number] if number < len(MACINTOSH_LANGUAGES) else "-"
    return "".join(chr(0x60 + (number >> shift & 31)) for shift in (10, 5, 0))


@lru_cache(maxsize=1024)
def _title(handler_name: str, name: str) -> str:
    """The handler's name, where a person chose it, and the track's, which is in its user data or metadata."""
    handler, name = clean(handler_name), clean(name)
    handler = "" if _PROGRAM.search(handler) else _HANDLER.sub("", handler).strip()
    return f"{handler} / {name}" if handler and name and handler != name else name or handler


@lru_cache(maxsize=1024)
def _track(
    kind: TrackKind, index: int, code: str, title: str, *, entry: SampleEntry, role: Role, enabled: bool
) -> Track:
    """The same few tracks come again all over a library, so the last are remembered."""
    language, region = track_language(code)
    return Track(
        kind=kind,
        index=index,
        language=language,
        region=region,
        title=title,
        default=enabled,
        forced=role.forced,
        commentary=role.commentary,
        descriptive=role.descriptive,
        original=role.original,
        codec=entry.codec,
        channels=entry.channels,
        hearing_impaired=role.hearing_impaired,
        enabled=enabled,
    )
