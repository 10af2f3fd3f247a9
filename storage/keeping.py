"""Taking files in: streamed to the disk, hashed while they come, looked at, and only then given a name.

First the bytes are safe, then a row says so. A crash between leaves bytes without a row, which
`storage.collecting` sweeps; a row without bytes never comes of it.
"""

from __future__ import annotations

import errno
import hashlib
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import sql
from core.errors import ConfigError, StorageError
from storage import pictures, places
from storage.heads import LARGEST, PictureError, kind_of
from storage.models import Stored, name_of

PIECE = 1 << 18
_LOCKS = 0x746167
"""The first half of our advisory locks, one for each value that a digest begins with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that has no name yet: it goes when it is closed, and when its process dies."""

    file: IO[bytes]
    digest: str
    size: int


@contextmanager
def drafted(pieces: Iterable[bytes], *, most: int = LARGEST) -> Iterator[Draft]:
    """Write pieces to a nameless file, hashing them on their way.

    Raises PictureError above `most` bytes, StorageError where the disk does not take them.
    """
    digest = hashlib.sha256()
    size = 0
    with _telling():
        file = tempfile.TemporaryFile(dir=settings.TAGGARR_DATA)  # noqa: SIM115
    with file:
        for piece in pieces:
            size += len(piece)
            if size > most:
                raise too_large(most)
            digest.update(piece)
            with _telling():
                file.write(piece)
        with _telling():
            file.flush()
        yield Draft(file, digest.hexdigest(), size)


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def keep_picture(pieces: Iterable[bytes], *, public: bool = False) -> Stored:
    """Keep a picture as it came. Raises PictureError where it is none, StorageError and ConfigError."""
    with drafted(pieces) as draft:
        return keep_draft(draft, look=True, public=public)


def keep_file(pieces: Iterable[bytes], *, most: int = LARGEST) -> Stored:
    """Keep any file; it is never shown, only sent to be saved. Raises as `keep_picture`, but for pictures."""
    with drafted(pieces, most=most) as draft:
        return keep_draft(draft, look=False, public=False)


def keep_draft(draft: Draft, *, look: bool, public: bool) -> Stored:
    """Give a draft its name and its row, or find both; with `look` it must be a picture."""
    known = Stored.objects.filter(digest=draft.digest).first()
    if look and not (known and known.is_picture):
        seen = pictures.look(draft.file)
        about = {
            "width": seen.width,
            "height": seen.height,
            "alpha": seen.alpha,
            "phash": as_signed(seen.phash),
        }
    else:
        about = {}
    draft.file.seek(0)
    kind = kind_of(draft.file.read(64))
    store = places.ready()
    name = name_of(draft.digest, kind)
    with transaction.atomic():
        lock(draft.digest, shared=True)
        damaged = known is not None and known.damaged_at is not None
        if damaged or store.size(name) != draft.size:
            store.put(name, draft.file, draft.size, draft.digest)
        about |= {"public": True} if public else {}
        stored, created = Stored.objects.get_or_create(
            digest=draft.digest, defaults={"kind": kind, "size": draft.size, **about}
        )
        if not created:
            healed = {"damaged_at": None, "checked_at": Now()} if damaged else {}
            changes = {"seen_at": Now(), "unused_since": None, **about, **healed}
            Stored.objects.filter(pk=stored.pk).update(**changes)
        stored.refresh_from_db()
        return stored


def use(digests: Iterable[str]) -> None:
    """Say, in the caller's transaction, that kept files are used again: no collection takes them from now on.

    Raises ConfigError where one is not kept any more.
    """
    wanted = set(digests)
    held = Stored.objects.filter(digest__in=wanted).update(seen_at=Now(), unused_since=None)
    if held != len(wanted):
        raise ConfigError("picture.gone")


def read(stored: Stored) -> IO[bytes]:
    """The bytes of a file, to be closed. Raises StorageError where they are not there."""
    file = places.backend().open(stored.name)
    if file is None:
        raise StorageError("storage.file-gone", file=stored)
    return file


def thumbnail(stored: Stored, width: int) -> IO[bytes]:
    """A picture as WebP in one of `pictures.WIDTHS`, made at the first time.

    Raises PictureError and StorageError.
    """
    if width not in pictures.WIDTHS or not stored.is_picture:
        raise PictureError("thumbnail.none")
    store = places.backend()
    name = stored.thumbnail_name(width)
    if (file := store.open(name)) is not None:
        return file
    with read(stored) as whole, drafted(pieces_of(whole)) as draft:
        made = pictures.thumbnail(draft.file, width)
    with drafted([made.data]) as draft, transaction.atomic():
        # Not for a picture that is being collected: nobody would ever delete its thumbnail.
        lock(stored.digest, shared=True)
        if Stored.objects.filter(pk=stored.pk).exists():
            store.put(name, draft.file, draft.size, draft.digest)
    return io.BytesIO(made.data)


def too_large(most: int) -> PictureError:
    return PictureError("upload.too-large", size=most >> 20)


def as_signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def lock(digest: str, *, shared: bool) -> None:
    """Hold the lock of a file until the transaction ends: shared to keep it, alone to delete it."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    sql.fetch(f"SELECT {function}(%s, %s)", [_LOCKS, int(digest[:7], 16)])


@contextmanager
def _telling() -> Iterator[None]:
    """Raise StorageError where the disk of the data folder does not take what is written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError("storage.full") from error
        raise StorageError("storage.unwritten", reason=error.strerror) from error
