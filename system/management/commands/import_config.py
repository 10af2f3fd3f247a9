"""`manage.py import_config`: settings from YAML, all of them or none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from core.errors import ConfigError, why_unreadable
from system.configuration import import_document


class Command(PlainCommand):
    """Checks the document as a whole, then applies it; it can run at every start."""

    help = (
        "Import policies, instances, schedules and channels from YAML. Every error is told at once, with its "
        "line, and then nothing is changed. What the file does not name stays."
    )
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the document; - is standard input")
        parser.add_argument("--dry-run", action="store_true", help="only check it")
        parser.add_argument(
            "--no-connect", action="store_true", help="do not test addresses and folders: they may come later"
        )

    def run(self, **options: Any) -> int:
        done = import_document(
            _read(options["file"]), connect=not options["no_connect"], dry_run=options["dry_run"]
        )
        if options["json"]:
            self.print_json({name: done[name] for name in ("added", "changed", "same")})
        elif options["dry_run"]:
            self.tell("The document is right.")
        else:
            self.tell(f"{done['added']} added, {done['changed']} changed, {done['same']} as they were.")
        return OK


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} cannot be read: {why_unreadable(error)}.") from None
