"""After five failed calls in a row an instance is left in peace; a ping lets calls through again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from library import breaker
from library.breaker import Recorder, close, ping_due
from library.clients import client_for
from library.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from library.models import Breaker, Instance
from tests.waiting import PATIENCE

DOWN = ApiTransientError("Anime: nothing answers at http://nas.", counts_for_breaker=True)
BUSY = ApiTransientError("Anime: Sonarr answered 429.", status=429)
MISSING = ApiPermanentError("Anime: Sonarr answered 404.", status=404)
REFUSED = ApiAuthError("Anime: Sonarr refused the API key (401).", status=401)

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance(series_instance: Instance) -> Instance:
    return series_instance


def fail(instance: Instance, times: int) -> None:
    for _ in range(times):
        Recorder(instance)(DOWN)


def fresh(instance: Instance) -> Instance:
    return Instance.objects.get(pk=instance.pk)


def seconds_left(instance: Instance) -> float:
    until = fresh(instance).breaker_open_until
    assert until is not None
    return (until - timezone.now()).total_seconds()


def pause_is_over(instance: Instance) -> None:
    Instance.objects.filter(pk=instance.pk).update(breaker_open_until=Now() - timedelta(seconds=1))


def test_four_failures_do_not_open_it(instance):
    fail(instance, 4)
    assert fresh(instance).breaker == Breaker.CLOSED
    assert fresh(instance).breaker_failures == 4


def test_the_fifth_failure_in_a_row_opens_it_for_a_minute(instance):
    fail(instance, 5)
    assert fresh(instance).breaker == Breaker.OPEN
    assert 50 < seconds_left(instance) <= 60
    assert fresh(instance).breaker_reason == (
        "5 calls in a row failed; the last one: Anime: nothing answers at http://nas."
    )


@pytest.mark.parametrize("answer", [None, MISSING, BUSY])
def test_any_answer_starts_the_count_anew(instance, answer):
    fail(instance, 4)
    Recorder(fresh(instance))(answer)
    assert fresh(instance).breaker_failures == 0
    fail(instance, 4)
    assert fresh(instance).breaker == Breaker.CLOSED


@pytest.mark.parametrize("error", [MISSING, BUSY])
def test_errors_that_are_answers_never_count(instance, error):
    for _ in range(10):
        Recorder(instance)(error)
    assert fresh(instance).breaker_failures == 0


def test_a_success_costs_no_query_where_nothing_failed(instance, django_assert_num_queries):
    hear = Recorder(instance)
    with django_assert_num_queries(0):
        hear(None)
    hear(DOWN)
    with django_assert_num_queries(1):
        hear(None)
    with django_assert_num_queries(0):
        hear(None)


@pytest.mark.parametrize("failures", [0, 4])
def test_a_refused_key_stops_all_calls_at_once(instance, failures):
    fail(instance, failures)
    Recorder(instance)(REFUSED)
    assert fresh(instance).breaker == Breaker.AUTH
    assert fresh(instance).breaker_reason == str(REFUSED)


def test_a_refused_key_is_not_forgiven_by_failures_or_successes_of_other_workers(instance):
    Recorder(instance)(REFUSED)
    fail(instance, 6)
    Recorder(fresh(instance))(None)
    assert fresh(instance).breaker == Breaker.AUTH


def test_a_call_that_still_succeeds_does_not_close_an_open_breaker(instance):
    fail(instance, 5)
    Recorder(fresh(instance))(None)
    assert fresh(instance).breaker == Breaker.OPEN


def test_failures_while_it_is_open_change_nothing(instance):
    fail(instance, 5)
    before = fresh(instance).breaker_open_until
    fail(instance, 3)
    assert fresh(instance).breaker_open_until == before


def test_closing_says_whether_it_was_needed(instance):
    assert close(instance) is False
    fail(instance, 5)
    assert close(instance) is True
    assert fresh(instance).breaker == Breaker.CLOSED
    assert fresh(instance).breaker_reason == ""


# The ping


def test_nobody_is_pinged_before_the_pause_is_over(instance, sonarr):
    fail(instance, 5)
    assert ping_due() == 0
    assert sonarr.journal() == []


def test_one_ping_lets_calls_through_again(instance, sonarr):
    fail(instance, 5)
    pause_is_over(instance)
    assert ping_due() == 1
    assert fresh(instance).breaker == Breaker.CLOSED
    assert fresh(instance).breaker_failures == 0
    assert [entry["path"] for entry in sonarr.journal()] == ["/ping"]
    assert ping_due() == 0


def test_a_pause_that_the_clock_was_set_back_in_is_over(instance, sonarr):
    fail(instance, 5)
    Instance.objects.update(breaker_open_until=Now() + timedelta(days=1))
    assert ping_due() == 1
    assert fresh(instance).breaker == Breaker.CLOSED


def test_each_failed_ping_doubles_the_pause_up_to_a_quarter_of_an_hour(instance, sonarr):
    sonarr.fault("status", "/ping", status=503, count=None)
    fail(instance, 5)
    pauses = []
    for _ in range(6):
        pause_is_over(instance)
        assert ping_due() == 0
        pauses.append(round(seconds_left(instance), -1))
    assert pauses == [120, 240, 480, 900, 900, 900]
    assert fresh(instance).breaker_reason == (
        "It still does not answer: Anime: Sonarr answered 503: An error was asked for (503)."
    )


@pytest.mark.parametrize(
    "fault", [{"kind": "html"}, {"kind": "status", "status": 404}, {"kind": "status", "status": 500}]
)
def test_any_answer_to_a_ping_shows_that_the_instance_is_there(instance, sonarr, fault):
    sonarr.fault(path="/ping", **fault)
    fail(instance, 5)
    pause_is_over(instance)
    assert ping_due() == 1


def test_a_ping_that_meets_a_login_waits_for_an_edit(instance, sonarr):
    sonarr.fault("status", "/ping", status=403)
    fail(instance, 5)
    pause_is_over(instance)
    assert ping_due() == 0
    assert fresh(instance).breaker == Breaker.AUTH


@pytest.mark.parametrize("change", [{"enabled": False}, {"breaker": Breaker.AUTH}])
def test_disabled_and_refused_instances_are_not_pinged(instance, sonarr, change):
    fail(instance, 5)
    pause_is_over(instance)
    Instance.objects.update(**change)
    assert ping_due() == 0
    assert sonarr.journal() == []


def test_the_pause_is_lengthened_before_the_ping(instance, monkeypatch):
    fail(instance, 5)
    pause_is_over(instance)
    seen: list[float] = []

    def look(taken: Instance) -> bool:
        seen.append(seconds_left(taken))
        return False

    monkeypatch.setattr(breaker, "_ping", look)
    ping_due()
    assert 50 < seen[0] <= 60


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_ping_an_instance_once(instance, sonarr):
    fail(instance, 5)
    pause_is_over(instance)
    answers: list[int] = []

    def tick() -> None:
        try:
            answers.append(ping_due())
        finally:
            connection.close()

    with transaction.atomic():
        Instance.objects.select_for_update().get(pk=instance.pk)
        thread = threading.Thread(target=tick)
        thread.start()
        thread.join(PATIENCE)
    assert answers == [0]
    assert sonarr.journal() == []
    assert ping_due() == 1


# The client of an instance


def test_the_client_of_an_instance_tells_its_breaker(instance, sonarr, naps):
    sonarr.fault("status", "/tag", status=502, count=None)
    for _ in range(5):
        with pytest.raises(ApiTransientError):
            client_for(instance).tags()
    assert fresh(instance).breaker == Breaker.OPEN
    assert "Anime: Sonarr answered 502" in fresh(instance).breaker_reason


def test_a_wrong_key_of_an_instance_is_heard_of(instance):
    instance.api_key = "another-key"
    with pytest.raises(ApiAuthError):
        client_for(instance).tags()
    assert fresh(instance).breaker == Breaker.AUTH
    assert "another-key" not in fresh(instance).breaker_reason


def test_the_client_of_an_instance_may_be_read_only(instance):
    with pytest.raises(ApiPermanentError, match="dry run"):
        client_for(instance, read_only=True).create_tag("dub")
    assert client_for(instance).create_tag("dub") > 0
