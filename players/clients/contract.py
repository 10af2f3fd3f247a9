"""What every player takes and tells, in one shape. No Django, and no word of any program's own.

An id is the player's own, as text. Labels are compared without regard to case (`same`). Texts are sent as
`fitted` leaves them, and compared so: else every sync would write again what a player cut short.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from core.errors import ApiPermanentError, TaggarrError

T = TypeVar("T")

PAGE = 1000
"""Items of one page of a list."""

MOST_AT_ONCE = 100
"""Items of one `look` and one `write`."""


class Kind(StrEnum):
    """What an item is."""

    MOVIE = "movie"
    SHOW = "show"
    SEASON = "season"
    EPISODE = "episode"


class Form(StrEnum):
    """As what a player may show a label of ours."""

    LABEL = "label"
    TAG = "tag"
    GENRE = "genre"
    COLLECTION = "collection"


class Holds(StrEnum):
    MOVIES = "movies"
    SERIES = "series"
    OTHER = "other"


TITLE, SORT_TITLE, SUMMARY, TAGLINE = "title", "sort_title", "summary", "tagline"
STUDIO, DATE, PERFORMERS, DIRECTORS = "studio", "date", "performers", "directors"
RATING, POSTER = "rating", "poster"
"""A rating is spelt 8.5, of ten. A poster's value is the digest of its bytes; what a player shows is known by
a stamp that changes with it, until somebody asks which picture that is (`poster_of`).
"""

TAGS, COLLECTIONS = "tags", "collections"
"""What a source may say, and players show as labels of two forms."""

LISTS = frozenset({PERFORMERS, DIRECTORS, TAGS, COLLECTIONS})
"""The fields that hold names; all others hold a text. A date is spelt 2024-05-06."""

NEVER_EMPTIED = frozenset({TITLE, RATING, POSTER})
"""The fields that no source takes away again: no player takes an empty title."""

MOST_PICTURE = 16 * 2**20
"""Bytes of a picture that is taken from a source, or given to a player."""

Value = str | tuple[str, ...]

KINDS_OF = {
    Holds.MOVIES: (Kind.MOVIE,),
    Holds.SERIES: (Kind.SHOW, Kind.SEASON, Kind.EPISODE),
    Holds.OTHER: (),
}


class GoneError(ApiPermanentError):
    """There is no item of this id any more."""


class OtherItemError(ApiPermanentError):
    """The id stands for another item by now."""


class NotKeptError(ApiPermanentError):
    """The player said yes, and what was written does not stand there."""


class EditedError(ApiPermanentError):
    """Somebody changed there what was about to be written, since it was looked at."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a player can do. What it cannot is not asked of it: a call raises ApiPermanentError.

    `forms` says for each form of label which kinds of items carry it; `labels_longest` and `fields` how many
    characters of a label, and of each field, a player keeps (of a list: of each name); `in_address` how many
    bytes a text may take where it travels in an address, 0 where it does not. `batches`: one call
    changes the labels of many items. `locks`: what we write is locked, so that no refresh takes it back.
    `finds_paths`: `find` asks the player itself. `tells_changes`: `items` knows `since`. `lists_labels`:
    `items` tells the labels. `passes_labels_on`: seasons and episodes get those of their show by themselves.
    `forgets`: a refresh gives a new id, and what `remember` returned before has to be given back. `posters`:
    it takes pictures. `tells_givers`: `poster_of` names none that nobody chose. `reads_nfos`: a refresh reads
    what stands beside the files. `saves_files`: `libraries` tells whether it writes there itself.
    """

    forms: Mapping[Form, frozenset[Kind]]
    fields: Mapping[str, int]
    labels_longest: int = 255
    in_address: int = 0
    batches: bool = False
    locks: bool = False
    finds_paths: bool = False
    tells_changes: bool = False
    lists_labels: bool = False
    passes_labels_on: bool = False
    forgets: bool = False
    posters: bool = False
    tells_givers: bool = False
    reads_nfos: bool = True
    saves_files: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Which program answers. `id` is of this installation of it, empty where it has none."""

    id: str
    program: str
    version: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """One library, and what the player writes beside the videos in it."""

    id: str
    title: str
    holds: Holds
    folders: tuple[str, ...] = ()
    saves_nfos: bool = False
    saves_pictures: bool = False

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return KINDS_OF[self.holds]


