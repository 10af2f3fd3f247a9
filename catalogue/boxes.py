"""Boxes: an edition that holds several works, and which these are, as a person says it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from catalogue import scope
from catalogue.editing import noted
from catalogue.fitting import MOST_IN_BOX as MOST
from catalogue.models import Edition, SetMember
from core.errors import ConfigError, FieldError

LONGEST_NOTE = 300
_TOLD = "box"


@dataclass(frozen=True, slots=True)
class Inside:
    """One thing in a box: a work that is here, or what somebody calls it."""

    work: int | None = None
    note: str = ""


def members(user: User, boxes: Sequence[int]) -> QuerySet[SetMember]:
    """What is in boxes, by their editions, as far as somebody sees it."""
    seen = Q(work=None) | Q(work__in=scope.works(user))
    return SetMember.objects.filter(seen, box__in=boxes).select_related("work").order_by("box", "position")


@transaction.atomic
def fill(box: Edition, user: User, inside: Sequence[Inside]) -> list[SetMember]:
    """Say what is in a box, in its order; what is not named is in it no more.

    What somebody does not see stays in it, behind the others. Raises FieldError, and ConfigError where they
    may not change the box.
    """
    held = _held(box, user)
    hidden = list(held.members.exclude(pk__in=members(user, [held.pk]).values("pk")))
    if len(inside) + len(hidden) > MOST:
        raise FieldError("members", "catalogue.too-many-names", most=MOST)
    before = [str(one.work or one.note) for one in members(user, [held.pk])]
    named = list(dict.fromkeys(_checked(held, user, one) for one in inside))
    held.members.all().delete()
    made = _put(held, [*named, *(Inside(row.work_id, row.note) for row in hidden)])
    after = [str(one.work or one.note) for one in members(user, [held.pk])]
    if before != after:
        noted(held.work, user, {_TOLD: before}, {_TOLD: after})
    return made


def bring(box: Edition, user: User, inside: Sequence[Inside], late: int | None = None) -> None:
    """Say what is in a box of which nobody has said it; what cannot be in it is left out.

    A box that has all of it but the work that came `late` gets that too, at its place.
    """
    try:
        held = _held(box, user)
    except ConfigError:
        return
    named: dict[Inside, None] = {}
    for one in inside:
        with suppress(FieldError):
            named[_checked(held, user, one)] = None
    there = [Inside(row.work_id, row.note) for row in held.members.all()]
    if there and (Inside(late) in there or there != [one for one in named if one != Inside(late)]):
        return
    held.members.all().delete()
    _put(held, list(named))


def _put(box: Edition, inside: Sequence[Inside]) -> list[SetMember]:
    if inside and not box.is_set:
        box.is_set = True
        box.save(update_fields=["is_set"])
    rows = (
        SetMember(box=box, position=position, work_id=one.work, note=one.note)
        for position, one in enumerate(inside, 1)
    )
    return SetMember.objects.bulk_create(rows)


def put_in(box: Edition, user: User, one: Inside) -> None:
    """Put another thing into a box, behind the others. Raises as `fill`."""
    fill(box, user, [*_inside(box, user), one])


def take_out(member: SetMember, user: User) -> None:
    """Take a thing out of its box. Raises as `fill`."""
    rows = [row for row in members(user, [member.box_id]) if row.pk != member.pk]
    fill(member.box, user, [Inside(row.work_id, row.note) for row in rows])


def move_up(member: SetMember, user: User) -> None:
    """Have a thing stand before the one that it stands behind. Raises as `fill`."""
    rows = list(members(user, [member.box_id]))
    place = next((number for number, row in enumerate(rows) if row.pk == member.pk), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        fill(member.box, user, [Inside(row.work_id, row.note) for row in rows])


def seen(user: User) -> QuerySet[Edition]:
    return _seen_editions(user).filter(is_set=True)


def in_those_seen(user: User) -> QuerySet[SetMember]:
    return SetMember.objects.filter(box__in=_seen_editions(user), work__isnull=False)


def _seen_editions(user: User) -> QuerySet[Edition]:
    return scope.open_editions(user).filter(work__in=scope.works(user))


def owned(user: User) -> QuerySet[SetMember]:
    """What is in boxes of which somebody sees a copy."""
    copies = scope.copies(user)
    return SetMember.objects.filter(box__in=copies.values("edition"), work__isnull=False)


def _inside(box: Edition, user: User) -> list[Inside]:
    return [Inside(row.work_id, row.note) for row in members(user, [box.pk])]


def _held(box: Edition, user: User) -> Edition:
    editions = scope.editions(user).filter(pk=box.pk, work__in=scope.changeable_works(user))
    if not editions.exists():
        raise ConfigError("catalogue.may-not-change")
    return Edition.objects.select_for_update(of=("self",)).select_related("work").get(pk=box.pk)


def _checked(box: Edition, user: User, one: Inside) -> Inside:
    """A thing as it can stand in a box. Raises FieldError for what is no thing, and for a box in itself."""
    if one.work is None:
        note = " ".join(one.note.replace("\0", "").split())
        if not note:
            raise FieldError("note", "catalogue.no-title")
        if len(note) > LONGEST_NOTE:
            raise FieldError("note", "catalogue.too-long", most=LONGEST_NOTE)
        return Inside(note=note)
    if not scope.works(user).filter(pk=one.work, library=box.work.library_id).exists():
        raise FieldError("work", "catalogue.no-work")
    if one.work == box.work_id or box.work_id in _below(one.work):
        raise FieldError("work", "catalogue.box-in-itself")
    return Inside(one.work)


def _below(work: int) -> set[int]:
    """The works in the boxes of a work, and in the boxes of those."""
    found: set[int] = set()
    next_ = {work}
    while next_:
        rows = SetMember.objects.filter(box__work__in=next_, work__isnull=False)
        next_ = {pk for pk in rows.values_list("work", flat=True) if pk} - found
        found |= next_
    return found
