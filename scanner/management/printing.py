"""How the commands of the scanner show scans and verdicts on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from core.console import printable, table_of, verdict_text
from scanner.models import Verdict
from scanner.scan.report import ScanReport
from scanner.verdict_list import VerdictRow

LISTED = 20
"""So many failures of one scan are listed; the rest are counted."""


def print_report(console: Console, report: ScanReport) -> None:
    done = f" in {report.took:.1f} s" if report.took is not None else ""
    head = f"{report.instance}: {report.media} media, {report.files} files, {report.scanned} read{done}"
    _line(console, Text(printable(head), style="bold"))
    if report.verdicts:
        _line(console, Text.assemble("  ", _counts(report.verdicts), f"; {report.changed} changed"))
    if report.is_done:
        _line(console, Text(f"  {_tags(report)}"))
    for sentence in report.offline:
        _line(console, Text(f"  {printable(sentence)}", style="yellow"))
    if report.held:
        _line(console, Text(f"  Held. {printable(report.held)}", style="yellow"))
    _print_failed(console, report)
    if report.error:
        _line(console, Text(f"  {printable(report.error)}", style="red"))


def _counts(verdicts: Mapping[str, int]) -> Text:
    parts = [
        Text.assemble(f"{verdicts[verdict]} ", verdict_text(verdict))
        for verdict in Verdict.values
        if verdicts.get(verdict)
    ]
    return Text(", ").join(parts)


def _tags(report: ScanReport) -> str:
    would = report.dry_run
    parts = [
        _labels("would add" if would else "added", "to", report.added),
        _labels("would remove" if would else "removed", "from", report.removed),
    ]
    if report.nfo_written:
        files = "1 NFO file" if report.nfo_written == 1 else f"{report.nfo_written} NFO files"
        parts.append(f"{'would write' if would else 'wrote'} {files}")
    said = "; ".join(part for part in parts if part) or "no tag to change"
    return f"{'Dry run: ' if would else 'Tags: '}{said}"


def _labels(verb: str, joint: str, labels: Mapping[str, int]) -> str:
    each = ", ".join(f"{label} {joint} {count}" for label, count in labels.items())
    return f"{verb} {each}" if labels else ""


def _print_failed(console: Console, report: ScanReport) -> None:
    if not report.failed:
        return
    _line(console, Text(f"  {len(report.failed)} failed:", style="red"))
    for media in report.failed[:LISTED]:
        _line(console, Text(f"    {printable(media.title)}: {printable(media.error)}"))
    if len(report.failed) > LISTED:
        _line(console, Text(f"    and {len(report.failed) - LISTED} more"))
    _line(console, Text(f"  Try them again with: manage.py retry_failed {report.job}"))


def print_verdicts(console: Console, rows: Iterable[VerdictRow]) -> None:
    counts: Counter[str] = Counter()
    cells = []
    for row in rows:
        counts[row.verdict] += 1
        languages = ", ".join(row.languages)
        verdict = verdict_text(row.verdict)
        cells.append((row.title, row.year or "", row.instance, verdict, languages, row.why))
    console.print(table_of("Title", "Year", "Instance", "Verdict", "Languages", "Why", rows=cells))
    _line(console, Text.assemble(f"{counts.total()} media: ", _counts(counts)))


def _line(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)
