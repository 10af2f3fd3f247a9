"""Where bytes are kept, behind one interface.

Names are relative, with `/`; the bytes under a name never change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Protocol


class Backend(Protocol):
    """A store of files.

    Its methods raise StorageError where it does not answer, ConfigError where it refuses.
    """

    def is_there(self) -> bool:
        """Whether this is the store that was prepared: the empty folder under a lost mount is not."""

    def prepare(self) -> None:
        """Make it ready to take files, once."""

    def put(self, name: str, file: IO[bytes], size: int, digest: str) -> None:
        """Keep a file, whole or not at all: once this returns it is on the disk. `digest` is its SHA-256."""

    def size(self, name: str) -> int | None:
        """The bytes of a file; None where there is none."""

    def open(self, name: str) -> IO[bytes] | None:
        """The file, to be read from its start and closed; None where there is none."""

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is fine."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """All that is there, with the time it was written: drafts of a local store too."""
