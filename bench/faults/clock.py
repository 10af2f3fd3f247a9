"""Moves the clock of programs that run, by a small library that is loaded into them (`clock.c`)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import env

SOURCE = Path(__file__).with_name("clock.c")
LOADED, OFFSET = "LD_PRELOAD", "FAULTS_CLOCK"
DAY = 24 * 3600


def compiler() -> str:
    """The C compiler; empty where there is none."""
    return shutil.which("cc") or shutil.which("gcc") or ""


class Clock:
    """A clock that everything goes by that this process starts after `install`, until it is moved."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o755)
        self._library = folder / "clock.so"
        self._offset = folder / "offset"
        self._offset.write_bytes(struct.pack("q", 0))
        self._offset.chmod(0o644)

    def install(self) -> None:
        """Build the library, and have it loaded into all that is started from now on."""
        command = [compiler(), "-O2", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self._library.chmod(0o755)
        os.environ.update({LOADED: str(self._library), OFFSET: str(self._offset)})
        # Servers and beat are given little of the environment: without this their clocks would stand.
        env.PLAIN |= {LOADED, OFFSET}

    @contextmanager
    def spared(self) -> Iterator[None]:
        """What is started within keeps the true time."""
        taken = os.environ.pop(LOADED, None)
        try:
            yield
        finally:
            if taken is not None:
                os.environ[LOADED] = taken

    def move(self, days: int) -> None:
        """Set the clock so many days before or after the true time, at once and for all."""
        with self._offset.open("r+b") as file:
            file.write(struct.pack("q", days * DAY))
