"""Doorbells on the real message broker: which messages are sent, and what is done about lost ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings as django_settings
from django.db import OperationalError
from django.db import connection as database
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerError

from connections.models import Breaker, Connection
from core.errors import Later
from jobs import doorbells, runner, services
from jobs.handlers import NewItem, Outcome, Plan
from jobs.models import ItemState, Job, JobItem, Queue
from jobs.runner import ItemRun, answer, run_item
from tests.conftest import think_empty
from tests.jobs.brokers import use_broker
from tests.jobs.scripted import Scripted
from tests.jobs.units import fails_with

pytestmark = pytest.mark.django_db(transaction=True)

QUEUES = [queue.value for queue in Queue]


@pytest.fixture(autouse=True)
def broker() -> Iterator[redis.Redis]:
    """The message broker, with empty queues before and after."""
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        client.delete(*QUEUES)
        yield client
        client.delete(*QUEUES)


def messages(broker: redis.Redis, queue: str = "bulk") -> list[tuple[str, list[Any]]]:
    """Task and arguments of the messages in a queue, the oldest first."""
    found = []
    for raw in reversed(broker.lrange(queue, 0, -1)):
        message = json.loads(raw)
        body = json.loads(base64.b64decode(message["body"]))
        found.append((message["headers"]["task"], body[0]))
    return found


def start(scripted: Scripted, units: int) -> Job:
    """A job whose plan has been run: its messages lie in the queue."""
    scripted.plans(units)
    job, _ = services.start("scripted")
    assert run_item(job.items.get().pk)
    return job


def units(job: Job) -> list[int]:
    return list(job.items.filter(step="unit").order_by("pk").values_list("pk", flat=True))


def test_a_message_names_the_step_and_holds_the_item_s_id_alone(scripted: Scripted, broker: redis.Redis):
    job, _ = services.start("scripted")
    assert messages(broker) == [("scripted.plan", [job.items.get().pk])]


def test_a_plan_rings_for_its_items_in_their_order(scripted: Scripted, broker: redis.Redis):
    job = start(scripted, 3)
    assert messages(broker)[1:] == [("scripted.unit", [pk]) for pk in units(job)]
    assert not job.items.filter(published_at=None).exists()


def test_the_last_item_rings_for_the_finish(scripted: Scripted, broker: redis.Redis):
    job = start(scripted, 1)
    run_item(units(job)[0])
    assert messages(broker)[-1] == ("scripted.finish", [job.items.get(step="finish").pk])


def test_a_queue_holds_no_more_than_its_window(scripted: Scripted, broker: redis.Redis, settings):
    settings.JOB_WINDOW = 10
    job = start(scripted, 30)
    assert broker.llen("bulk") == 10
    assert job.items.filter(step="unit", published_at=None).count() == 21
    assert doorbells.top_up("bulk") == 0


def test_the_window_holds_where_postgresql_knows_of_no_item(
    scripted: Scripted, broker: redis.Redis, settings
):
    start(scripted, 300)
    think_empty(JobItem)
    broker.delete("bulk")
    settings.JOB_WINDOW = 10
    start(scripted, 30)
    assert broker.llen("bulk") == 10


@pytest.fixture
def tireless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers goes on for as long as there is something to do."""
    monkeypatch.setattr(runner, "GO_ON_FOR", 3600.0)


def ended(job: Job) -> list[str]:
    return list(job.items.filter(step="unit", state=ItemState.DONE).values_list("key", flat=True))


def test_who_answers_goes_on_with_what_nobody_has_rung_for(
    scripted: Scripted, broker: redis.Redis, settings, tireless: None
):
    settings.JOB_WINDOW = 3  # one of them is the plan's
    job = start(scripted, 6)
    answer(units(job)[1])
    assert ended(job) == ["unit:1", "unit:2", "unit:3", "unit:4", "unit:5"]
    answer(units(job)[0])
    assert messages(broker)[-1] == ("scripted.finish", [job.items.get(step="finish").pk])


def test_after_a_while_who_answers_rings_for_the_next_ones(
    scripted: Scripted, broker: redis.Redis, settings, monkeypatch: pytest.MonkeyPatch
):
    settings.JOB_WINDOW = 10
    job = start(scripted, 40)
    broker.delete("bulk")
    monkeypatch.setattr(runner, "GO_ON_FOR", 0.0)
    answer(units(job)[0])
    assert ended(job) == ["unit:0"]
    assert broker.llen("bulk") == 10


def test_a_worker_told_to_stop_leaves_the_next_ones_to_others(
    scripted: Scripted, broker: redis.Redis, settings, monkeypatch: pytest.MonkeyPatch
):
    settings.JOB_WINDOW = 10
    job = start(scripted, 40)
    monkeypatch.setattr(runner, "is_told_to_stop", lambda: True)
    answer(units(job)[0])
    assert ended(job) == ["unit:0"]


