"""How scans, verdicts and explanations look on a terminal, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rich.table import Table
from rich.text import Text

from core.console import printable, table_of, verdict_text
from core.words import Phrase
from scanner.explain import ExplainedFile, ExplainedTrack, Explanation
from scanner.models import Verdict
from scanner.scan.report import ScanReport
from scanner.verdict_list import VerdictRow

LISTED = 20
"""So many failures of one scan are listed; the rest are counted."""


def _line(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def _titles(number: int) -> str:
    return str(Phrase("titles.all", number=number))


def report_lines(report: ScanReport) -> Iterator[Text]:
    done = f" in {report.took:.1f} s" if report.took is not None else ""
    head = f"{report.instance}: {_titles(report.media)}, {report.files} files, {report.scanned} read{done}"
    yield _line(head, "bold")
    if report.verdicts:
        yield Text.assemble("  ", _counts(report.verdicts), f"; {report.changed} changed")
    if report.is_done:
        yield Text(f"  {_written(report)}")
    for sentence in report.offline:
        yield _line(f"  {sentence}", "yellow")
    if report.held:
        yield _line(f"  Held. {report.held}", "yellow")
    if report.failed:
        yield Text(f"  {len(report.failed)} failed:", style="red")
        for media in report.failed[:LISTED]:
            yield _line(f"    {media.title}: {media.error}")
        if len(report.failed) > LISTED:
            yield Text(f"    and {len(report.failed) - LISTED} more")
        yield Text(f"  Try them again with: manage.py retry_failed {report.job}")
    if report.error:
        yield _line(f"  {report.error}", "red")


def _counts(verdicts: Mapping[str, int]) -> Text:
    parts = [
        Text.assemble(f"{verdicts[verdict]} ", verdict_text(verdict))
        for verdict in Verdict.values
        if verdicts.get(verdict)
    ]
    return Text(", ").join(parts)


def _written(report: ScanReport) -> str:
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


def verdict_lines(rows: Iterable[VerdictRow]) -> Iterator[Text | Table]:
    counts: Counter[str] = Counter()
    cells = []
    for row in rows:
        counts[row.verdict] += 1
        languages, verdict = ", ".join(row.languages), verdict_text(row.verdict)
        cells.append((row.title, row.year or "", row.instance, verdict, languages, row.why))
    yield table_of("Title", "Year", "Instance", "Verdict", "Languages", "Why", rows=cells)
    yield Text.assemble(f"{_titles(counts.total())}: ", _counts(counts))


def explanation_lines(explanation: Explanation) -> Iterator[Text]:
    head = _line(f"{explanation.title}, {explanation.instance}: ", "bold")
    yield Text.assemble(head, verdict_text(explanation.verdict))
    yield _line(f"  {explanation.sentence}")
    original = explanation.original_language or "unknown"
    source = f" ({explanation.original_language_by})" if explanation.original_language_by else ""
    wants = ", ".join(explanation.targets)
    yield _line(f"  Policy {explanation.policy}: wants {wants}. Original language: {original}{source}.")
    labels = explanation.labels
    ours = "no change" if labels is None else ", ".join(labels) or "none of ours"
    yield _line(f"  Tags: {', '.join(explanation.tags) or 'none'}. The verdict asks for: {ours}.")
    if explanation.waiting:
        yield _line(f"  {explanation.waiting}", "yellow")
    for season, files in groupby(explanation.files, key=lambda file: file.season):
        yield Text()
        yield Text("Files" if season is None else f"Season {season}" if season else "Specials", style="bold")
        for file in files:
            yield from _file_lines(file)


def _file_lines(file: ExplainedFile) -> Iterator[Text]:
    yield Text.assemble(f"  {printable(file.name)}  ", verdict_text(file.verdict))
    yield _line(f"    {file.sentence}{f' [{file.rule}]' if file.rule else ''}")
    for note in (file.problem, file.note, f"Not counted: {file.left_out}" if file.left_out else ""):
        if note:
            yield _line(f"    {note}", "yellow")
    for track in file.tracks:
        if track.kind == "audio":
            yield _line(f"    {_track(track)}", "" if track.counts_as else "dim")


def _track(track: ExplainedTrack) -> str:
    parts = [f"audio {track.number}: {track.language or 'no language'}"]
    parts += [f"“{track.title}”"] if track.title else []
    parts += [part for part in (track.codec, f"{track.channels} ch" if track.channels else "") if part]
    parts += [f"({', '.join(track.flags)})"] if track.flags else []
    counts = f"counts as {track.counts_as}" if track.counts_as else "does not count"
    return f"{' '.join(parts)}: {track.why or counts}"
