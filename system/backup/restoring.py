"""Putting an archive in the place of what the database holds: all of it, or nothing."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from core import secrets
from core.errors import ConfigError, StorageError
from core.features import TakenAlong, brought
from jobs.models import LIVE_ITEM, LIVE_JOB, ItemState, Job, JobItem, JobState
from jobs.workers import served_queues

from .manifest import (
    BackupError,
    Manifest,
    check_content,
    check_files,
    opened,
    pieces,
    pieces_of_file,
    read_manifest,
)
from .writing import columns_of, our_tables

logger = logging.getLogger(__name__)

LOCK = 0x74616767
"""Whoever migrates or restores holds this lock ("tagg" in ASCII; any number does that stays the same)."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; `lost` of the files that were taken along could not be kept again."""

    manifest: Manifest
    rows: int
    files: int = 0
    lost: int = 0


def check_archive(path: Path) -> Manifest:
    """Return what an archive holds, after reading all of it. Raises BackupError where it cannot be restored.

    The database is not asked, so this tells nothing of whether its secrets decrypt here.
    """
    with opened(path) as archive:
        manifest = read_manifest(archive)
        _check_migrations(manifest)
        check_files(archive, manifest)
        check_content(archive, manifest)
    return manifest


def restore(path: Path, *, drop_secrets: bool = False, upgrade: bool = True) -> Restored:
    """Put the content of an archive in the place of all that the database holds.

    It is one transaction: until its last step every reader sees the old content, and any failure leaves it as
    it was. `drop_secrets` empties what is encrypted, for who has lost the key. Without `upgrade` the tables
    stay as the version that wrote the archive had them, and its secrets are not opened: that is for a
    rehearsal, which also calls this function of older versions, with the path alone. Raises BackupError, with
    the reason; ConfigError where workers run.
    """
    manifest = check_archive(path)
    refuse_workers()
    try:
        with opened(path) as archive, transaction.atomic():
            _replace(archive, manifest, drop_secrets=drop_secrets, upgrade=upgrade)
        with opened(path) as archive:
            kept = sum(bring_back(archive, manifest, digest) for digest in manifest.files)
    except (DatabaseError, psycopg.Error) as error:
        reason = str(error).strip().partition("\n")[0]
        raise BackupError("backup.failed", reason=reason) from error
    rows = sum(table.rows for table in manifest.tables.values())
    return Restored(manifest, rows, kept, len(manifest.files) - kept)


def bring_back(archive: ZipFile, manifest: Manifest, digest: str) -> bool:
    """Have a file kept again; the rows are back already, so what cannot be is told, and stops nothing."""
    with tempfile.TemporaryFile() as file:
        for piece in pieces_of_file(archive, manifest, digest):
            file.write(piece)
        for _app, along in brought(TakenAlong, also_off=True):
            if along.bring_back is None:
                continue
            file.seek(0)
            try:
                along.bring_back(digest, file)
            except (StorageError, ConfigError) as error:
                logger.warning("the file %s of the backup was not kept again: %s", digest[:12], error)
                return False
    return True


def refuse_workers() -> None:
    if served := served_queues():
        raise ConfigError("backup.workers", queues=sorted(served))


def _check_migrations(manifest: Manifest) -> None:
    """Raise BackupError where the archive was written by a newer Taggarr, or holds no tables of ours."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    unknown = sorted(set(manifest.migrations) - set(known))
    if unknown:
        raise BackupError("backup.newer", version=manifest.version, migration=".".join(unknown[-1]))
    if not any(app == "library" for app, _ in manifest.migrations):
        raise BackupError("backup.no-library")


def _replace(archive: ZipFile, manifest: Manifest, *, drop_secrets: bool, upgrade: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _drop_tables(cursor)
        _migrate(_last_of(manifest.migrations))
        _fill(cursor, archive, manifest)
        # What waits to be checked would keep the newer migrations from altering tables.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _set_triggers(cursor, manifest, "ENABLE")
    if upgrade:
        _migrate(None)
        if drop_secrets:
            secrets.drop_all()
        else:
            _check_secrets()
    _cancel_backups()


def _drop_tables(cursor: Any) -> None:
    names = our_tables(connection)
    cursor.execute(
        sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(
            sql.SQL(", ").join(map(sql.Identifier, sorted(names)))
        )
    )


def _migrate(targets: list[tuple[str, str]] | None) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())


def _last_of(applied: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the migrations on which no other of the same app among them builds."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    inside = set(applied)
    return [
        key
        for key in sorted(inside)
        if key in graph.node_map
        and not any(child.key in inside and child.key[0] == key[0] for child in graph.node_map[key].children)
    ]


def _fill(cursor: Any, archive: ZipFile, manifest: Manifest) -> None:
    _check_shape(cursor, manifest)
    # The archive holds what they have made.
    _set_triggers(cursor, manifest, "DISABLE")
    tables = sql.SQL(", ").join(map(sql.Identifier, sorted(manifest.tables)))
    cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
    # The tables come in any order. Making them has left their foreign keys to be checked at once.
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for name, table in manifest.tables.items():
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)
        with cursor.copy(statement) as copy:
            for piece in pieces(archive, name):
                copy.write(piece)
        if cursor.rowcount != table.rows:
            raise BackupError("backup.rows", table=name, found=cursor.rowcount, rows=table.rows)
        _set_sequences(cursor, name)
    if set(MigrationRecorder(connection).applied_migrations()) != set(manifest.migrations):
        raise BackupError("backup.migrations")


def _set_triggers(cursor: Any, manifest: Manifest, action: str) -> None:
    for name in manifest.tables:
        statement = sql.SQL("ALTER TABLE {} {} TRIGGER USER")
        cursor.execute(statement.format(sql.Identifier(name), sql.SQL(action)))


def _check_shape(cursor: Any, manifest: Manifest) -> None:
    """Raise BackupError where an archive holds not just the tables and columns that its migrations make.

    One that leaves some out would restore to half of what there was.
    """
    ours = our_tables(connection)
    if unknown := sorted(set(manifest.tables) - ours):
        raise BackupError("backup.table-unknown", table=unknown[0])
    if missing := sorted(ours - set(manifest.tables)):
        raise BackupError("backup.table-missing", table=missing[0])
    for name, table in manifest.tables.items():
        if differing := sorted(set(table.columns) ^ set(columns_of(cursor, name))):
            raise BackupError("backup.columns", table=name, column=differing[0])


def _set_sequences(cursor: Any, table: str) -> None:
    """Have the next row of a table get a number that is free."""
    for sequence in connection.introspection.get_sequences(cursor, table):
        cursor.execute(
            sql.SQL("SELECT setval(%s, greatest((SELECT max({}) FROM {}), 1))").format(
                sql.Identifier(sequence["column"]), sql.Identifier(table)
            ),
            [f'"{sequence["name"]}"'],
        )


def _check_secrets() -> None:
    try:
        secrets.check_all()
    except ConfigError:
        raise BackupError("backup.other-key") from None


def _cancel_backups() -> None:
    """The job that wrote the archive was running when it did; it has ended since."""
    live = Job.objects.filter(name="backup", state__in=LIVE_JOB)
    JobItem.objects.filter(job__in=live, state__in=LIVE_ITEM).update(state=ItemState.CANCELLED)
    live.update(state=JobState.CANCELLED)
