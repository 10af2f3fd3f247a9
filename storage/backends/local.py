"""Files in a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from core import forcing
from core.errors import ConfigError, StorageError

MARK = ".taggarr-storage"
"""A file that says that a folder is the store: the empty folder under a mount that is away has none."""


class Local:
    """Files below `root`, each written beside its place, forced to the disk, and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def is_there(self) -> bool:
        return (self.root / MARK).is_file()

    def prepare(self) -> None:
        with self._telling():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.root / MARK).touch(mode=0o600)
            _force(self.root)

    def put(self, name: str, file: IO[bytes], size: int, digest: str) -> None:  # noqa: ARG002
        """Write a draft beside the place, force it to the disk, and rename it."""
        path = self.root / name
        draft = path.with_name(f".{path.stem[:16]}.{uuid4().hex}")
        with self._telling():
            named = [path.parent, *self._make_folder(path.parent)]
            try:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as copy:
                    file.seek(0)
                    shutil.copyfileobj(file, copy, 1 << 20)
                    copy.flush()
                    os.fchmod(copy.fileno(), 0o400)
                    os.fsync(copy.fileno())
                os.rename(draft, path)  # noqa: PTH104  (a seam for the tests of crashes)
            except BaseException:
                with suppress(OSError):
                    draft.unlink()
                raise
            _force(*named)

    def size(self, name: str) -> int | None:
        with self._telling(), suppress(FileNotFoundError):
            return (self.root / name).stat().st_size
        return None

    def open(self, name: str) -> IO[bytes] | None:
        with self._telling(), suppress(FileNotFoundError):
            return (self.root / name).open("rb")
        return None

    def delete(self, name: str) -> None:
        with self._telling():
            (self.root / name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        for folder, _, files in os.walk(self.root):
            for file in files:
                path = Path(folder, file)
                if path == self.root / MARK:
                    continue
                with suppress(FileNotFoundError):
                    written = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
                    yield path.relative_to(self.root).as_posix(), written

    def _make_folder(self, folder: Path) -> list[Path]:
        """Make a folder; return those that hold a new one, and have to be forced to the disk too."""
        if folder.is_dir():
            return []
        above = self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
        return [folder.parent, *above]

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise ConfigError or StorageError for an error of the system."""
        try:
            yield
        except OSError as error:
            parts = {"folder": self.root, "reason": error.strerror or error}
            if isinstance(error, PermissionError):
                raise ConfigError("storage.not-writable", **parts) from error
            raise StorageError("storage.failing", **parts) from error


def _force(*folders: Path) -> None:
    """Force folders to the disk. Raises OSError where one of them cannot be."""
    handles = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in folders]
    try:
        for error in forcing.force(handles):
            if error is not None:
                raise error
    finally:
        for handle in handles:
            os.close(handle)
