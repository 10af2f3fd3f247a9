"""A stand-in as a process: it starts, tells its address, keeps its state, and ends with its parent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from demo.arr.process import ROOT, StandIn
from demo.arr.state import ArrState
from tests.waiting import PATIENCE


def test_it_ends_when_it_is_stopped(tmp_path: Path) -> None:
    stand_in = StandIn("radarr")
    stand_in.start()
    pid = stand_in.pid
    stand_in.stop()
    stand_in.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(RuntimeError, match="does not run"):
        _ = stand_in.pid


def test_it_keeps_its_state_in_its_file_when_asked(tmp_path: Path) -> None:
    state = ArrState("sonarr")
    state.add_series("Lantern", "/tv/Lantern", seasons={1: True})
    path = tmp_path / "sonarr.json"
    state.save(path)
    with StandIn("sonarr", path, keep=True) as stand_in:
        stand_in.change("set_tags", id=1, labels=["dub"])
    assert ArrState.load(path).labels_of(1) == {"dub"}
    with StandIn("sonarr", path) as stand_in:
        stand_in.change("set_tags", id=1, labels=["other"])
    assert ArrState.load(path).labels_of(1) == {"dub"}


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            StandIn("sonarr", port=port).start()


def test_a_state_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    ArrState("radarr").save(path)
    with pytest.raises(RuntimeError, match="holds the state of a radarr, not of a sonarr"):
        StandIn("sonarr", path).start()


def test_a_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    with StandIn("sonarr") as stand_in:
        assert os.getpgid(stand_in.pid) != os.getpgrp()


Start = Callable[..., tuple["subprocess.Popen[bytes]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `python -m demo.arr` as a shell would; ends what is still running, and closes the pipes."""
    with ExitStack() as stack:

        def start_one(*more: str) -> tuple[subprocess.Popen[bytes], str]:
            command = [sys.executable, "-m", "demo.arr", "--kind", "sonarr", *more]
            process = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            return process, json.loads(process.stdout.readline())["url"]

        yield start_one


def test_it_ends_when_its_parent_is_gone(start: Start) -> None:
    process, url = start("--exit-with-stdin")
    assert requests.get(f"{url}/ping", timeout=PATIENCE).ok
    assert process.stdin is not None
    # All that a child sees of its parent's death, however it died.
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(start: Start, number: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    ArrState("sonarr").save(path)
    process, url = start("--state", str(path), "--keep")
    body = {"op": "add_media", "title": "New", "path": "/tv/New"}
    requests.post(f"{url}/__control/state", json=body, timeout=PATIENCE).raise_for_status()
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert ArrState.load(path).titled("New").path == "/tv/New"


def test_an_open_connection_does_not_keep_it_from_ending() -> None:
    with StandIn("sonarr") as stand_in, requests.Session() as session:
        assert session.get(f"{stand_in.url}/ping", timeout=PATIENCE).ok
        pid = stand_in.pid
        stand_in.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
