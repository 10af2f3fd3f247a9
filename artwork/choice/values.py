"""Which value each field of a title has, of those that several sources tell; each remembers its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artwork.choice.locking import Locks
from artwork.nfo.value import Rating
from providers.contract import Episode, Kind, Season, Title

PERSON = "person"
"""The source of what somebody entered: no other overwrites it."""

_DIRECTOR, _WRITERS = "director", frozenset({"writer", "screenplay", "story", "teleplay"})


@dataclass(frozen=True, slots=True)
class Told:
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Order:
    """Which source is asked first: for all fields, and for those that have an order of their own."""

    usual: Sequence[str]
    of_field: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def place(self, name: str, source: str) -> int:
        """The place of a source; one that is not named comes after all others."""
        order = self.of_field.get(name, self.usual)
        return order.index(source) if source in order else len(order)


def merged(
    current: Mapping[str, Told], offers: Mapping[str, Mapping[str, Any]], order: Order, locks: Locks
) -> dict[str, Told]:
    """Return what is told of a title, given what was and what each source offers now.

    What is locked or was entered by a person stays; what is empty overwrites nothing, and a source nothing
    that a better one told, whether or not that one answers today.
    """
    found = dict(current)
    names = {name for offered in offers.values() for name in offered}
    for name in sorted(names):
        now = current.get(name)
        sources = [source for source, offered in offers.items() if not is_empty(offered.get(name))]
        if not sources or locks.of_field(name) or (now and now.source == PERSON):
            continue
        best = min(sources, key=lambda source: (order.place(name, source), source))
        told = Told(offers[best][name], best)
        if now is None or is_empty(now.value) or order.place(name, best) <= order.place(name, now.source):
            found[name] = told
    return found


def is_empty(value: Any) -> bool:
    """Whether a value tells nothing; a number always tells something."""
    return value is None or (isinstance(value, (str, tuple, list, dict, set, frozenset)) and not value)


def offered_by(title: Title, languages: Sequence[str], country: str) -> dict[str, Any]:
    """What a provider tells of a title, by the fields of an `Nfo` but its ids, which all hold together.

    Its texts are in the first of the languages that it has.
    """
    directors = [one.name for one in title.crew if one.job.casefold() == _DIRECTOR]
    writers = [one.name for one in title.crew if one.job.casefold() in _WRITERS]
    found: dict[str, Any] = {
        "title": _text(title.titles, languages) or title.title,
        "original_title": title.original_title,
        "original_language": title.original_language,
        "year": title.premiered.year if title.premiered else None,
        "premiered": title.premiered,
        "plot": _text(title.plots, languages),
        "tagline": _text(title.taglines, languages),
        "runtime": title.runtime,
        "certification": title.certifications.get(country, ""),
        "ratings": tuple(Rating(one.source.value, one.value, one.votes) for one in title.ratings),
        "genres": title.genres,
        "countries": title.countries,
        "studios": title.studios,
        "directors": tuple(dict.fromkeys(directors)),
        "credits": tuple(dict.fromkeys(writers)),
        "collection": title.collection,
        "cast": title.cast,
        "season_names": {one.number: one.title for one in title.seasons if one.title},
    }
    if title.kind is Kind.SERIES:
        found["status"] = "Continuing" if title.is_ongoing else "Ended"
    return {name: value for name, value in found.items() if not is_empty(value)}


def offered_of_season(season: Season) -> dict[str, Any]:
    found = {"title": season.title, "plot": season.plot, "premiered": season.aired}
    return {name: value for name, value in found.items() if not is_empty(value)}


def offered_of_episode(episode: Episode) -> dict[str, Any]:
    rating = episode.rating
    found = {
        "title": episode.title,
        "plot": episode.plot,
        "premiered": episode.aired,
        "runtime": episode.runtime,
        "ids": {source.value: id for source, id in episode.ids.items()},
        "ratings": (Rating(rating.source.value, rating.value, rating.votes),) if rating else (),
    }
    return {name: value for name, value in found.items() if not is_empty(value)}


def _text(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    return next((texts[language] for language in languages if texts.get(language)), "")
