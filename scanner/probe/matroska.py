"""The header reader for Matroska and WebM: from the EBML header by the SeekHead to Tracks, and nothing else.

Format: RFC 8794 (EBML) and RFC 9559 (Matroska). An element is an ID, a size and a body. The top two bits
and so on of the first byte of either number tell how long it is; a size whose bits are all ones is unknown,
which only a Segment and a Cluster may have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

from scanner.probe.naming import clean, codecs, names_a_language, string, track_language
from scanner.probe.tracks import MOST_TRACKS, Track, TrackKind
from scanner.probe.window import CutOffError, HeaderError, Window

SIGNATURE = b"\x1a\x45\xdf\xa3"
# What is read at most of one file after its first bytes, which told what it is.
BUDGET = 252 * 1024
# Tracks up to this size are read whole. Larger ones are most often so because of the subtitle styles and
# the like that codecs keep there: those are stepped over, by small pieces.
_WHOLE_LIMIT = 16 * 1024
_SMALL_PIECE = 512
# What is read behind a leap over a Cluster or a Void: the head of what stands there.
_LEAP_PIECE = 64
# Elements beside Tracks: the Clusters of a long film are some thousands.
_ELEMENTS_LIMIT = 4000
# Elements in Tracks that are not read whole.
_CHILDREN_LIMIT = 16 * 1024
# A child of a TrackEntry above this size is a codec's private data or the like, never a name or a flag.
_CHILD_LIMIT = 4 * 1024
_LONGEST_HEADER = 12
_LONGEST_NUMBER = 8
_CHANNELS_LIMIT = 255

_DOC_TYPE = 0x4282
_SEGMENT = 0x18538067
_SEEK_HEAD = 0x114D9B74
_SEEK = 0x4DBB
_SEEK_ID = 0x53AB
_SEEK_POSITION = 0x53AC
_CLUSTER = 0x1F43B675
_VOID = 0xEC
_INFO = 0x1549A966
_MUXING_APPLICATION = 0x4D80
_TRACKS = 0x1654AE6B
_TRACK_ENTRY = 0xAE
_TRACK_TYPE = 0x83
_LANGUAGE = 0x22B59C
_LANGUAGE_BCP47 = 0x22B59D
_NAME = 0x536E
_CODEC_ID = 0x86
_AUDIO = 0xE1
_CHANNELS = 0x9F
_FLAG_DEFAULT = 0x88
_FLAG_FORCED = 0x55AA
_FLAG_ENABLED = 0xB9
_FLAG_HEARING_IMPAIRED = 0x55AB
_FLAG_VISUAL_IMPAIRED = 0x55AC
_FLAG_TEXT_DESCRIPTIONS = 0x55AD
_FLAG_ORIGINAL = 0x55AE
_FLAG_COMMENTARY = 0x55AF
_WANTED = frozenset(
    {
        _TRACK_TYPE,
        _LANGUAGE,
        _LANGUAGE_BCP47,
        _NAME,
        _CODEC_ID,
        _AUDIO,
        _FLAG_DEFAULT,
        _FLAG_FORCED,
        _FLAG_ENABLED,
        _FLAG_HEARING_IMPAIRED,
        _FLAG_VISUAL_IMPAIRED,
        _FLAG_TEXT_DESCRIPTIONS,
        _FLAG_ORIGINAL,
        _FLAG_COMMENTARY,
    }
)
_LEAPT_OVER = frozenset({_CLUSTER, _VOID})
_NAMES = {_TRACKS: "Tracks", _INFO: "Info"}
# How the muxing application begins in files of MKVToolNix, mkclean and MakeMKV.
_OMITTING = ("libebml", "libmatroska", "libmakemkv")
_CODECS = codecs("matroska")
_VIDEO_TYPE = 1
_KINDS: dict[int, TrackKind] = {2: "audio", 17: "text"}
# How many bytes a number has whose first byte is the index; 0 for a first byte that starts none.
_WIDTH = (0, *(9 - first.bit_length() for first in range(1, 256)))


def read_tracks(window: Window) -> tuple[Track, ...]:
    """The audio and subtitle tracks, in file order. Raises `HeaderError` where the file is not plain."""
    window.left = BUDGET
    start, stop = _segment(window)
    body, end = _find(window, start, stop, _TRACKS)
    tracks: list[Track] = []
    counts = {"audio": 0, "text": 0}
    playable = False
    for data, offset in _entries(window, body, end):
        fields = _fields(data, offset, _WANTED)
        try:
            number = _number(fields.get(_TRACK_TYPE), 0)
            kind = _KINDS.get(number)
            if kind:
                tracks.append(_track(kind, counts[kind], tuple(fields.items())))
                counts[kind] += 1
        except HeaderError as error:
            raise HeaderError(error.reason, offset + error.offset) from error
        playable = playable or kind == "audio" or number == _VIDEO_TYPE
    if not playable:
        raise HeaderError("no audio and no video track", body)
    if None in [track.language for track in tracks] and _omits_english(window, start, stop):
        tracks = [track if track.language else replace(track, language="eng") for track in tracks]
    return tuple(tracks)


def _omits_english(window: Window, start: int, stop: int) -> bool:
    """Whether the file's writer leaves out the language where it is the format's default, English.

    MKVToolNix and what else is built on libmatroska have done so for many years: in a file of mkvmerge before
    version 50 (2020) the English tracks are those without a language, and one that nobody named has `und`.
    Other software leaves the element out where it knows no language.
    """
    try:
        body, end = _find(window, start, stop, _INFO)
        information = _fields(window.take(body, end - body), body, (_MUXING_APPLICATION,))
    except HeaderError:
        return False
    return string(information.get(_MUXING_APPLICATION)).startswith(_OMITTING)


def _fields(data: bytes, offset: int, wanted: Collection[int]) -> dict[int, bytes]:
    """The bodies of the wanted elements in `data`, which begins at `offset`, by ID."""
    return {ident: data[first:last] for ident, first, last in _children(data, offset, wanted)}


def _number(data: bytes | None, default: int) -> int:
    """An unsigned integer; an element that is missing or empty has its default value."""
    if not data:
        return default
    if len(data) > _LONGEST_NUMBER:
        raise HeaderError("a number that is too long", 0)
    return int.from_bytes(data)


def _flag(data: bytes | None, *, default: bool = False) -> bool:
    return _number(data, default) != 0


def _segment(window: Window) -> tuple[int, int]:
    """Where the first Segment's body begins and ends, after an EBML header that says Matroska or WebM."""
    ident, body, end = _element(window, 0, None)
    if end is None:
        raise HeaderError("an EBML header of unknown size", body)
    if _doc_type(window.take(body, end - body), body) not in ("matroska", "webm"):
        raise HeaderError("an EBML file that is neither Matroska nor WebM", body)
    offset = end
    for _ in range(_ELEMENTS_LIMIT):
        ident, body, end = _element(window, offset, None)
        if ident == _SEGMENT:
            return body, window.size if end is None else end
        if end is None:
            break
        offset = end
    raise HeaderError("no Segment", offset)


