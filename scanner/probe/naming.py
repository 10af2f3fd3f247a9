"""What the engines write into a `Track` in the same words: languages, codecs and titles."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from scanner.languages.codes import DESCRIPTION, normalise

# Codes that name no language but say something all the same; a track keeps them as they are.
SPECIAL_CODES = frozenset({"und", "mis", "mul", "zxx", "qaa", "qad"})
# What looks like a code: a tag of RFC 5646, as long as the database keeps one.
_CODE = re.compile(r"(?=.{2,10}$)[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*")
# Freeview's code for a narration of the picture (the D-Book of the DTG): the French one says the same. The
# language of Nigeria that ISO 639-3 means by it is in no film.
_NARRATION = "nar"
# No disc or release has longer titles; a hostile file does.
TITLE_LIMIT = 500
# As many bytes as that many characters of UTF-8 take at most.
_BYTES_LIMIT = 4 * TITLE_LIMIT

# What never reaches MediaInfo, by where its signature stands. Its readers of Flash were not made for files
# that want to do harm, and Flash names no language of a track. The last four it takes for damaged (images of
# discs: ECMA-119, 8.1, and ECMA-167, 2/9.2).
UNREADABLE_FORMATS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"FLV", "a Flash video (FLV)"),
    (0, b"FWS", "a Flash animation (SWF)"),
    (0, b"CWS", "a Flash animation (SWF)"),
    (0, b"ZWS", "a Flash animation (SWF)"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"\x89PNG\r\n", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"GIF8", "a picture"),
    (0, b"nut/multimedia container\0", "a NUT file"),
    (0, bytes.fromhex("b7d800203749da11a64e0007e95ead8d"), "a WTV recording of Windows Media Center"),
    (0x8001, b"CD001", "the image of a disc (ISO 9660)"),
    (0x8001, b"BEA01", "the image of a disc (UDF)"),
)


def unreadable_format(read: Callable[[int, int], bytes]) -> str:
    """What the file that `read(offset, length)` gives is, with its article, if nobody reads it; else ""."""
    start = read(0, 64)
    for place, mark, name in UNREADABLE_FORMATS:
        if start.startswith(mark) if not place else read(place, len(mark)) == mark:
            return name
    return ""


@lru_cache(maxsize=4096)
def track_language(code: str | None) -> tuple[str | None, str | None]:
    """The `language` and `region` of a `Track` for a code or name as a file has it.

    (None, None) where the file names none. A code that is no language we know is kept as it stands, so that a
    person can be told; any other text is `und`.
    """
    cleaned = clean(code or "").lower()
    if not cleaned:
        return None, None
    if cleaned == _NARRATION:
        return DESCRIPTION.base, None
    if cleaned in SPECIAL_CODES:
        return cleaned, None
    language = normalise(cleaned)
    if language is None:
        return (cleaned if _CODE.fullmatch(cleaned) else "und"), None
    return language.base, language.region


def names_a_language(code: str) -> bool:
    """Whether a code or name means a language, or says something as the special codes do."""
    cleaned = clean(code).lower()
    return cleaned in SPECIAL_CODES or normalise(cleaned) is not None


def string(data: bytes | None) -> str:
    """A string as a container holds it, which a NUL may end early; "" where it is missing."""
    return decoded(data.split(b"\0", 1)[0]) if data else ""


def decoded(data: bytes) -> str:
    """Text of an unknown encoding: UTF-8, as all formats want it, else what Windows wrote in the West."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        if len(data) > _BYTES_LIMIT:
            # Cut where it was read, maybe in the middle of a character; nobody sees the end of it.
            return data[:_BYTES_LIMIT].decode("utf-8", "ignore")
        # Five bytes mean nothing in that encoding.
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """`text` as the database can hold it: no NULs, no lone surrogates, no blanks around, at most
    `TITLE_LIMIT` long.
    """
    if not text:
        return text
    kept = text.replace("\0", "").strip()[:TITLE_LIMIT]
    return kept if kept.isascii() else kept.encode("utf-8", "replace").decode("utf-8")
