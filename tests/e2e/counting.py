"""A job that counts: every item, plan and finish leaves one event in history each time that it takes effect.

Workers include this module; `COUNTING_FAULT` tells them how to mistreat messages, `COUNTING_LEASE` how long
an item is theirs. The other times of the engine are cut short in the processes that load it.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable

from django.conf import settings

from core.errors import ProbeError, StorageError
from history.models import Event
from jobs import doorbells
from jobs.contract import register
from jobs.handlers import JobHandler, NewItem, Outcome, Plan, RetryPolicy
from jobs.models import ItemState
from jobs.runner import ItemRun

SHORT_LEASE = 3
"""Seconds, for workers that are to lose their items: on a slow machine any worker may lose one by that."""

TIMES = {
    "JOB_LEASE": int(os.environ.get("COUNTING_LEASE", "120")),
    "JOB_RING_AGAIN_AFTER": 1,
    "JOB_WINDOW": 40,
}
"""Seconds, and messages: what the engine's settings are in these tests."""

PARTS, PART = 12, 0.25
"""Parts of a `long` item, and how many seconds each takes."""


class Counting(JobHandler):
    """`params`: `units` of ordinary items, `pause` seconds each; `long` and `deadly` items."""

    name = "counting"
    steps = ("unit", "long", "deadly")
    retry = RetryPolicy(attempts=8, base=0.2, cap=0.4)

    def plan(self, run: ItemRun) -> Plan:
        params = run.job.params
        items = [NewItem(f"unit:{number}", "unit", params={"n": number}) for number in range(params["units"])]
        items += [NewItem(f"{step}:1", step) for step in ("long", "deadly") if params.get(step)]
        return Plan(items, save=lambda: leave("plan"))

    def work(self, run: ItemRun) -> Outcome:
        return {"unit": unit, "long": long, "deadly": deadly}[run.item.step](run)

    def finish(self, run: ItemRun) -> Outcome:
        return Outcome(save=lambda: leave("finish"))


def leave(key: str) -> None:
    """Leave a mark of something that took effect."""
    Event.objects.create(kind="job", code=key)


def expected_state(number: int) -> ItemState:
    """How the unit with this number ends."""
    return {7: ItemState.FAILED, 9: ItemState.SKIPPED}.get(number % 10, ItemState.DONE)


def unit(run: ItemRun) -> Outcome:
    """An ordinary item: most are done, some are skipped, fail, or are done at the second attempt."""
    number = run.item.params["n"]
    time.sleep(run.job.params["pause"])
    run.check()
    if number % 10 == 3 and run.attempt == 1:
        raise StorageError("The disk sleeps.")
    if number % 10 == 7:
        raise ProbeError("This is no media file.")
    return Outcome(expected_state(number), save=lambda: leave(run.item.key))


def long(run: ItemRun) -> Outcome:
    """An item longer than a task may take, which goes on where it was."""
    for part in range(Event.objects.filter(code__startswith="part:").count(), PARTS):
        time.sleep(PART)
        run.checkpoint(lambda part=part: leave(f"part:{part}"))  # type: ignore[misc]
        run.check()
    return Outcome(save=lambda: leave(run.item.key))


def deadly(run: ItemRun) -> Outcome:
    """An item that kills whoever works on it."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Outcome()


def mistreat(fault: str) -> Callable[[doorbells.Doorbell], None]:
    """A way to send messages: each one `twice`, or every tenth `lost`."""
    send, count = doorbells._send, itertools.count(1)

    def twice(bell: doorbells.Doorbell) -> None:
        send(bell)
        send(bell)

    def lost(bell: doorbells.Doorbell) -> None:
        if next(count) % 10:
            send(bell)

    return {"twice": twice, "lost": lost}[fault]


register(Counting())
if "COUNTING_FAULT" in os.environ:
    for _name, _value in TIMES.items():
        setattr(settings, _name, _value)
    if os.environ["COUNTING_FAULT"]:
        setattr(doorbells, "_send", mistreat(os.environ["COUNTING_FAULT"]))  # noqa: B010  (a function's name)
