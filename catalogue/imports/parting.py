"""Into which libraries rows go: into that of the import, and of our own archive each into its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from catalogue import scope
from catalogue.models import Import, Library
from catalogue.values import Entry

Row = TypeVar("Row")


def library_of(of: Import, entry: Entry) -> Library | None:
    """The library that an entry goes into; None where that is for its members alone, and not here.

    Another one that is not here, or not seen by whoever imports, is that of the import instead.
    """
    if entry.kept is None or not entry.kept.library or of.made_by is None:
        return of.library
    found = scope.libraries(of.made_by).filter(name__iexact=entry.kept.library).first()
    return found or (None if entry.kept.is_closed else of.library)


def parted(
    of: Import, rows: Iterable[Row], entry_of: Callable[[Row], Entry]
) -> dict[Library | None, list[Row]]:
    """Rows by the libraries that they go into."""
    known: dict[tuple[str, bool], Library | None] = {}
    told: dict[Library | None, list[Row]] = defaultdict(list)
    for row in rows:
        entry = entry_of(row)
        key = (entry.kept.library, entry.kept.is_closed) if entry.kept else ("", False)
        if key not in known:
            known[key] = library_of(of, entry)
        told[known[key]].append(row)
    return told
