"""What came of the scans that somebody waited for: the exit code, the JSON document, the text."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from core.console import COULD_NOT_RUN, OK, SOME_FAILED, printable, verdict_text
from jobs.models import ItemState
from library.models import Media
from scanner.scan.report import ScanReport, report_of
from scanner.verdict.sentences import media_sentence

from .following import Followed
from .printing import print_report
from .starting import Started


def exit_code(started: Started) -> int:
    """Return 2 where a scan could not run, else 1 where media failed or tags are held, else 0."""
    codes = [_code(scan) for scan in started.scans]
    return max([*codes, COULD_NOT_RUN if started.refused else OK])


def outcome_json(started: Started) -> dict[str, Any]:
    return {
        "scans": [_scan_json(scan) for scan in started.scans],
        "refused": started.refused,
        "exit_code": exit_code(started),
    }


def print_outcome(console: Console, started: Started) -> None:
    for scan in started.scans:
        if media := _media_of(scan):
            console.print(_about_media(media), soft_wrap=True)
        if report := _report_of(scan):
            print_report(console, report)
        if sentence := scan.problem or _item_error(scan):
            console.print(Text(f"  {printable(sentence)}", style="red"), soft_wrap=True)


def _report_of(scan: Followed) -> ScanReport | None:
    """The report of the whole job; None where one title was waited for in a scan of everything."""
    return report_of(scan.job) if scan.item is None or scan.is_alone else None


def _media_of(scan: Followed) -> Media | None:
    return Media.objects.filter(pk=scan.item.subject_id or 0).first() if scan.item is not None else None


def _item_error(scan: Followed) -> str:
    """Why the one title could not be read, where no report of the job tells it."""
    if scan.item is None or scan.is_alone:
        return ""
    return scan.item.error if scan.item.state == ItemState.FAILED else ""


def _code(scan: Followed) -> int:
    if scan.problem:
        return COULD_NOT_RUN
    if not scan.ended:
        return OK
    if report := _report_of(scan):
        if not report.is_done:
            return COULD_NOT_RUN
        return SOME_FAILED if report.failed or report.held else OK
    if scan.item is not None and scan.item.state == ItemState.CANCELLED:
        return COULD_NOT_RUN
    return SOME_FAILED if _item_error(scan) else OK


def _scan_json(scan: Followed) -> dict[str, Any]:
    report, media = _report_of(scan), _media_of(scan)
    document = report.to_json() if report else {"job": scan.job.pk, "instance": scan.name}
    if media is not None:
        state = media.scan_state
        document["one_media"] = {
            "id": media.pk,
            "title": str(media),
            "verdict": state.verdict,
            "why": media_sentence(media),
            "tags": media.tags,
            "error": _item_error(scan),
        }
    return {**document, "problem": scan.problem}


def _about_media(media: Media) -> Text:
    state = media.scan_state
    why = printable(media_sentence(media))
    return Text.assemble(printable(media), ": ", verdict_text(state.verdict), f". {why}")
