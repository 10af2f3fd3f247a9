"""Scans that somebody at a terminal asked for: started, followed to their end, and what came of them.

A bar for each shows how far it is, or a line now and then where nobody watches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from connections.models import Breaker, Connection
from core.console import COULD_NOT_RUN, OK, SOME_FAILED, printable
from core.errors import ConfigError, TaggarrError
from jobs import services as jobs
from jobs.listing import progress
from jobs.models import LIVE_ITEM, ItemState, Job, JobItem, JobState
from jobs.workers import why_not_served
from library.models import Media
from scanner import lookup
from scanner.scan.report import ScanReport, report_of
from scanner.scan.starting import ScanParams, start_media_scan, start_scan
from scanner.verdict.sentences import media_sentence

POLL = 0.3
"""Seconds between two looks at the database."""

LINE_EVERY = 10.0
"""Seconds between two lines about one scan where there is no terminal."""

STALLED = 30.0
"""Seconds without any progress after which we ask whether there is a worker at all."""


class StalledError(TaggarrError):
    """A scan cannot go on now; the text says why."""


@dataclass(slots=True)
class Followed:
    """One scan that somebody waits for; with `item`, for that item of it alone.

    `waiting` says why its plan or its end waits to be tried again; `problem` why it cannot go on.
    """

    job: Job
    item: JobItem | None = None
    counts: dict[str, int] = field(default_factory=dict)
    waiting: str = ""
    problem: str = ""
    _seen: tuple[object, ...] = ()
    _changed_at: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        return printable(self.job.connection.name if self.job.connection else self.job)

    @property
    def ended(self) -> bool:
        if self.problem or not self.job.is_live:
            return True
        return self.item is not None and not self.is_alone and self.item.state not in LIVE_ITEM

    @property
    def is_alone(self) -> bool:
        """Whether the job scans one title alone: its end writes the tags, so all of it is waited for."""
        return self.job.params.get("media_id") is not None

    @property
    def done(self) -> int:
        return self.counts.get("total", 0) - sum(self.counts.get(state, 0) for state in LIVE_ITEM)

    @property
    def total(self) -> int:
        """How many media there are to do; 0 while nobody knows."""
        return self.counts.get("total", 0)

    @property
    def phase(self) -> str:
        match self.job.state:
            case JobState.QUEUED:
                return "waiting for a worker"
            case JobState.RUNNING if not self.total:
                return "asking for the list"
            case JobState.RUNNING:
                return "reading"
            case JobState.FINISHING:
                return "writing tags"
        return str(self.job.state)

    def look(self) -> None:
        self.job = Job.objects.select_related("connection__scan_settings__policy").get(pk=self.job.pk)
        self.counts = progress(self.job.pk)
        if self.item is not None:
            self.item.refresh_from_db()
        # The plan and the end of a job belong to no media.
        held_up = JobItem.objects.filter(job=self.job, state=ItemState.PENDING, subject_id=None).exclude(
            error=""
        )
        self.waiting = held_up.values_list("error", flat=True).first() or ""
        state = (self.job.state, self.done, self.total, self.waiting)
        if state != self._seen:
            self._seen, self._changed_at = state, time.monotonic()

    @property
    def report(self) -> ScanReport | None:
        """The report of the whole job; None where one title was waited for in a scan of everything."""
        return report_of(self.job) if self.item is None or self.is_alone else None

    @property
    def media(self) -> Media | None:
        return Media.objects.filter(pk=self.item.subject_id or 0).first() if self.item is not None else None

    @property
    def item_error(self) -> str:
        """Why the one title could not be read, where no report of the job tells it."""
        if self.item is None or self.is_alone or self.item.state != ItemState.FAILED:
            return ""
        return self.item.error

    @property
    def exit_code(self) -> int:
        if self.problem:
            return COULD_NOT_RUN
        if not self.ended:
            return OK
        if report := self.report:
            if not report.is_done:
                return COULD_NOT_RUN
            return SOME_FAILED if report.failed or report.held else OK
        if self.item is not None and self.item.state == ItemState.CANCELLED:
            return COULD_NOT_RUN
        return SOME_FAILED if self.item_error else OK

    def to_json(self) -> dict[str, Any]:
        report, media = self.report, self.media
        document = report.to_json() if report else {"job": self.job.pk, "instance": self.name}
        if media is not None:
            state = media.scan_state
            document["one_media"] = {
                "id": media.pk,
                "title": str(media),
                "verdict": state.verdict,
                "why": media_sentence(media),
                "tags": media.tags,
                "error": self.item_error,
            }
        return {**document, "problem": self.problem}

    def check(self, *, needs_worker: bool) -> None:
        """Raise `StalledError` where the scan cannot go on: it is shut off, or no worker is there."""
        connection = self.job.connection
        if self.ended or connection is None:
            return
        if connection.breaker == Breaker.REFUSED or (connection.breaker == Breaker.OPEN and not self.done):
            raise StalledError(shut_off(connection))
        if needs_worker and time.monotonic() - self._changed_at > STALLED:
            self._changed_at = time.monotonic()
            if sentence := why_not_served(self.job.queue):
                raise StalledError(sentence)


def shut_off(connection: Connection) -> str:
    """Return why no calls go to an instance now, and what to do."""
    reason = connection.breaker_reason
    if connection.breaker == Breaker.REFUSED:
        return f"{connection.name} is left alone until its settings are corrected. {reason}"
    return f"{connection.name} is left alone for a while, and tried again by itself. {reason}"


@dataclass(slots=True)
class Started:
    """The scans that were started or joined; the sentences why others were not; and what else to say."""

    scans: list[Followed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """2 where a scan could not run, else 1 where media failed or tags are held, else 0."""
        return max([*(scan.exit_code for scan in self.scans), COULD_NOT_RUN if self.refused else OK])

    def to_json(self) -> dict[str, Any]:
        scans = [scan.to_json() for scan in self.scans]
        return {"scans": scans, "refused": self.refused, "exit_code": self.exit_code}


def start_scans(names: Sequence[str], params: ScanParams) -> Started:
    """Start a scan of each of these instances (all that are enabled where none is named), or join a live one.

    Raises `ConfigError` where an instance is unknown or disabled, or none could be started.
    """
    started = Started()
    for connection in lookup.instances_to_scan(names):
        if connection.breaker != Breaker.CLOSED:
            started.refused.append(shut_off(connection))
            continue
        job, is_new = start_scan(connection, params)
        started.scans.append(Followed(job))
        if not is_new:
            started.notes.append(_joined(connection, job.params, params))
    if not started.scans:
        raise ConfigError("\n".join(started.refused))
    return started


def start_one(text: str, params: ScanParams) -> Started:
    """Start the scan of the one title that `text` names. Raises `ConfigError`."""
    media = lookup.media_named(text)
    if media.connection.breaker != Breaker.CLOSED:
        raise ConfigError(shut_off(media.connection))
    item = start_media_scan(media, params)
    return Started([Followed(item.job, item)])


def _joined(connection: Connection, running: dict[str, object], asked: ScanParams) -> str:
    if running == asdict(asked):
        return f"A scan of {connection.name} is under way already: waiting for that one."
    return (
        f"A scan of {connection.name} with other options (mode {running.get('mode')}) is under way already: "
        "waiting for that one."
    )


class Display:
    """Shows how far scans are; this one shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the screen in order."""

    def show(self, scans: Sequence[Followed]) -> None:
        """Show these scans as they are now."""


class BarDisplay(Display):
    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[name]}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False, style="dim"),
            console=console,
            transient=True,
        )
        self._tasks: dict[int, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, scans: Sequence[Followed]) -> None:
        for scan in scans:
            if scan.job.pk not in self._tasks:
                self._tasks[scan.job.pk] = self._progress.add_task("", name=scan.name, total=None)
            task = self._tasks[scan.job.pk]
            text = printable(scan.waiting or scan.phase)
            total = scan.total or (1 if scan.ended else None)
            self._progress.update(task, completed=scan.done, total=total, description=text)


class LineDisplay(Display):
    """A line when something begins, ends or is waited for, and every ten seconds between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: dict[int, tuple[str, float]] = {}

    def show(self, scans: Sequence[Followed]) -> None:
        now = time.monotonic()
        for scan in scans:
            what = scan.waiting or scan.phase
            last, at = self._said.get(scan.job.pk, ("", 0.0))
            if what == last and (now - at < LINE_EVERY or not scan.total or scan.ended):
                continue
            self._said[scan.job.pk] = what, now
            count = f" {scan.done} of {scan.total}" if scan.total else ""
            self._console.print(Text(f"{scan.name}: {printable(what)}{count}"), soft_wrap=True)


