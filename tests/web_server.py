"""Web servers of their own, as people run them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

import requests

from .ports import kept_port
from .waiting import PATIENCE, wait_until


@contextmanager
def web_server(environment: Mapping[str, str]) -> Iterator[str]:
    """Run a web server with these variables; its address."""
    command = [sys.executable, "-m", "taggarr.serve", "--grace", "1"]
    with served(lambda port: [*command, "--port", str(port)], environment, sign="/ping") as address:
        yield address


@contextmanager
def served(
    command: Callable[[int], Sequence[str]],
    environment: Mapping[str, str],
    *,
    sign: str,
    output: IO[bytes] | None = None,
) -> Iterator[str]:
    """Run a program that serves pages on the port it is given, until its page `sign` answers; its address."""
    with kept_port() as port:
        address = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(command(port), env=dict(environment), stdout=output, stderr=output)
        try:
            wait_until(lambda: _answers(f"{address}{sign}", process), f"{address}{sign} answers")
            yield address
        finally:
            process.terminate()
            ended = process.wait(PATIENCE)
        # Docker shows anything else as a failure.
        assert ended == 0, f"a server that was told to stop ended with exit code {ended}"


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether there is a page at the address of a server that is starting; fails where it has ended."""
    assert process.poll() is None, f"the server ended with exit code {process.returncode}"
    try:
        return requests.get(address, timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False