@lru_cache(maxsize=64)
def _doc_type(header: bytes, offset: int) -> str:
    """The document type in the body of an EBML header: hardly any two files of a writer differ there."""
    return string(_fields(header, offset, (_DOC_TYPE,)).get(_DOC_TYPE))


def _find(window: Window, start: int, stop: int, wanted: int) -> tuple[int, int]:
    """Where the body of Tracks or Info begins and ends: by the SeekHead, else one element after the other."""
    offset = start
    sought = False
    piece = window.piece
    for _ in range(_ELEMENTS_LIMIT):
        if offset >= window.size < stop:
            raise CutOffError(f"no {_NAMES[wanted]} before the file's end", offset)
        if offset >= stop:
            raise HeaderError(f"no {_NAMES[wanted]}", offset)
        ident, body, end = _element(window, offset, None)
        if ident == wanted:
            window.piece = piece
            return body, _known_end(window, offset, end, stop)
        if sought:
            raise HeaderError("a SeekHead that leads elsewhere", offset)
        if ident == _CLUSTER and wanted == _INFO:
            # Worth no walk through the film.
            raise HeaderError("no Info before the first Cluster", offset)
        if end is None:
            if ident != _CLUSTER:
                raise HeaderError("an element of unknown size", offset)
            # The blocks of such a Cluster have sizes: go on from one to the next until something else comes.
            end = body
        offset = end
        if ident in _LEAPT_OVER and end > window.stop:
            window.piece = _LEAP_PIECE
        if ident == _SEEK_HEAD:
            place = _sought(window.take(body, end - body), body, wanted)
            if place is not None:
                offset, sought = start + place, True
    raise HeaderError(f"no {_NAMES[wanted]} among the first elements", offset)