@dataclass(frozen=True, slots=True)
class Item:
    """One item as lists tell it: enough to find it, and no more.

    `paths` are its files, or the folders of a show or season; a season may have none. `guids` are spelt
    `tmdb:12`, `tvdb:34`, `imdb:tt56`. `show` is the id of the show that a season or episode belongs to,
    `season` its number. `labels` is None where lists do not tell them. `changed` is by the player's clock.
    """

    id: str
    kind: Kind
    library: str
    title: str
    paths: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()
    year: int | None = None
    show: str = ""
    season: int | None = None
    episode: int | None = None
    labels: Mapping[Form, tuple[str, ...]] | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """One item as it stands there now. `locked` names forms and fields, in our words.

    `labels` and `fields` have those that the player knows, empty where nothing is in them. `show` and
    `season` say whose season it is, for one without a path. `at` is when this was seen, by our own clock.
    """

    id: str
    kind: Kind
    library: str
    title: str
    paths: tuple[str, ...]
    guids: tuple[str, ...]
    labels: Mapping[Form, tuple[str, ...]]
    fields: Mapping[str, Value]
    locked: frozenset[str] = frozenset()
    show: str = ""
    season: int | None = None
    at: float = field(default_factory=time.monotonic, compare=False, repr=False)

    def is_at(self, paths: Iterable[str]) -> bool:
        """Whether it lies at one of these paths; of what has none by its nature, nothing is known."""
        wanted = {_path(path) for path in paths}
        if not self.paths or not wanted:
            return self.kind in (Kind.SHOW, Kind.SEASON)
        return any(_path(path) in wanted for path in self.paths)

    def is_same(self, other: Present) -> bool:
        """Whether both are one item, at two times."""
        place = (self.kind, self.show, self.season) == (other.kind, other.show, other.season)
        return place and self.is_at(other.paths)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done to one item.

    `seen` is what `look` showed: from it comes what has to stay, and whether the id is still that item's.
    `fields` are the values to be written; an empty one clears.
    """

    seen: Present
    add: Mapping[Form, tuple[str, ...]] = field(default_factory=dict)
    remove: Mapping[Form, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, Value] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.seen.id

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(dict.fromkeys((*self.add, *self.remove)))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that it is about, each once."""
        return tuple(Part(self.id, str(name)) for name in (*self.forms, *self.fields))

    def only(self, names: Collection[str]) -> Edit:
        """The same edit of these parts alone."""

        def kept(values: Mapping[Any, T]) -> dict[Any, T]:
            return {name: value for name, value in values.items() if str(name) in names}

        return Edit(self.seen, kept(self.add), kept(self.remove), kept(self.fields))


@dataclass(frozen=True, slots=True)
class Part:
    """One form of label, or one field, of one item."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch: an outcome for each part of each edit, None where it stands there now.

    An error is an `ApiError`, or `Later` where the rate allows no more calls: the parts that follow then have
    the same. `present` is what the player shows afterwards, as far as it could be read.
    """

    outcomes: Mapping[Part, TaggarrError | None]
    present: Mapping[str, Present] = field(default_factory=dict)

    @property
    def failed(self) -> dict[Part, TaggarrError]:
        return {part: error for part, error in self.outcomes.items() if error is not None}


@dataclass(frozen=True, slots=True)
class Memory:
    """What a player forgets of an item when it reads it anew. JSON, to be kept until it is given back."""

    kind: Kind
    id: str
    path: str
    values: Mapping[str, Any]
    episode: int | None = None
    """Which of those in one file."""
    has_ids: bool = False
    """Whether it had unique ids of others."""
    is_read: bool = False
    """It was read anew, or is just being: the next look tells."""


