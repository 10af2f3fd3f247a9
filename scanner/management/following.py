"""Following scans from a terminal: a bar each, or a line now and then where nobody watches."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from connections.models import Breaker, Connection
from core.console import printable
from core.errors import TaggarrError
from jobs import services as jobs
from jobs.listing import progress
from jobs.models import LIVE_ITEM, ItemState, Job, JobItem, JobState
from jobs.workers import why_not_served

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


class Display(ABC):
    """Shows how far scans are; a context manager."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027  (most have nothing to put in order)
        """Leave the screen in order."""

    @abstractmethod
    def show(self, scans: Sequence[Followed]) -> None:
        """Show these scans as they are now."""


class NoDisplay(Display):
    def show(self, scans: Sequence[Followed]) -> None:
        """Show nothing."""


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

    def close(self) -> None:
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
        return NoDisplay()
    return BarDisplay(console) if console.is_terminal else LineDisplay(console)


def follow(scans: Sequence[Followed], display: Display) -> None:
    """Wait until all these scans have ended; one that cannot go on gets its `problem` and is left."""
    with display:
        while True:
            for scan in scans:
                _look(scan, needs_worker=True)
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


def _look(scan: Followed, *, needs_worker: bool) -> None:
    if scan.ended:
        return
    scan.look()
    try:
        scan.check(needs_worker=needs_worker)
    except StalledError as error:
        scan.problem = str(error)
