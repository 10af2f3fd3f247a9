"""The jobs of the storage: collecting what nobody uses, and reading a thirtieth anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from jobs.contract import Default, Jobs
from jobs.handlers import OneStep
from jobs.models import Queue
from jobs.runner import ItemRun
from storage import checking, collecting


class CollectHandler(OneStep):
    name = "storage_collect"
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        return asdict(collecting.collect(run.check))


class CheckHandler(OneStep):
    name = "storage_check"
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        return asdict(checking.check_some(run.check))


BRINGS = Jobs(
    handlers=(CollectHandler(), CheckHandler()),
    schedules=(Default("storage_collect", cron="0 3 * * *"), Default("storage_check", cron="30 3 * * *")),
)
