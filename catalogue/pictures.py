"""Pictures of works and copies: taken in, put in front, removed, and brought back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import Now

from accounts.models import User
from catalogue import scope
from catalogue.editing import noted
from catalogue.models import OF_COPY, OF_WORK, Copy, Picture, Work
from core.errors import ConfigError, FieldError
from storage import uploads
from storage.models import Stored

MOST = 15 << 20
"""Bytes of a picture that somebody uploads."""

LONGEST = 2400
"""Pixels of the longer side that are kept."""

MOST_OF_ONE = 100
"""So many pictures a work has, those of its copies among them."""

_TOLD = "picture"


def add(
    pieces: Iterable[bytes],
    user: User,
    thing: Work | Copy,
    shows: str,
    *,
    announced: int | None = None,
) -> Picture:
    """Take in a picture of a work or of a copy: upright, without what its camera wrote beside the pixels.

    `announced` are the bytes that the request says it has. Raises FieldError, ConfigError where somebody may
    not, PictureError, QuotaError, and StorageError.
    """
    # Before anything is decoded; nobody who may not fills the disk.
    check(thing, user, shows)
    stored = uploads.take(pieces, user, announced=announced, most=MOST, longest=LONGEST)
    with transaction.atomic():
        picture = attach(thing, user, shows, stored)
        noted(picture.work, user, {}, {_TOLD: shows}, picture.copy)
    return picture


def check(thing: Work | Copy, user: User, shows: str) -> None:
    """Raise FieldError where no picture of this shows that, ConfigError where somebody may add none."""
    known = OF_COPY if isinstance(thing, Copy) else OF_WORK
    if shows not in known:
        raise FieldError(
            "shows", "catalogue.no-such-picture", value=shows, known=[one.value for one in known]
        )
    _refuse(*_sides(thing), user)


@transaction.atomic
def put_first(picture: Picture, user: User) -> None:
    """Show a picture before the others; of a work's covers it is the one on the wall. Raises as `add`."""
    held = _held(picture, user)
    siblings = held.work.pictures.filter(copy=held.copy_id)
    least = siblings.aggregate(least=Min("place"))["least"]
    if held.place == least and not siblings.filter(place=least, pk__lt=held.pk).exists():
        return
    siblings.exclude(pk=held.pk).update(place=F("place") + 1)
    Picture.objects.filter(pk=held.pk).update(place=least)
    noted(held.work, user, {}, {_TOLD: held.shows}, held.copy)


@transaction.atomic
def remove(picture: Picture, user: User) -> None:
    """Put a picture into the trash. Raises as `add`."""
    held = _held(picture, user)
    Picture.objects.filter(pk=held.pk).update(deleted_at=Now())
    noted(held.work, user, {_TOLD: held.shows}, {}, held.copy)


@transaction.atomic
def restore(picture: Picture, user: User) -> None:
    """Take a picture out of the trash. Raises as `add`."""
    held = _held(picture, user, in_trash=True)
    Picture.objects.filter(pk=held.pk).update(deleted_at=None)
    noted(held.work, user, {}, {_TOLD: held.shows}, held.copy)


@transaction.atomic
def attach(thing: Work | Copy, user: User, shows: str, stored: Stored) -> Picture:
    """Have a kept picture be one of a work or copy. Raises ConfigError as `add`."""
    work, copy = _sides(thing)
    Work.objects.select_for_update().get(pk=work.pk)
    _refuse(work, copy, user)
    if work.pictures.count() >= MOST_OF_ONE:
        raise ConfigError("catalogue.too-many-pictures", most=MOST_OF_ONE)
    about = {"shows": shows, "width": stored.width, "height": stored.height, "deleted_at": None}
    picture, _created = Picture.objects.update_or_create(
        work=work,
        copy=copy,
        digest=stored.digest,
        defaults=about,
        create_defaults={**about, "added_by": user, "place": work.pictures.count()},
    )
    return picture


def _sides(thing: Work | Copy) -> tuple[Work, Copy | None]:
    return (thing.edition.work, thing) if isinstance(thing, Copy) else (thing, None)


def _held(picture: Picture, user: User, *, in_trash: bool = False) -> Picture:
    """The picture as it is now, its work held for this transaction. Raises ConfigError."""
    rows = Picture.objects.filter(deleted_at__isnull=not in_trash).select_related("work", "copy")
    held = rows.select_for_update(of=("self", "work")).filter(pk=picture.pk).first()
    if held is None:
        raise ConfigError("catalogue.no-picture")
    _refuse(held.work, held.copy, user)
    return held


def _refuse(work: Work, copy: Copy | None, user: User) -> None:
    """Raise ConfigError where somebody may not change this."""
    if copy is not None:
        may = scope.changeable_copies(user).filter(pk=copy.pk, edition__work=work).exists()
    else:
        may = scope.changeable_works(user).filter(pk=work.pk).exists()
    if not may:
        raise ConfigError("catalogue.may-not-change")
