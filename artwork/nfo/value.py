"""What an NFO tells, as one value, and the form in which its parts are compared and written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from library.nfo import DUB_GENRE, fold
from providers.contract import Actor

LONGEST, LONGEST_TEXT, MOST = 500, 20_000, 500
"""Characters of a line and of a plot, and entries of a list, that are told."""

LARGEST_ID = 2**31 - 1
BEST = 10.0
MOST_MINUTES = 10_000
_YEARS = 1000, 9999

_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile("[ \t\n\x85\u2028\u2029]+")
_IMDB = re.compile(r"tt\d{5,10}", re.ASCII)
_NUMBERS = ("tmdb", "tvdb")
_ALIASES = {"themoviedb": "tmdb", "moviedb": "tmdb", "thetvdb": "tvdb"}


class Root(StrEnum):
    """The root element: what an NFO is of."""

    MOVIE = "movie"
    SERIES = "tvshow"
    SEASON = "season"
    EPISODE = "episodedetails"


@dataclass(frozen=True, slots=True)
class Rating:
    """An average from 0 to 10 by one who rates; `name` is empty where nobody says who."""

    name: str
    value: float
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Nfo:
    """What an NFO tells; empty where it tells nothing.

    `root` is None where it holds an address alone, which names the ids. `ids` are by whose they are: tmdb,
    tvdb, imdb and others. `premiered` is the day on which an episode was aired. `runtime` is in minutes.
    `tags` and `art` (addresses by type) are read and never written.
    """

    root: Root | None
    ids: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    original_title: str = ""
    sort_title: str = ""
    original_language: str = ""
    year: int | None = None
    premiered: date | None = None
    plot: str = ""
    outline: str = ""
    tagline: str = ""
    runtime: int | None = None
    certification: str = ""
    status: str = ""
    trailer: str = ""
    season: int | None = None
    episode: int | None = None
    display_season: int | None = None
    display_episode: int | None = None
    ratings: tuple[Rating, ...] = ()
    genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    studios: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    collection: str = ""
    collection_plot: str = ""
    cast: tuple[Actor, ...] = ()
    season_names: Mapping[int, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    art: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def clean(nfo: Nfo) -> Nfo:
    """Return what is left of a value once it was written and read: without what no NFO can hold."""
    year = None if nfo.root in (Root.EPISODE, Root.SEASON) else within(nfo.year, *_YEARS)
    year = year or (within(nfo.premiered.year, *_YEARS) if nfo.premiered else None)
    return replace(
        nfo,
        ids=clean_ids(nfo.ids.items()),
        title=line(nfo.title),
        original_title=line(nfo.original_title),
        sort_title=line(nfo.sort_title),
        original_language=line(nfo.original_language),
        year=year,
        plot=paragraphs(nfo.plot),
        outline=paragraphs(nfo.outline),
        tagline=line(nfo.tagline),
        runtime=within(nfo.runtime, 1, MOST_MINUTES),
        certification=line(nfo.certification),
        status=line(nfo.status),
        trailer=line(nfo.trailer),
        season=number(nfo.season),
        episode=number(nfo.episode),
        display_season=number(nfo.display_season),
        display_episode=number(nfo.display_episode),
        ratings=clean_ratings(nfo.ratings),
        genres=tuple(genre for genre in lines(nfo.genres) if not is_label(genre)),
        countries=lines(nfo.countries),
        studios=lines(nfo.studios),
        directors=lines(nfo.directors),
        credits=lines(nfo.credits),
        collection=line(nfo.collection),
        collection_plot=paragraphs(nfo.collection_plot) if line(nfo.collection) else "",
        cast=clean_cast(nfo.cast),
        season_names=_clean_seasons(nfo.season_names),
        tags=lines(nfo.tags),
    )


def is_label(genre: str) -> bool:
    """Whether a genre is the label that says which languages a title holds: who wrote that takes it off."""
    return fold(genre) == fold(DUB_GENRE)


def line(text: str) -> str:
    """Text on one line, without what no XML and no database takes."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()[:LONGEST].strip()
    return _BLANKS.sub(" ", _ILLEGAL.sub("", text.replace("\r", "\n"))).strip()[:LONGEST].strip()


def paragraphs(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return _ILLEGAL.sub("", text).strip()[:LONGEST_TEXT].strip()


def lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in order; ` / ` parts those that older programs wrote together."""
    parts = (line(part) for text in texts for part in line(text).split(" / "))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST]


def within(value: int | None, least: int, most: int) -> int | None:
    return value if value is not None and least <= value <= most else None


def number(value: int | None) -> int | None:
    """The number of a season or episode."""
    return within(value, 0, LARGEST_ID)


def whose(name: str) -> str:
    """Who gave an id or rates, however that is spelt."""
    name = line(name).lower()
    return _ALIASES.get(name, name)


def clean_ids(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first id of each who gives some, without those that can be none."""
    found: dict[str, str] = {}
    for name, given in told:
        who = whose(name)
        if id := _clean_id(who, line(given)):
            found.setdefault(who, id)
    return found


def _clean_id(who: str, id: str) -> str:
    if who == "imdb":
        return id if _IMDB.fullmatch(id) else ""
    if who in _NUMBERS:
        found = int(id) if id.isascii() and id.isdigit() and len(id) < 12 else 0
        return str(found) if 0 < found <= LARGEST_ID else ""
    return id if re.fullmatch(r"[a-z0-9_.-]{1,30}", who) and len(id) <= 100 else ""


def clean_ratings(ratings: Iterable[Rating]) -> tuple[Rating, ...]:
    """One rating by each who rates."""
    found: dict[str, Rating] = {}
    for one in ratings:
        name = whose(one.name)
        value = round(one.value, 3)
        if 0 < value <= BEST and name not in found:
            found[name] = Rating(name, value, within(one.votes, 0, LARGEST_ID) or 0)
    return tuple(found.values())[:MOST]


def clean_cast(cast: Iterable[Actor]) -> tuple[Actor, ...]:
    """In the order in which they are billed, numbered anew."""
    named = [one for one in cast if line(one.name)]
    ordered = sorted(named, key=lambda one: one.order)[:MOST]
    return tuple(
        Actor(line(one.name), line(one.role), order, line(one.thumbnail)) for order, one in enumerate(ordered)
    )


def _clean_seasons(names: Mapping[int, str]) -> dict[int, str]:
    return {season: line(name) for season, name in names.items() if line(name) and number(season) is not None}
