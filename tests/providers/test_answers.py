"""What is kept of answers: how often a provider is asked, and what a list of changes saves."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.db.models import F
from django.utils import timezone

from connections.models import Breaker, Connection
from core.errors import ApiPermanentError, ApiTransientError, Later
from core.outbound.answers import MissingError
from providers.answers import Followed, Request, delete_old, follow_changes
from providers.base import Service
from providers.connections import provider_for
from providers.contract import Kind
from providers.models import Answer, Standing


@pytest.fixture
def tmdb(connect):
    return connect("tmdb")


def let_time_pass(**time: float) -> None:
    """As though all answers had come so much earlier."""
    gone = timedelta(**time)
    Answer.objects.update(
        fetched_at=F("fetched_at") - gone, stale_at=F("stale_at") - gone, ends_at=F("ends_at") - gone
    )
    Standing.objects.update(covered_since=F("covered_since") - gone, covered_until=F("covered_until") - gone)


def test_what_was_asked_is_not_asked_again_while_it_is_true(tmdb, world):
    first = provider_for(tmdb).details(Kind.MOVIE, "603", ["en"])
    again = provider_for(tmdb).details(Kind.MOVIE, "603", ["en"])
    provider_for(tmdb).pictures(Kind.MOVIE, "603", ["en"])

    assert again == first
    assert len(world.journal()) == 1


def test_other_languages_are_another_question(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", ["en"])
    provider_for(tmdb).details(Kind.MOVIE, "603", ["de"])

    assert len(world.journal()) == 2


@pytest.mark.parametrize(
    ("kind", "id", "values", "days"),
    [
        ("movie", "603", {}, 30),
        ("movie", "604", {"premiered": str((datetime.now(UTC) - timedelta(days=100)).date())}, 7),
        ("movie", "604", {"premiered": str(datetime.now(UTC).date())}, 1),
        ("movie", "604", {"premiered": ""}, 1),
        ("series", "56", {}, 30),
        ("series", "56", {"status": "continuing"}, 1),
    ],
)
def test_the_older_a_title_the_longer_an_answer_holds(tmdb, world, kind, id, values, days):
    if values:
        world.change("edit", kind=kind, id=int(id), **values)
    provider_for(tmdb).details(Kind(kind), id, [])

    answer = Answer.objects.get()
    assert answer.stale_at - answer.fetched_at == timedelta(days=days)


def test_what_did_not_change_is_confirmed_without_being_sent_again(tmdb, world):
    first = provider_for(tmdb).details(Kind.MOVIE, "603", [])
    let_time_pass(days=31)
    again = provider_for(tmdb).details(Kind.MOVIE, "603", [])

    assert again == first
    assert [entry["status"] for entry in world.journal()] == [200, 304]
    assert Answer.objects.get().stale_at > timezone.now() + timedelta(days=29)


def test_what_changed_takes_the_place_of_the_answer_before(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    world.change("edit", kind="movie", id=603, runtime=99)
    let_time_pass(days=31)

    assert provider_for(tmdb).details(Kind.MOVIE, "603", []).runtime == 99
    assert Answer.objects.count() == 1


def test_that_there_is_no_such_title_is_kept_for_a_day(tmdb, world):
    for _ in range(2):
        with pytest.raises(MissingError):
            provider_for(tmdb).details(Kind.MOVIE, "999", [])
    assert len(world.journal()) == 1
    assert Connection.objects.get().breaker_failures == 0

    let_time_pass(hours=25)
    with pytest.raises(MissingError):
        provider_for(tmdb).details(Kind.MOVIE, "999", [])
    assert len(world.journal()) == 2


def test_an_answer_that_cannot_be_read_is_not_kept(tmdb, world):
    world.fault("nulls", "/3/movie", fields=["id"])
    with pytest.raises(ApiPermanentError):
        provider_for(tmdb).details(Kind.MOVIE, "603", [])

    assert not Answer.objects.exists()
    assert provider_for(tmdb).details(Kind.MOVIE, "603", []).title == "The Lost Reel"


def test_a_kept_answer_that_this_version_cannot_read_is_asked_for_anew(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    Answer.objects.update(body=gzip.compress(b"{}"))

    assert provider_for(tmdb).details(Kind.MOVIE, "603", []).title == "The Lost Reel"
    Answer.objects.update(
        body=gzip.compress(b"{}"),
        stale_at=timezone.now(),
    )
    assert provider_for(tmdb).details(Kind.MOVIE, "603", []).title == "The Lost Reel"
    assert [entry["status"] for entry in world.journal()] == [200, 304, 200, 304, 200]


def test_answers_of_another_address_are_not_taken_for_this_one(tmdb):
    assert Request("/movie/1").key("https://one.test") != Request("/movie/1").key("https://two.test")


def test_no_answer_is_used_or_kept_for_longer_than_half_a_year(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    answer = Answer.objects.get()
    assert timedelta(days=150) <= answer.ends_at - answer.fetched_at <= timedelta(days=180)

    let_time_pass(days=180)
    Answer.objects.update(stale_at=timezone.now() + timedelta(days=1))
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    assert [entry["status"] for entry in world.journal()] == [200, 200]

    let_time_pass(days=180)
    assert delete_old() == 1


def test_what_a_search_said_is_deleted_when_it_is_no_longer_true(tmdb):
    provider_for(tmdb).lookup("Comet", None, Kind.MOVIE)
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    let_time_pass(hours=25)

    assert delete_old() == 1
    assert Answer.objects.get().subject == "603"


def test_a_connection_that_is_deleted_takes_its_answers_along(tmdb):
    from connections import services

    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    services.delete(tmdb)

    assert not Answer.objects.exists()


# Limits


def test_a_provider_that_is_asked_too_often_is_left_in_peace_by_all(tmdb, connect, world):
    world.fault("status", "/3/movie", status=429, retry_after=7)
    with pytest.raises(Later) as caught:
        provider_for(tmdb).details(Kind.MOVIE, "603", [])
    assert caught.value.seconds == 7

    with pytest.raises(Later) as caught:
        provider_for(tmdb, interactive=True).details(Kind.MOVIE, "604", [])
    assert 5 < caught.value.seconds <= 7
    assert len(world.journal()) == 1

    Connection.objects.update(held_until=timezone.now())
    assert provider_for(tmdb).details(Kind.MOVIE, "604", []).title == "Comet"
    assert Connection.objects.get().breaker_failures == 0


def test_without_a_time_all_wait_for_ten_seconds(tmdb, world):
    world.fault("status", "/3/movie", status=429)
    with pytest.raises(Later) as caught:
        provider_for(tmdb).details(Kind.MOVIE, "603", [])
    assert caught.value.seconds == 10


def test_the_pace_of_the_provider_is_kept_and_part_of_it_left_for_who_waits(connect, world):
    fanart = connect("fanart")
    world.change("limit", provider="fanart", per_second=5)
    ids = iter(range(9000, 9100))

    def calls(**how: bool) -> int:
        made = 0
        for id in islice(ids, 8):
            try:
                provider_for(fanart, **how).pictures(Kind.MOVIE, str(id), [])
            except MissingError:
                made += 1
            except Later:
                break
        return made

    assert calls() >= 4
    assert calls(interactive=True) >= 1
    assert world.change("report")["refused"] == 0


def test_an_outage_opens_the_breaker(tmdb, world, naps):
    world.fault("status", "/3/movie", status=503, count=None)
    for _ in range(5):
        with pytest.raises(ApiTransientError):
            provider_for(tmdb).details(Kind.MOVIE, "603", [])

    tmdb.refresh_from_db()
    assert tmdb.breaker == Breaker.OPEN


@pytest.mark.parametrize("kind", ["drop", "truncate", "html", "other-app", "starting", "partial"])
def test_answers_that_are_none_are_not_kept(tmdb, world, naps, kind):
    world.fault(kind, "/3/movie", count=2)
    with pytest.raises((ApiTransientError, ApiPermanentError)):
        provider_for(tmdb).details(Kind.MOVIE, "603", [])

    assert not Answer.objects.exists()


# Lists of changes


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("kind", ["tmdb", "tvdb", "fanart"])
def test_only_what_changed_is_asked_for_again(connect, world, kind):
    connection = connect(kind)
    more = 1000 if kind == "tvdb" else 0
    for id in (603, 604):
        provider_for(connection).pictures(Kind.MOVIE, str(id + more), [])
    let_time_pass(days=5)
    world.change("touch", kind="movie", id=604, at=(datetime.now(UTC) - timedelta(days=2)).timestamp())
    world.clear_journal()

    assert follow_changes(connection, provider_for(connection)).changed == 1
    assert len(world.journal()) <= 12
    world.clear_journal()
    for id in (603, 604):
        provider_for(connection).pictures(Kind.MOVIE, str(id + more), [])
    assert [path.partition("604")[1] for path in world.called()] == ["604"]


@pytest.mark.usefixtures("unlimited")
def test_a_library_of_32000_in_which_nothing_changed_costs_few_calls(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    [one] = Answer.objects.all()
    body = one.body
    titles = [(Kind.MOVIE, 2000), (Kind.SERIES, 660)]
    came = timezone.now() - timedelta(days=13)
    Answer.objects.bulk_create(
        Answer(
            connection=tmdb,
            key=f"{number:060x}{kind[:4].encode().hex()[:4]}",
            kind=kind,
            subject=str(10_000 + number),
            body=body,
            fetched_at=came,
            stale_at=came + timedelta(days=1),
            ends_at=came + timedelta(days=170),
        )
        for kind, many in titles
        for number in range(many)
    )
    world.clear_journal()

    found = follow_changes(tmdb, provider_for(tmdb))

    assert found == Followed(0, 2660)
    assert len(world.journal()) <= 100
    fresh = Answer.objects.exclude(subject="").filter(stale_at__gt=timezone.now() + timedelta(days=1))
    assert fresh.count() == 2661


def test_days_in_which_nobody_looked_vouch_for_nothing(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    let_time_pass(days=40)
    provider_for(tmdb).details(Kind.MOVIE, "604", [])

    found = follow_changes(tmdb, provider_for(tmdb))

    assert found.changed == 0
    assert Answer.objects.get(subject="603").stale_at < timezone.now()


@pytest.mark.usefixtures("unlimited")
def test_list_upon_list_vouches_for_what_came_before_the_first(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    for _ in range(4):
        let_time_pass(days=10)
        follow_changes(tmdb, provider_for(tmdb))
    world.clear_journal()

    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    assert world.journal() == []


def test_without_answers_nothing_is_asked(tmdb, world):
    assert follow_changes(tmdb, provider_for(tmdb)) == Followed()
    assert world.journal() == []


@pytest.mark.usefixtures("unlimited")
def test_a_list_that_had_to_wait_goes_on_where_it_was(tmdb, world):
    provider_for(tmdb).details(Kind.MOVIE, "603", [])
    let_time_pass(days=4)
    world.fault("status", "/3/tv/changes", status=429, retry_after=1, skip=1)
    with pytest.raises(Later):
        follow_changes(tmdb, provider_for(tmdb))
    Connection.objects.update(held_until=None)
    follow_changes(tmdb, provider_for(tmdb))

    assert not Standing.objects.filter(covered_until=None).exists()
    asked = [
        (entry["path"], entry["query"]["start_date"])
        for entry in world.journal()
        if "changes" in entry["path"]
    ]
    assert len(asked) == len(set(asked)) + 1


def test_a_list_without_end_is_given_up(tmdb, world, monkeypatch):
    monkeypatch.setattr("providers.base.MOST_PAGES", 3)
    monkeypatch.setattr("providers.tmdb._changed", lambda _: ({"1"}, True))

    with pytest.raises(ApiPermanentError, match="more than 3 pages"):
        provider_for(tmdb).changes(datetime.now(UTC) - timedelta(days=2))


def test_nobody_says_unchanged_who_was_not_asked(tmdb, monkeypatch):
    monkeypatch.setattr(Service, "_call", lambda *_: None)

    with pytest.raises(ApiTransientError, match="was not asked"):
        provider_for(tmdb).details(Kind.MOVIE, "603", [])
