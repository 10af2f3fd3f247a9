"""The rehearsal itself: a backup restored as it was, migrated, looked through, saved, and the way back."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.utils import timezone

from core.errors import ConfigError, TaggarrError
from system.backup.manifest import Manifest, opened, read_manifest
from system.backup.restoring import check_archive
from system.status import version

from . import scratch
from .contents import Finding, Snapshot, broken_constraints, compare, invalid_indexes, unequal
from .report import PRODUCT, check_keys
from .scratch import Scratch, StepError, run

FORMAT = 1
PASSED, FAILED, NOT_REHEARSED = "passed", "failed", "not rehearsed"
GO, NO_GO = "go", "no-go"
WAY_BACK = "way back"
MIGRATIONS = "django_migrations"
ROW_SHOWN = re.compile(r" (?:DETAIL|CONTEXT|HINT): ")
"""What follows may be a whole row, which does not belong in a report."""


@dataclass(slots=True)
class Check:
    """One line of what was rehearsed; `note` says why it was not."""

    check: str
    outcome: str = NOT_REHEARSED
    seconds: float = 0.0
    note: str = ""
    findings: list[Finding] = field(default_factory=list)


Tell = Callable[[Check], object]


def rehearse(
    archive: Path, *, to: str = "", accepted: Collection[str] = (), tell: Tell = lambda _check: None
) -> dict[str, Any]:
    """Rehearse the upgrade of an archive to this code, and the way back to the revision `to`.

    Return the report. `tell` hears of each check when it is done. Nothing outside a temporary folder changes.
    Raises BackupError where the archive is none that this code can read, ConfigError for an unknown revision
    or a lack of room.
    """
    manifest = check_archive(archive)
    commit, why_not = older_code(to)
    check_keys()
    with scratch.place_for(archive) as place, closing(Rehearsal(place, archive, manifest, tell)) as rehearsal:
        rehearsal.go_forward(accepted)
        rehearsal.go_back(commit, why_not)
        more = {"way_back": {"revision": to, "commit": commit}, "accepted": sorted(accepted)}
        return {**rehearsal.report(), **more}


class Rehearsal:
    """The checks in their order, and what the databases held."""

    def __init__(self, place: Scratch, archive: Path, manifest: Manifest, tell: Tell) -> None:
        self.place = place
        self.archive = archive
        self.manifest = manifest
        self.tell = tell
        self.began = time.monotonic()
        self.checks: dict[str, Check] = {}
        self.held: dict[str, Snapshot] = {}

    def close(self) -> None:
        for one in self.held.values():
            one.database.close()

    def go_forward(self, accepted: Collection[str]) -> None:
        start, migrated, held = "start", "migrated", self.held
        self._check("restored", self._restore_as_written)
        self._check(migrated, self._migrate, after="restored")
        self._check("content", lambda: compare(held[start], held[migrated], accepted), after=migrated)
        self._check("references", lambda: broken_constraints(held[migrated].database, "f"), after=migrated)
        self._check("constraints", lambda: broken_constraints(held[migrated].database, "c"), after=migrated)
        self._check("indexes", lambda: invalid_indexes(held[migrated].database), after=migrated)
        self._check("backup", self._save_and_restore, after=migrated)

    def go_back(self, commit: str, why_not: str) -> None:
        self._check(WAY_BACK, lambda: self._restore_with(commit), after="restored", why_not=why_not)

    def _check(
        self, name: str, work: Callable[[], list[Finding]], *, after: str = "", why_not: str = ""
    ) -> None:
        """Do one check, unless there is a reason why not, or what it builds on did not succeed."""
        check = self.checks[name] = Check(name, note=why_not)
        if after and self.checks[after].outcome != PASSED:
            check.note = f"“{after}” did not pass."
        elif not why_not:
            began = time.monotonic()
            try:
                check.findings = work()
            except (StepError, psycopg.Error, TaggarrError) as error:
                if (reason := os.strerror(errno.ENOSPC)) in str(error):
                    raise OSError(errno.ENOSPC, reason) from None
                check.findings = [Finding("stopped", ROW_SHOWN.split(" ".join(str(error).split()))[0])]
            check.seconds = round(time.monotonic() - began, 1)
            check.outcome = FAILED if any(one.fails for one in check.findings) else PASSED
        self.tell(check)

    def _restore_as_written(self) -> list[Finding]:
        self.place.restore("start", self.archive, upgrade=False)
        self.place.create("migrated", like="start")
        held = self.held["start"] = self.place.snapshot("start")
        return [
            Finding("unequal", name, held.tables[name].rows, str(table.rows))
            for name, table in self.manifest.tables.items()
            if held.tables[name].rows != table.rows
        ]

    def _migrate(self) -> list[Finding]:
        # The files came back beside the other database.
        shutil.copytree(self.place.folder / "start", self.place.folder / "migrated", dirs_exist_ok=True)
        self.place.python("migrated", "manage.py", "migrate", "--no-input", "--skip-checks", "-v0")
        self.held["migrated"] = self.place.snapshot("migrated")
        return []

    def _save_and_restore(self) -> list[Finding]:
        saved = Path(json.loads(self.place.python("migrated", "manage.py", "backup", "--json"))["path"])
        with opened(saved) as archive:
            missing = set(self.manifest.files) - set(read_manifest(archive).files)
        self.place.restore("restored", saved)
        restored = self.held["restored"] = self.place.snapshot("restored")
        return unequal(self.held["migrated"], restored) + [
            Finding("lost", f"files/{name}") for name in sorted(missing)
        ]

    def _restore_with(self, commit: str) -> list[Finding]:
        code = self.place.folder / "code"
        # A worktree would leave traces in the repository if this were killed.
        packed = code.with_suffix(".zip")
        run(["git", "archive", "--format=zip", f"--output={packed}", commit], cwd=scratch.CODE)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(code)
        self.place.restore("way_back", self.archive, code=code)
        start, back = self.held["start"], self.place.snapshot("way_back")
        self.held["way_back"] = back
        # A revision between the archive's and this one has migrations of its own.
        same = start.tables[MIGRATIONS] == back.tables[MIGRATIONS]
        return unequal(start, back) if same else compare(start, back)

    def report(self) -> dict[str, Any]:
        with self.archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        before, after = set(self.manifest.migrations), self._migrations()
        return {
            "product": PRODUCT,
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "verdict": verdict_of(self.checks.values()),
            "archive": {
                "name": self.archive.name,
                "sha256": digest,
                "created_at": self.manifest.created_at,
            },
            "from": {"version": self.manifest.version, "migrations": dict(sorted(before))},
            "to": {"version": version(), "migrations": dict(sorted(after))},
            "applied": [".".join(one) for one in sorted(after - before)],
            "checks": [asdict(check) for check in self.checks.values()],
            "tables": {
                stage: {name: {"rows": one.rows, "hash": one.digest} for name, one in held.tables.items()}
                for stage, held in self.held.items()
            },
            "seconds": round(time.monotonic() - self.began, 1),
        }

    def _migrations(self) -> set[tuple[str, str]]:
        held = self.held.get("migrated")
        return set(held.database.execute("SELECT app, name FROM django_migrations")) if held else set()


def verdict_of(checks: Iterable[Check]) -> str:
    """Only the way back need not have been rehearsed."""
    fine = all(one.outcome in (PASSED, NOT_REHEARSED if one.check == WAY_BACK else PASSED) for one in checks)
    return GO if fine else NO_GO


def older_code(revision: str) -> tuple[str, str]:
    """Return the commit of a revision of our own repository, or an empty one and why it cannot be had.

    Raises ConfigError where the repository does not know it.
    """
    if not revision:
        return "", "Name the version to go back to with --to."
    try:
        top = run(["git", "rev-parse", "--show-toplevel"], cwd=scratch.CODE).strip()
    except (StepError, FileNotFoundError) as error:
        return "", f"There is no git repository here ({error})."
    if Path(top) != scratch.CODE:
        return "", f"This code stands in another repository ({top})."
    try:
        asked = ["--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
        return run(["git", "rev-parse", *asked], cwd=scratch.CODE).strip(), ""
    except StepError:
        raise ConfigError("rehearsal.revision", revision=revision) from None
