"""Web servers of their own, as people run them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

from .ports import kept_port
from .waiting import PATIENCE, wait_until


@contextmanager
def web_server(environment: Mapping[str, str]) -> Iterator[str]:
    """Run a web server with these variables; its address."""
    command = [sys.executable, "-m", "uvicorn", "taggarr.asgi:application", "--lifespan", "off"]
    command += ["--log-level", "warning", "--no-proxy-headers", "--timeout-graceful-shutdown", "1"]
    with kept_port() as port:
        process = subprocess.Popen([*command, "--port", str(port)], env=dict(environment))
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: answers(f"{address}/ping", process), "the web server answers")
            yield address
        finally:
            process.terminate()
            process.wait(PATIENCE)


def answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether there is a page at the address of a server that is starting; fails where it has ended."""
    assert process.poll() is None, f"the server ended with exit code {process.returncode}"
    try:
        return requests.get(address, timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False
