"""One fault, at random moments of one scan: what came of it. `bench.faults` runs each in a process."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from bench.faults import checks
from bench.faults.house import House, NotHealedError, asked, house, wait_for
from bench.faults.strikes import FAULTS, Fault, Moment, sentences
from system.up import end_like_ctrl_c

if TYPE_CHECKING:
    from jobs.models import Job

AT_THE_START = 0.03
AT_THE_END = 0.97
"""Moments before and after these shares strike the plan, and the writing of the tags."""


@dataclass
class Result:
    """What came of a fault: seconds to heal for every try, what health said, what is wrong."""

    name: str
    what: str
    tries: int
    moments: list[float] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    scan_seconds: float = 0.0
    left_over: int = 0
    redone: int = 0
    not_tried: str = ""

    @property
    def survived(self) -> int:
        """How many tries were survived: none where something is wrong in the end."""
        return 0 if self.wrong else len(self.healed)


def run(fault: Fault, media: int, tries: int, seed: int) -> Result:
    """Make a house, scan, and strike so many times; see what is left."""
    result = Result(fault.name, fault.what, tries)
    if why := fault.why_not():
        result.not_tried = why
        return result
    chance = random.Random(f"{seed} {fault.name}")
    result.moments = sorted(round(chance.random(), 3) for _ in range(tries))
    with ExitStack() as stack:
        opened = stack.enter_context(house(media, fault.needs))
        if fault.around is not None:
            stack.enter_context(cast(Any, fault.around(opened)))
        try:
            _scan_through(opened, fault, result, chance)
        except NotHealedError as error:
            result.wrong.append(str(error))
        except BaseException:
            _show_logs(opened)
            raise
        if result.wrong:
            _show_logs(opened)
    return result


def _scan_through(opened: House, fault: Fault, result: Result, chance: random.Random) -> None:
    from connections.models import Connection
    from scanner.scan.starting import start_scan

    told: set[str] = set()
    before = sentences(opened)
    total = len(opened.library.state.media)
    begun = time.monotonic()
    job, _ = start_scan(Connection.objects.get())
    for number, moment in enumerate(result.moments):
        wait_for(lambda share=moment: _has_come(job, share, total), f"{moment:.0%} of the scan is done")  # type: ignore[misc]
        fault.strike(Moment(opened, number, moment == result.moments[-1], chance, before, told))
        result.healed.append(_heal(opened))
        opened.calm()
        say(f"  {fault.name}: try {number + 1} at {moment:.1%} healed in {result.healed[-1]:.1f} s")
    wait_for(all_ended, "every job has ended", every=0.5)
    result.scan_seconds = time.monotonic() - begun
    result.left_over, result.redone = checks.left_over(), checks.redone_items()
    if result.left_over:
        _scan_once_more()
    result.told = sorted(told)
    result.wrong += [*opened.problems, *checks.wrong(opened)]


def _has_come(job: Job, share: float, total: int) -> bool:
    """Whether a moment of the scan has come; every one has when the scan has ended."""
    from jobs.models import Job as Jobs
    from jobs.models import JobState

    state = asked(lambda: Jobs.objects.values_list("state", flat=True).get(pk=job.pk))
    if state is None:
        return False
    if state not in (JobState.QUEUED, JobState.RUNNING) or share < AT_THE_START:
        return state != JobState.QUEUED
    return share < AT_THE_END and (asked(_ended_media) or 0) >= share * total


def _ended_media() -> int:
    from jobs.models import LIVE_ITEM, JobItem

    return JobItem.objects.filter(step="media").exclude(state__in=LIVE_ITEM).count()


def _heal(opened: House) -> float:
    """Seconds until the web server, beat and the workers work again, and items come to an end."""
    begun = time.monotonic()
    beat = opened.beat_age()
    ended = wait_for(lambda: (asked(_ended_items),), "the database answers")[0] or 0
    wait_for(opened.is_ready, "the web server is ready")
    wait_for(lambda: opened.beat_age() > beat, "beat works")
    wait_for(lambda: (asked(_ended_items) or 0) > ended or asked(all_ended), "the workers go on")
    return time.monotonic() - begun


def _ended_items() -> int:
    from jobs.models import LIVE_ITEM, JobItem

    return JobItem.objects.exclude(state__in=LIVE_ITEM).count()


def scan(opened: House) -> None:
    """Scan everything once, unstruck."""
    from connections.models import Connection
    from scanner.scan.starting import start_scan

    start_scan(Connection.objects.get(kind="sonarr"))
    wait_for(all_ended, "it is scanned", every=0.5)
    say(f"  {len(opened.library.state.media)} series scanned")


def all_ended() -> bool:
    """Whether no job is under way; not while the database does not answer."""
    from jobs.models import LIVE_JOB, Job

    return asked(lambda: not Job.objects.filter(state__in=LIVE_JOB).exists()) or False


def _scan_once_more() -> None:
    """What failed is tried again by the next scan, as the schedule would."""
    from connections.models import Connection
    from jobs.models import ItemState, JobItem
    from scanner.scan.starting import start_scan

    JobItem.objects.filter(state=ItemState.FAILED).update(error_kind="Before")
    start_scan(Connection.objects.get())
    wait_for(all_ended, "the next scan has ended", every=0.5)


def _show_logs(opened: House) -> None:
    for path in sorted([*opened.data.glob("logs/*.log"), *opened.data.glob("rolling-*/logs/*.log")]):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        say(f"--- {path.name}")
        for line in [line for line in lines if "INFO" not in line and " info" not in line][-40:]:
            say(line[:300])


def say(text: str) -> None:
    """Print a line for the person who watches; the result alone goes to standard output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main() -> None:
    """Run the fault that the arguments name, and print its result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.one")
    parser.add_argument("name", choices=[fault.name for fault in FAULTS])
    parser.add_argument("--media", type=int, default=2000)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end_like_ctrl_c()
    fault = next(fault for fault in FAULTS if fault.name == options.name)
    result = run(fault, options.media, options.tries, options.seed)
    print(json.dumps({**asdict(result), "survived": result.survived}))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
