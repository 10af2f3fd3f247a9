"""What a backup takes along of the kept files: what people uploaded, and lists and pictures that are private.

What is public came from a provider, and is fetched again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.db.models import Exists, OuterRef, Q

from core.errors import StorageError
from core.features import TakenAlong
from core.flags import is_on
from storage import keeping, places
from storage.models import Stored, Upload
from storage.options import IN_BACKUPS


def _digests() -> Iterator[str]:
    if is_on(IN_BACKUPS.key):
        uploaded = Exists(Upload.objects.filter(stored=OuterRef("pk"), given_up_at=None))
        rows = Stored.objects.filter(Q(public=False) | uploaded, unused_since=None, damaged_at=None)
        yield from rows.order_by("pk").values_list("digest", flat=True).iterator()


def _read(digest: str) -> IO[bytes]:
    stored = Stored.objects.filter(digest=digest).first()
    if stored is None:
        raise StorageError("storage.file-gone", file=digest[:12])
    return keeping.read(stored)


def _bring_back(digest: str, file: IO[bytes]) -> None:
    stored = Stored.objects.filter(digest=digest).first()
    if stored is None:
        return
    store = places.backend()
    if not store.is_there():
        # On a new machine nothing was ever kept.
        store.prepare()
    if store.size(stored.name) != stored.size:
        store.put(stored.name, file, stored.size, digest)


BRINGS = TakenAlong(_digests, _read, _bring_back)
