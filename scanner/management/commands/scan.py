"""`manage.py scan`: read what is new, decide, and write the tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import CommandParser
from rich.text import Text

from core.console import PlainCommand, argument, printable, verdict_text
from core.errors import ConfigError
from jobs import services as jobs
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.management.following import (
    Followed,
    display_on,
    follow,
    run_here,
    start_one,
    start_scans,
)
from scanner.management.printing import report_lines
from scanner.scan.starting import MODES, ScanParams
from scanner.verdict.sentences import media_sentence

INTERRUPTED = 130


class Command(PlainCommand):
    help = (
        "Scan all enabled instances, or those named: read new and changed files, decide, write the tags. "
        "Exit code 0: all is well; 1: some titles failed, or the tags are held; 2: it could not run."
    )
    has_json = True
    arguments = (
        argument(
            "--mode",
            choices=MODES,
            default="update",
            help="update: what is new or changed (default); rewrite: everything; remove: take labels away",
        ),
        argument("--quick", action="store_true", help="read the first file of each season only"),
        argument("--dry-run", action="store_true", help="say what would be written; write nothing"),
        argument("--deep", action="store_true", help="look at size and time of every file"),
        argument("--quiet", action="store_true", help="print only what went wrong"),
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--instance", action="append", metavar="NAME", help="only this; may be repeated")
        what.add_argument("--media", help="one series or movie: its number, or a part of its title")
        wait = parser.add_mutually_exclusive_group()
        wait.add_argument("--detach", action="store_true", help="start it and do not wait")
        wait.add_argument("--inline", action="store_true", help="run it in this process, without a worker")

    def run(self, **options: Any) -> int:
        params = ScanParams(**{name: options[name] for name in ("mode", "quick", "dry_run", "deep")})
        inline, silent = options["inline"], options["quiet"] or options["json"]
        queue = Queue.BULK if options["media"] is None else Queue.INTERACTIVE
        if not inline and (sentence := why_not_served(queue)):
            raise ConfigError(f"{sentence} Or run the scan in this process with --inline.")
        started = (
            start_scans(options["instance"] or [], params)
            if options["media"] is None
            else start_one(options["media"], params)
        )
        self.tell_error("\n".join(started.refused))
        for sentence in [] if silent else started.notes:
            self.err.print(sentence, soft_wrap=True)
        if options["detach"]:
            self.answer(
                started.to_json(),
                ()
                if silent
                else "\n".join(
                    f"{scan.name}: job {scan.job.pk} goes on in the background." for scan in started.scans
                ),
            )
            return started.exit_code
        try:
            (run_here if inline else follow)(started.scans, display_on(self.err, quiet=silent))
        except KeyboardInterrupt:
            return self._interrupted(started.scans, inline=inline)
        code = started.exit_code
        self.answer(started.to_json(), _outcome(started.scans) if code or not silent else ())
        return code

    def _interrupted(self, scans: Sequence[Followed], *, inline: bool) -> int:
        live = [scan.job for scan in scans if not scan.ended]
        for job in live:
            if inline:
                jobs.cancel(job)
                self.tell_error(f"Stopped job {job.pk}. What was read is kept: scan again to go on.")
            else:
                self.tell_error(
                    f"Job {job.pk} goes on in the background; manage.py cancel_job {job.pk} stops it."
                )
        return INTERRUPTED


def _outcome(scans: Sequence[Followed]) -> Iterator[str | Text]:
    for scan in scans:
        if media := scan.media:
            why = printable(media_sentence(media))
            yield Text.assemble(printable(media), ": ", verdict_text(media.scan_state.verdict), f". {why}")
        if report := scan.report:
            yield from report_lines(report)
        if sentence := scan.problem or scan.item_error:
            yield Text(f"  {printable(sentence)}", style="red")
