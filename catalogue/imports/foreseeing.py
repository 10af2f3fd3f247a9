"""What rows of a file would become, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalogue.entries import known_as
from catalogue.fitting import fitting
from catalogue.formats.contract import Row
from catalogue.imports.parting import parted
from catalogue.matching import State, decide, described
from catalogue.models import Import, Library, Work
from catalogue.shelf import Shelf, links_of
from catalogue.values import Entry


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A row, and what it would be: new, or in doubt, or of the `work` that is here already."""

    row: Row
    state: State = State.NEW
    work: Work | None = None


def foreseen(of: Import, format: str, rows: Iterable[Row]) -> list[Foreseen]:
    """Say of some rows of a file in this format what they would become now."""
    told = [Foreseen(row) for row in rows]
    read = [(place, one.row) for place, one in enumerate(told) if isinstance(one.row, Entry)]
    for library, some in parted(of, read, lambda one: one[1]).items():
        if library:
            seen = _foreseen(of, library, format, [row for _, row in some])
            for (place, _), one in zip(some, seen, strict=True):
                told[place] = one
    return told


def _foreseen(of: Import, library: Library, format: str, rows: list[Entry]) -> Iterator[Foreseen]:
    names = [known_as(row) for row in rows]
    links = links_of(library, of.made_by, format, names)
    shelf = Shelf(library, of.made_by, map(fitting, rows), {link.work_id for link in links.values()})
    seen: Counter[str] = Counter()
    for row, name in zip(rows, names, strict=True):
        seen[name] += 1
        if link := links.get((name, seen[name])) or links.get((name, 1)):
            held = shelf.held.get(link.work_id)
            yield Foreseen(row, State.LINK, held.work if held else None)
            continue
        found = decide(described(row, format), shelf.candidates(row))
        best = shelf.held[int(found.ranked[0].id)].work if found.ranked else None
        yield Foreseen(row, found.state, best)
