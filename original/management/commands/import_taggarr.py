"""`manage.py import_taggarr`: the settings and tags of the original Taggarr become ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from core.console import OK, SOME_FAILED, PlainCommand, argument, table_of, verdict_text
from core.errors import ConfigError
from original.comparing import Comparison, compare
from original.files import Found, read_path
from original.importing import Report, import_original


class Command(PlainCommand):
    """Reads the original's files, and takes over all of them or nothing."""

    help = (
        "Take over the settings of the original Taggarr: its taggarr.yaml, its Compose or .env file, or the "
        "variables of this process. From its taggarr.json it learns which tags are its own."
    )
    arguments = (
        argument("path", metavar="PATH", help="the folder of the original's files, or one of them"),
        argument("--dry-run", action="store_true", help="only say what would be made"),
        argument("--no-connect", action="store_true", help="do not test addresses: the apps may come later"),
        argument(
            "--compare",
            action="store_true",
            help="change nothing: list where our verdicts differ from the tags in its taggarr.json",
        ),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        found = read_path(Path(options["path"]), os.environ)
        if options["compare"]:
            return self._compare(found)
        if not (found.original.instances or found.original.problems):
            raise ConfigError(
                f"{', '.join(found.sources)}: no settings of the original are there. "
                "Give the folder or the file of its taggarr.yaml, .env or docker-compose.yml."
            )
        report = import_original(found, connect=not options["no_connect"], dry_run=options["dry_run"])
        if options["json"]:
            self.print_json(report.to_json())
        else:
            self._tell(report)
        return OK

    def _tell(self, report: Report) -> None:
        self.tell(f"Read {', '.join(report.sources)}")
        for name, counts in report.remembered.items():
            told = ", ".join(f"{count} {tag}" for tag, count in counts.items())
            self.tell(f"  {name}: {told or 'no titles'}")
        would = "would be " if report.dry_run else ""
        rows = [
            (one.what, one.name, would + ("as it is" if one.outcome == "same" else one.outcome))
            for one in report.made
        ]
        self.out.print(table_of("what", "name", "", rows=rows))
        for connection, labels in report.labels.items():
            self.tell(
                f"Tags of {connection} that are Taggarr's own{' then' if would else ''}: {', '.join(labels)}"
            )
        for line, key in report.unknown:
            self.tell(f"Not taken over: {key} (line {line}) is not a setting of the original.", "yellow")
        for note in report.notes:
            self.tell(f"Note: {note}", "yellow")
        self.tell("Nothing was changed." if report.dry_run else "Next: manage.py scan --dry-run")

    def _compare(self, found: Found) -> int:
        if not found.states:
            raise ConfigError("There is no taggarr.json to compare with: give the folder or the file.")
        comparison = compare(found)
        problems = [problem for state in found.states for problem in state.problems]
        if self.wants_json:
            self.print_json({**comparison.to_json(), "problems": problems})
        else:
            self._tell_comparison(comparison, problems)
        return SOME_FAILED if problems else OK

    def _tell_comparison(self, comparison: Comparison, problems: list[str]) -> None:
        same = ", ".join(f"{count} {verdict}" for verdict, count in sorted(comparison.same.items()))
        self.tell(f"The same verdict: {same or 'none'}.")
        if comparison.different:
            rows = [
                (one.title, verdict_text(one.theirs), verdict_text(one.ours), one.why, one.cause)
                for one in comparison.different
            ]
            self.out.print(
                table_of("title", "original", "Taggarr", "why", "what the original did", rows=rows)
            )
        if comparison.not_here:
            self.tell(f"Known to the original alone: {', '.join(comparison.not_here[:20])}")
        self.tell(f"Known to Taggarr alone: {comparison.only_here}.")
        for problem in problems:
            self.tell(f"Note: {problem}", "yellow")
