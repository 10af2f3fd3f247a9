"""What a feature brings to the library."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connections.models import Connection
from core.features import Brings, Text, brought, contribution


@dataclass(frozen=True, slots=True)
class Heard:
    """What an app told by webhook: the event as it names it, and its id of the series or movie, if any.

    It is a hint only: the truth is fetched from the app, by a job.
    """

    connection: Connection
    event: str
    arr_id: int | None


@contribution
@dataclass(frozen=True)
class Receivers(Brings):
    """Who hears of webhooks. A receiver calls nobody: the app waits for the answer meanwhile."""

    MODULE = "receivers"

    webhooks: tuple[Callable[[Heard], object], ...] = ()


@dataclass(frozen=True, slots=True)
class TitleLabels:
    """The labels that a title should carry, and each of its seasons by number.

    None where that is not known, or nothing may be written: then nothing is to change.
    """

    title: tuple[str, ...] | None = None
    seasons: Mapping[int, tuple[str, ...] | None] = field(default_factory=dict)


@contribution
@dataclass(frozen=True)
class Labelling(Brings):
    """Who says which labels titles should carry; `of` is asked for many at once, by their ids."""

    MODULE = "title_labels"

    of: Callable[[Collection[int]], Mapping[int, TitleLabels]]


class Writes(StrEnum):
    """What a program writes beside videos."""

    NFOS = "nfos"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Writer:
    """A part of another program that writes beside videos, by the name that it has there.

    What it writes is empty where the program does not tell.
    """

    name: str
    writes: frozenset[Writes] = frozenset()


@contribution
@dataclass(frozen=True)
class Writers(Brings):
    """Who else writes beside the titles of a connection: programs, and what of each does so.

    None for one that does not answer. `of` asks them: call it outside transactions.
    """

    MODULE = "writers"

    of: Callable[[Connection], Iterable[tuple[Connection, Sequence[Writer] | None]]]


def writers_of(connection: Connection) -> Iterator[tuple[Connection, Sequence[Writer] | None]]:
    """What all apps know of who else writes beside the titles of a connection."""
    for _app, writers in brought(Writers):
        yield from writers.of(connection)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something short about a title: what it is called, and what it is."""

    name: Text
    says: Text


@contribution
@dataclass(frozen=True)
class Facts(Brings):
    """What an app knows of titles in a few words, for the pages of others; `of` is asked for many at once."""

    MODULE = "title_facts"

    of: Callable[[Collection[int]], Mapping[int, Sequence[Fact]]]


def facts_of(media_ids: Collection[int]) -> dict[int, list[Fact]]:
    """What all apps know of titles; those that nobody knows anything of are left out."""
    found: dict[int, list[Fact]] = {}
    if media_ids:
        for _app, facts in brought(Facts):
            for media_id, told in facts.of(media_ids).items():
                found.setdefault(media_id, []).extend(told)
    return found


def labels_of(media_ids: Collection[int]) -> dict[int, TitleLabels]:
    """What all features together want titles to carry; those of which none says anything are left out."""
    found: dict[int, TitleLabels] = {}
    for _app, labelling in brought(Labelling):
        for media_id, labels in labelling.of(media_ids).items():
            known = found.get(media_id, TitleLabels())
            numbers = {*known.seasons, *labels.seasons}
            found[media_id] = TitleLabels(
                _both(known.title, labels.title),
                {number: _both(known.seasons.get(number), labels.seasons.get(number)) for number in numbers},
            )
    return found


def _both(some: tuple[str, ...] | None, more: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if some is None or more is None:
        return more if some is None else some
    return tuple(dict.fromkeys((*some, *more)))
