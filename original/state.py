"""What the original remembered: its `taggarr.json`, one beside each library. No Django."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.portable import nearest

KINDS = {"series": "sonarr", "movies": "radarr"}
NONE = "none"
"""What stands for no tag."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One series or movie as the original left it: the tag it gave, empty where none, and what it had seen.

    `seasons` is the number of season folders, None for a movie; `unexpected` are the codes that it took for
    neither wanted nor original, of a series; `languages` all codes that it found, of a movie.
    """

    kind: str
    path: str
    tag: str
    original_language: str = ""
    unexpected: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    seasons: int | None = None

    @property
    def folder(self) -> str:
        """The name of its folder: by this alone the original found a title in Sonarr or Radarr."""
        return self.path.rstrip("/").rsplit("/", 1)[-1]

    @property
    def root(self) -> str:
        return self.path.rstrip("/").rpartition("/")[0] or "/"


@dataclass(slots=True)
class State:
    """The entries of one `taggarr.json`, and what could not be read of it (`problems`: told, not fatal)."""

    name: str
    entries: list[Remembered] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(entry.tag or NONE for entry in self.entries).items()))


def read_state(text: str, name: str) -> State:
    """Return what a `taggarr.json` holds. A damaged one, or a damaged entry, is a problem and no error."""
    state = State(name)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        state.problems.append(f"{name} is damaged or cut off at line {line}: nothing of it is known.")
        return state
    if not isinstance(document, dict):
        state.problems.append(f"{name} is no state of the original: it holds no series and no movies.")
        return state
    for key, value in document.items():
        if key in KINDS and isinstance(value, dict):
            _read_entries(KINDS[key], value, state)
        elif key in KINDS:
            state.problems.append(f"{name}: {key} is no mapping, and was left out.")
        elif key != "version":
            hint = nearest(str(key), ("version", *KINDS))
            state.problems.append(f"{name}: {key} is unknown, and was left out ({hint.rstrip('?.')}).")
    return state


def matching(states: Iterable[State], kind: str, roots: Iterable[str]) -> list[Remembered]:
    inside = set(roots)
    return [
        entry for state in states for entry in state.entries if entry.kind == kind and entry.root in inside
    ]


def _read_entries(kind: str, entries: Mapping[str, Any], state: State) -> None:
    broken = 0
    for path, entry in entries.items():
        if isinstance(entry, dict) and isinstance(entry.get("tag", NONE), str):
            state.entries.append(_remembered(kind, str(path), entry))
        else:
            broken += 1
    if broken:
        what = "1 entry is" if broken == 1 else f"{broken} entries are"
        state.problems.append(f"{state.name}: {what} damaged, and left out.")


def _remembered(kind: str, path: str, entry: Mapping[str, Any]) -> Remembered:
    seasons = entry.get("seasons")
    seasons = seasons if isinstance(seasons, dict) else {}
    found = [one for one in seasons.values() if isinstance(one, dict)]
    unexpected = [code for one in found for code in _texts(one.get("unexpected_languages"))]
    tag = str(entry.get("tag") or "")
    return Remembered(
        kind=kind,
        path=path,
        tag="" if tag.lower() == NONE else tag,
        original_language=str(entry.get("original_language") or ""),
        unexpected=tuple(dict.fromkeys(unexpected)),
        languages=tuple(_texts(entry.get("languages"))),
        seasons=len(found) if kind == "sonarr" else None,
    )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
