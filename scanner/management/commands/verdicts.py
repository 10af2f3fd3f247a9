"""`manage.py verdicts`: the verdict of every title, as a table."""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from scanner.lookup import instance_named
from scanner.management.printing import verdict_lines
from scanner.models import Verdict
from scanner.verdict_list import list_verdicts


class Command(PlainCommand):
    help = "Print the verdict of every series and movie, its languages, and why in a few words."
    arguments = (
        argument("--instance", metavar="NAME", help="of this instance only"),
        argument("--verdict", choices=Verdict.values, help="with this verdict only"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        connection = instance_named(options["instance"]) if options["instance"] is not None else None
        rows = list(list_verdicts(connection, options["verdict"] or ""))
        self.answer([row.to_json() for row in rows], verdict_lines(rows))
