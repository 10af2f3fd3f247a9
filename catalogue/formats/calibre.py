"""Calibre: its database (`metadata.db`), the JSON of `calibredb list` and the CSV of `calibredb catalog`.

The tables are those of its library since 2010. A day of publishing that nobody told is in the year 101.
No Django.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO
from urllib.parse import quote

from catalogue.codes import Scheme
from catalogue.formats import json_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, day_of, out_of, parts, unmarked
from catalogue.formats.ours import joined
from catalogue.values import Fault, Kind, Wrong

_MAGIC = b"SQLite format 3\0"
LONGEST = 4_000_000
"""Bytes of what the database holds in one value, or in one book."""

_MOST_COLUMNS = 200
_MOST_STEPS = 20
"""Times 100,000 steps of the database for one book: a damaged index may lead in a circle."""

_COMIC = frozenset(("CBZ", "CBR", "CB7", "CBC"))
_SCHEMES = {
    "goodreads": Scheme.GOODREADS,
    "google": Scheme.GOOGLE,
    "librarything": Scheme.LIBRARYTHING,
    "comicvine": Scheme.COMICVINE,
}
_CODES = {"isbn": "isbn", "issn": "issn", **dict.fromkeys(("amazon", "asin", "mobi-asin"), "asin")}

_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged database raises; the second where the message of the first quotes bytes that are no text."""

_NAMES = {
    "title": "title",
    "authors": "author",
    "tags": "tag",
    "series": "series",
    "publisher": "publisher",
    "languages": "language",
    "comments": "overview",
    "rating": "user_rating",
    "pubdate": "published_on",
    "timestamp": "added_on",
    "isbn": "isbn",
    **dict.fromkeys(("author_sort", "title_sort", "id", "cover", "library_name", "size"), NOTHING),
    **dict.fromkeys(("last_modified", "template"), NOTHING),
}


def _speaks(stars: int) -> Dialect:
    return Dialect(
        _NAMES,
        {
            "author": parts("&"),
            "tag": parts(","),
            "overview": unmarked,
            "user_rating": out_of(stars),
            **dict.fromkeys(("published_on", "added_on"), day_of),
        },
    )


_SPEAKS, _SPEAKS_STARS = _speaks(10), _speaks(5)


def _entry(row: Cells, speaks: Dialect = _SPEAKS) -> Row:
    book, series, place = row.text("uuid"), row.text("series"), row.text("series_index")
    identifiers = [one.partition(":") for one in row.many("identifiers", ",")]
    if not all(scheme in _CODES or scheme in _SCHEMES for scheme, _, _ in identifiers):
        row.leave("identifiers")
    ids = [f"{_SCHEMES[scheme]}:{value}" for scheme, _, value in identifiers if scheme in _SCHEMES]
    files = [path.rpartition(".")[2].upper() for path in row.many("formats", ",")]
    told = {
        "id": book,
        "ids": joined([*ids, *([f"{Scheme.CALIBRE}:{book}"] if book else [])]),
        "media_type": Kind.COMIC if files and _COMIC.issuperset(files) else Kind.BOOK,
        "format": ", ".join(files),
        "series": series,
        "position": place.removesuffix(".0") if series else "",
    }
    for column in set(_CODES.values()):
        told[column] = joined(value for scheme, _, value in identifiers if _CODES.get(scheme) == column)
    return speaks.entry(row, told)


# The database


def is_database(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(_MAGIC)) == _MAGIC


class _Library:
    """A database that nobody trusts, open: nothing is written, and no part of its schema is run.

    It is opened as https://sqlite.org/security.html asks for. Raises sqlite3.Error where it has no books.
    """

    def __init__(self, path: str) -> None:
        self.steps = 0
        self.connection = sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)
        self.connection.text_factory = lambda told: told.decode("utf-8", "replace").replace("\0", "")
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "cache_size=-8000"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.set_authorizer(_is_allowed)
        self.connection.set_progress_handler(self._is_over, 100_000)
        self.query = self._query()
        self.connection.execute(self.query, {"book": None})

    def books(self) -> Iterator[int]:
        for (book,) in self.connection.execute("SELECT id FROM books ORDER BY id"):
            yield book

    def book(self, number: int) -> dict[str, str]:
        self.steps = 0
        row = self.connection.execute(self.query, {"book": number}).fetchone()
        return {name: text for name, value in zip(self.names, row, strict=True) if (text := _text(value))}

    def _query(self) -> str:
        columns = dict(_COLUMNS)
        tables = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        own = self.connection.execute(
            "SELECT CAST(id AS INTEGER), label FROM custom_columns WHERE NOT mark_for_delete"
        )
        for number, label in own.fetchmany(_MOST_COLUMNS):
            table = f"custom_column_{number}"
            columns[f"#{label}"] = (
                _several(table, "value", "value")
                if f"books_{table}_link" in tables
                else f"(SELECT value FROM {table} WHERE book = b.id)"  # noqa: S608  (a number)
            )
        self.names = tuple(columns)
        return f"SELECT {', '.join(columns.values())} FROM books b WHERE b.id = :book"  # noqa: S608

    def _is_over(self) -> int:
        self.steps += 1
        return self.steps > _MOST_STEPS


