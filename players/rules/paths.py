"""Where a path of a source lies in a player, by what keys both are found, and which mapping would fit.

A player, a source and we may each name one folder differently. Case counts but on Windows; NFC and NFD never.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from library.paths import components, without_case

EVIDENCE = 20
"""So many titles must be found by their last two names, and by no path, before a mapping is proposed."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A folder as a source names it, and as a player does."""

    source: str
    player: str


def pure(path: str) -> PurePath:
    """A path as its source writes it, on Windows or elsewhere."""
    return PureWindowsPath(path) if "\\" in path else PurePosixPath(path)


def key(path: str) -> tuple[str, ...]:
    """What all spellings of one path have in common: its components."""
    return tuple(_same(without_case(components(path))))


def in_player(path: str, mappings: Iterable[Mapping]) -> tuple[str, ...]:
    """Where a path of a source may lie in a player; as it is, where nothing maps it.

    The longest folder that holds it decides. One that is mapped twice, for two sources name their own so,
    may lie in either place.
    """
    parts = components(path)
    wanted = tuple(_same(without_case(parts)))
    found: list[tuple[int, str]] = []
    for mapping in mappings:
        prefix = key(mapping.source)
        if wanted[: len(prefix)] == prefix:
            found.append((len(prefix), mapping.player))
    longest = max((length for length, _ in found), default=0)
    places = dict.fromkeys(_joined(player, parts[longest:]) for length, player in found if length == longest)
    return tuple(places) or (path,)


def mapping_between(source: str, player: str) -> Mapping | None:
    """The shortest mapping under which both are one path; None where they end differently, or are equal."""
    ours, theirs = components(source), components(player)
    names = [part.casefold() for part in ours] if theirs[0] else ours
    pairs = zip(reversed(_same(names)), reversed(_same(without_case(theirs))), strict=False)
    equal = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    # The first component says what kind of path it is, and is no folder.
    equal = min(equal, len(ours) - 1, len(theirs) - 1)
    if not equal or key(source) == key(player):
        return None
    return Mapping(_joined_parts(ours[: len(ours) - equal]), _joined_parts(theirs[: len(theirs) - equal]))


def proposed(pairs: Iterable[tuple[str, str]], known: Iterable[Mapping] = ()) -> dict[Mapping, int]:
    """The mappings that enough titles speak for, the best first, each with how many do.

    `pairs` are paths of a source with those of the player that end alike, each of one title.
    """
    there = {(key(one.source), key(one.player)) for one in known}
    found = Counter(
        mapping for source, player in pairs if (mapping := mapping_between(source, player)) is not None
    )
    return {
        mapping: titles
        for mapping, titles in found.most_common()
        if titles >= EVIDENCE and (key(mapping.source), key(mapping.player)) not in there
    }


def _same(parts: Sequence[str]) -> list[str]:
    return [unicodedata.normalize("NFC", part) for part in parts]


def _joined(folder: str, rest: Sequence[str]) -> str:
    """A folder and what lies below it, in the folder's own way of writing paths."""
    slash = "\\" if components(folder)[0] and "\\" in folder else "/"
    return slash.join([folder.rstrip("/\\"), *rest]) or "/"


def _joined_parts(parts: Sequence[str]) -> str:
    if not parts[0]:
        is_address = len(parts) > 1 and parts[1].endswith(":")
        return "//".join([parts[1], "/".join(parts[2:])]) if is_address else "/".join(parts) or "/"
    return parts[0] + "\\".join(parts[1:]) if parts[0] == "\\\\" else "\\".join(parts)