def display_on(console: Console, *, quiet: bool) -> Display:
    if quiet:
        return Display()
    return BarDisplay(console) if console.is_terminal else LineDisplay(console)


def follow(scans: Sequence[Followed], display: Display) -> None:
    """Wait until all these scans have ended; one that cannot go on gets its `problem` and is left."""
    with display:
        while True:
            for scan in scans:
                if not scan.ended:
                    _look(scan)
            display.show(scans)
            if all(scan.ended for scan in scans):
                return
            time.sleep(POLL)


def run_here(scans: Sequence[Followed], display: Display) -> None:
    """Run these scans in this process, one after the other, as `follow` waits for them."""
    with display:
        for scan in scans:
            try:
                jobs.run_inline(scan.job, on_progress=_shown(scan, scans, display))
            except StalledError as error:
                jobs.cancel(scan.job)
                scan.problem = str(error)
            scan.look()
        display.show(scans)


def _shown(scan: Followed, scans: Sequence[Followed], display: Display) -> Callable[[dict[str, int]], None]:
    def show(_counts: dict[str, int]) -> None:
        scan.look()
        scan.check(needs_worker=False)
        display.show(scans)

    return show


def _look(scan: Followed) -> None:
    scan.look()
    try:
        scan.check(needs_worker=True)
    except StalledError as error:
        scan.problem = str(error)
