"""What the engines write into a `Track` in the same words: languages, codecs, titles, and what it is for."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scanner.languages import codes
from scanner.languages.codes import normalise

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
        return codes.DESCRIPTION.base, None
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


CODECS, ROLES = (
    tomllib.loads(Path(__file__).with_name(f"{table}.toml").read_text("utf-8"))
    for table in ("codecs", "roles")
)


def codecs(container: str) -> dict[str | int, str]:
    """The short names of codecs by what this container calls them (`codecs.toml`)."""
    return {called: name for name, by in CODECS.items() for called in by.get(container, ())}


class Role(NamedTuple):
    """What roles say of a track, by the names of its flags; `original` is None where none says that."""

    commentary: bool = False
    descriptive: bool = False
    forced: bool = False
    original: bool | None = None
    hearing_impaired: bool = False

    def joined(self, other: Role) -> Role:
        """What both say together; of the original the first one tells."""
        if other is NO_ROLE:
            return self
        return Role(
            self.commentary or other.commentary,
            self.descriptive or other.descriptive,
            self.forced or other.forced,
            other.original if self.original is None else self.original,
            self.hearing_impaired or other.hearing_impaired,
        )


NO_ROLE, FORCED = Role(), Role(forced=True)


def roles(container: str) -> dict[str | int, Role]:
    """What tracks are for by what this container, or this field of it, calls that (`roles.toml`)."""
    by_name = {name: Role(original=False) if name == "dub" else Role(**{name: True}) for name in ROLES}
    return {called: by_name[name] for name, by in ROLES.items() for called in by.get(container, ())}
