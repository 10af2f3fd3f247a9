"""What is wrong with the disks, the servers and the clock."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sql
from core.issues import Action, Issue, Severity
from core.redis_server import connect_redis
from core.words import Phrase
from system import log_files
from system.backup import services as backups
from system.checks import OLDEST_POSTGRES

LEAST_FREE = 500 * 1024 * 1024
"""Bytes: a backup and the logs of a day fit."""

LEAST_FREE_PERCENT = 2

SLOW = 0.5
"""Seconds for the smallest question; a healthy server on the same network takes a thousandth of that."""

OLDEST_REDIS = 6

PATIENCE = 5.0
"""Seconds that Redis has for an answer."""


def full_disks() -> Iterator[Issue]:
    looked_at: set[int] = set()
    for folder in _own_folders():
        try:
            number = folder.stat().st_dev
            disk = shutil.disk_usage(folder)
        except OSError:
            continue
        is_full = disk.free < LEAST_FREE or disk.free * 100 < disk.total * LEAST_FREE_PERCENT
        if is_full and number not in looked_at:
            yield Issue(
                severity=Severity.ERROR,
                what=Phrase("disk.full", folder=folder, free=disk.free // 2**20),
                meaning=_("Backups and logs, and an embedded database, will soon fail."),
                remedy=_("Delete what is not needed there, or move that folder to a larger disk."),
                action=_backups(),
            )
        looked_at.add(number)


def _own_folders() -> list[Path]:
    """The data folder, and what in it may be a mount or a link to elsewhere: the database's files too."""
    data = Path(settings.TAGGARR_DATA)
    return [data, backups.folder_path(), log_files.folder(), *sorted((data / "pg").glob("[0-9]*"))]


def not_restored() -> Iterator[Issue]:
    aside = backups.put_aside()
    if aside is None:
        return
    if aside.reason:
        what = Phrase("backup.not-restored", name=aside.name, reason=aside.reason)
    else:
        what = Phrase("backup.interrupted", name=aside.name)
    yield Issue(
        severity=Severity.ERROR,
        what=what,
        meaning=_("Taggarr keeps the data it had before. It does not try again on its own."),
        remedy=_(
            "The archive is at %(path)s. Fix what is wrong and restore it again, or delete it on "
            "the Backups page."
        )
        % {"path": aside.path},
        action=_backups(),
    )


def servers() -> Iterator[Issue]:
    """Yield an issue for a database or Redis that is slow or old. One that is away is told elsewhere."""
    took, version = _postgres()
    yield from _about_server(Phrase("server.database"), took, version, OLDEST_POSTGRES)
    found = _redis()
    if found:
        yield from _about_server("Redis", *found, OLDEST_REDIS)


def _postgres() -> tuple[float, int]:
    connection.ensure_connection()
    begun = time.monotonic()
    sql.fetch("SELECT 1", [])
    return time.monotonic() - begun, connection.connection.info.server_version // 10000


def _redis() -> tuple[float, int] | None:
    """Return the same of Redis (version 0: an old one); None where it is away, which is told elsewhere."""
    try:
        with connect_redis(PATIENCE) as server:
            server.ping()
            begun = time.monotonic()
            server.ping()
            took = time.monotonic() - begun
            version = str(server.info("server").get("redis_version", ""))
    except redis.ResponseError as error:
        # Redis 5 and older do not know the command that begins a connection.
        return (0.0, 0) if "HELLO" in str(error) else None
    except (redis.RedisError, OSError):
        return None
    major = version.partition(".")[0]
    return took, int(major) if major.isdigit() else OLDEST_REDIS


def database_rights() -> Iterator[Issue]:
    for (role,) in sql.fetch("SELECT rolname FROM pg_roles WHERE rolname = current_user AND rolsuper", []):
        yield Issue(
            what=Phrase("database.superuser", role=role),
            meaning=_("Anyone who breaks into Taggarr could run programs on the database's machine."),
            remedy=_("Use a role that owns the database and has no other rights: see docs/operations.md."),
            action=_about(),
        )


def _about_server(name: str, took: float, version: int, oldest: int) -> Iterator[Issue]:
    if version < oldest:
        told = {"server": name, "oldest": oldest, "version": version}
        code = "server.old-version" if version else "server.too-old"
        yield Issue(
            severity=Severity.ERROR,
            what=Phrase(code, **told),
            meaning=_("Some of the work will fail."),
            remedy=_("Update it."),
            action=_about(),
        )
    elif took > SLOW:
        yield Issue(
            what=Phrase("server.slow", server=name, seconds=round(took, 1)),
            meaning=_("Pages and scans are slow."),
            remedy=_("Check the load and the disk of its machine."),
            action=_about(),
        )


def clock() -> Iterator[Issue]:
    skew = abs(timezone.now() - sql.fetch("SELECT clock_timestamp()", [])[0][0])
    if skew > timedelta(seconds=settings.CLOCK_SKEW):
        yield Issue(
            what=Phrase("server.clock", seconds=round(skew.total_seconds())),
            meaning=_(
                "Times are shown wrong, schedules run at odd times, and workers drop the "
                "scheduler's messages as too old."
            ),
            remedy=_("Set the clocks of both machines by NTP."),
            action=_about(),
        )


def _about() -> Action:
    return Action(_("Show versions and disks"), "about")


def _backups() -> Action:
    return Action(_("Open the backups"), "backups")
