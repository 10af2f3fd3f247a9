"""Is a backup still what was written? Read as a whole, against its checksums, and remembered."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from system.models import RuntimeSetting

from .manifest import BackupError
from .restoring import check_archive
from .services import Backup, list_backups, path_of

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
        trouble = str(error)
    found = Check(timezone.now().isoformat(), path.stat().st_size, trouble)
    _remember(name, found)
    return found


def known_checks(backups: list[Backup]) -> dict[str, Check]:
    """Return what is known of these backups by their names; nothing of a file that has changed since."""
    checks = {name: Check(**check) for name, check in (RuntimeSetting.value_of(NAME) or {}).items()}
    return {
        backup.name: checks[backup.name]
        for backup in backups
        if backup.name in checks and checks[backup.name].size == backup.size
    }


@transaction.atomic
def _remember(name: str, check: Check) -> None:
    """Keep what was found, and forget it of backups that are gone."""
    row, _ = RuntimeSetting.objects.select_for_update().get_or_create(name=NAME, defaults={"value": {}})
    there = {backup.name for backup in list_backups()}
    kept = {known: value for known, value in row.value.items() if known in there}
    row.value = {**kept, name: asdict(check)}
    row.save()
