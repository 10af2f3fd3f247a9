"""Backups as people see them: making, listing, checking, keeping some, taking one in, staging one."""

from __future__ import annotations

import contextlib
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
from django.db import transaction
from django.utils import timezone

from core.errors import ConfigError, StorageError
from core.fields import loaded, stored
from core.words import Phrase
from history import audit
from history.models import EventKind
from history.services import record
from system.backup.manifest import BackupError, opened, read_manifest
from system.backup.restoring import Restored, check_archive, restore
from system.backup.writing import KeepAlive, write_archive
from system.models import RuntimeSetting

if TYPE_CHECKING:
    pass

logger = logging.getLogger(__name__)

KEEP = 7
KEEP_DAYS = 90
SPARE = 3
"""So many of the backups that were made before a restore, or uploaded, are kept."""

_NAME = re.compile(r"(taggarr|before-restore|uploaded)-\d{8}-\d{6}(-\d+)?\.zip\Z")
LARGEST_UPLOAD = 4 * 1024**3

ARCHIVE = "staged.zip"
WISH = "wish.json"
REASON = "reason.json"
"""What lies in the folder of what is staged; `reason.txt` only where that was not restored."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One archive in the folder of backups; `size` in bytes."""

    name: str
    size: int
    made_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "made_at": self.made_at.isoformat()}


@dataclass(frozen=True, slots=True)
class PutAside:
    """A staged archive that was not restored: its name, where it lies, and why; empty: it broke off."""

    name: str
    path: Path
    reason: str


def folder_path() -> Path:
    return Path(settings.TAGGARR_DATA) / "backups"


def folder() -> Path:
    """Return the folder of backups, made where it is missing. Raises StorageError where it cannot be."""
    path = folder_path()
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError("backup.folder", folder=path, reason=error.strerror) from None
    return path


def make_backup(*, label: str = "taggarr", keep_alive: KeepAlive = lambda: None) -> Backup:
    """Write a backup of all that the database holds now and return it. Raises StorageError."""
    path = _new_path(label)
    write_archive(path, keep_alive=keep_alive)
    return _of(path)


def list_backups() -> list[Backup]:
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
        raise ConfigError("backup.unknown", name=name)
    return path


def archive_of(given: str) -> Path:
    """Return the file that a person named: a path, or the name of a backup. Raises ConfigError for none."""
    path = Path(given)
    return path if path.is_file() else path_of(given)


def delete_backup(name: str) -> None:
    path_of(name).unlink()
    audit.note("deleted", kind="backup", target=name)


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
                    raise BackupError("backup.too-large")
                file.write(piece)
        draft.chmod(0o600)
        check_archive(draft)
        draft.rename(path)
    except OSError as error:
        raise StorageError("backup.unwritten", folder=path.parent, reason=error.strerror) from None
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
    try:
        done = restore(path, drop_secrets=drop_secrets)
    except ConfigError:
        # What is there has not changed, so its copy would only take the place of another.
        path_of(before.name).unlink(missing_ok=True)
        raise
    audit.note("restored", kind="backup", target=path.name)
    return done


def stage(path: Path, *, drop_secrets: bool = False) -> None:
    """Have an archive restored when Taggarr starts the next time.

    Raises BackupError where it cannot be, StorageError where there is no place for its copy.
    """
    check_archive(path)
    wish = {"name": path.name, "drop_secrets": drop_secrets, "asked_at": timezone.now().isoformat()}
    draft = _staging() / ".staged.part"
    try:
        _staging().mkdir(mode=0o700, exist_ok=True)
        (_staging() / ARCHIVE).unlink(missing_ok=True)
        shutil.copyfile(path, draft)
        draft.chmod(0o600)
        (_staging() / WISH).write_text(json.dumps(wish), encoding="utf-8")
        # Last: what is there is restored, so it is there as a whole, with its wish, or not at all.
        draft.rename(_staging() / ARCHIVE)
    except OSError as error:
        raise StorageError("backup.unwritten", folder=_staging(), reason=error.strerror) from None
    shutil.rmtree(folder_aside(), ignore_errors=True)
    audit.note("staged", kind="backup", target=path.name)


def staged() -> dict[str, Any] | None:
    """Return what is to be restored at the next start: `name`, `asked_at`, `drop_secrets`. None: nothing."""
    return _wish_in(_staging())


