"""What Goodreads and StoryGraph export: one row a book, whether it is owned, read or wished for.

Nobody documents the columns: they are those of exports of 2025, with the older ones of Goodreads. No Django.
"""

from __future__ import annotations

from catalogue.codes import Code, Scheme
from catalogue.folding import parsed
from catalogue.formats.contract import Row, of_table
from catalogue.formats.tables import Cells, day
from catalogue.values import (
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
    row.taken |= {"author l-f", "bookshelves with positions"}
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
            row.taken.discard("dates read")
    last = row.date("Last Date Read")
    return tuple(found) or ((Play(finished_on=last),) if last else ())


def _authors(names: tuple[str, ...]) -> tuple[Person, ...]:
    return tuple(Person(" ".join(name.split()), Role.AUTHOR) for name in dict.fromkeys(names) if name)


GOODREADS = of_table("goodreads", ("Book Id", "Exclusive Shelf", "Title", "Author", "ISBN13"), _of_goodreads)
STORYGRAPH = of_table("storygraph", ("ISBN/UID", "Read Status", "Title", "Authors"), _of_storygraph)
