"""What one row of somebody else's list says of one thing, as values: the same for all formats. No Django.

An empty text, None or an empty tuple is what was not said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from catalogue.codes import Code

BEST_RATING = Decimal(10)


class Kind(StrEnum):
    MOVIE = "movie"
    TV = "tv_series"
    BOOK = "book"
    AUDIO = "audio"
    GAME = "game"
    COMIC = "comic"
    OTHER = "other"


BOOKISH = frozenset({Kind.BOOK, Kind.COMIC, Kind.OTHER})
"""Kinds on which a number of bookland is an ISBN."""


class Role(StrEnum):
    """What somebody did for a work."""

    DIRECTOR = "director"
    ACTOR = "actor"
    PRODUCER = "producer"
    AUTHOR = "author"
    EDITOR = "editor"
    TRANSLATOR = "translator"
    ILLUSTRATOR = "illustrator"
    NARRATOR = "narrator"
    ARTIST = "artist"
    COMPOSER = "composer"
    WRITER = "writer"
    PENCILLER = "penciller"
    INKER = "inker"
    COLORIST = "colorist"
    LETTERER = "letterer"
    COVER_ARTIST = "cover_artist"
    DEVELOPER = "developer"


CREATOR: dict[Kind, Role] = {
    Kind.MOVIE: Role.DIRECTOR,
    Kind.TV: Role.DIRECTOR,
    Kind.BOOK: Role.AUTHOR,
    Kind.AUDIO: Role.ARTIST,
    Kind.GAME: Role.DEVELOPER,
    Kind.COMIC: Role.WRITER,
    Kind.OTHER: Role.AUTHOR,
}
"""What the creator of a list without roles did."""


class TermKind(StrEnum):
    GENRE = "genre"
    TAG = "tag"
    STUDIO = "studio"
    PLATFORM = "platform"


class State(StrEnum):
    """How far somebody is with a work."""

    UNSTARTED = "unwatched"
    STARTED = "in_progress"
    COMPLETED = "completed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Term:
    kind: TermKind
    name: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a thing is. `position` is its place in the series, as it is written there."""

    kind: Kind
    title: str
    original_title: str = ""
    year: int | None = None
    overview: str = ""
    language: str = ""
    runtime_min: int | None = None
    audience_rating: str = ""
    community_rating: Decimal | None = None
    series: str = ""
    position: str = ""
    people: tuple[Person, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """A form in which a work was published. `format` is the word of the list it comes from."""

    name: str = ""
    format: str = ""
    publisher: str = ""
    published_on: date | None = None
    region: str = ""
    resolution: str = ""
    pages: int | None = None
    discs: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    by: str
    role: str = ""
    on: date | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """The thing on the shelf, or several that are told of as one.

    Whose it is, and whether only they see it, our own archive alone says.
    """

    place: str = ""
    condition: str = ""
    condition_note: str = ""
    acquired_on: date | None = None
    price: Decimal | None = None
    currency: str = ""
    from_where: str = ""
    quantity: int = 1
    lent_to: str = ""
    notes: str = ""
    signatures: tuple[Signature, ...] = ()
    owner: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    """Once read, watched, heard or played."""

    started_on: date | None = None
    finished_on: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How a person stands to a work. `times` counts plays, of which not all need a date."""

    state: State | None = None
    times: int | None = None
    rating: Decimal | None = None
    is_wanted: bool = False
    review: str = ""
    plays: tuple[Play, ...] = ()


@dataclass(frozen=True, slots=True)
class Season:
    """A season, and how a person stands to it."""

    number: int
    name: str = ""
    expected: int = 0
    available: int = 0
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """One thing in a box: a work, as `Kept.work` calls it, or what one that is not here is called."""

    work: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What our own archive alone says of a row.

    `work` is what it calls the work: its rows are of one work where that is the same, and of one edition
    where the entry's `id` is. `library` is a library other than the usual one, with `is_closed` one that
    only its members see. `own` are the work's own fields, those of the entry are the copy's.
    """

    work: str
    library: str = ""
    is_closed: bool = False
    own: tuple[tuple[str, str], ...] = ()
    seasons: tuple[Season, ...] = ()
    is_set: bool = False
    box: tuple[Inside, ...] = ()
    work_locks: tuple[str, ...] = ()
    edition_locks: tuple[str, ...] = ()
    copy_locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that was understood; without a `copy` it is of a thing that is not owned.

    `id` is what its list calls it, which stays when the list is exported again. `own` are the columns that
    nobody here knows, under their own names, as they stood there: of the copy, or of the work where there is
    none. `own_of_work` are those that our own table and Tellico's files say of the work.
    """

    number: int
    work: Work
    edition: Edition = field(default_factory=Edition)
    codes: tuple[Code, ...] = ()
    copy: Copy | None = None
    progress: Progress | None = None
    id: str = ""
    added_on: date | None = None
    own: tuple[tuple[str, str], ...] = ()
    kept: Kept | None = None
    own_of_work: tuple[tuple[str, str], ...] = ()


class Wrong(StrEnum):
    """Why a row, or a whole file, is not read."""

    BROKEN = "broken"
    EMPTY = "empty"
    NO_TITLE = "no-title"
    TOO_LARGE = "too-large"
    TOO_MANY_CELLS = "too-many-cells"
    UNKNOWN_FORMAT = "unknown-format"
    WRONG_CODE = "wrong-code"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was not understood, by its number in the file; None is the file, of which the rest is lost.

    `detail` is the text that is at fault, cut short.
    """

    number: int | None
    wrong: Wrong
    detail: str = ""
