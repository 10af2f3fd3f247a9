"""`python -m system.alive ROLE`: whether the program of this container works; exit code 0 or 1. No Django.

For the health checks of containers; whether Taggarr as a whole is well is told elsewhere.
"""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from celery import Celery
from kombu.exceptions import OperationalError

from core import env, options, servers
from core.data_folder import HEARTBEAT
from system import programs

TIMEOUT = 8
SILENT = 60
"""Seconds; beat does a round every five."""


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def workers_answer(names: Sequence[str]) -> bool:
    """True where all these workers of this host answer through the broker."""
    address = servers.redis_address(options.REDIS_URL.read(), options.REDIS_PASSWORD.read())
    app = Celery(broker=servers.broker_address(address), set_as_current=False)
    app.conf.update(broker_transport_options=servers.BROKER_OPTIONS, broker_connection_max_retries=0)
    try:
        asked = [f"{name}@{socket.gethostname()}" for name in names]
        answers = app.control.ping(asked, timeout=TIMEOUT, limit=len(asked))
    except (OperationalError, OSError):
        return False
    return len(answers or ()) == len(asked)


def beat_ticks() -> bool:
    """True where the scheduler has done a round within the last minute: it leaves a sign in TAGGARR_DATA."""
    try:
        last = (options.DATA.read() / HEARTBEAT).stat().st_mtime
    except OSError:
        return False
    return time.time() - last < SILENT


def is_alive(role: str) -> bool:
    """Whether the program in this role works. Raises ConfigError for a wrong setting."""
    if role == "all":
        # What crashes is started again by the supervisor, which is the container's own process.
        return is_alive("web") and is_alive("beat")
    if role == "web":
        return answers(f"http://127.0.0.1:{options.PORT.read()}/ping")
    if role == "flower":
        return answers(f"http://127.0.0.1:{options.FLOWER_PORT.read()}/healthcheck")
    if role == "beat":
        return beat_ticks()
    if role == "workers":
        return workers_answer([one.name for one in programs.workers(options.WORKERS.read())])
    return workers_answer([role])


if __name__ == "__main__":
    with env.refusing():
        sys.exit(0 if is_alive(sys.argv[1]) else 1)
