"""`manage.py doctor`: what is wrong, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.utils import timezone
from rich.text import Text

from core.console import OK, SOME_FAILED, PlainCommand, printable
from system.health import Issue, Severity, find_issues

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


class Command(PlainCommand):
    help = "Say what is wrong, what it means and what to do. Exit code 1 where there is an error, else 0."
    has_json = True

    def run(self, **_: Any) -> int:
        issues = find_issues()
        shown = chain.from_iterable(map(_lines, issues)) if issues else [Text("All is well.", style="green")]
        self.answer([issue.to_json() for issue in issues], shown)
        return SOME_FAILED if any(issue.severity == Severity.ERROR for issue in issues) else OK


def _lines(issue: Issue) -> Iterator[Text]:
    since = f" (since {timezone.localtime(issue.since):%Y-%m-%d %H:%M})" if issue.since else ""
    head = f"{issue.severity} {issue.source}: {issue.what}{since}"
    yield Text(printable(head), style=STYLES[issue.severity])
    action = issue.action
    way = action.command or f"{settings.PUBLIC_URL.rstrip('/')}{action.address}"
    for line in (issue.meaning, issue.remedy, f"{action.text}: {way}"):
        yield Text(f"  {printable(line)}")
