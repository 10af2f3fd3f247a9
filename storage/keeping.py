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

from core import sql
from core.errors import ConfigError, StorageError
from storage import pictures, places
from storage.backends import Backend
from storage.heads import LARGEST, PictureError, kind_of
from storage.models import Stored, name_of

PIECE = 1 << 18
_LOCKS = 0x746167
"""The first half of our advisory locks, one for each value that a digest begins with."""

_DAMAGED = "SELECT 1 FROM storage_stored WHERE digest = %s AND damaged_at IS NOT NULL"
_KEEP = """
    INSERT INTO storage_stored (digest, kind, size, width, height, alpha, phash, public)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (digest) DO UPDATE SET seen_at = statement_timestamp(), unused_since = NULL,
        width = coalesce(excluded.width, storage_stored.width),
        height = coalesce(excluded.height, storage_stored.height),
        alpha = excluded.alpha OR storage_stored.alpha,
        phash = coalesce(excluded.phash, storage_stored.phash),
        public = excluded.public OR storage_stored.public,
        damaged_at = CASE WHEN %s THEN NULL ELSE storage_stored.damaged_at END,
        checked_at = CASE WHEN %s THEN statement_timestamp() ELSE storage_stored.checked_at END
"""
_FIND = "SELECT {columns} FROM storage_stored WHERE digest = ANY (%s)"
_USE = """
    UPDATE storage_stored SET seen_at = statement_timestamp(), unused_since = NULL WHERE digest = ANY (%s)
"""


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
    seen = None
    if look and not Stored.objects.filter(digest=draft.digest, width__isnull=False).exists():
        seen = pictures.look(draft.file)
    draft.file.seek(0)
    kind = kind_of(draft.file.read(64))
    store = places.ready()
    name = name_of(draft.digest, kind)
    with transaction.atomic():
        _, damages = sql.fetch_all(_lock(draft.digest, shared=True), (_DAMAGED, [draft.digest]))
        is_damaged = bool(damages)
        if is_damaged or store.size(name) != draft.size:
            store.put(name, draft.file, draft.size, draft.digest)
        about = (
            (seen.width, seen.height, seen.alpha, as_signed(seen.phash))
            if seen
            else (None, None, False, None)
        )
        columns = sql.columns(Stored, "storage_stored")
        values = [draft.digest, kind, draft.size, *about, public, is_damaged, is_damaged]
        return sql.build(Stored, sql.fetch(f"{_KEEP} RETURNING {columns}", values)[0])


def use(digests: Iterable[str]) -> dict[str, Stored]:
    """Say, in the caller's transaction, that kept files are used again: no collection takes them from now on.

    Return them by their digests. Raises ConfigError where one is not kept any more.
    """
    wanted = set(digests)
    columns = sql.columns(Stored, "storage_stored")
    rows = sql.fetch(f"{_USE} RETURNING {columns}", [sorted(wanted)]) if wanted else []
    held = {one.digest: one for one in (sql.build(Stored, row) for row in rows)}
    if len(held) != len(wanted):
        raise ConfigError("picture.gone")
    return held


def find(digests: Iterable[str]) -> dict[str, Stored]:
    """The files with these digests, as far as they are kept."""
    rows = sql.fetch(_FIND.format(columns=sql.columns(Stored, "storage_stored")), [sorted(set(digests))])
    return {one.digest: one for one in (sql.build(Stored, row) for row in rows)}


def read(stored: Stored, store: Backend | None = None) -> IO[bytes]:
    """The bytes of a file, to be closed; who reads many says where they are. Raises StorageError where they
    are not there.
    """
    file = (store or places.backend()).open(stored.name)
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
    sql.fetch(*_lock(digest, shared=shared))


def _lock(digest: str, *, shared: bool) -> tuple[str, list[int]]:
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    return f"SELECT {function}(%s, %s)", [_LOCKS, int(digest[:7], 16)]


@contextmanager
def _telling() -> Iterator[None]:
    """Raise StorageError where the disk of the data folder does not take what is written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError("storage.full") from error
        raise StorageError("storage.unwritten", reason=error.strerror) from error
