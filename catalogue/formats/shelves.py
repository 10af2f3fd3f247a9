"""What Libib and Discogs export: one row a thing on the shelf.

Libib names its columns in the CSV that it exports; those of Discogs are of its collection's CSV. No Django.
"""

from __future__ import annotations

from catalogue.codes import Code, Scheme
from catalogue.folding import parsed
from catalogue.formats.contract import Row, of_table
from catalogue.formats.tables import Cells
from catalogue.values import (
    CREATOR,
    Copy,
    Edition,
    Entry,
    Fault,
    Kind,
    Person,
    Play,
    Progress,
    Role,
    State,
    Term,
    TermKind,
    Work,
    Wrong,
)

STARS = 5

_LIBIB_KINDS = {"book": Kind.BOOK, "movie": Kind.MOVIE, "music": Kind.AUDIO, "videogame": Kind.GAME}
_LIBIB_STATES = {
    "not begun": State.UNSTARTED,
    "in progress": State.STARTED,
    "completed": State.COMPLETED,
    "abandoned": State.DROPPED,
}


def _of_libib(row: Cells) -> Row:
    line = parsed(row.text("title"))
    if not line.title:
        return Fault(row.number, Wrong.NO_TITLE)
    kind = row.choice("item_type", _LIBIB_KINDS) or Kind.OTHER
    creators = row.many("creators", ",") or (f"{row.text('first_name')} {row.text('last_name')}".strip(),)
    row.taken |= {"first_name", "last_name"}
    tags = [Term(TermKind.TAG, name) for name in (*row.many("tags", ","), *row.many("group", ","))]
    work = Work(
        kind,
        line.title,
        year=line.year or row.year("publish_date"),
        overview=row.text("description"),
        runtime_min=row.whole("length") if kind in (Kind.MOVIE, Kind.AUDIO) else None,
        audience_rating=row.text("esrb"),
        series=line.series,
        position=line.position,
        people=tuple(Person(name, CREATOR[kind]) for name in creators if name),
        terms=(*tags, *([Term(TermKind.PLATFORM, line.platform)] if line.platform else ())),
    )
    edition = Edition(
        line.edition,
        line.format,
        row.text("publisher"),
        row.date("publish_date"),
        pages=row.whole("length") if kind is Kind.BOOK else None,
        discs=row.whole("number_of_discs"),
    )
    progress, codes = _progress_of_libib(row), row.codes(kind, "ean_isbn13", "upc_isbn10")
    price, currency = row.money("price")
    copy = Copy(price=price, currency=currency, quantity=row.whole("copies") or 1, notes=row.text("notes"))
    added = row.date("added")
    return Entry(row.number, work, edition, codes, copy, progress, added_on=added, own=row.rest())


def _progress_of_libib(row: Cells) -> Progress | None:
    play = Play(row.date("began"), row.date("completed"))
    progress = Progress(
        row.choice("status", _LIBIB_STATES),
        rating=row.rating("rating", STARS),
        review=row.text("review"),
        plays=() if play == Play() else (play,),
    )
    return None if progress == Progress() else progress


def _of_discogs(row: Cells) -> Row:
    title, release = row.text("Title"), row.text("release_id")
    if not title:
        return Fault(row.number, Wrong.NO_TITLE)
    work = Work(
        Kind.AUDIO,
        title,
        year=row.year("Released"),
        people=tuple(Person(name, Role.ARTIST) for name in row.many("Artist", ",")),
    )
    rating = row.rating("Rating", STARS)
    copy = Copy(
        place=row.text("CollectionFolder"),
        condition=row.text("Collection Media Condition"),
        condition_note=row.text("Collection Sleeve Condition"),
        notes=row.text("Collection Notes"),
    )
    return Entry(
        row.number,
        work,
        Edition(format=row.text("Format"), publisher=row.text("Label")),
        (Code(Scheme.DISCOGS, release),) if release else (),
        copy,
        Progress(rating=rating) if rating else None,
        release,
        row.date("Date Added"),
        row.rest(),
    )


LIBIB = of_table("libib", ("item_type", "title", "ean_isbn13", "upc_isbn10"), _of_libib)
DISCOGS = of_table("discogs", ("release_id", "Artist", "Title", "Label"), _of_discogs)
