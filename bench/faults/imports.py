"""Faults while lists are imported into the collection or taken back, with every program and server real.

    script/faults --only import-kill-worker,import-overlapping --media 2000 --tries 3

Two lists of so many rows, of which half are in both, are imported at once by two people, or one after the
other, and struck so many times. In the end each row must have become what it is exactly once, and the same
lists once more must write nothing. Where the second is taken back, all must be as the first has left it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING

from bench import catalogue
from bench.faults import checks
from bench.faults.house import Needs, NotHealedError, asked, house, wait_for
from bench.faults.one import Result, say
from bench.faults.strikes import Moment, Strike, kill_program, kill_server, nothing, restart_server, sentences
from system.up import end_like_ctrl_c

if TYPE_CHECKING:
    from accounts.models import User
    from catalogue.models import Import

AT_THE_START = 0.03
"""Moments before this share strike while the rows are written down."""


@dataclass(frozen=True)
class Struck:
    """What is done to imports; `at_once` says whether both run together, `undoes` that one is taken back."""

    what: str
    strike: Strike
    at_once: bool = False
    undoes: bool = False


STRIKES = {
    "import-none": Struck("importing, nothing to compare with", nothing),
    "import-overlapping": Struck("two overlapping imports at once", nothing, at_once=True),
    "import-kill-worker": Struck("importing, kill -9 of the worker", kill_program("worker-bulk")),
    "import-kill-worker-overlapping": Struck(
        "two overlapping imports, kill -9 of the worker", kill_program("worker-bulk"), at_once=True
    ),
    "import-kill-postgres": Struck("importing, kill -9 of PostgreSQL", kill_server("postgres")),
    "import-restart-postgres": Struck(
        "importing, PostgreSQL restarted", restart_server("postgres", signal.SIGINT), at_once=True
    ),
    "import-undo-kill-worker": Struck(
        "taking an import back, kill -9 of the worker", kill_program("worker-bulk"), undoes=True
    ),
    "import-undo-kill-postgres": Struck(
        "taking an import back, kill -9 of PostgreSQL", kill_server("postgres"), undoes=True
    ),
}


def main() -> None:
    """Run the fault that the arguments name, and print its result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.imports")
    parser.add_argument("name", choices=list(STRIKES))
    parser.add_argument("--media", type=int, default=2000, help="rows of each list")
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end_like_ctrl_c()
    os.environ["TAGGARR_FLAGS"] = "catalogue=on"
    result = run(options.name, options.media, options.tries, options.seed)
    print(json.dumps({**asdict(result), "survived": result.survived}))


