"""The ZIP that Letterboxd exports: what was watched, rated, noted in the diary and put on the watchlist.

Its files name the same film, each with an address: those in the diary and of reviews are not of the film but
of the entry, so films are told by name and year. Only what lies at its top is read; below are lists and what
was deleted. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from catalogue.codes import Code, Scheme
from catalogue.formats import tables
from catalogue.formats.archive import DamagedError, is_archive, members
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.values import Entry, Fault, Kind, Play, Progress, State, Term, TermKind, Work, Wrong

STARS = 5
MOST_FILMS = 100_000
"""All of them are in memory, as each is told in several files."""

_WATCHED, _RATINGS, _DIARY = "watched.csv", "ratings.csv", "diary.csv"
_REVIEWS, _WATCHLIST = "reviews.csv", "watchlist.csv"
_FILES = (_WATCHED, _RATINGS, _WATCHLIST, _DIARY, _REVIEWS)
_OF_FILMS = frozenset({_WATCHED, _RATINGS, _WATCHLIST})
_COLUMNS = ("Name", "Year", "Letterboxd URI")


@dataclass(slots=True)
class _Film:
    name: str
    year: int | None
    address: str = ""
    added_on: date | None = None
    progress: Progress = field(default_factory=Progress)
    tags: dict[str, None] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)


def _recognises(upload: Upload) -> bool:
    if not is_archive(upload.file):
        return False
    found = members(upload.file, *_FILES)
    return any((table := tables.look(file)) and table.has(*_COLUMNS) for file in found.values())


def _read(upload: Upload) -> Iterator[Row]:
    films: dict[tuple[str, int | None], _Film] = {}
    found = members(upload.file, *_FILES) if is_archive(upload.file) else {}
    for name in (name for name in _FILES if name in found):
        try:
            yield from _gathered(found[name], name, films)
        except DamagedError:
            yield Fault(None, Wrong.BROKEN, name)
    for number, film in enumerate(films.values(), 1):
        yield _entry(number, film)


def _gathered(file: BinaryIO, name: str, films: dict[tuple[str, int | None], _Film]) -> Iterator[Fault]:
    """Note what a file tells of films; what is wrong in it is yielded."""
    table = tables.look(file)
    for row in tables.rows(file, table) if table else ():
        if isinstance(row, Fault):
            yield replace(row, detail=f"{name}: {row.detail}")
        elif not (title := row.text("Name")):
            yield Fault(row.number, Wrong.NO_TITLE, name)
        elif (film := (title, row.year("Year"))) in films or len(films) < MOST_FILMS:
            _note(films.setdefault(film, _Film(*film)), row, name)
        else:
            yield Fault(None, Wrong.TOO_LARGE, name)
            return


def _note(film: _Film, row: Cells, file: str) -> None:
    address, noted = row.text("Letterboxd URI"), row.date("Date")
    if file in _OF_FILMS:
        film.address = film.address or address
        film.added_on = film.added_on or noted
    film.tags |= dict.fromkeys(row.many("Tags", ","))
    known, rating = film.progress, row.rating("Rating", STARS)
    if file == _WATCHLIST:
        film.progress = replace(known, is_wanted=True)
    else:
        film.progress = replace(known, state=State.COMPLETED, rating=known.rating or rating)
    watched = row.date("Watched Date")
    if file == _DIARY:
        row.take("rewatch")
        play = Play(finished_on=watched or noted)
        film.progress = replace(film.progress, plays=(*known.plays, play), times=(known.times or 0) + 1)
    if file == _REVIEWS:
        row.take("rewatch")
        reviews = [text for text in (known.review, row.text("Review")) if text]
        film.progress = replace(film.progress, review="\n\n".join(reviews))
    for name, text in row.rest():
        film.own.setdefault(name, text)


def _entry(number: int, film: _Film) -> Entry:
    tags = tuple(Term(TermKind.TAG, tag) for tag in film.tags)
    return Entry(
        number,
        Work(Kind.MOVIE, film.name, year=film.year, terms=tags),
        codes=(Code(Scheme.LETTERBOXD, film.address),) if film.address else (),
        progress=film.progress,
        id=film.address,
        added_on=film.added_on,
        own=tuple(film.own.items()),
    )


def _count(upload: Upload) -> int:
    return sum(1 for _ in _read(upload))


LETTERBOXD = Format("letterboxd", _recognises, _read, _count)
