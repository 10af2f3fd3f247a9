"""What Goodreads, StoryGraph, Libib and Discogs export: tables, one row a book or a thing on the shelf.

Few of them document their columns: they are those of exports of 2025, with the older ones of Goodreads, of
the CSV that Libib exports and of Discogs' collection. No Django.
"""

from __future__ import annotations

from catalogue.codes import Code, Scheme
from catalogue.folding import parsed
from catalogue.formats.cells import Cells, day
from catalogue.formats.contract import Format, Row
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

_STATES = {
    "read": State.COMPLETED,
    "currently-reading": State.STARTED,
    "paused": State.STARTED,
    "did-not-finish": State.DROPPED,
    "dnf": State.DROPPED,
    "abandoned": State.DROPPED,
}
_WANTED = "to-read"
_LIBIB_KINDS = {"book": Kind.BOOK, "movie": Kind.MOVIE, "music": Kind.AUDIO, "videogame": Kind.GAME}
_LIBIB_STATES = {
    "not begun": State.UNSTARTED,
    "in progress": State.STARTED,
    "completed": State.COMPLETED,
    "abandoned": State.DROPPED,
}


def _of_goodreads(row: Cells) -> Row:
    line = parsed(row.text("Title"))
    if not line.title:
        return Fault(row.number, Wrong.NO_TITLE)
    shelf = row.text("Exclusive Shelf")
    shelves = [name for name in row.many("Bookshelves", ",") if name != shelf]
    if shelf not in _STATES and shelf not in ("", _WANTED):
        shelves.insert(0, shelf)
    work = Work(
        Kind.BOOK,
        line.title,
        year=row.year("Original Publication Year", "Year Published") or line.year,
        community_rating=row.rating("Average Rating", STARS),
        series=line.series,
        position=line.position,
        people=_authors((row.text("Author"), *row.many("Additional Authors", ","))),
        terms=tuple(Term(TermKind.TAG, name) for name in shelves),
    )
    row.take("author l-f", "bookshelves with positions")
    book = row.text("Book Id")
    finished = row.date("Date Read")
    progress = Progress(
        _STATES.get(shelf),
        row.whole("Read Count") or None,
        row.rating("My Rating", STARS),
        shelf == _WANTED,
        row.text("My Review"),
        (Play(finished_on=finished),) if finished else (),
    )
    edition = Edition(
        line.edition,
        row.text("Binding") or line.format,
        row.text("Publisher"),
        pages=row.whole("Number of Pages"),
    )
    isbn = row.codes(Kind.BOOK, "ISBN13", "ISBN")
    added, copy = row.date("Date Added"), _copy_of_goodreads(row)
    known_as = (Code(Scheme.GOODREADS, book),) if book else ()
    return Entry(row.number, work, edition, isbn + known_as, copy, progress, book, added, row.rest())


def _copy_of_goodreads(row: Cells) -> Copy | None:
    quantity = row.whole("Owned Copies")
    if not quantity:
        return None
    return Copy(
        condition=row.text("Condition"),
        condition_note=row.text("Condition Description"),
        acquired_on=row.date("Original Purchase Date"),
        from_where=row.text("Original Purchase Location"),
        quantity=quantity,
        notes=row.text("Private Notes"),
    )


def _of_storygraph(row: Cells) -> Row:
    line = parsed(row.text("Title"))
    if not line.title:
        return Fault(row.number, Wrong.NO_TITLE)
    is_wanted = row.choice("Read Status", {_WANTED: True}) or False
    tags = [Term(TermKind.TAG, name) for name in row.many("Tags", ",")]
    work = Work(
        Kind.BOOK,
        line.title,
        year=line.year,
        series=line.series,
        position=line.position,
        people=_authors(row.many("Authors", ",")),
        terms=(*tags, *(Term(TermKind.GENRE, name) for name in row.many("Moods", ","))),
    )
    progress = Progress(
        row.choice("Read Status", _STATES),
        row.whole("Read Count") or None,
        row.rating("Star Rating", STARS),
        is_wanted,
        row.text("Review"),
        _plays(row),
    )
    codes = row.codes(Kind.BOOK, "ISBN/UID")
    # What is no ISBN there is an id of its own.
    id = codes[0].value if codes else row.text("ISBN/UID")
    edition = Edition(line.edition, row.text("Format") or line.format)
    added, copy = row.date("Date Added"), Copy() if row.yes("Owned?") else None
    return Entry(row.number, work, edition, codes, copy, progress, id, added, row.rest())


def _plays(row: Cells) -> tuple[Play, ...]:
    """Times of reading: `2021/01/01-2021/01/09, 2022/03/04`, of which either end may be missing."""
    found = []
    for time in row.many("Dates Read", ","):
        started, _, finished = time.rpartition("-")
        days = day(started), day(finished)
        if any(days):
            found.append(Play(*days))
        if not days[1] or (started and not days[0]):
            row.leave("dates read")
    last = row.date("Last Date Read")
    return tuple(found) or ((Play(finished_on=last),) if last else ())


def _authors(names: tuple[str, ...]) -> tuple[Person, ...]:
    return tuple(Person(" ".join(name.split()), Role.AUTHOR) for name in dict.fromkeys(names) if name)


def _of_libib(row: Cells) -> Row:
    line = parsed(row.text("title"))
    if not line.title:
        return Fault(row.number, Wrong.NO_TITLE)
    kind = row.choice("item_type", _LIBIB_KINDS) or Kind.OTHER
    creators = row.many("creators", ",") or (f"{row.text('first_name')} {row.text('last_name')}".strip(),)
    row.take("first_name", "last_name")
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


GOODREADS = Format.of_table("goodreads", ("Book Id", "Exclusive Shelf", "Title", "ISBN13"), _of_goodreads)
STORYGRAPH = Format.of_table("storygraph", ("ISBN/UID", "Read Status", "Title", "Authors"), _of_storygraph)
LIBIB = Format.of_table("libib", ("item_type", "title", "ean_isbn13", "upc_isbn10"), _of_libib)
DISCOGS = Format.of_table("discogs", ("release_id", "Artist", "Title", "Label"), _of_discogs)
