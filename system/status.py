"""What runs here."""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.utils import timezone

from connections.models import Connection
from core import sql
from jobs.models import LIVE_JOB, Job


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
        postgresql=sql.fetch("SHOW server_version", [])[0][0].split()[0],
        time=timezone.now(),
        time_zone=settings.TIME_ZONE,
        instances=Connection.objects.count(),
        live_jobs=Job.objects.filter(state__in=LIVE_JOB).count(),
    )


@cache
def version() -> str:
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
