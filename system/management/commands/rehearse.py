"""`manage.py rehearse`: an upgrade, and the way back, tried on a backup."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from core.console import OK, SOME_FAILED, PlainCommand
from core.errors import StorageError
from system.backup.services import archive_of
from system.rehearsal import report
from system.rehearsal.rehearsing import FAILED, GO, NOT_REHEARSED, PASSED, Check, rehearse

INTERRUPTED = 130
MOST = 20
"""Findings of a check that are printed; the report holds all."""

STYLES = {PASSED: "green", FAILED: "bold red", NOT_REHEARSED: "yellow"}


class Command(PlainCommand):
    help = (
        "Try an upgrade on a backup, with databases of its own: whether this code takes all of it, and "
        "whether there is a way back. Exit code 0 for go, 1 for no-go."
    )
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("backup", nargs="?", help="a file, or the name of a backup")
        what.add_argument(
            "--verify",
            metavar="FILE",
            type=Path,
            help="only say whether a report is genuine, and what it says",
        )
        parser.add_argument(
            "--to",
            metavar="REV",
            default="",
            help="the version to go back to: a tag or commit in git",
        )
        parser.add_argument(
            "--accept",
            metavar="NAME",
            action="append",
            default=[],
            help="a table, or TABLE.COLUMN, that the new version changes on purpose; may be repeated",
        )
        parser.add_argument(
            "--report",
            metavar="FILE",
            type=Path,
            help="where the report goes (default: rehearsal.json in TAGGARR_DATA)",
        )
        parser.add_argument(
            "--key", metavar="FILE", type=Path, help="an Ed25519 key (PEM) in place of the installation's own"
        )

    def run(self, **options: Any) -> int:
        if options["verify"]:
            found = report.verified(options["verify"], options["key"])
            self.answer(found, [f"This report of {found['made_at']} is genuine.", _sentence(found)])
            return _code(found)
        path = options["report"] or Path(settings.TAGGARR_DATA) / "rehearsal.json"
        if not os.access(path.absolute().parent, os.W_OK):
            raise StorageError("rehearsal.unwritten", path=path, reason="no such folder, or not writable")
        key = report.own_key(options["key"])
        archive = archive_of(options["backup"])
        # A container that is stopped cleans up as well.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            found = rehearse(archive, to=options["to"], accepted=set(options["accept"]), tell=self._tell)
        except KeyboardInterrupt:
            self.tell_error("Interrupted: there is no report, and nothing was left behind.")
            return INTERRUPTED
        finally:
            signal.signal(signal.SIGTERM, before)
        document = report.write(path, found, key)
        self.answer(document, [_sentence(found), f"The report is {path}."])
        return _code(found)

    def _tell(self, check: Check) -> None:
        if self.wants_json:
            return
        how = check.note if check.outcome == NOT_REHEARSED else f"{check.seconds:.1f} s"
        self.tell(f"{check.check:12} {check.outcome:14} {how}", STYLES[check.outcome])
        found = sorted(check.findings, key=lambda one: not one.fails)
        for finding in found[:MOST]:
            self.tell(f"  {finding}")
        if len(found) > MOST:
            self.tell(f"  … and {len(found) - MOST} more in the report.")


def _sentence(found: dict[str, Any]) -> str:
    checks = {check["check"]: check["outcome"] for check in found["checks"]}
    if found["verdict"] != GO:
        failed = ", ".join(name for name, outcome in checks.items() if outcome == FAILED)
        return f"No-go: do not upgrade to Taggarr {found['to']['version']} ({failed} failed)."
    rows = sum(table["rows"] for table in found["tables"]["start"].values())
    taken = f"Go: Taggarr {found['to']['version']} takes all {rows} rows of {found['archive']['name']}"
    if found["accepted"]:
        taken += f" (but for what was accepted: {', '.join(found['accepted'])})"
    if checks["way back"] != PASSED:
        return f"{taken}; the way back was not rehearsed."
    return f"{taken}, and the way back to {found['way_back']['revision']} is open."


def _code(found: dict[str, Any]) -> int:
    return OK if found["verdict"] == GO else SOME_FAILED
