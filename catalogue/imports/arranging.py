"""What works are arranged by where our own archive comes from: its places, libraries and own fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import transaction

from accounts.models import User
from catalogue import libraries, own_fields, places, portable
from catalogue.formats import archive, archived
from catalogue.formats.archived import ARCHIVED
from catalogue.models import Import, Library, OwnField
from core.portable import Entry, Reading, Section

MOST_PLACES, MOST = 10_000, 1_000
_SECTIONS = {one.name: one for one in portable.BRINGS.sections}


@dataclass(frozen=True, slots=True)
class _Arranged:
    """What admins arrange works by: the section that an archive has of it, its rows, and which are used."""

    section: Section
    rows: type[Library] | type[OwnField]
    is_used: Callable[[Any], object]

    def there(self) -> dict[str, dict[str, Any]]:
        """The entries of what there is, by their ids as JSON has them."""
        rows = self.rows._default_manager.all()
        ids = {(getattr(row, "kind", None), row.name): str(row.pk) for row in rows}
        return {ids[entry.get("kind"), entry["name"]]: entry for entry in self.section.export()}


_ARRANGED = (
    _Arranged(_SECTIONS["libraries"], Library, libraries.used),
    _Arranged(_SECTIONS["own_fields"], OwnField, own_fields.used),
)


def arrange(of: Import, file: BinaryIO) -> None:
    """Make the places that an archive knows, and for an admin its libraries and own fields.

    What is called so here stays as it is.
    """
    if of.format != ARCHIVED.key or of.made_by is None:
        return
    try:
        house = archived.house(file)
    except archive.DamagedError:
        return
    for path in _list(house, _SECTIONS["places"].name)[:MOST_PLACES]:
        if isinstance(path, list) and all(isinstance(part, str) for part in path):
            places.bring(path, of)
    if of.made_by.is_admin:
        for one in _ARRANGED:
            _make(of, one, _list(house, one.section.name)[:MOST])


def let_go() -> None:
    """Let what imports made here go once they are undone, where nobody uses it or changed it."""
    for of in Import.objects.exclude(undone_at=None).exclude(arranged={}).select_for_update():
        for one in _ARRANGED:
            made, there = of.arranged.get(one.section.name, {}), one.there()
            untouched = one.rows._default_manager.in_bulk([pk for pk in made if there.get(pk) == made[pk]])
            for pk, row in untouched.items():
                if not one.is_used(row):
                    row.delete()
                    del made[str(pk)]
        of.save(update_fields=["arranged"])


@transaction.atomic
def _make(of: Import, arranged: _Arranged, told: list[Any]) -> None:
    people = {name.casefold() for name in User.objects.values_list("username", flat=True)}
    before, section = arranged.there(), arranged.section
    names = set(map(_name, before.values()))
    for one in told:
        if not isinstance(one, dict) or one.get("usual") or _name(one) in names:
            continue
        if isinstance(members := one.get("members"), list):
            one["members"] = [name for name in members if str(name).casefold() in people]
        if apply := section.check(Entry(one), Reading({})):
            apply()
            names.add(_name(one))
    made = {pk: entry for pk, entry in arranged.there().items() if pk not in before}
    if made:
        of.arranged[section.name] = of.arranged.get(section.name, {}) | made
        of.save(update_fields=["arranged"])


def _name(entry: Mapping[str, Any]) -> tuple[Any, str]:
    return entry.get("kind"), str(entry.get("name")).casefold()


def _list(house: Mapping[str, Any], name: str) -> list[Any]:
    return told if isinstance(told := house.get(name), list) else []
