"""Whether the bytes are still those that were kept: a thirtieth is hashed anew each day."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from core.errors import StorageError, TaggarrError
from core.features import brought
from storage import places
from storage.backends import Backend
from storage.contract import References
from storage.keeping import PIECE
from storage.models import Stored

logger = logging.getLogger(__name__)

DAYS = 30
"""Days in which every file is hashed once."""

_TODAY = timedelta(hours=20)


@dataclass(slots=True)
class Checked:
    """What a check found: files read, damaged or gone, and damaged ones that were kept anew."""

    files: int = 0
    damaged: int = 0
    mended: int = 0


def check_some(check: Callable[[], object] = lambda: None) -> Checked:
    """Hash today's share, those first that were checked longest ago, and have what is damaged mended.

    `check` is called between two files. What was checked stays so where it is stopped and started again.
    Raises StorageError where the store is away: a file that cannot be reached is not damaged.
    """
    store = places.backend()
    done = Checked()
    if not Stored.objects.exists():
        return done
    if not store.is_there():
        raise StorageError("storage.away")
    for stored in _share():
        check()
        done.files += 1
        whole = is_whole(store, stored)
        changes = {"checked_at": Now(), "damaged_at": None if whole else Now()}
        if not whole and stored.damaged_at is not None:
            changes.pop("damaged_at")  # since when stays
        Stored.objects.filter(pk=stored.pk).update(**changes)
        done.damaged += not whole
    done.mended = _mend(check)
    return done


def is_whole(store: Backend, stored: Stored) -> bool:
    """Whether the bytes of a file are those that were kept. Raises StorageError where they cannot be read."""
    file = store.open(stored.name)
    if file is None:
        return False
    digest = hashlib.sha256()
    try:
        with file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except OSError as error:
        # The disk gave these bytes back once: a sector that does not read is damage.
        logger.warning("the kept file %s does not read: %s", stored, error.strerror)
        return False
    return digest.hexdigest() == stored.digest


def damaged() -> QuerySet[Stored]:
    return Stored.objects.filter(damaged_at__isnull=False).order_by("damaged_at")


def _share() -> list[Stored]:
    recent = Stored.objects.filter(checked_at__gte=Now() - _TODAY).count()
    number = ceil(Stored.objects.count() / DAYS) - recent
    rows = Stored.objects.exclude(checked_at__gte=Now() - _TODAY)
    return list(rows.order_by(F("checked_at").asc(nulls_first=True), "pk")[: max(0, number)])


def _mend(check: Callable[[], object]) -> int:
    menders = [one for _, references in brought(References) for one in references.mend]
    if not menders:
        return 0
    mended = 0
    for stored in damaged():
        for mend in menders:
            check()
            try:
                mend(stored.digest)
            except TaggarrError as error:
                logger.warning("the damaged file %s was not fetched anew: %s", stored, error)
            stored.refresh_from_db(fields=["damaged_at"])
            if stored.damaged_at is None:
                mended += 1
                break
    return mended
