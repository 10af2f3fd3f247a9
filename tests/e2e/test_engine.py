"""The job engine with real worker processes, and everything that can happen to them.

After each of it: every item in the state it should end in, and everything that took effect did so once.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.models.functions import Now

from history.models import Event
from jobs import claims, doorbells, services, tasks
from jobs.handlers import RetryPolicy
from jobs.models import ItemState, Job, JobItem, JobState
from tests.e2e import counting
from tests.e2e.conftest import Beat, Broker, Worker
from tests.e2e.counting import SHORT_LEASE
from tests.e2e.nursery import Nursery
from tests.e2e.peers import proxy
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[..., Worker]


def start(units: int = 100, pause: float = 0.03, **params: object) -> Job:
    job, _ = services.start("counting", params={"units": units, "pause": pause, **params})
    return job


def start_slowly() -> Job:
    """A job that takes ten seconds, until it may `hurry`: in its middle is time for what a test does."""
    return start(pause=0.2)


def hurry(job: Job) -> None:
    """Let the units that are still to come take no time."""
    Job.objects.filter(pk=job.pk).update(params={**job.params, "pause": 0.0})


def effects() -> Counter[str]:
    """How often each thing took effect."""
    return Counter(Event.objects.values_list("text", flat=True))


def wait_for_effects(count: int) -> None:
    """Return in the middle of a job."""
    wait_until(lambda: Event.objects.count() >= count, f"{count} things took effect", meanwhile=Beat())


def effects_when_quiet() -> int:
    """How many things have taken effect when no more have done so for a second."""
    counts: list[tuple[float, int]] = []

    def quiet() -> bool:
        counts.append((time.monotonic(), Event.objects.count()))
        return any(at < counts[-1][0] - 1 and count == counts[-1][1] for at, count in counts)

    wait_until(quiet, "nothing took effect for a second")
    return counts[-1][1]


def finish_job(job: Job) -> None:
    """Tick until a job has ended."""

    def ended() -> bool:
        job.refresh_from_db()
        return not job.is_live

    wait_until(ended, f"{job} ended", meanwhile=Beat())


def check_units(job: Job) -> None:
    """Every unit ended as it should, and took effect once."""
    expected = {f"unit:{n}": counting.expected_state(n) for n in range(job.params["units"])}
    assert dict(job.items.filter(step="unit").values_list("key", "state")) == expected
    took_effect = {key for key, state in expected.items() if state != ItemState.FAILED}
    assert effects() == Counter({"plan", "finish", *took_effect})
    assert job.state == JobState.COMPLETED
    assert job.summary["items"]["failed"] == job.params["units"] // 10


def freeze_at_work(worker: Worker) -> int:
    """Freeze a worker at a moment when it holds items; return how many."""
    claimed = JobItem.objects.filter(state=ItemState.CLAIMED)

    def holds_some() -> bool:
        worker.freeze()
        wait_until(no_statement_runs, "what it had begun in the database has ended")
        if not (held := claimed.exists()):
            worker.thaw()
        return held

    wait_until(holds_some, "the worker holds items", meanwhile=Beat())
    return claimed.count()


def no_statement_runs() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'"
        )
        return bool(cursor.fetchone()[0] == 0)


def cut_connections() -> None:
    """End all connections to the database but our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_two_workers_do_every_item_once(start_worker: StartWorker):
    job = start()
    start_worker()
    start_worker()
    finish_job(job)
    check_units(job)


def test_a_killed_worker_loses_nothing(start_worker: StartWorker):
    job = start_slowly()
    first = start_worker(lease=SHORT_LEASE)
    wait_for_effects(5)
    held = freeze_at_work(first)
    first.kill()
    hurry(job)
    start_worker(lease=SHORT_LEASE)
    finish_job(job)
    check_units(job)
    assert job.items.filter(attempts__gte=2).count() >= held


def test_killed_task_processes_lose_nothing(start_worker: StartWorker):
    job = start_slowly()
    worker = start_worker(lease=SHORT_LEASE)
    for effect_count in (3, 6, 9):
        wait_for_effects(effect_count)
        for pid in worker.children()[:1]:
            os.kill(pid, signal.SIGKILL)
    hurry(job)
    finish_job(job)
    check_units(job)


def test_an_item_that_kills_its_workers_fails_and_the_rest_goes_on(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
):
    retry = RetryPolicy(attempts=2, base=0.1, cap=0.1)
    monkeypatch.setattr(counting.Counting, "retry", retry)
    job = start(units=20, deadly=True)
    start_worker(lease=SHORT_LEASE)
    finish_job(job)
    check = job.items.get(step="deadly")
    assert (check.state, check.attempts, check.error_kind) == (ItemState.FAILED, 2, "WorkerLost")
    assert job.state == JobState.COMPLETED
    assert job.items.filter(step="unit", state=ItemState.DONE).count() == 16


def test_a_broker_restarted_empty_loses_nothing(start_worker: StartWorker, broker: Broker):
    job = start_slowly()
    start_worker()
    wait_for_effects(5)
    broker.stop()
    time.sleep(0.5)  # it is away for a while
    broker.restart()
    hurry(job)
    finish_job(job)
    check_units(job)


