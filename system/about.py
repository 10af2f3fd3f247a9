"""What this installation is made of: the versions of all that takes part, and where its data lies."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path

import redis
from django.conf import settings

from core.features import Attribution, Credits, brought
from core.redis_server import connect_redis

from .status import SystemStatus, system_status
from .versions import known_newer

PATIENCE = 1.0
"""Seconds that Redis has for an answer."""


@dataclass(frozen=True, slots=True)
class About:
    """`parts` are (name, version); `free` and `disk` are bytes of the data folder's disk, None if unknown."""

    status: SystemStatus
    newer: str
    parts: list[tuple[str, str]]
    data: Path
    free: int | None
    disk: int | None
    credits: list[Attribution]


def about() -> About:
    status = system_status()
    parts = [
        ("Taggarr", status.version),
        ("Python", status.python),
        ("Django", status.django),
        ("Celery", installed("celery")),
        ("PostgreSQL", status.postgresql),
        _redis(),
        ("pymediainfo", installed("pymediainfo")),
        ("Apprise", installed("apprise")),
    ]
    credits = [one for _, brings in brought(Credits) for one in brings.attributions]
    folder = Path(settings.TAGGARR_DATA)
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return About(status, known_newer(), parts, folder, None, None, credits)
    return About(status, known_newer(), parts, folder, disk.free, disk.total, credits)


def _redis() -> tuple[str, str]:
    try:
        with connect_redis(PATIENCE) as server:
            told = server.info("server")
    except (redis.RedisError, OSError):
        return "Redis", "does not answer"
    if found := told.get("valkey_version"):
        return "Valkey", str(found)
    return "Redis", str(told.get("redis_version", ""))
