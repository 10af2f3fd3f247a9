"""What of the collection is configuration: libraries, places and own fields. Works are exported apart."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Role, User
from catalogue import libraries, own_fields, places
from catalogue.models import Library, Location, OwnField, Visibility
from core.errors import ConfigError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section

_ADMIN = User(role=Role.ADMIN)
"""Who applies a document may change all of this: what it calls was checked where it was taken in."""


def _libraries() -> list[dict[str, Any]]:
    rows = Library.objects.prefetch_related("members").order_by("name")
    return [
        {
            "name": one.name,
            **({"description": one.description} if one.description else {}),
            **({"visibility": one.visibility} if one.visibility != Visibility.HOUSEHOLD else {}),
            **({"members": sorted(str(user) for user in one.members.all())} if one.members.exists() else {}),
            **({"usual": True} if one.is_default else {}),
            **({"archived": True} if one.archived_at else {}),
        }
        for one in rows
    ]


def _check_library(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name = reading.text(entry, "name").strip()
    known = Library.objects.filter(name__iexact=name).first()
    given: dict[str, Any] = {
        "description": reading.text(entry, "description", known.description if known else ""),
        "visibility": reading.text(entry, "visibility", known.visibility if known else Visibility.HOUSEHOLD),
        "members": reading.texts(entry, "members"),
        "is_archived": reading.flag(entry, "archived", default=False),
    }
    if "members" not in entry and known:
        given["members"] = [str(user) for user in known.members.all()]
    usual = reading.flag(entry, "usual", default=False)

    def apply() -> str:
        library = Library.objects.filter(name__iexact=name).first()
        was = _told(library) if library else None
        made = libraries.save(library or Library(), _ADMIN, name=name, **given)
        if usual:
            libraries.make_usual(made, _ADMIN)
            made.refresh_from_db()
        return "added" if was is None else "same" if was == _told(made) else "changed"

    return _tried(entry, reading, before, apply)


def _told(library: Library) -> tuple[Any, ...]:
    members = sorted(library.members.values_list("pk", flat=True))
    return (
        *(library.name, library.description, library.visibility, members, library.is_default),
        library.archived_at is not None,
    )


def _places() -> list[dict[str, Any]]:
    named = places.paths()
    return [
        {"name": one.name, **({"inside": named[one.parent_id]} if one.parent_id else {})}
        for one in sorted(Location.objects.all(), key=lambda one: named[one.pk].casefold())
    ]


def _check_place(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name, inside = reading.text(entry, "name").strip(), reading.text(entry, "inside").strip()

    def apply() -> str:
        parent = places.called(inside)
        if Location.objects.filter(parent=parent, name__iexact=name).exists():
            return "same"
        places.save(Location(), _ADMIN, name=name, parent=parent)
        return "added"

    return _tried(entry, reading, before, apply)


def _fields() -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "type": one.type,
            **({"choices": one.choices} if one.choices else {}),
        }
        for one in OwnField.objects.filter(of_import=None)
    ]


def _check_field(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    kind, name = reading.text(entry, "kind"), reading.text(entry, "name").strip()
    given: dict[str, Any] = {
        "kind": kind,
        "name": name,
        "type": reading.text(entry, "type", OwnField.Type.TEXT),
        "choices": reading.texts(entry, "choices"),
    }

    def apply() -> str:
        field = OwnField.objects.filter(kind=kind, name__iexact=name).first()
        was = (field.name, field.type, field.choices, field.of_import_id) if field else None
        made = own_fields.save(field or OwnField(), _ADMIN, **given)
        now = (made.name, made.type, made.choices, None)
        return "added" if was is None else "same" if was == now else "changed"

    return _tried(entry, reading, before, apply)


def _tried(entry: Entry, reading: Reading, before: int, apply: Apply) -> Apply | None:
    """What applies an entry, where that would work; what is wrong is noted."""
    if len(reading.problems) > before:
        return None
    try:
        with transaction.atomic():
            apply()
            transaction.set_rollback(True)
    except ConfigError as error:
        reading.refuse(entry, getattr(error, "field", "name"), str(error))
        return None
    return apply


BRINGS = Portable(
    (
        Section(
            name="libraries",
            place=10,
            keys=("name", "description", "visibility", "members", "usual", "archived"),
            required=("name",),
            export=_libraries,
            check=_check_library,
        ),
        Section(
            name="places",
            place=11,
            keys=("name", "inside"),
            required=("name",),
            export=_places,
            check=_check_place,
        ),
        Section(
            name="own_fields",
            place=12,
            keys=("kind", "name", "type", "choices"),
            required=("kind", "name"),
            export=_fields,
            check=_check_field,
        ),
    )
)
