"""The texts of the pages in other languages: `locale/<language>/LC_MESSAGES/django.po`, compiled to `.mo`.

    python -m taggarr.translations            compiles what is newer than what was made of it
    python -m taggarr.translations --update   brings the texts up to date first, and prints what is missing

Babel reads and writes the files (its manual: "Working with Message Catalogs"), so that GNU gettext need not
be installed.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from core.loading import load

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
BORROWED = Path("accounts", "borrowed.py")
PACKAGES = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "demo", "tests"})
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
"""The functions whose texts are translated; those with two take a singular and a plural."""

# What Django makes of a template: calls of these functions among blanked-out text.
_CALL = re.compile(r"(?:n?gettext|_)\(((?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|[\w, ])+)\)")

_NOISE = tuple(
    f'"{name}'.encode()
    for name in ("Report-Msgid", "POT-Creation", "PO-Revision", "Last-Trans", "Language-Team", "Generated")
)

Message = str | tuple[str, ...]


def messages(language: str) -> set[Message]:
    """All texts; of English, in which they are written, those that others wrote."""
    if language == "en":
        return set(_in_python((ROOT / BORROWED).read_bytes()))
    return _marked() | unmarked()


def unmarked() -> set[Message]:
    """The texts that no call marks: those made of the names of fields, and those declared without Django."""
    load()
    from history import audit
    from system import environment

    return {*audit.field_texts(), *environment.texts()}


def _marked() -> set[Message]:
    found: set[Message] = set()
    for name in PACKAGES:
        for path in sorted((ROOT / name).rglob("*.py")):
            found |= set(_in_python(path.read_bytes()))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        found |= set(_in_template(path.read_text(encoding="utf-8")))
    return found


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def missing(catalog: Catalog, wanted: set[Message]) -> list[Message]:
    """Return the texts that a catalogue does not translate, or only in part."""
    done = {one.id for one in catalog if one.id and _is_whole(one.string)}
    return sorted(wanted - done, key=str)


def compile_all() -> None:
    """Compile every file that is newer than what was made of it. Raises OSError where that cannot be."""
    for path in catalogues():
        made = path.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= path.stat().st_mtime:
            continue
        # Others may start at the same time: each writes its own file and puts it in place whole.
        part = made.with_name(f"{made.name}.{os.getpid()}.part")
        with part.open("wb") as file:
            write_mo(file, read(path))
        part.replace(made)


def update_all() -> int:
    """Add new texts to every file, take out what is no longer used; return how many are not translated."""
    lacking = 0
    for path in catalogues():
        template, catalog = Catalog(), read(path)
        wanted = messages(path.parent.parent.name)
        for message in wanted:
            template.add(message)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.write_bytes(_written(catalog))
        lacks = missing(read(path), wanted)
        lacking += len(lacks)
        for message in lacks:
            print(f"{path.parent.parent.name}: {message}")  # noqa: T201
    return lacking


def _written(catalog: Catalog) -> bytes:
    """The catalogue as a file, without the lines of its header that say when and by what it was written."""
    file = io.BytesIO()
    write_po(file, catalog, width=110, sort_output=True, no_location=True)
    return b"".join(line for line in file.getvalue().splitlines(True) if not line.startswith(_NOISE))


def _in_python(source: bytes) -> Iterator[Message]:
    for _line, function, message, _comments in extract_python(io.BytesIO(source), KEYWORDS, [], {}):
        yield from _clean(message, 2 if KEYWORDS[str(function)] else 1)


def _in_template(source: str) -> Iterator[Message]:
    calls = "\n".join(match[0] for match in _CALL.finditer(templatize(source)))
    yield from _in_python(calls.encode())


def _clean(message: object, forms: int) -> Iterator[Message]:
    """The text or the two texts that a call begins with; nothing where they are no literals."""
    found = message if isinstance(message, (list, tuple)) else (message,)
    texts = tuple(one for one in found[:forms] if isinstance(one, str) and one)
    if len(texts) == forms:
        yield texts if forms == 2 else texts[0]


def _is_whole(text: object) -> bool:
    return all(text) if isinstance(text, (list, tuple)) else bool(text)


def main(arguments: list[str] | None = None) -> int:
    """Compile, or update; the exit code of an update is 1 where texts are missing."""
    parser = argparse.ArgumentParser(prog="python -m taggarr.translations", description="Translations.")
    parser.add_argument("--update", action="store_true", help="bring the texts to translate up to date")
    lacking = update_all() if parser.parse_args(arguments).update else 0
    compile_all()
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
