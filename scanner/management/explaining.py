"""How an explanation looks on a terminal."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.text import Text

from core.console import printable, verdict_text
from scanner.explain import ExplainedFile, ExplainedTrack, Explanation


def print_explanation(console: Console, explanation: Explanation) -> None:
    head = Text(f"{printable(explanation.title)}, {printable(explanation.instance)}: ", style="bold")
    _line(console, Text.assemble(head, verdict_text(explanation.verdict)))
    _line(console, Text(f"  {printable(explanation.sentence)}"))
    _line(console, Text(f"  {_wanted(explanation)}"))
    _line(console, Text(f"  {_tags(explanation)}"))
    if explanation.waiting:
        _line(console, Text(f"  {printable(explanation.waiting)}", style="yellow"))
    for season, files in groupby(explanation.files, key=lambda file: file.season):
        _line(console, Text(f"\n{_season(season)}", style="bold"))
        for file in files:
            _print_file(console, file)


def _wanted(explanation: Explanation) -> str:
    original = explanation.original_language or "unknown"
    source = f" ({explanation.original_language_by})" if explanation.original_language_by else ""
    wants = ", ".join(explanation.targets)
    return printable(f"Policy {explanation.policy}: wants {wants}. Original language: {original}{source}.")


def _tags(explanation: Explanation) -> str:
    labels = explanation.labels
    ours = "no change" if labels is None else ", ".join(labels) or "none of ours"
    return printable(f"Tags: {', '.join(explanation.tags) or 'none'}. The verdict asks for: {ours}.")


def _season(number: int | None) -> str:
    if number is None:
        return "Files"
    return f"Season {number}" if number else "Specials"


def _print_file(console: Console, file: ExplainedFile) -> None:
    _line(console, Text.assemble(f"  {printable(file.name)}  ", verdict_text(file.verdict)))
    rule = f" [{file.rule}]" if file.rule else ""
    _line(console, Text(f"    {printable(file.sentence)}{rule}"))
    notes = (file.problem, file.note, f"Not counted: {file.left_out}" if file.left_out else "")
    for note in filter(None, notes):
        _line(console, Text(f"    {printable(note)}", style="yellow"))
    for track in file.tracks:
        if track.kind == "audio":
            _line(console, Text(f"    {_track(track)}", style="" if track.counts_as else "dim"))


def _track(track: ExplainedTrack) -> str:
    parts = [f"audio {track.number}: {track.language or 'no language'}"]
    parts += [f"“{track.title}”"] if track.title else []
    parts += [part for part in (track.codec, f"{track.channels} ch" if track.channels else "") if part]
    parts += [f"({', '.join(track.flags)})"] if track.flags else []
    counts = f"counts as {track.counts_as}" if track.counts_as else "does not count"
    return printable(f"{' '.join(parts)}: {track.why or counts}")


def _line(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)
