"""Lists of real programs, made here, each beside what its program itself says is on it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import tellico
from catalogue import codes

STYLESHEET = Path("/usr/share/tellico/tellico2gcstar.xsl")
FILMS, BOOKS, READ = 82, 40, 200
_SEAS = ("Harbour", "Lantern", "Café & Gulls", "Tide", "Ångström", "Quay; or the Sea", 'A "Pier"')
_FIRST, _LAST = ("Mara", "Jo", "Ana", "Zoë"), ("Berg", "Wood", "Thorn", "Løv")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to be told alike everywhere: title, creators in any order, ISBN-13, year, day of buying."""

    title: str
    creators: tuple[str, ...] = ()
    isbn: str = ""
    year: str = ""
    acquired: str = ""

    @classmethod
    def of(
        cls, title: str, creators: list[str], *, isbn: str = "", year: str = "", acquired: str = ""
    ) -> Thing:
        code = codes.read(isbn, bookish=True) if isbn else None
        names = tuple(sorted(filter(None, creators)))
        return cls(" ".join(title.split()), names, code.value if code else isbn, year[:4], acquired)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, in which format it has to be recognised, and what its program says is on it."""

    name: str
    format: str
    content: bytes
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that makes lists; `lacks` says what has to be installed."""

    name: str
    lacks: Callable[[], str]
    lists: Callable[[Path], Iterator[Listed]]


def _missing(*names: str) -> str:
    return ", ".join(name for name in names if not shutil.which(name))


# Tellico, and GCstar's format by Tellico's own stylesheet


def _film(number: int) -> tellico.Values:
    people = [_name(number), _name(number + 5)][: number % 2 + 1]
    return {
        "title": [f"The {_SEAS[number % len(_SEAS)]} {number}"],
        "director": people,
        "year": [f"{1950 + number % 70}"],
        "medium": [("DVD", "Blu-ray", "VHS")[number % 3]],
        "pur_date": [f"2019-{number % 12 + 1:02}-{number % 28 + 1:02}"] if number % 4 else [],
        "genre": ["Drama", "Sea"],
    }


def _book(number: int) -> tellico.Values:
    return {
        "title": [f"{_SEAS[number % len(_SEAS)]}, volume {number}"],
        "author": [_name(number), _name(number + 3)][: number % 2 + 1],
        "isbn": [_isbn(number)],
        "pub_year": [f"{1980 + number % 40}"],
        "publisher": ["Pier Press"],
        "pur_date": [f"2020-{number % 12 + 1:02}-05"],
        "rating": [f"{number % 5 + 1}"],
    }


def _name(number: int) -> str:
    return f"{_FIRST[number % 4]} {_LAST[number // 4 % 4]}"


def _isbn(number: int) -> str:
    digits = f"97803064{number:04}"
    return digits + codes.gtin_digit(digits)


_TELLICO = {
    # Kind of collection, its entries, who made one, and of which year it is.
    "films": (3, [_film(number) for number in range(FILMS)], "director", "year"),
    "books": (2, [_book(number) for number in range(BOOKS)], "author", "pub_year"),
}
_EXPORTS = {"exportCSV": "csv", "exportXML": "xml", "exportZip": "tc"}


def _of_tellico(folder: Path) -> Iterator[Listed]:
    for what, (kind, entries, by, year) in _TELLICO.items():
        start = folder / f"{what}-empty.xml"
        start.write_text(tellico.empty(kind), encoding="utf-8")
        fields = ("title", by, year, "pur_date", *(["isbn"] if kind == 2 else []))
        written = [{name: "; ".join(some) for name, some in entry.items()} for entry in entries]
        files = {how: folder / f"{what}.{ending}" for how, ending in _EXPORTS.items()}
        (told,) = tellico.ask(
            tellico.opened(start),
            tellico.filled(written),
            *(tellico.exported(how, file) for how, file in files.items()),
            tellico.said(*fields),
        )
        things = tuple(_told(entry, by, year) for entry in told)
        for file in files.values():
            yield Listed(file.name, "tellico", file.read_bytes(), things)
        yield Listed(f"{what}.gcs", "gcstar", _styled(files["exportXML"]), things)


def _told(entry: tellico.Values, by: str, year: str) -> Thing:
    # Tellico parts any value at a semicolon, also that of a field that has one.
    title, isbn, acquired = ("; ".join(entry.get(name, [])) for name in ("title", "isbn", "pur_date"))
    return Thing.of(title, entry[by], isbn=isbn, year="".join(entry[year]), acquired=acquired)


