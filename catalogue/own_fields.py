"""Fields that only this household knows: what they are called, what goes into them, and what does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from catalogue.models import Copy, OwnField, Work
from catalogue.models.works import KINDS
from catalogue.places import LONGEST_NAME
from core.errors import ConfigError, FieldError

Type = OwnField.Type
MOST_CHOICES = 200
YES, NO = "yes", "no"


@transaction.atomic
def save(
    field: OwnField, user: User, *, kind: str, name: str, type: str, choices: Collection[str] = ()
) -> OwnField:
    """Define a field, or change one; what stands in works and copies already stays. Raises FieldError."""
    if not user.is_admin:
        raise ConfigError("catalogue.may-not-change")
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise FieldError("name", "catalogue.field-no-name")
    if len(name) > LONGEST_NAME:
        raise FieldError("name", "catalogue.too-long", most=LONGEST_NAME)
    if kind not in KINDS:
        raise FieldError("kind", "catalogue.no-kind", value=kind, known=KINDS)
    if type not in Type.values:
        raise FieldError("type", "catalogue.field-no-type", value=type, known=Type.values)
    named = list(dict.fromkeys(filter(None, (" ".join(one.replace("\0", "").split()) for one in choices))))
    if type == Type.CHOICE and not 2 <= len(named) <= MOST_CHOICES:
        raise FieldError("choices", "catalogue.field-choices", most=MOST_CHOICES)
    if OwnField.objects.filter(kind=kind, name__iexact=name).exclude(pk=field.pk).exists():
        raise FieldError("name", "catalogue.field-there", name=name)
    was = None if field.pk is None else (field.kind, field.name)
    field.kind, field.name, field.type = kind, name, type
    field.choices = named if type == Type.CHOICE else []
    # It is a person's now, and does not go with the import that brought it.
    field.of_import = None
    field.save()
    if was and was[0] == kind and was[1] != name:
        _rename(kind, was[1], name)
    return field


@transaction.atomic
def remove(field: OwnField, user: User) -> None:
    """Let a field go; what stands in works and copies stays there. Raises ConfigError."""
    if not user.is_admin:
        raise ConfigError("catalogue.may-not-change")
    field.delete()


def used(field: OwnField) -> int:
    """How many works and copies have something in a field."""
    works = Work.objects.filter(kind=field.kind, own__has_key=field.name)
    copies = Copy.objects.filter(edition__work__kind=field.kind, own__has_key=field.name)
    return works.count() + copies.count()


def of_kind(kind: str) -> QuerySet[OwnField]:
    return OwnField.objects.filter(kind=kind).order_by("name")


def asked_for(kind: str, filled: Collection[str]) -> list[OwnField]:
    """The fields of a form: those that people defined, and whatever is filled."""
    return [one for one in of_kind(kind) if one.of_import_id is None or one.name in filled]


def checked(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """What somebody enters into fields of a kind, as it is kept; what was there may stay as it is.

    Raises FieldError, which names the field.
    """
    known = {one.name: one for one in of_kind(kind)} if after else {}
    return {
        name: text if before.get(name) == text or name not in known else _checked(known[name], text)
        for name, text in after.items()
    }


def _checked(field: OwnField, text: str) -> str:
    match field.type:
        case Type.NUMBER:
            return _number(field, text)
        case Type.DATE:
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                raise FieldError(field.name, "catalogue.field-no-date", name=field.name) from None
        case Type.YES_NO:
            if text not in (YES, NO):
                raise FieldError(field.name, "catalogue.field-not-of", name=field.name, known=[YES, NO])
        case Type.CHOICE:
            if text not in field.choices:
                raise FieldError(field.name, "catalogue.field-not-of", name=field.name, known=field.choices)
        case Type.LINK:
            try:
                address = urlsplit(text)
            except ValueError:
                address = urlsplit("")
            if address.scheme not in ("http", "https") or not address.netloc:
                raise FieldError(field.name, "catalogue.field-no-link", name=field.name)
    return text


def _number(field: OwnField, text: str) -> str:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(text) > 30:
        raise FieldError(field.name, "catalogue.field-no-number", name=field.name)
    return f"{number.normalize() + 0:f}"


def links(kind: str, own: Mapping[str, Any]) -> set[str]:
    """The fields of these that hold a link, to be shown as one."""
    named = OwnField.objects.filter(kind=kind, type=Type.LINK, name__in=list(own))
    found = set(named.values_list("name", flat=True))
    return {name for name in found if str(own[name]).startswith(("http://", "https://"))}


def _rename(kind: str, before: str, after: str) -> None:
    """Have what stands under one name stand under another; what stands there already stays."""
    for rows in (
        Work.objects.filter(kind=kind, own__has_key=before),
        Copy.objects.filter(edition__work__kind=kind, own__has_key=before),
    ):
        for row in rows.select_for_update(of=("self",)).iterator():
            text = row.own.pop(before)
            row.own.setdefault(after, text)
            row.save(update_fields=["own"])