def test_where_calls_have_to_wait_for_their_turn_no_further_item_is_tried(
    scripted: Scripted, broker: redis.Redis, settings, tireless: None
):
    settings.JOB_WINDOW = 2  # one of them is the plan's
    job = start(scripted, 5)
    fails_with(scripted, Later(90))
    answer(units(job)[0])
    assert scripted.runs == ["plan", "unit:0"]
    assert broker.llen("bulk") == 2


def test_where_the_next_call_has_its_turn_in_a_moment_whoever_answers_waits_for_it(
    scripted: Scripted, broker: redis.Redis, settings, tireless: None
):
    settings.JOB_WINDOW = 2  # one of them is the plan's
    job = start(scripted, 3)
    turns = iter([False, True, False, True, True])

    def work(_run: ItemRun) -> Outcome:
        if not next(turns):
            raise Later(0.05)
        return Outcome()

    scripted.on_work = work
    answer(units(job)[0])
    assert sorted(ended(job)) == ["unit:0", "unit:1", "unit:2"]
    assert set(job.items.filter(step="unit").values_list("attempts", flat=True)) == {1}


def test_who_has_waited_for_a_turn_too_long_rings_for_the_next_ones(
    scripted: Scripted, broker: redis.Redis, settings, monkeypatch: pytest.MonkeyPatch
):
    settings.JOB_WINDOW = 10
    job = start(scripted, 40)
    broker.delete("bulk")
    monkeypatch.setattr(runner, "GO_ON_FOR", 0.0)
    fails_with(scripted, Later(0.05))
    answer(units(job)[0])
    assert ended(job) == []
    assert broker.llen("bulk") == 10


def test_the_tick_rings_where_the_database_is_away_when_somebody_should(
    scripted: Scripted,
    broker: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def away(_queue: str) -> int:
        raise OperationalError("connection refused")

    job = start(scripted, 2)
    monkeypatch.setattr(runner, "GO_ON_FOR", 0.0)
    monkeypatch.setattr(doorbells, "top_up", away)
    answer(units(job)[0])
    assert ended(job) == ["unit:0"]
    assert "the tick rings for what waits in bulk" in caplog.text


def test_who_goes_on_with_another_job_closes_the_first(
    scripted: Scripted, broker: redis.Redis, settings, tireless: None
):
    settings.JOB_WINDOW = 2
    first, second = start(scripted, 1), start(scripted, 2)
    answer(units(first)[0])
    assert (ended(first), ended(second)) == (["unit:0"], ["unit:0", "unit:1"])
    for job in (first, second):
        assert job.items.filter(step="finish").exists()


def test_many_that_answer_at_once_do_each_item_once(
    scripted: Scripted, broker: redis.Redis, settings, tireless: None
):
    settings.JOB_WINDOW = 5  # one of them is the plan's
    job = start(scripted, 100)

    def one(pk: int) -> None:
        try:
            answer(pk)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, units(job)[:4]))
    assert sorted(scripted.runs) == sorted(["plan", *(f"unit:{number}" for number in range(100))])
    assert job.items.filter(step="finish").count() == 1


def test_items_are_rung_for_when_they_are_due(scripted: Scripted, broker: redis.Redis):
    scripted.on_plan = lambda run: Plan([NewItem("now", "unit"), NewItem("later", "unit", due_in=60)])
    job, _ = services.start("scripted")
    run_item(job.items.get().pk)
    broker.delete("bulk")
    assert doorbells.top_up("bulk") == 0
    job.items.filter(key="later").update(due_at=Now())
    assert doorbells.top_up("bulk") == 1
    assert messages(broker) == [("scripted.unit", [job.items.get(key="later").pk])]


def test_an_item_asked_for_again_is_rung_for_at_once(scripted: Scripted, broker: redis.Redis):
    def work(run: ItemRun) -> Outcome:
        JobItem.objects.filter(pk=run.item.pk).update(again=True)
        return Outcome()

    job = start(scripted, 1)
    scripted.on_work = work
    broker.delete("bulk")
    run_item(units(job)[0])
    assert messages(broker) == [("scripted.unit", units(job))]


@pytest.mark.parametrize(
    "change", [{"breaker": Breaker.OPEN}, {"breaker": Breaker.REFUSED}, {"enabled": False}]
)
def test_nobody_rings_for_an_instance_that_is_left_alone(
    scripted: Scripted, broker: redis.Redis, connection: Connection, change: dict[str, object]
):
    scripted.plans(2)
    job, _ = services.start("scripted", connection=connection)
    Job.objects.filter(pk=job.pk).update(state="running")
    JobItem.objects.update(published_at=None)
    broker.delete("bulk")
    Connection.objects.update(**change)
    assert doorbells.top_up("bulk") == 0
    Connection.objects.update(breaker=Breaker.CLOSED, enabled=True)
    assert doorbells.top_up("bulk") == 1