def _known_end(window: Window, offset: int, end: int | None, stop: int) -> int:
    """`end` of the element at `offset`, if that can be trusted."""
    if end is not None and end > window.size:
        raise CutOffError("an element that is cut off", offset)
    if end is None or end > stop:
        raise HeaderError("an element of no known end", offset)
    return end


def _sought(data: bytes, offset: int, wanted: int) -> int | None:
    """Where a SeekHead says that the wanted element begins, counted from the Segment's body."""
    for _, first, last in _children(data, offset, (_SEEK,)):
        seek = _fields(data[first:last], offset + first, (_SEEK_ID, _SEEK_POSITION))
        try:
            if _number(seek.get(_SEEK_ID), 0) == wanted:
                return _number(seek.get(_SEEK_POSITION), 0)
        except HeaderError as error:
            raise HeaderError(error.reason, offset + first) from error
    return None


def _entries(window: Window, start: int, stop: int) -> list[tuple[bytes, int]]:
    """The bodies of the TrackEntries, without what is too long to be wanted, and where each begins."""
    if stop - start <= _WHOLE_LIMIT:
        data = window.take(start, stop - start)
        entries = _children(data, start, (_TRACK_ENTRY,))
        found = [(data[first:last], start + first) for _, first, last in entries]
    else:
        window.piece = _SMALL_PIECE
        found = []
        allowance = iter(range(_CHILDREN_LIMIT))
        for ident, _, body, end in _elements(window, start, stop, allowance):
            if ident == _TRACK_ENTRY:
                found.append((_shortened(window, body, end, allowance), body))
    if len(found) > MOST_TRACKS:
        raise HeaderError("too many tracks", start)
    return found


def _shortened(window: Window, start: int, stop: int, allowance: Iterator[int]) -> bytes:
    """The children of a TrackEntry that are wanted, without those that are too long."""
    kept = []
    for ident, offset, _, end in _elements(window, start, stop, allowance):
        if ident in _WANTED and end - offset <= _CHILD_LIMIT:
            kept.append(window.take(offset, end - offset))
    return b"".join(kept)


def _elements(
    window: Window, start: int, stop: int, allowance: Iterator[int]
) -> Iterator[tuple[int, int, int, int]]:
    """ID, begin of the element and begin and end of its body of each between two places of the file.

    Each takes one of `allowance`.
    """
    while start < stop:
        if next(allowance, None) is None:
            raise HeaderError("too many elements", start)
        ident, body, end = _element(window, start, stop)
        if end is None:
            raise HeaderError("an element of unknown size", start)
        yield ident, start, body, end
        start = end


def _element(window: Window, offset: int, stop: int | None) -> tuple[int, int, int | None]:
    """ID, begin and end (None: unknown) of the body of the element at `offset`; `stop` is its limit."""
    data = window.peek(offset, _LONGEST_HEADER)
    ident, after = _identifier(data, 0, offset)
    size, after = _size(data, after, offset)
    body = offset + after
    if size is None:
        return ident, body, None
    if stop is not None and body + size > stop:
        raise HeaderError("an element longer than what holds it", offset)
    return ident, body, body + size


