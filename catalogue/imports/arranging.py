"""What works are arranged by where our own archive comes from: its places, libraries and own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from django.db import transaction

from accounts.models import User
from catalogue import own_fields, places, portable
from catalogue.formats import archive, archived
from catalogue.formats.archived import ARCHIVED
from catalogue.models import Import, Library, OwnField
from core.portable import Entry, Reading, Section

MOST_PLACES, MOST = 10_000, 1_000
_PLACES, _LIBRARIES = "places", "libraries"
_SECTIONS = tuple(one for one in portable.BRINGS.sections if one.name != _PLACES)


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
    for path in _list(house, _PLACES)[:MOST_PLACES]:
        if isinstance(path, list) and all(isinstance(part, str) for part in path):
            places.bring(path, of)
    if of.made_by.is_admin:
        for section in _SECTIONS:
            _make(of, section, _list(house, section.name)[:MOST])


def let_go() -> None:
    """Let what imports made here go once they are undone, where nobody uses it or changed it."""
    for of in Import.objects.exclude(undone_at=None).exclude(arranged={}).select_for_update():
        for section in _SECTIONS:
            made, there = of.arranged.get(section.name, {}), _there(section)
            for pk in [pk for pk, told in made.items() if there.get(pk) == told]:
                if _is_free(section, int(pk)):
                    _model(section)._default_manager.filter(pk=pk).delete()
                    del made[pk]
        of.save(update_fields=["arranged"])


@transaction.atomic
def _make(of: Import, section: Section, told: list[Any]) -> None:
    people = {name.casefold() for name in User.objects.values_list("username", flat=True)}
    before = _there(section)
    names = set(map(_name, before.values()))
    for one in told:
        if not isinstance(one, dict) or one.get("usual") or _name(one) in names:
            continue
        if isinstance(members := one.get("members"), list):
            one["members"] = [name for name in members if str(name).casefold() in people]
        if apply := section.check(Entry(one), Reading({})):
            apply()
            names.add(_name(one))
    made = {pk: entry for pk, entry in _there(section).items() if pk not in before}
    if made:
        of.arranged[section.name] = of.arranged.get(section.name, {}) | made
        of.save(update_fields=["arranged"])


def _there(section: Section) -> dict[str, dict[str, Any]]:
    """The entries of what there is, by their ids as JSON has them."""
    rows = _model(section)._default_manager.all()
    ids = {(getattr(row, "kind", None), row.name): str(row.pk) for row in rows}
    return {ids[entry.get("kind"), entry["name"]]: entry for entry in section.export()}


def _is_free(section: Section, pk: int) -> bool:
    if section.name == _LIBRARIES:
        library = Library.objects.get(pk=pk)
        return not (library.works.exists() or library.imports.exists())
    return not own_fields.used(OwnField.objects.get(pk=pk))


def _model(section: Section) -> type[Library] | type[OwnField]:
    return Library if section.name == _LIBRARIES else OwnField


def _name(entry: Mapping[str, Any]) -> tuple[Any, str]:
    return entry.get("kind"), str(entry.get("name")).casefold()


def _list(house: Mapping[str, Any], name: str) -> list[Any]:
    return told if isinstance(told := house.get(name), list) else []
