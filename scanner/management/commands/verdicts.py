"""`manage.py verdicts`: the verdict of every title, as a table."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from scanner.lookup import instance_named
from scanner.management.printing import print_verdicts
from scanner.models import Verdict
from scanner.verdict_list import list_verdicts


class Command(PlainCommand):
    help = "Print the verdict of every series and movie, its languages, and why in a few words."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--instance", metavar="NAME", help="of this instance only")
        parser.add_argument("--verdict", choices=Verdict.values, help="with this verdict only")

    def run(self, **options: Any) -> int:
        connection = instance_named(options["instance"]) if options["instance"] is not None else None
        rows = list_verdicts(connection, options["verdict"] or "")
        if options["json"]:
            self.print_json([row.to_json() for row in rows])
        else:
            print_verdicts(self.out, rows)
        return OK