def unstage() -> bool:
    """Take back what `stage` asked for, or delete what could not be restored; say whether there was any."""
    found = staged() is not None or put_aside() is not None
    for path in (_staging(), folder_aside()):
        shutil.rmtree(path, ignore_errors=True)
    if found:
        audit.note("unstaged", kind="backup")
    return found


def restore_staged() -> str:
    """Restore what was staged, at the start; return a sentence about it, empty where nothing was.

    Taggarr starts in any case. So the archive is moved aside before it is tried: whatever happens, the next
    start does not try it again. Where it was not restored it stays there, and `put_aside` tells of it.
    """
    wish = staged()
    if wish is None:
        return ""
    aside = folder_aside()
    try:
        shutil.rmtree(aside, ignore_errors=True)
        _staging().rename(aside)
    except OSError as error:
        return _note_failure(Phrase("backup.not-moved", folder=_staging(), to=aside, reason=error.strerror))
    try:
        done = restore_now(aside / ARCHIVE, drop_secrets=wish["drop_secrets"])
    except (ConfigError, StorageError) as error:
        reason: str = error.phrase
    except Exception as error:  # the start is the outermost boundary: nothing that an archive holds stops it
        logger.exception("A staged backup could not be restored")
        reason = Phrase("backup.unexpected", error=type(error).__name__)
    else:
        shutil.rmtree(aside, ignore_errors=True)
        return f"Restored {wish['name']}: {done.rows} rows."
    with contextlib.suppress(OSError):
        (aside / REASON).write_text(stored(reason), encoding="utf-8")
    return f"{_note_failure(reason)} The archive lies in {aside}."


def _note_failure(reason: str) -> str:
    sentence: str = Phrase("backup.staged-failed", error=reason)
    record(EventKind.PROBLEM, sentence)
    return sentence


def put_aside() -> PutAside | None:
    wish = _wish_in(folder_aside())
    if wish is None:
        return None
    try:
        reason = loaded((folder_aside() / REASON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        reason = ""
    return PutAside(wish["name"], folder_aside() / ARCHIVE, reason)


def folder_aside() -> Path:
    """Return where a staged archive is while it is restored, and stays where it was not."""
    return _staging().with_name("not-restored")


def _wish_in(staging: Path) -> dict[str, Any] | None:
    """Return what is wished of the archive in a folder; the archive alone wishes to be restored as it is."""
    archive = staging / ARCHIVE
    try:
        since = archive.stat().st_mtime
    except OSError:
        return None
    wish: dict[str, Any] = {
        "name": ARCHIVE,
        "asked_at": datetime.fromtimestamp(since, UTC).isoformat(),
        "drop_secrets": False,
    }
    try:
        found = json.loads((staging / WISH).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return wish
    if isinstance(found, dict):
        wish.update({key: found[key] for key in wish if type(found.get(key)) is type(wish[key])})
    return wish


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


NAME = "backup_checks"


@dataclass(frozen=True, slots=True)
class Check:
    """What the last reading of a backup found: `trouble` is empty where it could be restored here."""

    at: str
    size: int
    trouble: str = ""


def check_backup(name: str) -> Check:
    """Read a backup as a whole and return what was found. Raises ConfigError where there is none."""
    path = path_of(name)
    try:
        check_archive(path)
        trouble = ""
    except BackupError as error:
        trouble = error.phrase
    found = Check(timezone.now().isoformat(), path.stat().st_size, trouble)
    _remember(name, found)
    return found


def known_checks(backups: list[Backup]) -> dict[str, Check]:
    """Return what is known of these backups by their names; nothing of a file that has changed since."""
    checks = {
        name: Check(**{**check, "trouble": loaded(check["trouble"])})
        for name, check in (RuntimeSetting.value_of(NAME) or {}).items()
    }
    return {
        backup.name: checks[backup.name]
        for backup in backups
        if backup.name in checks and checks[backup.name].size == backup.size
    }


@transaction.atomic
def _remember(name: str, check: Check) -> None:
    row, _ = RuntimeSetting.objects.select_for_update().get_or_create(name=NAME, defaults={"value": {}})
    there = {backup.name for backup in list_backups()}
    kept = {known: value for known, value in row.value.items() if known in there}
    row.value = {**kept, name: {**asdict(check), "trouble": stored(check.trouble)}}
    row.save()