def test_an_emptied_broker_loses_nothing(start_worker: StartWorker, broker: Broker):
    job = start_slowly()
    start_worker()
    for effect_count in (1, 4, 7):
        wait_for_effects(effect_count)
        broker.empty()
    hurry(job)
    finish_job(job)
    check_units(job)


@pytest.mark.parametrize("fault", ["twice", "lost"])
def test_messages_delivered_twice_or_lost_change_nothing(
    start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch, fault: str
):
    monkeypatch.setattr(doorbells, "_send", counting.mistreat(fault))
    job = start()
    start_worker(fault=fault)
    finish_job(job)
    check_units(job)


def test_lost_database_connections_lose_nothing(start_worker: StartWorker):
    job = start_slowly()
    start_worker(lease=SHORT_LEASE)
    for effect_count in (3, 6, 9):
        wait_for_effects(effect_count)
        cut_connections()
    hurry(job)
    finish_job(job)
    check_units(job)


def test_items_in_hand_while_the_database_restarts_are_put_back_by_their_own_worker(
    start_worker: StartWorker,
    broker: Broker,
    process_environment: dict[str, str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
):
    address = urlsplit(process_environment["DATABASE_URL"])
    with proxy(str(address.hostname), int(address.port or 0)) as between:
        netloc = address.netloc.replace(f":{address.port}", f":{between.port}")
        through = {"DATABASE_URL": address._replace(netloc=netloc).geturl(), "REDIS_URL": broker.address}
        nursery = Nursery({**process_environment, **through})
        worker = Worker(nursery, tmp_path / "through.log", hostname="through@here")
        request.addfinalizer(worker.kill)
        nursery.close()
        job = start_slowly()
        wait_for_effects(5)
        freeze_at_work(worker)
        claimed = JobItem.objects.filter(state=ItemState.CLAIMED)
        held = claimed.filter(pk__in=list(claimed.values_list("pk", flat=True)))
        between.cut()
        worker.thaw()
        wait_until(
            lambda: "is put back when the database is there again" in worker.log.read_text(),
            "the worker misses the database",
        )
        between.is_down = False
        hurry(job)
        # No tick takes them: their own worker puts them back.
        wait_until(lambda: not held.exists(), "what it held is put back")
        finish_job(job)
        check_units(job)


def test_ticks_go_on_when_the_database_cut_all_connections(start_worker: StartWorker):
    job = start_slowly()
    start_worker(lease=SHORT_LEASE)
    wait_for_effects(5)
    cut_connections()
    stuck = JobItem.objects.filter(job=job, step="unit", state=ItemState.PENDING).latest("pk")
    assert claims.claim(stuck.pk) is not None
    JobItem.objects.filter(pk=stuck.pk).update(lease_until=Now() - timedelta(seconds=1))

    def freed() -> bool:
        tasks.tick.apply_async(queue="interactive")
        stuck.refresh_from_db()
        return stuck.state != ItemState.CLAIMED

    # The worker itself ticks here, and each of its processes has lost its connection.
    wait_until(freed, "a tick of the worker has freed the item")
    hurry(job)
    finish_job(job)
    check_units(job)


def test_a_worker_told_to_stop_finishes_what_it_does_and_nothing_more(start_worker: StartWorker):
    job = start_slowly()
    first = start_worker()
    wait_for_effects(5)
    first.process.terminate()
    first.process.wait(timeout=PATIENCE)
    assert effects().total() < 60
    assert not JobItem.objects.filter(state=ItemState.CLAIMED).exists()
    hurry(job)
    start_worker()
    finish_job(job)
    check_units(job)
    assert not job.items.filter(error_kind="WorkerLost").exists()
    assert job.items.filter(attempts__gt=2).count() == 0


def test_an_item_longer_than_a_task_may_take_goes_on_where_it_was(start_worker: StartWorker):
    job = start(units=0, long=True)
    start_worker(soft_time_limit=1)
    finish_job(job)
    item = job.items.get(step="long")
    assert (item.state, item.attempts) == (ItemState.DONE, 1)
    parts = [f"part:{part}" for part in range(counting.PARTS)]
    assert effects() == Counter({"plan", "finish", "long:1", *parts})


def test_after_a_cancel_nothing_is_begun(start_worker: StartWorker):
    job = start_slowly()
    start_worker()
    wait_for_effects(5)
    services.cancel(job)
    begun = job.items.filter(state=ItemState.CLAIMED).count() + Event.objects.count()
    assert effects_when_quiet() <= begun
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    states = set(job.items.filter(step="unit").values_list("state", flat=True))
    assert ItemState.PENDING not in states
    assert ItemState.CANCELLED in states


def test_a_worker_told_to_stop_puts_a_long_item_back_for_another_to_go_on(start_worker: StartWorker):
    job = start(units=0, long=True)
    first = start_worker()
    wait_for_effects(3)
    first.process.terminate()
    first.process.wait(timeout=PATIENCE)
    item = job.items.get(step="long")
    assert (item.state, item.attempts) == (ItemState.PENDING, 0)
    left = counting.PARTS + 1 - effects().total()
    assert left > 0
    start_worker()
    finish_job(job)
    # The other one, a fork of the same process, was not told to stop: it did the rest in one go.
    item.refresh_from_db()
    assert (item.took_ms or 0) >= left * 1000 * counting.PART
    assert effects() == Counter({"plan", "finish", "long:1", *(f"part:{n}" for n in range(counting.PARTS))})
