"""`manage.py doctor`: what is wrong, what it means, and what to do."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rich.text import Text

from core.console import OK, SOME_FAILED, PlainCommand, printable
from system.health import Issue, Severity, find_issues

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


class Command(PlainCommand):
    help = "Say what is wrong, what it means and what to do. Exit code 1 where there is an error, else 0."
    has_json = True

    def run(self, **options: Any) -> int:
        issues = find_issues()
        if options["json"]:
            self.print_json([issue.to_json() for issue in issues])
        elif not issues:
            self.tell("All is well.", style="green")
        else:
            for issue in issues:
                self._print(issue)
        return SOME_FAILED if any(issue.severity == Severity.ERROR for issue in issues) else OK

    def _print(self, issue: Issue) -> None:
        since = f" (since {timezone.localtime(issue.since):%Y-%m-%d %H:%M})" if issue.since else ""
        head = f"{issue.severity} {issue.source}: {issue.what}{since}"
        self.tell(head, style=STYLES[issue.severity])
        for line in (issue.meaning, issue.remedy):
            self.out.print(Text(f"  {printable(line)}"), soft_wrap=True)
