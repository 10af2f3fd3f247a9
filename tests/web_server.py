"""Web servers of their own, as people run them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

from system.embedded.ports import next_free_port

from .waiting import wait_until

FIRST_PORT = 18484


@contextmanager
def web_server(environment: Mapping[str, str]) -> Iterator[str]:
    """Run a web server with these variables; its address."""
    port = next_free_port(FIRST_PORT)
    command = [sys.executable, "-m", "uvicorn", "taggarr.asgi:application", "--port", str(port)]
    command += ["--lifespan", "off", "--log-level", "warning", "--no-proxy-headers"]
    process = subprocess.Popen([*command, "--timeout-graceful-shutdown", "1"], env=dict(environment))
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{address}/ping"), "the web server answers")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def answers(address: str) -> bool:
    """Whether there is a page at the address."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False
