"""`manage.py import_config`: settings from YAML, all of them or none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from core.console import PlainCommand, argument
from core.errors import ConfigError, why_unreadable
from system.configuration import import_document


class Command(PlainCommand):
    """Checks the document as a whole, then applies it; it can run at every start."""

    help = (
        "Import policies, instances, schedules and channels from YAML. Every error is told at once, with its "
        "line, and then nothing is changed. What the file does not name stays."
    )
    arguments = (
        argument("file", help="the document; - is standard input"),
        argument("--dry-run", action="store_true", help="only check it"),
        argument(
            "--no-connect", action="store_true", help="do not test addresses and folders: they may come later"
        ),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        done = import_document(
            _read(options["file"]), connect=not options["no_connect"], dry_run=options["dry_run"]
        )
        counts = f"{done['added']} added, {done['changed']} changed, {done['same']} as they were."
        shown = "The document is right." if options["dry_run"] else counts
        self.answer({name: done[name] for name in ("added", "changed", "same")}, shown)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} cannot be read: {why_unreadable(error)}.") from None
