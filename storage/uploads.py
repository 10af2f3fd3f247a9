"""The one door for what people upload: counted, made anew in the cage, and held against their share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from accounts.models import User
from core import sql
from core.errors import ConfigError
from storage import keeping, pictures, places
from storage.heads import LARGEST, PictureError
from storage.models import Stored, Upload

_LOCK = 0x74616775
ABANDONED = timedelta(hours=1)
"""After so long an upload that never came to its end holds no room any more."""


class QuotaError(ConfigError):
    """There is no room left for what somebody uploads."""


def take(
    pieces: Iterable[bytes],
    owner: User,
    *,
    announced: int | None,
    public: bool = False,
    most: int = LARGEST,
    longest: int | None = None,
) -> Stored:
    """Take a picture that somebody uploads: its pixels alone, upright, as JPEG or PNG.

    `announced` are the bytes that the request says it has; what comes is counted too. With `longest` a larger
    one is made smaller, its longer side so many pixels. Raises PictureError for what has more than `most`
    bytes or is no picture, QuotaError where there is no room, StorageError.
    """
    if announced is not None and announced > most:
        raise keeping.too_large(most)
    if announced is not None and announced < 0:
        raise PictureError("upload.negative")
    upload = _reserve(owner, announced or 0)
    try:
        with keeping.drafted(_counted(pieces, announced), most=most) as came:
            made = pictures.upright(came.file, longest)
        with keeping.drafted([made.data]) as draft:
            _settle(upload, draft.size)
            stored = keeping.keep_draft(draft, look=True, public=public)
        _give(upload, stored)
    except BaseException:
        Upload.objects.filter(pk=upload.pk).delete()
        raise
    return stored


def give_up(owner: User, digest: str) -> bool:
    """Give up an upload; return whether there was one.

    Its room is free when its bytes are gone: a week after nobody uses them.
    """
    rows = Upload.objects.filter(owner=owner, stored__digest=digest, given_up_at=None)
    return bool(rows.update(given_up_at=Now()))


def held(owner: User | None = None) -> int:
    """The bytes that somebody's uploads hold; everybody's without `owner`."""
    rows = Upload.objects.all() if owner is None else Upload.objects.filter(owner=owner)
    return int(rows.aggregate(Sum("size"))["size__sum"] or 0)


def delete_abandoned() -> int:
    return Upload.objects.filter(stored=None, created_at__lt=Now() - ABANDONED).delete()[0]


def _reserve(owner: User, size: int) -> Upload:
    with transaction.atomic():
        _one_at_a_time()
        _check_room(owner, size)
        return Upload.objects.create(owner=owner, size=size)


def _settle(upload: Upload, size: int) -> None:
    """Hold as much room as is really needed. Raises QuotaError."""
    with transaction.atomic():
        _one_at_a_time()
        _check_room(upload.owner, size - upload.size)
        Upload.objects.filter(pk=upload.pk).update(size=size)


def _give(upload: Upload, stored: Stored) -> None:
    """Say what was uploaded; where its owner has uploaded the same before, that counts and this does not."""
    with transaction.atomic():
        _one_at_a_time()
        before = Upload.objects.filter(owner=upload.owner, stored=stored)
        if before.update(given_up_at=None):
            upload.delete()
        else:
            Upload.objects.filter(pk=upload.pk).update(stored=stored)


def _check_room(owner: User, more: int) -> None:
    place = places.current()
    if held(owner) + more > place.person_quota:
        raise QuotaError("upload.quota", size=place.person_quota >> 20)
    if held() + more > place.total_quota:
        raise QuotaError("upload.total-quota", size=place.total_quota >> 20)


def _one_at_a_time() -> None:
    sql.fetch("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _counted(pieces: Iterable[bytes], announced: int | None) -> Iterator[bytes]:
    came = 0
    for piece in pieces:
        came += len(piece)
        if announced is not None and came > announced:
            raise PictureError("upload.too-much")
        yield piece
    if announced is not None and came < announced:
        raise PictureError("upload.cut-short")
