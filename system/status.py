"""What runs here: versions, where the data lies, and whether there is a newer Taggarr.

The last is asked of an address that the owner names; without one nothing is ever sent.
"""

from __future__ import annotations

import logging
import platform
import re
import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import django
import redis
import requests
from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from connections.models import Connection
from core import outbound
from core.redis_server import connect_redis
from core.sentences import say
from history.services import record
from jobs.models import LIVE_JOB, Job
from system.models import RuntimeSetting
from system.words import SystemEvent

logger = logging.getLogger(__name__)

LATEST = "latest_version"
TIMEOUT = 10.0
_NUMBER = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?\Z")
PATIENCE = 1.0
"""Seconds that Redis has for an answer."""


@dataclass(frozen=True, slots=True)
class SystemStatus:
    name: str
    version: str
    python: str
    django: str
    postgresql: str
    time: datetime
    time_zone: str
    instances: int
    live_jobs: int


def system_status() -> SystemStatus:
    return SystemStatus(
        name="Taggarr",
        version=version(),
        python=platform.python_version(),
        django=django.get_version(),
        postgresql=_postgresql(),
        time=timezone.now(),
        time_zone=settings.TIME_ZONE,
        instances=Connection.objects.count(),
        live_jobs=Job.objects.filter(state__in=LIVE_JOB).count(),
    )


@cache
def version() -> str:
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def _postgresql() -> str:
    with database.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]


@dataclass(frozen=True, slots=True)
class About:
    """`parts` are (name, version); `free` and `disk` are bytes of the data folder's disk, None if unknown."""

    status: SystemStatus
    newer: str
    parts: list[tuple[str, str]]
    data: Path
    free: int | None
    disk: int | None


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
    folder = Path(settings.TAGGARR_DATA)
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return About(status, known_newer(), parts, folder, None, None)
    return About(status, known_newer(), parts, folder, disk.free, disk.total)


def _redis() -> tuple[str, str]:
    try:
        with connect_redis(PATIENCE) as server:
            told = server.info("server")
    except (redis.RedisError, OSError):
        return "Redis", "does not answer"
    if found := told.get("valkey_version"):
        return "Valkey", str(found)
    return "Redis", str(told.get("redis_version", ""))


def look_for_newer() -> str | None:
    """Ask TAGGARR_RELEASES_URL for the newest release, remember and return it; None: nothing was learned.

    The address answers a JSON object with `tag_name`, as GitHub's `/releases/latest` does. A version that is
    news is written to the history once.
    """
    if not settings.RELEASES_URL:
        return None
    try:
        newest = str(_answer(settings.RELEASES_URL)["tag_name"]).removeprefix("v")
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        logger.info("no answer about newer versions: %s", error)
        return None
    if not _parts(newest):
        logger.info("what %s answers is no version", settings.RELEASES_URL)
        return None
    before = RuntimeSetting.value_of(LATEST)
    RuntimeSetting.put(LATEST, newest)
    if newest != before and is_newer(newest, version()):
        text = say("Taggarr %(newer)s is out; this is %(version)s.", newer=newest, version=version())
        record(SystemEvent.NEW_VERSION, text, after=newest)
    return newest


def known_newer() -> str:
    """Return the newest version that the last look found, where it is newer than this one; else nothing."""
    newest = RuntimeSetting.value_of(LATEST)
    return str(newest) if newest and is_newer(str(newest), version()) else ""


def _answer(url: str) -> Any:
    with outbound.session() as session:
        answer = session.get(url, timeout=TIMEOUT, headers={"Accept": "application/json"})
    answer.raise_for_status()
    return answer.json()


def is_newer(newest: str, than: str) -> bool:
    """Whether a version such as 1.10.0 is newer than another; False where one of them is no version."""
    one, other = _parts(newest), _parts(than)
    return bool(one and other and one > other)


def _parts(text: str) -> tuple[int, ...]:
    found = _NUMBER.match(text)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
