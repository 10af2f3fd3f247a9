"""What the engines write into a `Track` in the same words: languages, codecs and titles."""

from __future__ import annotations

from functools import lru_cache

from scanner.languages import normalise

# Codes that name no language but say something all the same; a track keeps them as they are.
SPECIAL_CODES = frozenset({"und", "mis", "mul", "zxx", "qaa", "qad"})
# No disc or release has longer titles; a hostile file does.
TITLE_LIMIT = 500


@lru_cache(maxsize=4096)
def track_language(code: str | None) -> tuple[str | None, str | None]:
    """The `language` and `region` of a `Track` for a code or name as a file has it.

    (None, None) where the file names none; `und` where what it names is no language we know.
    """
    cleaned = clean(code or "").lower()
    if not cleaned:
        return None, None
    if cleaned in SPECIAL_CODES:
        return cleaned, None
    language = normalise(cleaned)
    if language is None:
        return "und", None
    return language.base, language.region


def string(data: bytes | None) -> str:
    """A string as a container holds it, which a NUL may end early; "" where it is missing."""
    return data.split(b"\0", 1)[0].decode("utf-8", "replace") if data else ""


def clean(text: str) -> str:
    """`text` as the database can hold it: no NULs, no lone surrogates, no blanks around, at most
    `TITLE_LIMIT` long.
    """
    if not text:
        return text
    kept = text.replace("\0", "").strip()[:TITLE_LIMIT]
    return kept if kept.isascii() else kept.encode("utf-8", "replace").decode("utf-8")
