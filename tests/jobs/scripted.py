"""A job whose behaviour each test says itself, run in the test's own process."""

from __future__ import annotations

from collections.abc import Callable

from jobs.contract import register
from jobs.handlers import JobHandler, NewItem, Outcome, Plan, RetryPolicy
from jobs.models import Queue
from jobs.runner import ItemRun


class Scripted(JobHandler):
    """`on_plan`, `on_work` and `on_finish` are replaced by the test; `runs` tells what was called."""

    name = "scripted"
    steps = ("unit", "other")
    queue = Queue.BULK
    retry = RetryPolicy(attempts=3, base=0.0, cap=0.0)

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.runs: list[str] = []
        self.on_plan: Callable[[ItemRun], Plan] = lambda run: Plan()
        self.on_work: Callable[[ItemRun], Outcome] = lambda run: Outcome()
        self.on_finish: Callable[[ItemRun], Outcome] = lambda run: Outcome()

    def plans(self, count: int) -> None:
        """Plan so many units: `unit:0`, `unit:1` and so on."""
        self.on_plan = lambda run: Plan([NewItem(f"unit:{n}", "unit") for n in range(count)])

    def plan(self, run: ItemRun) -> Plan:
        self.runs.append(run.item.key)
        return self.on_plan(run)

    def work(self, run: ItemRun) -> Outcome:
        self.runs.append(run.item.key)
        return self.on_work(run)

    def finish(self, run: ItemRun) -> Outcome:
        self.runs.append(run.item.key)
        return self.on_finish(run)


HANDLER = Scripted()
register(HANDLER)
