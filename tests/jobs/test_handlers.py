"""The contract between the engine and the apps: registration, retry policies, outcomes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import current_app
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from jobs import handlers
from jobs.contract import register
from jobs.handlers import JobHandler, Outcome, Plan, RetryPolicy
from jobs.models import ItemState, Job
from jobs.runner import ItemRun
from tests.jobs.scripted import Scripted


class Small(JobHandler):
    name = "small"

    def plan(self, run: ItemRun) -> Plan:
        return Plan()

    def work(self, run: ItemRun) -> Outcome:
        return Outcome()


def test_a_registered_handler_is_found_by_its_name(scripted: Scripted):
    assert handlers.get("scripted") is scripted


def test_an_unknown_job_is_told_with_those_that_there_are(scripted: Scripted):
    with pytest.raises(ConfigError, match=r"no job called scan-all; known jobs: .*scripted"):
        handlers.get("scan-all")


def test_each_step_has_a_task_of_its_own_name(scripted: Scripted):
    names = {name for name in current_app.tasks if name.startswith("scripted.")}
    assert names == {"scripted.plan", "scripted.unit", "scripted.other", "scripted.finish"}


def test_a_task_runs_the_item_it_names(planned: Callable[..., Job], scripted: Scripted):
    item = planned().items.get(step="unit")
    current_app.tasks["scripted.unit"](item.pk)
    item.refresh_from_db()
    assert item.state == ItemState.DONE
    assert str(item) == f"unit:0 of {item.job_id}"


def test_a_name_is_given_once(scripted: Scripted):
    with pytest.raises(ValueError, match="a handler for scripted jobs already"):
        register(Scripted())


def test_a_step_may_not_take_the_engine_s_names():
    class Greedy(Small):
        name = "greedy"
        steps = ("finish",)

    with pytest.raises(ValueError, match="engine's own"):
        register(Greedy())
    with pytest.raises(ConfigError):
        handlers.get("greedy")


def test_parameters_are_taken_as_they_are_unless_the_handler_checks_them():
    assert Small().validate({"a": 1}) == {"a": 1}


def test_a_job_needs_no_finish_of_its_own():
    assert Small().finish(None) == Outcome()  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [ItemState.FAILED, ItemState.PENDING, ItemState.CANCELLED])
def test_an_outcome_is_done_or_skipped(state: ItemState):
    with pytest.raises(ValueError, match="ends as done or skipped"):
        Outcome(state)


@given(
    attempt=st.integers(1, 10_000),
    base=st.floats(0, 100),
    cap=st.floats(0, 1000),
    retry_after=st.none() | st.floats(0, 1e12),
)
def test_a_delay_is_within_its_bounds(attempt: int, base: float, cap: float, retry_after: float | None):
    delay = RetryPolicy(base=base, cap=cap).delay(attempt, retry_after)
    asked = min(retry_after or 0, 24 * 3600)
    assert asked <= delay <= max(asked, min(cap, base * 2 ** min(attempt - 1, 30)))


def test_delays_grow_with_the_attempts_and_spread():
    policy = RetryPolicy(base=5, cap=300)
    first = [policy.delay(1) for _ in range(200)]
    fourth = [policy.delay(4) for _ in range(200)]
    assert max(first) <= 5 < max(fourth) <= 40
    assert len(set(first)) > 190


def test_a_longer_wait_that_the_server_asked_for_wins():
    assert RetryPolicy(base=1, cap=1).delay(1, retry_after=90) == 90
