"""Programs that write pictures and NFO files themselves: what stands there then depends on who wrote last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from artwork.models import ArtSettings, NfoMode
from connections.models import Connection
from core.words import Phrase
from library.contract import Writer, Writes, writers_of
from library.writers import ASKED


@dataclass(frozen=True, slots=True)
class SecondWriter:
    """A program that writes the same files, and what to do about it."""

    connection: Connection
    what: Phrase
    remedy: str


def look(connection: Connection) -> None:
    """Note who else writes beside the titles of a connection; of one that is away what is known stays."""
    known = ArtSettings.of(connection).writers
    found: list[dict[str, Any]] = []
    for program, writers in writers_of(connection):
        if writers is None:
            found += [one for one in known if one["connection"] == program.pk]
        else:
            found += [_kept(program, one) for one in writers]
    if found != known:
        ArtSettings.objects.update_or_create(connection=connection, defaults={"writers": found})


def _kept(program: Connection, writer: Writer) -> dict[str, Any]:
    return {"connection": program.pk, "name": writer.name, "writes": sorted(writer.writes)}


def those_of(settings: Iterable[ArtSettings]) -> Iterator[SecondWriter]:
    """The programs that write what artwork writes by these settings; a query."""
    names: dict[int, list[str | Phrase]] = {}
    for of_one in settings:
        for one in of_one.writers:
            meets = [what for what in one["writes"] if what != Writes.NFOS or of_one.nfo != NfoMode.OFF]
            name = _name(one["name"], meets)
            known = names.setdefault(one["connection"], [])
            if (meets or not one["writes"]) and name not in known:
                known.append(name)
    for program in Connection.objects.filter(pk__in=names, enabled=True).order_by("name", "pk"):
        if of_program := names[program.pk]:
            what = Phrase("artwork.written-twice", app=program.name, names=of_program)
            yield SecondWriter(program, what, _remedy(program))


def _name(name: str, writes: Iterable[str]) -> str | Phrase:
    parts = [Phrase(f"artwork.saves-{what}") for what in writes]
    return Phrase("artwork.saver", name=name, parts=parts) if parts else name


def _remedy(program: Connection) -> str:
    if program.kind in ASKED:
        return _("In the app, open Settings → Metadata and switch these off.")
    return _(
        "In the player, edit these libraries: switch off the metadata saver “Nfo”, and “Save artwork into "
        "media folders”."
    )