class PlayerClient(Protocol):
    """One connected player.

    Every method raises `ApiTransientError` where trying later may help, `ApiAuthError` where the key was
    refused, `ApiPermanentError` otherwise, and `Later` where the rate allows no call now. The texts name the
    connection and never hold its key.
    """

    @property
    def abilities(self) -> Abilities: ...

    def ping(self) -> None:
        """Make one cheap call that shows that it can answer what matters."""

    def identity(self) -> Identity: ...

    def libraries(self) -> list[Library]: ...

    def items(
        self, library: Library, kind: Kind, since: datetime | None = None
    ) -> Iterator[tuple[Item, ...]]:
        """Yield all items of one kind, page by page; with `since`, those that changed at that time or later.

        Raises ApiError where a page is missing, comes twice or is not that of this list: then nothing says
        that what did not come is gone.
        """

    def look(self, ids: Sequence[str]) -> dict[str, Present]:
        """Return what stands in up to 100 items, without those that are gone."""

    def find(self, path: str) -> list[Item]:
        """Return the items at a path, which is a file, or the folder of a show."""

    def look_again(self, edit: Edit) -> Present:
        """The item of an edit as it is now. Raises GoneError, or OtherItemError where it is another one."""

    def write(self, edits: Sequence[Edit]) -> Written:
        """Carry out up to 100 edits, and look at what stands there then.

        Labels that an edit does not name stay. What is refused for one item or part fails that one alone.
        Raises ValueError where there is no edit, or two for one item.
        """

    def scan(self, folder: str) -> tuple[str, ...]:
        """Have a folder looked at; return the ids of the libraries that it lies in.

        A folder that is all of a library is none of one: nothing is asked then. Raises ValueError for what
        is no folder.
        """

    def read_anew(self, id: str, waited: timedelta) -> tuple[str, ...]:
        """The items to refresh, each by itself, where NFOs of a title changed so long ago or later: it, and
        parts of it.
        """

    def remember(self, ids: Sequence[str]) -> list[Memory]:
        """What the player forgets of items that it reads anew, to be kept before `read_again`; nothing of
        those that are gone, and of none where it forgets nothing.

        Raises `Later` while it must not be disturbed, as `refresh` and `read_again` do.
        """

    def refresh(self, id: str, *, pictures_only: bool = False) -> None:
        """Have an item, or its pictures alone, read anew."""

    def read_again(self, memories: Sequence[Memory]) -> None:
        """Have items of which this is remembered read anew, wherever they are by now."""

    def give_back(self, memories: Sequence[Memory]) -> list[Memory]:
        """Give items that were read anew what they had; return what is left, of those that were not yet."""

    def give_up(self, memories: Sequence[Memory]) -> int:
        """Wait no longer for items to be read anew; return how many of them are there."""

    def poster(self, id: str, picture: bytes) -> None:
        """Have an item show a picture, and keep it whatever a refresh finds."""

    def poster_of(self, id: str) -> str:
        """The name of the picture that somebody gave an item; empty where the player chose one by itself."""

    def picture(self, id: str, name: str) -> bytes:
        """The bytes of a picture that `poster_of` named."""


_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
LARGEST_QUOTED = 12
"""Bytes that one character takes in an address at the most."""


def fitted(text: str, longest: int, *, lines: bool = False) -> str:
    """A text as it is sent: NFC, without what no program takes, one space for many, cut to `longest`."""
    clean = unicodedata.normalize("NFC", _UNSENDABLE.sub("", text))
    if lines:
        clean = "\n".join(
            line.rstrip() for line in clean.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        )
    else:
        clean = _SPACE.sub(" ", clean)
    return clean.strip()[:longest].rstrip()


def fitted_field(abilities: Abilities, name: str, value: Value) -> Value:
    """A field's value as it is sent to a player of these abilities."""
    longest = abilities.fields[name]
    if isinstance(value, str):
        text = fitted(value, longest, lines=name == SUMMARY)
        return _cut(text, abilities.in_address) if abilities.in_address else text
    return distinct(fitted(text, longest) for text in value)


def _cut(text: str, most: int) -> str:
    """The beginning of a text that takes so many bytes in an address."""
    if len(text) * LARGEST_QUOTED <= most:
        return text
    sizes = accumulate(len(quote(letter, safe="")) for letter in text)
    return text[: sum(size <= most for size in sizes)].rstrip()


def same(label: str) -> str:
    """What two spellings of one label have in common."""
    return unicodedata.normalize("NFC", label).strip().casefold()


def distinct(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels in their order, each once whatever its case, without empty ones."""
    found: dict[str, str] = {}
    for label in labels:
        found.setdefault(same(label), label)
    found.pop("", None)
    return tuple(found.values())


def without(labels: Iterable[str], gone: Iterable[str]) -> tuple[str, ...]:
    folded = {same(label) for label in gone}
    return tuple(label for label in labels if same(label) not in folded)


def spelt(labels: Iterable[str], longest: int) -> tuple[str, ...]:
    """Labels as they are sent, each once; those of which nothing can be sent are left out."""
    return distinct(fitted(label, longest) for label in labels)


def labels_after(there: Iterable[str], edit: Edit, form: Form, longest: int) -> tuple[str, ...]:
    """All labels of a form that an item has to carry after an edit: those of others, and ours."""
    gone = edit.remove.get(form, ())
    kept = without(there, [*gone, *spelt(gone, longest)])
    return distinct([*kept, *spelt(edit.add.get(form, ()), longest)])


def _path(path: str) -> str:
    return unicodedata.normalize("NFC", path).rstrip("/\\")