def _several(table: str, value: str, link: str, between: str = ", ") -> str:
    """What stands beside a book, in the order in which it was put there."""
    tables = f"books_{table}_link l JOIN {table} v ON v.id = l.{link}"
    found = f"SELECT v.{value} AS told FROM {tables} WHERE l.book = b.id ORDER BY l.id"  # noqa: S608
    return f"(SELECT group_concat(told, '{between}') FROM ({found}))"  # noqa: S608


_COLUMNS = {
    **{name: f"b.{name}" for name in ("title", "uuid", "timestamp", "pubdate", "series_index")},
    "authors": f"replace({_several('authors', 'name', 'author', ' & ')}, '|', ',')",
    "tags": _several("tags", "name", "tag"),
    "series": _several("series", "name", "series"),
    "publisher": _several("publishers", "name", "publisher"),
    "languages": _several("languages", "lang_code", "lang_code"),
    "rating": _several("ratings", "rating", "rating"),
    "comments": "(SELECT text FROM comments WHERE book = b.id)",
    "identifiers": "(SELECT group_concat(type || ':' || val, ',') FROM identifiers WHERE book = b.id)",
    "formats": "(SELECT group_concat(format, ',') FROM data WHERE book = b.id)",
}
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)


def _is_allowed(action: int, *named: str | None) -> int:
    """Whether a statement may do something: read tables, not views, and call what is called here."""
    _, function, _, view = named
    is_known = action != sqlite3.SQLITE_FUNCTION or function in ("group_concat", "replace")
    return sqlite3.SQLITE_OK if action in _ALLOWED and is_known and not view else sqlite3.SQLITE_DENY


@contextmanager
def _opened(file: BinaryIO) -> Iterator[_Library]:
    """SQLite reads files of a file system alone: the database is copied to one."""
    file.seek(0)
    with NamedTemporaryFile(suffix=".db") as copied:
        shutil.copyfileobj(file, copied)
        copied.flush()
        library = _Library(copied.name)
        with closing(library.connection):
            yield library


def _recognises_database(upload: Upload) -> bool:
    if not is_database(upload.file):
        return False
    try:
        with _opened(upload.file):
            return True
    except _UNREADABLE:
        return False


def _of_database(upload: Upload) -> Iterator[Cells | Fault]:
    """The books, numbered one after the other; one that cannot be read costs itself alone."""
    number = 0
    try:
        with _opened(upload.file) as library:
            for number, book in enumerate(library.books(), 1):
                try:
                    yield Cells.of(number, library.book(book))
                except _UNREADABLE as error:
                    yield Fault(number, Wrong.BROKEN, str(error)[:80])
    except _UNREADABLE as error:
        yield Fault(None, Wrong.BROKEN, str(error)[:80])


# JSON and CSV


def _of_json(upload: Upload) -> Iterator[Cells | Fault]:
    for record in json_records.records(upload.file):
        if isinstance(record, Fault):
            yield record
        else:
            number, book = record
            told = {name.replace("*", "#"): text for name, value in book.items() if (text := _text(value))}
            yield Cells.of(number, told)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{name}:{one}" for name, one in value.items()]
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return "" if value in (None, "None") else str(value).strip()


def _recognises_json(upload: Upload) -> bool:
    if not json_records.is_json(upload.file):
        return False
    first = next(json_records.records(upload.file), None)
    return isinstance(first, tuple) and {"id", "title", "authors"} <= first[1].keys()


CALIBRE = Format.of_records("calibre", _recognises_database, _of_database, _entry)
CALIBRE_JSON = Format.of_records("calibre", _recognises_json, _of_json, _entry)
CALIBRE_CSV = Format.of_table(
    "calibre",
    ("authors", "author_sort", "title", "title_sort", "uuid"),
    partial(_entry, speaks=_SPEAKS_STARS),
)
