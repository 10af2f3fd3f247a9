"""Connections as configuration: the fields of every kind, as its page and the API have them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from core.errors import FieldError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section, Unset, nearest, variable_for

from . import kinds, services
from .fields import Coming, Field, MappingsField, RowField, SecretField
from .models import Connection


def _export() -> list[dict[str, Any]]:
    return [
        {
            "name": connection.name,
            "kind": connection.kind,
            "url": connection.url,
            **{
                field.name: variable_for(connection.name, field.name.upper())
                for field in kinds.kind_of(connection.kind).secrets
            },
            "enabled": connection.enabled,
            **{
                name: str(value) if isinstance(value, Model) else value
                for name, value in services.values_of(connection).items()
            },
        }
        for connection in services.there()
    ]


def _check(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name, kind = (reading.text(entry, key) for key in ("name", "kind"))
    known = services.there().filter(name__iexact=name.strip()).first()
    enabled = reading.flag(entry, "enabled", default=known.enabled if known else True)
    if kind not in kinds.slugs():
        reading.refuse(entry, "kind", f"There is no kind {kind}: {nearest(kind, kinds.slugs())}")
    elif known is not None and known.kind != kind:
        reading.refuse(entry, "kind", f"{known.name} is a {known.kind}, and stays one: choose another name.")
    given: dict[str, Any] = {"name": name, "enabled": enabled}
    if "url" in entry:
        given["url"] = reading.text(entry, "url")
    for key, field in _FIELDS.items():
        if key in entry:
            _take(field, entry, reading, given, known)
    if len(reading.problems) > before:
        return None
    try:
        checked = services.check(kind, given, known=known, connect=reading.connect)
    except FieldError as error:
        reading.refuse(entry, error.field, str(error))
        return None
    return lambda: _apply(checked)


def _take(
    field: Field, entry: Entry, reading: Reading, given: dict[str, Any], known: Connection | None
) -> None:
    """Read one value and note what is wrong with it, so that all of an entry is told at once."""
    value = entry[field.name]
    if isinstance(field, SecretField):
        # Of a known connection the stored one stays where its variable is not set.
        if not (isinstance(value, Unset) and known is not None):
            given[field.name] = reading.text(entry, field.name)
        return
    if isinstance(value, Unset):
        reading.text(entry, field.name)
        return
    if isinstance(field, RowField):
        names = [str(row) for row in field.rows()]
        name = reading.known_name(entry, field.name, field.section, names)
        given[field.name] = name if name.lower() in map(str.lower, names) else Coming(name)
        return
    if isinstance(field, MappingsField) and value is None:
        value = []
    try:
        given[field.name] = field.clean(value)
    except FieldError as error:
        reading.refuse(entry, field.name, f"{field.name}: {error}")


def _apply(checked: services.Checked) -> str:
    if not checked.differs:
        return "same"
    checked.save()
    return "changed" if checked.known else "added"


_FIELDS: dict[str, Field] = {
    field.name: field
    for slug in kinds.slugs(also_off=True)
    for field in kinds.fields_of(kinds.kind_of(slug), also_off=True)
}
"""Of all kinds and features: what an entry's own kind has not now is told by the check."""

BRINGS = Portable(
    (
        Section(
            name="connections",
            place=2,
            keys=("name", "kind", "url", "enabled", *_FIELDS),
            required=("name", "kind"),
            export=_export,
            check=_check,
        ),
    )
)
