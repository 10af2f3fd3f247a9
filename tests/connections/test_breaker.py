"""After five failed calls in a row an instance is left in peace; a ping lets calls through again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from connections import breaker
from connections.breaker import close, ping_due
from connections.calls import Recorder
from connections.models import Breaker, Connection
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from library.clients import client_for
from tests.waiting import PATIENCE

DOWN = ApiTransientError("Anime: nothing answers at http://nas.", counts_for_breaker=True)
BUSY = ApiTransientError("Anime: Sonarr answered 429.", status=429)
MISSING = ApiPermanentError("Anime: Sonarr answered 404.", status=404)
REFUSED = ApiAuthError("Anime: Sonarr refused the API key (401).", status=401)

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(series_instance: Connection) -> Connection:
    return series_instance


def fail(connection: Connection, times: int) -> None:
    for _ in range(times):
        Recorder(connection)(DOWN)


def fresh(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def seconds_left(connection: Connection) -> float:
    until = fresh(connection).breaker_open_until
    assert until is not None
    return (until - timezone.now()).total_seconds()


def pause_is_over(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(breaker_open_until=Now() - timedelta(seconds=1))


def test_four_failures_do_not_open_it(connection):
    fail(connection, 4)
    assert fresh(connection).breaker == Breaker.CLOSED
    assert fresh(connection).breaker_failures == 4


def test_the_fifth_failure_in_a_row_opens_it_for_a_minute(connection):
    fail(connection, 5)
    assert fresh(connection).breaker == Breaker.OPEN
    assert 50 < seconds_left(connection) <= 60
    assert fresh(connection).breaker_reason == (
        "5 calls in a row failed; the last one: Anime: nothing answers at http://nas."
    )


@pytest.mark.parametrize("answer", [None, MISSING, BUSY])
def test_any_answer_starts_the_count_anew(connection, answer):
    fail(connection, 4)
    Recorder(fresh(connection))(answer)
    assert fresh(connection).breaker_failures == 0
    fail(connection, 4)
    assert fresh(connection).breaker == Breaker.CLOSED


@pytest.mark.parametrize("error", [MISSING, BUSY])
def test_errors_that_are_answers_never_count(connection, error):
    for _ in range(10):
        Recorder(connection)(error)
    assert fresh(connection).breaker_failures == 0


def test_a_success_costs_no_query_where_nothing_failed(connection, django_assert_num_queries):
    hear = Recorder(connection)
    with django_assert_num_queries(0):
        hear(None)
    hear(DOWN)
    with django_assert_num_queries(1):
        hear(None)
    with django_assert_num_queries(0):
        hear(None)


@pytest.mark.parametrize("failures", [0, 4])
def test_a_refused_key_stops_all_calls_at_once(connection, failures):
    fail(connection, failures)
    Recorder(connection)(REFUSED)
    assert fresh(connection).breaker == Breaker.REFUSED
    assert fresh(connection).breaker_reason == str(REFUSED)


def test_a_refused_key_is_not_forgiven_by_failures_or_successes_of_other_workers(connection):
    Recorder(connection)(REFUSED)
    fail(connection, 6)
    Recorder(fresh(connection))(None)
    assert fresh(connection).breaker == Breaker.REFUSED


def test_a_call_that_still_succeeds_does_not_close_an_open_breaker(connection):
    fail(connection, 5)
    Recorder(fresh(connection))(None)
    assert fresh(connection).breaker == Breaker.OPEN


def test_failures_while_it_is_open_change_nothing(connection):
    fail(connection, 5)
    before = fresh(connection).breaker_open_until
    fail(connection, 3)
    assert fresh(connection).breaker_open_until == before


def test_closing_says_whether_it_was_needed(connection):
    assert close(connection) is False
    fail(connection, 5)
    assert close(connection) is True
    assert fresh(connection).breaker == Breaker.CLOSED
    assert fresh(connection).breaker_reason == ""


# The ping


def test_nobody_is_pinged_before_the_pause_is_over(connection, sonarr):
    fail(connection, 5)
    assert ping_due() == 0
    assert sonarr.journal() == []


def test_one_ping_lets_calls_through_again(connection, sonarr):
    fail(connection, 5)
    pause_is_over(connection)
    assert ping_due() == 1
    assert fresh(connection).breaker == Breaker.CLOSED
    assert fresh(connection).breaker_failures == 0
    assert [entry["path"] for entry in sonarr.journal()] == ["/ping"]
    assert ping_due() == 0


def test_a_pause_that_the_clock_was_set_back_in_is_over(connection, sonarr):
    fail(connection, 5)
    Connection.objects.update(breaker_open_until=Now() + timedelta(days=1))
    assert ping_due() == 1
    assert fresh(connection).breaker == Breaker.CLOSED


def test_each_failed_ping_doubles_the_pause_up_to_a_quarter_of_an_hour(connection, sonarr):
    sonarr.fault("status", "/ping", status=503, count=None)
    fail(connection, 5)
    pauses = []
    for _ in range(6):
        pause_is_over(connection)
        assert ping_due() == 0
        pauses.append(round(seconds_left(connection), -1))
    assert pauses == [120, 240, 480, 900, 900, 900]
    assert fresh(connection).breaker_reason == (
        "It still does not answer: Anime: Sonarr answered 503: An error was asked for (503)."
    )


@pytest.mark.parametrize(
    "fault", [{"kind": "html"}, {"kind": "status", "status": 404}, {"kind": "status", "status": 500}]
)
def test_any_answer_to_a_ping_shows_that_the_instance_is_there(connection, sonarr, fault):
    sonarr.fault(path="/ping", **fault)
    fail(connection, 5)
    pause_is_over(connection)
    assert ping_due() == 1


def test_a_ping_that_meets_a_login_waits_for_an_edit(connection, sonarr):
    sonarr.fault("status", "/ping", status=403)
    fail(connection, 5)
    pause_is_over(connection)
    assert ping_due() == 0
    assert fresh(connection).breaker == Breaker.REFUSED


@pytest.mark.parametrize("change", [{"enabled": False}, {"breaker": Breaker.REFUSED}])
def test_disabled_and_refused_instances_are_not_pinged(connection, sonarr, change):
    fail(connection, 5)
    pause_is_over(connection)
    Connection.objects.update(**change)
    assert ping_due() == 0
    assert sonarr.journal() == []


def test_the_pause_is_lengthened_before_the_ping(connection, monkeypatch):
    fail(connection, 5)
    pause_is_over(connection)
    seen: list[float] = []

    def look(taken: Connection) -> bool:
        seen.append(seconds_left(taken))
        return False

    monkeypatch.setattr(breaker, "_ping", look)
    ping_due()
    assert 50 < seen[0] <= 60


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_ping_an_instance_once(connection, sonarr):
    fail(connection, 5)
    pause_is_over(connection)
    answers: list[int] = []

    def tick() -> None:
        try:
            answers.append(ping_due())
        finally:
            database.close()

    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)
        thread = threading.Thread(target=tick)
        thread.start()
        thread.join(PATIENCE)
    assert answers == [0]
    assert sonarr.journal() == []
    assert ping_due() == 1


# The client of an instance


def test_the_client_of_an_instance_tells_its_breaker(connection, sonarr, naps):
    sonarr.fault("status", "/tag", status=502, count=None)
    for _ in range(5):
        with pytest.raises(ApiTransientError):
            client_for(connection).tags()
    assert fresh(connection).breaker == Breaker.OPEN
    assert "Anime: Sonarr answered 502" in fresh(connection).breaker_reason


def test_a_wrong_key_of_an_instance_is_heard_of(connection):
    connection.keep_secrets({"api_key": "another-key"})
    with pytest.raises(ApiAuthError):
        client_for(connection).tags()
    assert fresh(connection).breaker == Breaker.REFUSED
    assert "another-key" not in fresh(connection).breaker_reason


def test_the_client_of_an_instance_may_be_read_only(connection):
    with pytest.raises(ApiPermanentError, match="dry run"):
        client_for(connection, read_only=True).create_tag("dub")
    assert client_for(connection).create_tag("dub") > 0
