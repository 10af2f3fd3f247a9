"""Writing an archive: all tables as they are at one moment."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from psycopg import sql

from core import options
from core.errors import ConfigError, StorageError
from core.features import TakenAlong, brought
from system.status import version

from .manifest import MANIFEST, PIECE, Manifest, Table, file_of, kept_as

EMPTY = {"django_session", "usersessions_usersession", "accounts_resetrequest"}
"""Tables whose rows stay out: a session is a key to the door, and so is what asks for a new password."""

IN_MEMORY = 1 << 20
"""Bytes of a file that is taken along; of more, the rest waits on the disk."""

KeepAlive = Callable[[], object]


def write_archive(path: Path, *, keep_alive: KeepAlive = lambda: None) -> Manifest:
    """Write an archive to `path`, whole or not at all, readable by its owner alone; return its manifest.

    All tables are read in one transaction, so they fit each other; scans may go on meanwhile. `keep_alive` is
    called between tables. Raises StorageError where the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    own = connection.copy()
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            manifest = _write(own, file, keep_alive)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StorageError("backup.unwritten", folder=path.parent, reason=error.strerror) from None
    finally:
        own.close()
        draft.unlink(missing_ok=True)
    return manifest


def _write(own: BaseDatabaseWrapper, file: Any, keep_alive: KeepAlive) -> Manifest:
    own.ensure_connection()
    raw: Any = own.connection
    raw.autocommit = False
    with raw.cursor() as cursor, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables = {}
        for name in sorted(our_tables(own)):
            keep_alive()
            tables[name] = _write_table(cursor, archive, name)
        files = _write_files(archive, keep_alive)
        manifest = Manifest(
            version=version(),
            created_at=timezone.now().isoformat(),
            postgresql=_server_version(cursor),
            migrations=sorted(MigrationRecorder(own).applied_migrations()),
            tables=tables,
            files=files,
            settings=_settings(),
        )
        archive.writestr(MANIFEST, manifest.to_json())
        raw.rollback()
    return manifest


def our_tables(database: BaseDatabaseWrapper) -> set[str]:
    """Return the tables that are there and ours; a database may be shared with other programs."""
    ours = database.introspection.django_table_names(only_existing=True, include_views=False)
    return {*ours, MigrationRecorder.Migration._meta.db_table}


def _write_table(cursor: Any, archive: zipfile.ZipFile, name: str) -> Table:
    columns = columns_of(cursor, name)
    rows = sql.SQL("SELECT {} FROM {} {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(name),
        sql.SQL("WHERE false" if name in EMPTY else "ORDER BY 1"),
    )
    digest = hashlib.sha256()
    count = 0
    statement = sql.SQL("COPY ({}) TO STDOUT").format(rows)
    with archive.open(file_of(name), "w", force_zip64=True) as file, cursor.copy(statement) as copy:
        for piece in copy:
            data = bytes(piece)
            digest.update(data)
            file.write(data)
            # In this format a line break within a value is written as \n: every one here ends a row.
            count += data.count(b"\n")
    return Table(columns, count, digest.hexdigest())


def _write_files(archive: zipfile.ZipFile, keep_alive: KeepAlive) -> dict[str, int]:
    """Write the files that apps have taken along; one that cannot be read, or is damaged, is left out."""
    found: dict[str, int] = {}
    for _app, along in brought(TakenAlong, also_off=True):
        for digest in along.digests():
            if digest in found or along.read is None:
                continue
            keep_alive()
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as whole:
                seen, size = hashlib.sha256(), 0
                try:
                    with along.read(digest) as file:
                        while piece := file.read(PIECE):
                            seen.update(piece)
                            size += len(piece)
                            whole.write(piece)
                except (StorageError, ConfigError):
                    continue
                if seen.hexdigest() != digest:
                    continue
                whole.seek(0)
                # Pictures are packed already.
                info = zipfile.ZipInfo(kept_as(digest))
                info.compress_type = zipfile.ZIP_STORED
                with archive.open(info, "w", force_zip64=True) as to:
                    while piece := whole.read(PIECE):
                        to.write(piece)
            found[digest] = size
    return found


def columns_of(cursor: Any, name: str) -> list[str]:
    """Return the columns of a table that hold a value of their own, in their order."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        [f'"{name}"'],
    )
    return [row[0] for row in cursor.fetchall()]


def _server_version(cursor: Any) -> str:
    cursor.execute("SHOW server_version")
    return str(cursor.fetchone()[0])


def _settings() -> dict[str, Any]:
    """What was set from outside, to be looked up after a loss; nothing secret. A restore does not read it."""
    return {setting.name: str(setting.read()) for setting in options.ALL if not setting.secret}
