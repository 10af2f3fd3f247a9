"""Running the units of a `scripted` job, and what they leave behind."""

from __future__ import annotations

from history.models import Event
from jobs.handlers import Outcome
from jobs.models import Job, JobItem
from jobs.runner import ItemRun, run_item
from tests.jobs.scripted import Scripted


def unit(job: Job) -> JobItem:
    return job.items.filter(step="unit").earliest("pk")


def run_unit(job: Job) -> JobItem:
    """Run the first unit, and return it as it is then."""
    assert run_item(unit(job).pk)
    return unit(job)


def fails_with(scripted: Scripted, error: BaseException) -> None:
    def work(run: ItemRun) -> Outcome:
        raise error

    scripted.on_work = work


def effects() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("code", flat=True))


def effect(text: str) -> None:
    Event.objects.create(kind="job", code=text)
