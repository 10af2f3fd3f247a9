"""Which items of a player a title is, and how sure that is.

An index finds candidates by keys (`keys_of`, `sought`); the rules grade them. At the default strictness only
what lies at the title's own path, or has an id that no other item of its library has, is written to.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from players.clients.contract import Kind, same
from players.rules.paths import Mapping, in_player, key


class Grade(IntEnum):
    """How sure it is that an item is a title."""

    PATH = 100
    FOLDER = 95
    ID_AND_FOLDER = 90
    ID = 80
    TAIL = 60
    NAME = 40
    TITLE = 20


STRICT = Grade.ID


class State(StrEnum):
    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class Title:
    """A movie, show or clip of a source: its folder and files as the source names them.

    `guids` are spelt as players' are: `tmdb:12`, `tvdb:34`, `imdb:tt56`.
    """

    kind: Kind
    title: str
    year: int | None = None
    folder: str = ""
    files: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item of a player's index."""

    id: str
    kind: Kind
    library: str
    title: str
    year: int | None = None
    paths: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    item: Candidate
    grade: Grade


@dataclass(frozen=True, slots=True)
class Match:
    """`ids` are the items to be written; `graded` all candidates, the best first."""

    state: State
    ids: tuple[str, ...] = ()
    grade: Grade | None = None
    graded: tuple[Graded, ...] = ()


@dataclass(frozen=True, slots=True)
class _Places:
    """A title's paths as the player may name them, and what they have in common with weaker candidates."""

    spelt: frozenset[str]
    files: frozenset[tuple[str, ...]]
    folders: frozenset[tuple[str, ...]]
    tails: frozenset[tuple[str, ...]] = field(default=frozenset())
    names: frozenset[tuple[str, ...]] = field(default=frozenset())


def match(
    title: Title, items: Iterable[Candidate], mappings: Sequence[Mapping], strictness: int = STRICT
) -> Match:
    """Find the items that a title is. Items with one and the same file are all of them it.

    Where several would do, or none is sure enough, none is written: a person chooses among `graded`.
    """
    places = _places(title, mappings)
    there = [item for item in items if item.kind == title.kind]
    sharing: Counter[tuple[str, object]] = Counter(
        (item.library, shared) for item in there for shared in {*item.guids, *_folders(item)}
    )
    grades = ((item, _grade(title, places, item, sharing)) for item in there)
    graded = sorted(
        (Graded(item, grade) for item, grade in grades if grade is not None),
        key=lambda one: (-one.grade, one.item.library, one.item.id),
    )
    if not graded:
        return Match(State.NOT_THERE)
    best = graded[0].grade
    top = [one.item for one in graded if one.grade is best]
    # Where names differ in nothing but their form of Unicode, the one spelt alike is meant.
    top = [item for item in top if places.spelt.intersection(item.paths)] or top
    alone = len(top) == 1 or best is Grade.PATH
    # A show in two libraries of one folder is in both; one that a player holds twice in a library is split.
    alone = alone or (best is Grade.FOLDER and len({item.library for item in top}) == len(top))
    if alone and best >= strictness:
        return Match(State.FOUND, tuple(item.id for item in top), best, tuple(graded))
    return Match(State.AMBIGUOUS, (), best, tuple(graded))


def keys_of(
    kind: Kind, paths: Iterable[str], guids: Iterable[str], title: str, year: int | None
) -> list[str]:
    """By what an item stands in the index."""
    found = [*guids, _hashed("title", same(title), str(year))]
    for path in paths:
        parts = key(path)
        found += [_hashed("path", *parts), _hashed("tail", *_tail(parts)), _hashed("name", *_name(parts))]
        if kind is Kind.MOVIE:
            found.append(_hashed("folder", *parts[:-1]))
    return list(dict.fromkeys(found))


