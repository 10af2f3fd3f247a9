"""What rows of a file would become, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.entries import known_as
from catalogue.fitting import fitting
from catalogue.formats.contract import Row
from catalogue.matching import State, decide, described
from catalogue.models import Import, Work
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
    read = [(row, known_as(row) if isinstance(row, Entry) else "") for row in rows]
    links = links_of(of.library, of.made_by, format, (name for _, name in read if name))
    entries = [fitting(row) for row, _ in read if isinstance(row, Entry)]
    shelf = Shelf(of.library, of.made_by, entries, {link.work_id for link in links.values()})
    seen: Counter[str] = Counter()
    told = []
    for row, name in read:
        if not isinstance(row, Entry):
            told.append(Foreseen(row))
            continue
        seen[name] += 1
        if link := links.get((name, seen[name])) or links.get((name, 1)):
            held = shelf.held.get(link.work_id)
            told.append(Foreseen(row, State.LINK, held.work if held else None))
            continue
        found = decide(described(row, format), shelf.candidates(row))
        best = shelf.held[int(found.ranked[0].id)].work if found.ranked else None
        told.append(Foreseen(row, found.state, best))
    return told