def _styled(file: Path) -> bytes:
    command = ["xsltproc", "--nonet", "--novalid", str(STYLESHEET), str(file)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


# Calibre

_ADD = """
import json, sys
from datetime import datetime, timezone
from calibre.ebooks.metadata.book.base import Metadata
from calibre.library import db

library, books = sys.argv[-2], json.load(open(sys.argv[-1]))
cache = db(library).new_api
for told in books:
    book = Metadata(told["title"], told["authors"])
    book.set_identifiers({"isbn": told["isbn"]})
    book.series, book.series_index = told["series"], told["index"]
    book.tags, book.publisher, book.rating = told["tags"], told["publisher"], told["rating"]
    book.pubdate = datetime(told["year"], 5, 4, tzinfo=timezone.utc)
    cache.add_books([(book, {})])
"""


def _of_calibre(folder: Path) -> Iterator[Listed]:
    library, told = folder / "calibre", folder / "calibre.json"
    books = [
        {
            "title": f"{_SEAS[number % len(_SEAS)]} of Calibre {number}",
            "authors": [_name(number), _name(number + 3)][: number % 2 + 1],
            "isbn": _isbn(number + 5000),
            "series": "Tides",
            "index": number + 1,
            "tags": ["Sea", "Night"],
            "publisher": "Pier Press",
            "rating": number % 5 * 2 + 2,
            "year": 1980 + number % 40,
        }
        for number in range(BOOKS)
    ]
    told.write_text(json.dumps(books), encoding="utf-8")
    script = folder / "add.py"
    script.write_text(_ADD, encoding="utf-8")
    _calibre(folder, "calibre-debug", "-e", str(script), "--", str(library), str(told))
    fields = "title,authors,isbn,pubdate"
    listed = _calibre(
        folder, "calibredb", "list", "--for-machine", "--fields", fields, "--with-library", str(library)
    )
    things = tuple(
        Thing.of(one["title"], one["authors"].split(" & "), isbn=one["isbn"], year=one["pubdate"])
        for one in json.loads(listed)
    )
    yield Listed("metadata.db", "calibre", (library / "metadata.db").read_bytes(), things)
    everything = _calibre(
        folder, "calibredb", "list", "--for-machine", "--fields", "all", "--with-library", str(library)
    )
    yield Listed("calibre.json", "calibre", everything, things)
    table = folder / "calibre.csv"
    _calibre(folder, "calibredb", "catalog", str(table), "--with-library", str(library))
    yield Listed(table.name, "calibre", table.read_bytes(), things)


def _calibre(folder: Path, *command: str) -> bytes:
    environment = os.environ | {"HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    return done.stdout


# Goodreads, whose program nobody can run: a table of its columns

_GOODREADS = (
    *("Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13", "My Rating"),
    *("Average Rating", "Publisher", "Binding", "Number of Pages", "Year Published"),
    *("Original Publication Year", "Date Read", "Date Added", "Bookshelves", "Bookshelves with positions"),
    *("Exclusive Shelf", "My Review", "Spoiler", "Private Notes", "Read Count", "Owned Copies"),
)


def _of_goodreads(_folder: Path) -> Iterator[Listed]:
    to, things = io.StringIO(), []
    writer = csv.DictWriter(to, _GOODREADS, restval="")
    writer.writeheader()
    for number in range(READ):
        title, name, year = f"{_SEAS[number % len(_SEAS)]} read {number}", _name(number), 1960 + number % 60
        isbn = _isbn(number + 2000) if number % 3 else ""
        shelf = ("read", "to-read", "currently-reading")[number % 3]
        told = {"Book Id": 9000 + number, "Title": title, "Author": name, "ISBN13": f'="{isbn}"'}
        told |= {"Original Publication Year": year, "Exclusive Shelf": shelf, "Owned Copies": number % 2}
        told |= {"My Rating": number % 6, "Date Added": "2020/01/02", "Publisher": "Pier Press"}
        writer.writerow(told)
        things.append(Thing.of(title, [name], isbn=isbn, year=str(year)))
    yield Listed("goodreads_library_export.csv", "goodreads", to.getvalue().encode(), tuple(things))


PROGRAMS = (
    Program("Tellico", lambda: _missing(*tellico.NEEDS, "xsltproc"), _of_tellico),
    Program("Calibre", lambda: _missing("calibredb", "calibre-debug"), _of_calibre),
    Program("Goodreads", lambda: "", _of_goodreads),
)


def made(say: Callable[[str], None]) -> Iterator[Listed]:
    """The lists of all programs that are installed here; the others are named."""
    for program in PROGRAMS:
        if lacks := program.lacks():
            say(f"{program.name} is not tried: install {lacks}.")
            continue
        with tempfile.TemporaryDirectory(prefix="taggarr-peers-") as folder:
            yield from program.lists(Path(folder))
