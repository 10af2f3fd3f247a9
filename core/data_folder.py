"""The folder of what is Taggarr's own. No Django."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import ConfigError

HEARTBEAT = Path("run") / "beat"
"""A file that the scheduler (beat) touches at every round, at most five seconds apart."""


def default_data_folder() -> Path:
    """/var/lib/taggarr for root, else taggarr in the user's own data folder (XDG base directories)."""
    if os.geteuid() == 0:
        return Path("/var/lib/taggarr")
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "share") / "taggarr"


def prepare_data_folder(data: Path) -> None:
    """Make the data folder, with `run` and `logs` in it, closed to other users. What is there stays as it is.

    As root others may pass through it (and list nothing): the database's own user has to reach its files.
    Raises ConfigError where the folder cannot be made or written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        for name in ("run", "logs"):
            (data / name).mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise not_writable(error, data) from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise ConfigError(
            f"Cannot write to {data}. Make it writable, or set TAGGARR_DATA to a folder of yours."
        )


def not_writable(error: OSError, data: Path) -> ConfigError:
    return ConfigError(
        f"Cannot write to {error.filename or data}: {error.strerror}. "
        "Make it writable, or set TAGGARR_DATA to a folder of yours."
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
