"""Jobs that do one thing fail as a whole, and say in their summary what they did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ConfigError
from jobs import services
from jobs.contract import register
from jobs.handlers import OneStep
from jobs.models import Job, JobState
from jobs.runner import ItemRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("muted")]


class One(OneStep):
    """Does what the test says."""

    name = "one_step"
    act: Callable[[], dict[str, Any]]

    def do(self, run: ItemRun) -> dict[str, Any]:
        return self.act()


HANDLER = One()
register(HANDLER)


def _fail() -> dict[str, Any]:
    raise ConfigError("It cannot be.")


def run() -> Job:
    return services.run_inline(services.start("one_step")[0])


def test_what_it_did_is_the_summary():
    HANDLER.act = lambda: {"deleted": 3}
    job = run()
    assert (job.state, job.summary["deleted"]) == (JobState.COMPLETED, 3)


def test_it_fails_as_a_whole_and_can_be_retried():
    HANDLER.act = _fail
    job = run()
    assert (job.state, job.error) == (JobState.FAILED, "It cannot be.")
    HANDLER.act = lambda: {"deleted": 1}
    assert services.retry_failed(job) == 1
    job = services.run_inline(job)
    assert (job.state, job.error, job.summary["deleted"]) == (JobState.COMPLETED, "", 1)