def test_two_that_fill_up_at_once_ring_once_for_each(scripted: Scripted, broker: redis.Redis, settings):
    settings.JOB_WINDOW = 1000
    with doorbells.muted():
        job = start(scripted, 200)

    def one(_: int) -> int:
        try:
            return doorbells.top_up("bulk")
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 200
    assert sorted(arguments[0] for _, arguments in messages(broker)) == units(job)


# --- Lost messages --------------------------------------------------------------------------------


def grow_old() -> None:
    JobItem.objects.exclude(published_at=None).update(published_at=Now() - timedelta(minutes=5))


def test_nothing_is_rung_again_while_the_queue_is_as_long_as_what_waits(
    scripted: Scripted, broker: redis.Redis
):
    start(scripted, 5)
    grow_old()
    before = broker.llen("bulk")
    assert doorbells.ring_again("bulk") == 0
    assert broker.llen("bulk") == before


def test_an_emptied_broker_is_filled_again(scripted: Scripted, broker: redis.Redis):
    job = start(scripted, 5)
    broker.flushall()
    grow_old()
    assert doorbells.ring_again("bulk") == 5
    assert messages(broker) == [("scripted.unit", [pk]) for pk in units(job)]
    assert doorbells.ring_again("bulk") == 0


def test_as_many_are_rung_again_as_are_missing(scripted: Scripted, broker: redis.Redis):
    start(scripted, 10)
    broker.lpop("bulk", 4)  # one of the eleven was the plan's
    grow_old()
    assert doorbells.ring_again("bulk") == 3
    assert broker.llen("bulk") == 10


def test_a_message_just_sent_is_given_time(scripted: Scripted, broker: redis.Redis):
    start(scripted, 3)
    broker.flushall()
    assert doorbells.ring_again("bulk") == 0


def test_items_rung_for_before_the_clock_was_set_back_are_rung_for_again(
    scripted: Scripted, broker: redis.Redis
):
    start(scripted, 3)
    broker.flushall()
    JobItem.objects.update(published_at=Now() + timedelta(days=1))
    assert doorbells.ring_again("bulk") == 3


def test_nothing_is_rung_again_into_a_queue_that_is_longer_than_the_window(
    scripted: Scripted, broker: redis.Redis, settings
):
    start(scripted, 20)
    broker.lpop("bulk", 6)
    grow_old()
    settings.JOB_WINDOW = 10
    assert broker.llen("bulk") == 15
    assert doorbells.ring_again("bulk") == 0


def test_ringing_again_keeps_to_the_window(scripted: Scripted, broker: redis.Redis, settings):
    start(scripted, 20)
    broker.flushall()
    grow_old()
    settings.JOB_WINDOW = 8
    assert doorbells.ring_again("bulk") == 8
    settings.JOB_WINDOW = 5
    assert doorbells.ring_again("bulk") == 0


def test_an_empty_queue_without_waiting_items_is_as_it_should_be(db: None):
    assert doorbells.ring_again("bulk") == 0


# --- The broker away ------------------------------------------------------------------------------


@pytest.fixture
def broker_away() -> Iterator[None]:
    """Nothing listens where the broker should be."""
    address = current_app.conf.broker_url
    use_broker("redis://127.0.0.1:1/0")
    yield
    use_broker(address)


def test_a_job_is_started_without_the_broker_and_rung_for_when_it_is_back(
    scripted: Scripted, broker: redis.Redis, broker_away: None, caplog: pytest.LogCaptureFixture
):
    job, new = services.start("scripted")
    assert new
    assert job.items.get().published_at is None
    assert "the message broker is away, 1 items wait for the next tick" in caplog.text
    assert doorbells.queue_length("bulk") is None
    assert doorbells.top_up("bulk") == 0
    use_broker(django_settings.CELERY_BROKER_URL)
    assert doorbells.top_up("bulk") == 1
    assert messages(broker) == [("scripted.plan", [job.items.get().pk])]


def test_the_broker_away_stops_no_item(scripted: Scripted, broker_away: None):
    job = start(scripted, 2)
    for pk in units(job):
        assert run_item(pk)
    assert set(job.items.filter(step="unit").values_list("state", flat=True)) == {ItemState.DONE}
    assert doorbells.ring_again("bulk") == 0
    assert not job.items.filter(state=ItemState.PENDING).exclude(published_at=None).exists()


def test_what_was_not_sent_is_rung_for_later(
    scripted: Scripted, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
):
    send: Callable[[doorbells.Doorbell], None] = doorbells._send
    with doorbells.muted():
        job = start(scripted, 5)

    def break_at_the_third(bell: doorbells.Doorbell) -> None:
        if broker.llen("bulk") == 2:
            raise BrokerError("gone")
        send(bell)

    with monkeypatch.context() as patched:
        patched.setattr(doorbells, "_send", break_at_the_third)
        assert doorbells.top_up("bulk") == 2
    assert job.items.filter(step="unit", published_at=None).count() == 3
    assert doorbells.top_up("bulk") == 3
    assert [arguments[0] for _, arguments in messages(broker)] == units(job)
