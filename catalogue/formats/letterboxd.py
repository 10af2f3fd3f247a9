"""The ZIP that Letterboxd exports: what was watched, rated, noted in the diary and put on the watchlist.

Its files name the same film, each with an address: those in the diary and of reviews are not of the film but
of the entry, so films are told by name and year. Only what lies at its top is read; below are lists and what
was deleted. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from catalogue.codes import Code, Scheme
from catalogue.formats import tables
from catalogue.formats.archive import is_archive, members
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.tables import Cells
from catalogue.values import Entry, Fault, Kind, Play, Progress, State, Term, TermKind, Work, Wrong

STARS = 5

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
    found = members(upload.file, *_FILES) or {}
    return any((table := tables.look(file)) and table.has(*_COLUMNS) for file in found.values())


def _read(upload: Upload) -> Iterator[Row]:
    films: dict[tuple[str, int | None], _Film] = {}
    found = members(upload.file, *_FILES) or {}
    for name in (name for name in _FILES if name in found):
        table = tables.look(found[name])
        for row in tables.rows(found[name], table) if table else ():
            if isinstance(row, Fault):
                yield replace(row, detail=f"{name}: {row.detail}")
            elif not (title := row.text("Name")):
                yield Fault(row.number, Wrong.NO_TITLE, name)
            else:
                year = row.year("Year")
                _note(films.setdefault((title, year), _Film(title, year)), row, name)
    for number, film in enumerate(films.values(), 1):
        yield _entry(number, film)


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
        row.taken.add("rewatch")
        play = Play(finished_on=watched or noted)
        film.progress = replace(film.progress, plays=(*known.plays, play), times=(known.times or 0) + 1)
    if file == _REVIEWS:
        row.taken.add("rewatch")
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


LETTERBOXD = Format("letterboxd", _recognises, _read)
