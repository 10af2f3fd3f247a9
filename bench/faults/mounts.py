"""A small disk, and a mount that can go away. Root alone may mount, and not in every container."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

BALLAST = "ballast"


@cache
def may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder), 1):
                return True
        except OSError:
            return False


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[None]:
    """A file system of that size over a folder. Raises OSError where it cannot be mounted."""
    _run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0755", "none", str(folder))
    try:
        yield
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def bound(disk: Path, place: Path) -> Iterator[None]:
    mount(disk, place)
    try:
        yield
    finally:
        with suppress(OSError):  # it may be away already
            unmount(place)


def mount(disk: Path, place: Path) -> None:
    """Mount a folder at a place. Raises OSError."""
    _run("mount", "--bind", str(disk), str(place))


def unmount(place: Path) -> None:
    """Take it away, whoever uses it: an empty folder is left. Raises OSError."""
    _run("umount", "-l", str(place))


def fill(folder: Path) -> Path:
    """Fill the disk of a folder to the last byte; return the file that does it, which is to be deleted."""
    path = folder / BALLAST
    with path.open("wb") as file:
        for size in (2**20, 4096, 1):
            block = b"\0" * size
            try:
                while True:
                    os.write(file.fileno(), block)
            except OSError:
                continue
    return path


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or f"{command[0]} failed")
