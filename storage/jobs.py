"""The jobs of the storage: collecting what nobody uses, and reading a thirtieth anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from jobs.contract import Jobs
from jobs.handlers import JobHandler, NewItem, Outcome, Plan
from jobs.models import Queue
from jobs.runner import ItemRun
from jobs.schedules import Default
from storage import checking, collecting


class _OneStep(JobHandler):
    """A job of one item, whose result is the summary of the job."""

    steps = ("files",)
    queue = Queue.IO

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        return Plan([NewItem("files", "files")])

    def work(self, run: ItemRun) -> Outcome:
        return Outcome(result=self.do(run))

    def do(self, run: ItemRun) -> dict[str, Any]:
        raise NotImplementedError

    def finish(self, run: ItemRun) -> Outcome:
        item = run.job.items.filter(step="files").first()
        return Outcome(result=item.result if item else {})


class CollectHandler(_OneStep):
    """Deletes files that nobody has used for the grace."""

    name: ClassVar[str] = "storage_collect"

    def do(self, run: ItemRun) -> dict[str, Any]:
        return asdict(collecting.collect(run.check))


class CheckHandler(_OneStep):
    """Reads a thirtieth of the files, and compares them with what was kept."""

    name: ClassVar[str] = "storage_check"

    def do(self, run: ItemRun) -> dict[str, Any]:
        return asdict(checking.check_some(run.check))


BRINGS = Jobs(
    handlers=(CollectHandler(), CheckHandler()),
    schedules=(Default("storage_collect", cron="0 3 * * *"), Default("storage_check", cron="30 3 * * *")),
)
