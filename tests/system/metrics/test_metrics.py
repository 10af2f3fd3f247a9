"""/metrics: who may read it, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from connections import call_counts as calls
from connections.models import Breaker, Connection
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from jobs.models import Job, JobItem
from library.clients import app_client_for
from scanner.models import Policy, ScanSettings
from tests.connections.build import make_connection
from tests.library.build import add_file, add_title

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-metrics"


@pytest.fixture
def connection() -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="My TV", kind="sonarr", url="http://127.0.0.1:1", api_key="key", policy=policy
    )


@pytest.fixture
def read(client, settings):
    """The value of every sample, by name and labels."""
    settings.METRICS_TOKEN = TOKEN

    def get() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    return get


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"taggarr_{name}", frozenset(labels.items())


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer ", f"bearer{TOKEN}"])
def test_without_the_token_nothing_is_told(client, settings, header):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": header})
    assert answer.status_code == 403
    assert b"taggarr_media" not in answer.content


@pytest.mark.parametrize("header", ["", "Bearer "])
def test_where_nothing_was_allowed_nobody_may(client, header):
    assert client.get("/metrics", headers={"authorization": header}).status_code == 403


def test_an_allowed_network_needs_no_token(client, settings):
    settings.METRICS_NETWORKS = ["10.0.0.0/8", "fd00::1"]
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="fd00::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="11.1.2.3").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403


def test_the_library(connection, read):
    for number, verdict in enumerate(["dub", "dub", "wrong-dub"]):
        media = add_title(
            connection=connection, arr_id=number, title="x", path="/x", verdict=verdict, dirty=True
        )
        add_file(media=media, path="a", languages=["jpn", "eng"], engine="header")
    add_file(media=media, path="b", problem="unreadable")
    found = read()
    about = {"instance": "My TV", "kind": "sonarr"}
    assert found[key("media", **about, verdict="dub")] == 2
    assert found[key("media", **about, verdict="original")] == 0
    assert found[key("media_unwritten", instance="My TV")] == 3
    assert found[key("files", language="eng")] == 3
    assert found[key("files_probed", engine="header", problem="none")] == 3
    assert found[key("files_probed", engine="none", problem="unreadable")] == 1


def test_instances(connection, read):
    assert read()[key("breaker_open", instance="My TV", state="closed")] == 0
    Connection.objects.update(breaker=Breaker.OPEN)
    ScanSettings.objects.update(held_since=timezone.now(), last_full_scan_at=timezone.now())
    found = read()
    assert found[key("breaker_open", instance="My TV", state="open")] == 1
    assert found[key("held", instance="My TV")] == 1
    assert found[key("last_full_scan_timestamp_seconds", instance="My TV")] > 1e9


def test_jobs_queues_and_deliveries(connection, read):
    end = timezone.now()
    job = Job.objects.create(
        name="scan",
        connection=connection,
        state="completed",
        started_at=end - timedelta(seconds=10),
        finished_at=end,
    )
    for number in range(20):
        state = "failed" if number == 0 else "done"
        JobItem.objects.create(job=job, step="media", key=str(number), state=state)
    live = Job.objects.create(name="notify", state="running")
    JobItem.objects.create(job=live, step="send", key="a", queue="io", due_at=end - timedelta(seconds=60))
    found = read()
    about = {"job": "scan", "instance": "My TV"}
    assert found[key("job_duration_seconds", **about)] == pytest.approx(10, abs=0.1)
    assert found[key("job_items_per_second", **about)] == pytest.approx(2, abs=0.1)
    assert found[key("job_items", **about, state="failed")] == 1
    assert found[key("queue_items", queue="io", state="pending")] == 1
    assert found[key("queue_wait_seconds", queue="io")] == pytest.approx(60, abs=5)
    assert found[key("queue_wait_seconds", queue="bulk")] == 0
    assert found[key("failed_items", job="scan")] == 1
    assert found[key("deliveries", state="pending")] == 1


def test_calls_are_counted_over_all_processes(connection, read):
    label = {"instance": "My TV"}
    client = app_client_for(connection)
    with pytest.raises(ApiTransientError):
        client.status()
    assert read()[key("api_calls_total", **label, outcome="unavailable")] == 1
    calls.count_call(connection.pk, None)
    calls.count_call(connection.pk, None)
    found = read()
    assert found[key("api_calls_total", **label, outcome="ok")] == 2


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (ApiAuthError("no"), "unauthorized"),
        (ApiTransientError("away"), "unavailable"),
        (ApiPermanentError("no"), "refused"),
    ],
)
def test_how_a_call_ended(error, outcome):
    assert calls.outcome_of(error) == outcome


def test_without_redis_metrics_are_told_without_calls(connection, read, settings):
    calls._redis.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    try:
        calls.count_call(connection.pk, None)
        found = read()
    finally:
        calls._redis.cache_clear()
    assert key("held", instance="My TV") in found
    assert not [name for name, _ in found if name.startswith("taggarr_api_calls")]


def test_a_scrape_takes_as_many_queries_for_many_instances(connection, read, django_assert_max_num_queries):
    for number in range(10):
        make_connection(
            name=f"N{number}", kind="sonarr", url="x", api_key="k", policy=connection.scan_settings.policy
        )
    read()  # what a process asks once
    with django_assert_max_num_queries(25):
        read()