def run(name: str, rows: int, tries: int, seed: int) -> Result:
    """Make a house, import both lists, strike so many times; see what is there."""
    chance = random.Random(f"{seed} {name}")
    struck = STRIKES[name]
    result = Result(name, struck.what, tries)
    result.moments = sorted(round(chance.random() * 0.95, 3) for _ in range(tries))
    lists = catalogue.table(0, rows), catalogue.table(rows // 2, rows // 2 + rows)
    with house(1, Needs()) as opened:
        try:
            before, told, begun = sentences(opened), set[str](), time.monotonic()
            users = _users()
            if struck.undoes:
                progress, wrong = _undone(lists, users)
            else:
                progress = _started(lists, users, at_once=struck.at_once)
                wrong = lambda: chain(_wrong(rows, users), _again(lists, users))  # noqa: E731
            for number, share in enumerate(result.moments):
                wait_for(lambda share=share: progress() >= share, f"{share:.0%} is done")  # type: ignore[misc]
                struck.strike(Moment(opened, number, share == result.moments[-1], chance, before, told))
                result.healed.append(_heal(progress))
                opened.calm()
                say(f"  {name}: try {number + 1} at {share:.1%} healed in {result.healed[-1]:.1f} s")
            wait_for(lambda: progress() == 1, "all is done", every=0.5)
            result.scan_seconds = time.monotonic() - begun
            result.told, result.redone = sorted(told), checks.redone_items()
            result.wrong = [*opened.problems, *wrong()]
        except NotHealedError as error:
            result.wrong.append(str(error))
    return result


def _users() -> list[User]:
    from accounts.models import Role, User

    return [User.objects.create_user(name, role=Role.USER) for name in ("ute", "uwe")]


def _started(lists: tuple[bytes, bytes], users: list[User], *, at_once: bool) -> Callable[[], float]:
    """Start both imports, the second with the first or after it; return what tells how much is done."""
    from catalogue.imports import services
    from catalogue.models import Import, Outcome
    from jobs.models import LIVE_JOB

    imports = [
        services.upload([text], user, name="list.csv") for text, user in zip(lists, users, strict=True)
    ]
    waiting = list(imports)
    rows = sum(text.count(b"\n") - 1 for text in lists)

    def share() -> float:
        live = Import.objects.filter(job__state__in=LIVE_JOB)
        while waiting and (at_once or not live.exists()):
            services.start(waiting[0])
            del waiting[0]
        done = sum(of.rows.exclude(outcome=Outcome.PENDING).count() for of in imports)
        return done / rows * 0.99 + (0 if waiting or live.exists() else 0.01)

    return lambda: max(asked(share) or 0.0, 0.0)


def _undone(
    lists: tuple[bytes, bytes], users: list[User]
) -> tuple[Callable[[], float], Callable[[], Iterator[str]]]:
    """Import both lists, start to take the second back; return how far that is, and what is wrong then."""
    from catalogue.imports import services
    from catalogue.models import Footprint
    from tests.catalogue.tables import rows_of_all

    first, second = (
        services.upload([text], user, name="list.csv") for text, user in zip(lists, users, strict=True)
    )
    _imported(first)
    before = rows_of_all()
    _imported(second)
    job, most = services.undo(second, users[1]), Footprint.objects.filter(of=second).count()

    def share() -> float:
        job.refresh_from_db(fields=["state"])
        return (1 - Footprint.objects.filter(of=second).count() / most) * 0.99 + (0 if job.is_live else 0.01)

    def wrong() -> Iterator[str]:
        for table, rows in rows_of_all().items():
            if rows != before[table]:
                yield f"{table} has {len(rows)} rows, and is not as before with {len(before[table])}"

    return lambda: max(asked(share) or 0.0, 0.0), wrong


def _imported(of: Import) -> None:
    from catalogue.imports import services

    services.start(of)
    wait_for(lambda: _has_ended(of), "the list is imported", every=0.5)
    of.refresh_from_db()


def _heal(progress: Callable[[], float]) -> float:
    """Seconds until more is done than when the strike was over."""
    begun = time.monotonic()
    share = wait_for(lambda: (progress(),), "the database answers")[0]
    wait_for(lambda: progress() > share or progress() == 1, "it goes on")
    return time.monotonic() - begun


def _wrong(rows: int, users: list[User]) -> Iterator[str]:
    """What is there less or more than once."""
    from catalogue.models import Copy, Footprint, Identifier, Import, ImportRow, Progress, SourceLink, Work
    from jobs.models import Job, JobState

    works, every = rows + rows // 2, 2 * rows
    expected: dict[str, tuple[int, int]] = {
        "works": (Work.objects.count(), works),
        "numbers": (Identifier.objects.count(), works),
        "shared numbers": (Identifier.objects.filter(shared=True).count(), 0),
        # What is another's is his alone: who has it too has a copy of their own.
        "copies": (Copy.objects.count(), every),
        "links": (SourceLink.objects.count(), every),
        "rows": (ImportRow.objects.count(), every),
        "footprints": (Footprint.objects.count(), every),
        "progress": (Progress.objects.count(), sum(_read(first, rows) for first in (0, rows // 2))),
        "jobs that failed": (Job.objects.filter(state=JobState.FAILED).count(), 0),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            yield f"{found} {name}, not {wanted}"
    for user in users:
        counts = Import.objects.get(made_by=user).counts
        if sum(counts.values()) != rows or counts.keys() - {"created", "updated"}:
            yield f"{user} was told {counts}"


def _read(first: int, rows: int) -> int:
    """How many of these works somebody has read or seen: every other one."""
    return sum(number % 2 for number in range(first, first + rows))


def _again(lists: tuple[bytes, bytes], users: list[User]) -> Iterator[str]:
    from catalogue.imports import services

    since = catalogue.now()
    for text, user in zip(lists, users, strict=True):
        of = services.upload([text], user, name="again.csv")
        _imported(of)
        if of.counts.keys() != {"unchanged"}:
            yield f"the same list again: {of.counts}"
    if new := catalogue.written(since):
        yield f"the same lists again wrote {new} rows"


def _has_ended(of: Import) -> bool:
    from catalogue.models import Import

    return asked(lambda: Import.objects.filter(pk=of.pk, finished_at__isnull=False).exists()) or False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
