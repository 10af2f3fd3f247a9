"""Backups as people see them: making, listing, keeping some, taking one in, staging one."""

from __future__ import annotations

import json
import logging
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from history import audit
from history.models import EventKind
from history.services import record
from library.errors import ConfigError, StorageError
from library.sentences import say

from .manifest import BackupError, opened, read_manifest
from .restoring import Restored, check_archive, restore
from .writing import KeepAlive, write_archive

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

KEEP = 7
KEEP_DAYS = 90
SPARE = 3
"""So many of the backups that were made before a restore, or uploaded, are kept."""

_NAME = re.compile(r"(taggarr|before-restore|uploaded)-\d{8}-\d{6}(-\d+)?\.zip\Z")
LARGEST_UPLOAD = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Backup:
    """One archive in the folder of backups; `size` in bytes."""

    name: str
    size: int
    made_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The backup as JSON-able data."""
        return {**asdict(self), "made_at": self.made_at.isoformat()}


def folder_path() -> Path:
    """Return where the folder of backups is, or would be."""
    return Path(settings.TAGGARR_DATA) / "backups"


def folder() -> Path:
    """Return the folder of backups, made where it is missing. Raises StorageError where it cannot be."""
    path = folder_path()
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {path} cannot be made: {error.strerror}.") from None
    return path


def make_backup(*, label: str = "taggarr", keep_alive: KeepAlive = lambda: None) -> Backup:
    """Write a backup of all that the database holds now and return it. Raises StorageError."""
    path = _new_path(label)
    write_archive(path, keep_alive=keep_alive)
    return _of(path)


def list_backups() -> list[Backup]:
    """Return the backups, the newest first."""
    found = [_of(path) for path in folder().iterdir() if _NAME.match(path.name)]
    return sorted(found, key=lambda backup: (backup.made_at, backup.name), reverse=True)


def kind_of(name: str) -> str:
    """Return where a backup comes from: `taggarr` (made), `before-restore` or `uploaded`."""
    found = _NAME.match(name)
    return found[1] if found else ""


def path_of(name: str) -> Path:
    """Return the file of a backup. Raises ConfigError for anything that is no name of a backup we have."""
    path = folder() / name
    if not _NAME.match(name) or path.is_symlink() or not path.is_file():
        raise ConfigError(f"There is no backup called {name!r}.")
    return path


def delete_backup(name: str, *, user: User | None = None) -> None:
    """Delete the file of a backup. Raises ConfigError where there is none of this name."""
    path_of(name).unlink()
    audit.note("deleted", kind="backup", target=name)
    record(EventKind.SETTINGS, say("Deleted the backup %(name)s", name=name), actor=user)


def delete_old(keep: int = KEEP, keep_days: int = KEEP_DAYS) -> list[str]:
    """Delete all but the newest `keep` backups, and those older than `keep_days`; return their names.

    The newest one always stays. Of those made before a restore, or uploaded, three stay.
    """
    oldest = time.time() - keep_days * 24 * 3600
    known = list_backups()
    ours = [backup for backup in known if kind_of(backup.name) == "taggarr"]
    spare = [backup for backup in known if backup not in ours]
    stale = ours[max(keep, 1) :] + [old for old in ours[1:keep] if old.made_at.timestamp() < oldest]
    deleted = []
    for backup in (*stale, *spare[SPARE:]):
        (folder() / backup.name).unlink(missing_ok=True)
        deleted.append(backup.name)
    for draft in folder().glob(".*.part"):
        if draft.stat().st_mtime < time.time() - 24 * 3600:
            draft.unlink(missing_ok=True)
    return deleted


def take_in(pieces: Iterable[bytes]) -> Backup:
    """Keep an uploaded archive among the backups, after reading all of it; return it.

    Raises BackupError where it is none that could be restored here.
    """
    path = _new_path("uploaded")
    draft = path.with_name(f".{path.name}.part")
    size = 0
    try:
        with draft.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                if size > LARGEST_UPLOAD:
                    raise BackupError("The file is larger than 4 GiB and was not taken.")
                file.write(piece)
        draft.chmod(0o600)
        check_archive(draft)
        draft.rename(path)
    except OSError as error:
        raise StorageError(f"The backup cannot be kept in {path.parent}: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
    audit.note("uploaded", kind="backup", target=path.name)
    return _of(path)


def restore_now(path: Path, *, drop_secrets: bool = False) -> Restored:
    """Restore an archive, after a backup of what is there. The workers must be stopped.

    Raises BackupError or ConfigError; then nothing has changed.
    """
    check_archive(path)
    before = make_backup(label="before-restore")
    done = restore(path, drop_secrets=drop_secrets)
    audit.note("restored", kind="backup", target=path.name)
    record(
        EventKind.SETTINGS,
        say(
            "Restored the backup %(name)s of %(time)s (%(version)s)",
            name=path.name,
            time=done.manifest.created_at[:19],
            version=done.manifest.version,
        ),
        after={"rows": done.rows, "before": before.name},
    )
    return done


def stage(path: Path, *, drop_secrets: bool = False, user: User | None = None) -> None:
    """Have an archive restored when Taggarr starts the next time. Raises BackupError where it cannot be."""
    check_archive(path)
    _staging().mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(path, _staged())
    _staged().chmod(0o600)
    wish = {"name": path.name, "drop_secrets": drop_secrets, "asked_at": timezone.now().isoformat()}
    (_staging() / "wish.json").write_text(json.dumps(wish), encoding="utf-8")
    audit.note("staged", kind="backup", target=path.name)
    record(
        EventKind.SETTINGS,
        say("The backup %(name)s is to be restored at the next start", name=path.name),
        actor=user,
    )


def staged() -> dict[str, Any] | None:
    """Return what is to be restored at the next start: `name`, `asked_at`, `drop_secrets`. None: nothing."""
    if not _staged().exists():
        return None
    try:
        wish: dict[str, Any] = json.loads((_staging() / "wish.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        wish = {}
    return wish


def unstage() -> bool:
    """Take back what `stage` asked for; return whether there was anything."""
    found = _staged().exists()
    shutil.rmtree(_staging(), ignore_errors=True)
    if found:
        audit.note("unstaged", kind="backup")
    return found


def restore_staged() -> str:
    """Restore what was staged, at the start; return a sentence about it, empty where nothing was.

    What cannot be restored is put aside and the old content stays: Taggarr starts in any case.
    """
    wish = staged()
    if wish is None:
        return ""
    try:
        done = restore_now(_staged(), drop_secrets=bool(wish.get("drop_secrets")))
    except (ConfigError, StorageError) as error:
        sentence: str = say("The staged backup was not restored: %(error)s", error=error.sentence)
        record(EventKind.PROBLEM, sentence)
    else:
        sentence = f"Restored {wish.get('name', 'a backup')}: {done.rows} rows."
    shutil.rmtree(_staging(), ignore_errors=True)
    return sentence


def about(name: str) -> dict[str, Any]:
    """Return what a backup says of itself: version, time, rows by table. Raises ConfigError, BackupError."""
    with opened(path_of(name)) as archive:
        manifest = read_manifest(archive)
    return {
        "name": name,
        "version": manifest.version,
        "created_at": manifest.created_at,
        "postgresql": manifest.postgresql,
        "rows": {table: found.rows for table, found in manifest.tables.items() if found.rows},
    }


def _staging() -> Path:
    return Path(settings.TAGGARR_DATA) / "restore"


def _staged() -> Path:
    return _staging() / "staged.zip"


def _of(path: Path) -> Backup:
    found = path.stat()
    return Backup(path.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _new_path(label: str) -> Path:
    stem = f"{label}-{timezone.localtime():%Y%m%d-%H%M%S}"
    path = folder() / f"{stem}.zip"
    number = 1
    while path.exists():
        number += 1
        path = folder() / f"{stem}-{number}.zip"
    return path
