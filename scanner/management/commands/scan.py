"""`manage.py scan`: read what is new, decide, and write the tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from core.console import PlainCommand
from core.errors import ConfigError
from jobs import services as jobs
from jobs.models import Queue
from jobs.workers import why_not_served
from scanner.management.following import Followed, display_on, follow, run_here
from scanner.management.outcome import exit_code, outcome_json, print_outcome
from scanner.management.starting import Started, start_one, start_scans
from scanner.scan.starting import MODES, ScanParams

INTERRUPTED = 130


class Command(PlainCommand):
    help = (
        "Scan all enabled instances, or those named: read new and changed files, decide, write the tags. "
        "Exit code 0: all is well; 1: some media failed, or the tags are held; 2: it could not run."
    )
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--instance", action="append", metavar="NAME", help="only this; may be repeated")
        what.add_argument("--media", help="one series or movie: its number, or a part of its title")
        parser.add_argument(
            "--mode",
            choices=MODES,
            default="update",
            help="update: what is new or changed (default); rewrite: everything; remove: take labels away",
        )
        parser.add_argument("--quick", action="store_true", help="read the first file of each season only")
        parser.add_argument("--dry-run", action="store_true", help="say what would be written; write nothing")
        parser.add_argument("--deep", action="store_true", help="look at size and time of every file")
        wait = parser.add_mutually_exclusive_group()
        wait.add_argument("--detach", action="store_true", help="start it and do not wait")
        wait.add_argument("--inline", action="store_true", help="run it in this process, without a worker")
        parser.add_argument("--quiet", action="store_true", help="print only what went wrong")

    def run(self, **options: Any) -> int:
        params = ScanParams(**{name: options[name] for name in ("mode", "quick", "dry_run", "deep")})
        inline, silent = options["inline"], options["quiet"] or options["json"]
        if not inline:
            _refuse_without_worker(Queue.BULK if options["media"] is None else Queue.INTERACTIVE)
        started = (
            start_scans(options["instance"] or [], params)
            if options["media"] is None
            else start_one(options["media"], params)
        )
        for sentence in started.refused:
            self.tell_error(sentence)
        for sentence in [] if silent else started.notes:
            self.err.print(sentence, soft_wrap=True)
        if options["detach"]:
            return self._say_started(started, silent=silent)
        try:
            (run_here if inline else follow)(started.scans, display_on(self.err, quiet=silent))
        except KeyboardInterrupt:
            return self._interrupted(started.scans, inline=inline)
        return self._report(started, silent=silent)

    def _report(self, started: Started, *, silent: bool) -> int:
        code = exit_code(started)
        if self.wants_json:
            self.print_json(outcome_json(started))
        elif code or not silent:
            print_outcome(self.out, started)
        return code

    def _say_started(self, started: Started, *, silent: bool) -> int:
        if self.wants_json:
            self.print_json(outcome_json(started))
        for scan in [] if silent else started.scans:
            self.tell(f"{scan.name}: job {scan.job.pk} goes on in the background.")
        return exit_code(started)

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


def _refuse_without_worker(queue: Queue) -> None:
    if sentence := why_not_served(queue):
        raise ConfigError(f"{sentence} Or run the scan in this process with --inline.")
