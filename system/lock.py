"""One Taggarr for each data folder. No Django."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from core.data_folder import not_writable, prepare_data_folder
from core.errors import ConfigError

LOCK_FILE = Path("run") / "lock"


class DataLock:
    """Holds a data folder for this process; the kernel lets go of it however the process ends.

    Raises ConfigError where another process holds the folder, or where the folder cannot be written.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        prepare_data_folder(data)
        try:
            # Programs that we start must not inherit the lock: Python opens files close-on-exec.
            self._file = (data / LOCK_FILE).open("a+", encoding="ascii")
        except OSError as error:
            raise not_writable(error, data) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise ConfigError(
                f"Taggarr already runs over {data} (process {holder}): stop it, or set another TAGGARR_DATA."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def __enter__(self) -> DataLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
