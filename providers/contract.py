"""One shape for what any provider knows of a title: values without Django, and what can be asked for.

Languages are those of ISO 639-1 where there is one, countries those of ISO 3166-1 alpha-2. What describes a
title may lack; whose it is may not: a provider answers of the id that was asked, or raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol


class Kind(StrEnum):
    MOVIE = "movie"
    SERIES = "series"


class Source(StrEnum):
    """Whose id it is."""

    TMDB = "tmdb"
    TVDB = "tvdb"
    IMDB = "imdb"


Ids = Mapping[Source, str]


class Type(StrEnum):
    """What a picture is for. That of a season has its number beside it."""

    POSTER = "poster"
    FANART = "fanart"
    BANNER = "banner"
    LANDSCAPE = "landscape"
    CLEARLOGO = "clearlogo"
    CLEARART = "clearart"
    DISCART = "discart"
    CHARACTERART = "characterart"
    STILL = "still"


ALL_SEASONS = -1
UNKNOWN = ""
"""The language of a picture of which the provider does not say whether it holds text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`address` is at the provider's own picture host. `language` is None for one without text.

    Width and height are 0 where the provider does not tell them. `vote` is an average from 0 to 10 of
    `votes`, `likes` are a count; None where the provider has no such thing. `season` and `episode` are whose
    it is where it is not the title's own; `ALL_SEASONS` stands for one of all of them.
    """

    type: Type
    address: str
    thumbnail: str
    language: str | None
    width: int = 0
    height: int = 0
    vote: float | None = None
    votes: int | None = None
    likes: int | None = None
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """An average from 0 to 10; `votes` is 0 where nobody tells how many there are."""

    source: Source
    value: float
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    role: str = ""
    order: int = 0
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Crew:
    name: str
    job: str


@dataclass(frozen=True, slots=True)
class Season:
    number: int
    title: str = ""
    plot: str = ""
    aired: date | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """`runtime` is in minutes."""

    season: int
    number: int
    title: str = ""
    plot: str = ""
    aired: date | None = None
    runtime: int | None = None
    ids: Ids = field(default_factory=dict)
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """A movie or series. `titles`, `plots` and `taglines` are by language, `certifications` by country.

    `premiered` and `ended` are its first and last day, `runtime` is in minutes; `is_ongoing` is one of which
    more is to come. What nobody tells is empty.
    """

    kind: Kind
    ids: Ids
    title: str
    original_title: str = ""
    original_language: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    plots: Mapping[str, str] = field(default_factory=dict)
    taglines: Mapping[str, str] = field(default_factory=dict)
    premiered: date | None = None
    ended: date | None = None
    is_ongoing: bool = False
    runtime: int | None = None
    ratings: tuple[Rating, ...] = ()
    genres: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    certifications: Mapping[str, str] = field(default_factory=dict)
    collection: str = ""
    cast: tuple[Actor, ...] = ()
    crew: tuple[Crew, ...] = ()
    seasons: tuple[Season, ...] = ()
    episodes: tuple[Episode, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One title that a search found."""

    kind: Kind
    id: str
    title: str
    original_title: str = ""
    year: int | None = None
    plot: str = ""
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids of all titles that changed between two moments; nothing is said of what came later."""

    since: datetime
    until: datetime
    ids: Mapping[Kind, frozenset[str]]


class Provider(Protocol):
    """One provider. `keys` says whose ids it takes for which kind of title.

    Every method raises `ApiError` (`MissingError` where there is no such title), and `Later` where no call
    may be made now; the texts name the connection and hold no key. A method that the provider does not have
    answers with nothing, or raises `ApiPermanentError` where nothing would be a wrong answer.
    """

    keys: ClassVar[Mapping[Kind, Source]]

    def lookup(self, title: str, year: int | None, kind: Kind, ids: Ids | None = None) -> tuple[Found, ...]:
        """What may be this title, the best first: by an id of its own or of others, else by its name.

        An id that leads nowhere is passed over.
        """

    def details(self, kind: Kind, id: str, languages: Sequence[str]) -> Title:
        """All that is known of a title, its texts in these languages where there are some."""

    def pictures(self, kind: Kind, id: str, languages: Sequence[str]) -> tuple[Picture, ...]:
        """The pictures of a title: those in these languages, and those without text."""

    def changes(self, since: datetime) -> Changes:
        """Which titles changed; `since` is what the answer says, where the provider looks back less far."""

    def test(self) -> str:
        """Make one call that needs the key, and return the version of the API."""
