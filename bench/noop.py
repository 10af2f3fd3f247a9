"""Work that does nothing: what is measured with it is the engine alone. Workers load it with `--include`."""

from __future__ import annotations

from celery import shared_task

from jobs.contract import register
from jobs.handlers import JobHandler, NewItem, Outcome, Plan
from jobs.runner import ItemRun


class Noop(JobHandler):
    """Plans `params["items"]` items that do nothing."""

    name = "noop"
    steps = ("item",)

    def plan(self, run: ItemRun) -> Plan:
        return Plan([NewItem(f"item:{number}", "item") for number in range(run.job.params["items"])])

    def work(self, run: ItemRun) -> Outcome:  # noqa: ARG002
        return Outcome()


register(Noop())


@shared_task(name="bench.noop", ignore_result=True)
def noop() -> None:
    """Do nothing, as a bare Celery task."""
