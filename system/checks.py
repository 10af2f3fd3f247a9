"""What must be right before Taggarr starts: servers, keys, data folder. One line each, with a remedy."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from core import keys, secrets
from core.errors import ConfigError

OLDEST_POSTGRES = 15
RETRY_INTERVAL = 0.5


@register("taggarr")
def keys_are_there(**_: Any) -> list[CheckMessage]:
    """Django's own `check`: warn where the keys have not been made yet."""
    if keys.secret_key(settings.TAGGARR_DATA) and settings.ENCRYPTION_KEYS:
        return []
    hint = "Run manage.py startup, or set TAGGARR_SECRET_KEY and TAGGARR_ENCRYPTION_KEYS."
    return [Warning("Taggarr has no keys yet.", hint=hint, id="taggarr.W001")]


def problems(wait: float = 0) -> list[str]:
    """What keeps Taggarr from starting, one sentence each; servers may take `wait` seconds to appear."""
    end = time.monotonic() + wait
    found = [problem for check in (_data_folder, _keys) for problem in _outcome(check)]
    found += _outcome_by(end, _redis)
    database = _outcome_by(end, _database)
    if database:
        return found + database
    return found + [problem for check in (_newer_database, secrets.check_all) for problem in _outcome(check)]


def _outcome(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except ConfigError as error:
        yield str(error)


def _outcome_by(end: float, check: Callable[[], None]) -> list[str]:
    """The outcome of a check that is tried again until `end` (monotonic seconds)."""
    while (found := list(_outcome(check))) and time.monotonic() < end:
        time.sleep(RETRY_INTERVAL)
    return found


def _data_folder() -> None:
    try:
        with tempfile.TemporaryFile(dir=settings.TAGGARR_DATA):
            pass
    except OSError as error:
        raise ConfigError(
            f"TAGGARR_DATA, {settings.TAGGARR_DATA}, cannot be written ({error.strerror}): "
            "make it writable for the user who runs Taggarr."
        ) from None


def _keys() -> None:
    if keys_are_there():
        raise ConfigError(
            "Taggarr has no keys: make TAGGARR_DATA writable, "
            "or set TAGGARR_SECRET_KEY and TAGGARR_ENCRYPTION_KEYS."
        )


def _database() -> None:
    try:
        connection.ensure_connection()
        version = connection.cursor().connection.info.server_version
    except DatabaseError as error:
        connection.close()
        where = "DATABASE_URL" if settings.DATABASE_URL else "DATABASE_URL (it is not set)"
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"The database does not answer: check {where} and that PostgreSQL runs. {reason}"
        ) from None
    if version < OLDEST_POSTGRES * 10000:
        raise ConfigError(
            f"The database is PostgreSQL {version // 10000}: Taggarr needs {OLDEST_POSTGRES} or newer."
        )


def _redis() -> None:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5) as server:
            server.ping()
    except redis.ResponseError as error:
        if "HELLO" in str(error):
            raise ConfigError("Redis is too old: Taggarr needs version 6 or newer, or Valkey.") from None
        raise ConfigError(f"Redis refuses Taggarr: check REDIS_URL. {error}") from None
    except (redis.RedisError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"Redis does not answer: check REDIS_URL and that Redis runs. {reason}") from None


def _newer_database() -> None:
    """A database that a newer Taggarr has changed must not be written by an older one."""
    loader = MigrationLoader(connection)
    ours = {
        config.label for config in apps.get_app_configs() if config.path.startswith(str(settings.BASE_DIR))
    }
    unknown = sorted(
        key
        for key in loader.applied_migrations
        if key[0] in ours & loader.migrated_apps and key not in loader.disk_migrations
    )
    if unknown:
        raise ConfigError(
            f"The database was changed by a newer Taggarr ({unknown[-1][0]} {unknown[-1][1]}): "
            "start that version, or restore a backup made before it."
        )
