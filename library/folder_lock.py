"""One writer for a folder at a time, whichever process or host it works on.

An advisory lock of PostgreSQL, by a hash of 64 bits of the folder's real path here; hosts that share a folder
should see it under one path. It is held by a transaction and not by the session: it ends with the commit of
what was written about the folder, however the writer ends, and works through poolers of connections too.
Until that write the transaction has no number: a disk that hangs keeps back no reader of `library.changes`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from core import sql
from core.errors import StorageError
from library.paths import shown

WAIT = 5.0
"""Seconds that a second writer waits: to write a file takes milliseconds."""

_TRY = "SELECT pg_try_advisory_xact_lock(%s)"
_TAKE = "SELECT pg_advisory_xact_lock(%s)"
_LIMIT = "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)"


@contextmanager
def folder_lock(folder: str, *, wait: float = WAIT, durable: bool = False) -> Iterator[None]:
    """Be the only writer in a folder here, and in one transaction; in no other where that is to be `durable`.

    Raises StorageError where another still writes there after `wait` seconds.
    """
    with transaction.atomic(durable=durable):
        _take(folder, wait)
        yield


def _take(folder: str, wait: float) -> None:
    key = _key(folder)
    # In one round trip with the begin of the transaction.
    [[(taken,)]] = sql.fetch_all((_TRY, [key]))
    if taken:
        return
    before = sql.fetch(_LIMIT, [f"{max(round(wait * 1000), 1)}ms"])[0][0]
    try:
        sql.fetch(_TAKE, [key])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StorageError("folder.locked", folder=shown(folder)) from None
        raise
    sql.fetch(_LIMIT, [before])


def _key(folder: str) -> int:
    name = os.fsencode(os.path.realpath(folder))
    return int.from_bytes(hashlib.blake2b(name, digest_size=8, person=b"folder").digest(), signed=True)