def sought(title: Title, mappings: Sequence[Mapping], *, weak: bool = False) -> list[str]:
    """The keys under which the index has what a title may be; `weak` ones find what is below `STRICT`."""
    places = _places(title, mappings)
    if weak:
        found = [_hashed("tail", *parts) for parts in places.tails]
        found += [_hashed("name", *parts) for parts in places.names]
        return [*found, _hashed("title", same(title.title), str(title.year))]
    own = "path" if title.kind is Kind.SHOW else "folder"
    found = [_hashed("path", *parts) for parts in places.files]
    return [*title.guids, *found, *(_hashed(own, *parts) for parts in places.folders)]


def places_of(title: Title, mappings: Sequence[Mapping]) -> list[str]:
    """Where a title may lie in the player: what `explain_match` shows."""
    paths = title.files if title.files and title.kind is not Kind.SHOW else (title.folder,)
    return [place for path in paths if path for place in in_player(path, mappings)]


def tail_pairs(title: Title, found: Match) -> list[tuple[str, str]]:
    """The title's path with that of the one item that ends alike: what speaks for a mapping."""
    alike = [one.item for one in found.graded if Grade.TAIL <= one.grade < Grade.FOLDER]
    if len(alike) != 1 or (found.grade or 0) >= Grade.FOLDER:
        return []
    ours = (title.folder,) if title.kind is Kind.SHOW else title.files
    pairs = ((path, other) for path in ours for other in alike[0].paths)
    return [pair for pair in pairs if _tail(key(pair[0])) == _tail(key(pair[1]))][:1]


def _grade(
    title: Title, places: _Places, item: Candidate, sharing: Counter[tuple[str, object]]
) -> Grade | None:
    paths = [key(path) for path in item.paths]
    if places.files.intersection(paths):
        return Grade.PATH
    folders = _folders(item)
    # A folder that holds several movies is the folder of none.
    if any(item.kind is Kind.SHOW or sharing[item.library, one] == 1 for one in places.folders & folders):
        return Grade.FOLDER
    shared = set(title.guids) & set(item.guids)
    if any(sharing[item.library, guid] == 1 for guid in shared) and not _contradicts(title, item):
        alike = {_name(path) for path in places.folders} & {_name(path) for path in folders}
        return Grade.ID_AND_FOLDER if alike else Grade.ID
    return _weak_grade(title, places, item, paths)


def _weak_grade(
    title: Title, places: _Places, item: Candidate, paths: Iterable[tuple[str, ...]]
) -> Grade | None:
    if places.tails.intersection(_tail(path) for path in paths):
        return Grade.TAIL
    if places.names.intersection(_name(path) for path in paths):
        return Grade.NAME
    alike = same(title.title) == same(item.title) and title.year == item.year
    return Grade.TITLE if alike else None


def _contradicts(title: Title, item: Candidate) -> bool:
    """Whether another id says that it is another title: then one of both is wrong."""
    ours, theirs = (
        {who: number for who, _, number in (guid.partition(":") for guid in guids)}
        for guids in (title.guids, item.guids)
    )
    return any(theirs.get(who, number) != number for who, number in ours.items())


def _folders(item: Candidate) -> frozenset[tuple[str, ...]]:
    """The folders of a show, or of a movie's files."""
    paths = [key(path) for path in item.paths]
    return frozenset(paths if item.kind is Kind.SHOW else (path[:-1] for path in paths))


def _places(title: Title, mappings: Sequence[Mapping]) -> _Places:
    is_show = title.kind is Kind.SHOW
    files = [place for path in title.files if not is_show for place in in_player(path, mappings)]
    folders = list(in_player(title.folder, mappings)) if title.folder else []
    weak = [key(path) for path in (folders if is_show else files)]
    return _Places(
        spelt=frozenset([*files, *folders]),
        files=frozenset(key(path) for path in files),
        folders=frozenset(key(path) for path in folders),
        tails=frozenset(_tail(parts) for parts in weak if len(parts) > 2),
        names=frozenset(_name(parts) for parts in weak),
    )


def _tail(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts[-2:])


def _name(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts[-1:])


def _hashed(kind: str, *parts: str) -> str:
    """A key of one length, whatever the names: an index takes no more than 2,700 bytes."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return f"{kind}:{hashlib.blake2b(text, digest_size=12).hexdigest()}"