def _children(data: bytes, offset: int, wanted: Collection[int]) -> list[tuple[int, int, int]]:
    """ID, begin and end of the body of each wanted element in `data`, which begins at `offset`."""
    found = []
    start, stop = 0, len(data)
    while start < stop:
        # Most IDs have one byte to three, most sizes one: the general way costs more than all the rest.
        ident, after = data[start], start + 1
        if ident < 0x80:
            if ident >= 0x40 and start + 1 < stop:
                ident, after = ident << 8 | data[start + 1], start + 2
            elif ident >= 0x20 and start + 2 < stop:
                ident, after = ident << 16 | data[start + 1] << 8 | data[start + 2], start + 3
            else:
                ident, after = _identifier(data, start, offset)
        if after < stop and 0x80 <= data[after] < 0xFF:
            body = after + 1
            end = body + data[after] - 0x80
        else:
            size, body = _size(data, after, offset)
            if size is None:
                raise HeaderError("an element of unknown size", offset + start)
            end = body + size
        if end > stop:
            raise HeaderError("an element longer than what holds it", offset + start)
        if ident in wanted:
            found.append((ident, body, end))
        start = end
    return found


def _identifier(data: bytes, start: int, offset: int) -> tuple[int, int]:
    """An element's ID, its length marker kept as is the custom, and the place after it."""
    width = _WIDTH[data[start]] if start < len(data) else 0
    if not 1 <= width <= 4 or start + width > len(data):
        raise HeaderError("no element ID", offset + start)
    return int.from_bytes(data[start : start + width]), start + width


def _size(data: bytes, start: int, offset: int) -> tuple[int | None, int]:
    """An element's size in bytes, None where it is unknown, and the place after it."""
    width = _WIDTH[data[start]] if start < len(data) else 0
    if not width or start + width > len(data):
        raise HeaderError("no element size", offset + start)
    unknown = (1 << 7 * width) - 1
    size = int.from_bytes(data[start : start + width]) & unknown
    return None if size == unknown else size, start + width


@lru_cache(maxsize=1024)
def _track(kind: TrackKind, index: int, items: tuple[tuple[int, bytes], ...]) -> Track:
    """The track that these elements tell of. The same few come again all over a library, so the last are
    remembered.

    Raises `HeaderError`, its place counted from where the elements begin.
    """
    fields = dict(items)
    language, region = _track_language(string(fields.get(_LANGUAGE_BCP47)), string(fields.get(_LANGUAGE)))
    describes = _FLAG_VISUAL_IMPAIRED if kind == "audio" else _FLAG_TEXT_DESCRIPTIONS
    original = fields.get(_FLAG_ORIGINAL)
    return Track(
        kind=kind,
        index=index,
        language=language,
        region=region,
        title=clean(string(fields.get(_NAME))),
        default=_flag(fields.get(_FLAG_DEFAULT), default=True),
        forced=_flag(fields.get(_FLAG_FORCED)),
        commentary=_flag(fields.get(_FLAG_COMMENTARY)),
        descriptive=_flag(fields.get(describes)),
        original=_flag(original) if original else None,
        codec=_codec_name(string(fields.get(_CODEC_ID))),
        channels=_channels(fields.get(_AUDIO, b"")) if kind == "audio" else 0,
        hearing_impaired=_flag(fields.get(_FLAG_HEARING_IMPAIRED)),
        enabled=_flag(fields.get(_FLAG_ENABLED), default=True),
    )


def _track_language(tag: str, code: str) -> tuple[str | None, str | None]:
    """LanguageBCP47 makes Language void, if there is sense in it."""
    return track_language(code if code and not names_a_language(tag) else tag or code)


def _channels(settings: bytes) -> int:
    """The channel count in an Audio element; the format's default is 1."""
    channels = _number(_fields(settings, 0, (_CHANNELS,)).get(_CHANNELS), 1)
    if channels > _CHANNELS_LIMIT:
        raise HeaderError("too many channels", 0)
    return channels


@lru_cache(maxsize=512)
def _codec_name(codec: str) -> str:
    """A CodecID's short name; what follows a slash is most often a detail of it ("A_AAC/MPEG4/LC")."""
    family = codec.partition("/")[0]
    return _CODECS.get(codec) or _CODECS.get(family) or clean(codec)
