"""What a person sees of a player and does about it: counted, told in history, nothing but what was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from connections.models import Connection
from core.errors import ConfigError
from demo.players.process import StandIn
from history.models import AuditEntry, Event
from jobs import services as job_services
from jobs.models import Job
from players import brake, care, cleaning, links, sources
from players.connections import client_for
from players.jobs import PushHandler
from players.models import Cause, Link, LinkState, Outage, PlayerSettings, Route, Subject, Tally
from players.pace import Pacer
from players.sending import Sender
from tests.conftest import think_empty

from .conftest import add_movie, player_state
from .test_sending import labels_at

Push = Callable[[Connection], Job]
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(player_state("plex", movies=3))
    return plex_process


@pytest.fixture
def player(db: None) -> Connection:
    found = Connection.objects.create(name="Plex", kind="plex", url="http://plex.test")
    PlayerSettings.objects.create(connection=found)
    return found


def add_links(player: Connection, number: int = 1, **fields: object) -> list[Link]:
    from players.clients.contract import Kind
    from players.rules.matching import Title
    from players.sources import State

    state = State(Title(Kind.MOVIE, "Movie"), labels=("dub",)).to_json()
    before = Subject.objects.count()
    subjects = [
        Subject.objects.create(
            source=player, key=f"media:{one}", kind="movie", title=f"Movie {one}", state=state
        )
        for one in range(before, before + number)
    ]
    return [Link.objects.create(subject=one, player=player, **fields) for one in subjects]


def told() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("code", flat=True))


def test_an_overview_counts_what_is_so_what_waits_and_what_is_wrong(player: Connection):
    add_links(player, 3, state=LinkState.IN_SYNC, grade=100, synced_at=NOW)
    add_links(player, 2, due_at="2020-01-01T00:00Z", grade=95)
    add_links(player, state=LinkState.NOT_THERE, due_at="2100-01-01T00:00Z", tries=2)
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.REFUSED_VALUE)
    add_links(player, state=LinkState.IN_SYNC, conflict=True)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    Tally.objects.create(player=player, hour=hour, what="link", outcome="in_sync", number=40, ms=20_000)
    found = care.overview(player)
    assert (found.total, found.due, found.dead, found.edited, found.items) == (9, 2, 2, 1, 0)
    assert {state: number for state, number in found.states.items() if number} == {
        "in_sync": 4,
        "due": 2,
        "not_there": 1,
        "failed": 2,
    }
    assert found.next_due == datetime(2100, 1, 1, tzinfo=UTC)
    assert (found.per_minute, found.seconds_left) == (120.0, 4)  # not measured yet: two seconds each
    assert found.grades == {95: 2, 100: 3}
    assert found.synced_at == NOW
    (trouble,) = found.troubles
    assert (trouble.cause, trouble.number) == ("refused_value", 2)
    assert "switch that field off" in trouble.remedy
    assert [(one.ended, one.seconds) for one in care.statistics(player)] == [({"in_sync": 40}, 20.0)]


def test_an_overview_of_a_player_without_titles_counts_nothing(player: Connection):
    found = care.overview(player)
    assert (found.total, found.per_minute, found.seconds_left, found.troubles) == (0, None, None, [])


def test_outages_tell_how_often_how_long_and_how_much_it_answered(player: Connection):
    Connection.objects.update(created_at=NOW - timedelta(hours=100))
    player.refresh_from_db()
    for began, ended in ((50, 48), (30, 26), (1, None)):
        outage = Outage.objects.create(
            player=player, ended_at=NOW - timedelta(hours=ended) if ended is not None else None
        )
        Outage.objects.filter(pk=outage.pk).update(began_at=NOW - timedelta(hours=began))
    found = care.outages(player, NOW)
    assert (found.number, found.to_repair, found.between) == (3, 3 * 3600, 31 * 3600)
    assert found.availability == pytest.approx(0.93)
    assert found.last[0].ended_at is None


def test_without_an_outage_a_player_was_always_there(player: Connection):
    found = care.outages(player)
    assert (found.number, found.to_repair, found.between, found.availability) == (0, None, None, 1.0)


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 9_999)), max_size=5))
def test_availability_is_a_part_of_the_time(spans: list[tuple[int, int]]):
    last = [
        Outage(began_at=NOW - timedelta(seconds=began), ended_at=NOW - timedelta(seconds=min(ended, began)))
        for began, ended in spans
    ]
    found = care.outages_over(last, NOW - timedelta(seconds=10_000), NOW)
    assert 0 <= found.availability <= 1
    assert (found.to_repair is None) == (not spans)


def test_retrying_and_dismissing_count_and_are_told_once(player: Connection, django_user_model):
    user = django_user_model.objects.create_user("ada", role="admin")
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.REFUSED_VALUE, tries=5)
    add_links(player, state=LinkState.FAILED, cause=Cause.BUG)
    assert care.dismiss(care.dead_letters(player, Cause.BUG), user, 1) == 1
    assert Link.objects.get(cause=Cause.BUG).state == LinkState.DISMISSED
    assert care.retry(care.dead_letters(player), user, 2) == 2
    assert set(Link.objects.filter(state=LinkState.DUE).values_list("tries", flat=True)) == {0}
    assert care.retry(care.dead_letters(player), user) == 0
    assert told() == ["hand.links-dismissed", "hand.links-retried"]
    assert {event.actor for event in Event.objects.all()} == {user}


@pytest.mark.parametrize("act", [care.retry, care.dismiss])
def test_another_number_than_was_meant_changes_nothing(player: Connection, act):
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.BUG)
    with pytest.raises(ConfigError, match="2 titles by now, not 3"):
        act(care.dead_letters(player), None, 3)
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.FAILED}
    assert told() == []


def test_purging_forgets_what_nobody_sees_to_but_nothing_that_is_ours(player: Connection):
    add_links(player, state=LinkState.DISMISSED)
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.BUG)
    add_links(player, state=LinkState.FAILED, cause=Cause.BUG, marks={"1": {"label:dub": {"ours": ["x"]}}})
    add_links(player, state=LinkState.IN_SYNC)
    with pytest.raises(ConfigError):
        care.purge(player, None, number=4)
    assert care.purge(player, None, Cause.BUG, 2) == 2
    assert care.purge(player, None) == 1
    assert Link.objects.count() == 2
    assert told() == ["hand.links-purged"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_person_pins_takes_back_and_lets_go(plex: StandIn, movies: Connection, add_player, push: Push):
    add_movie(movies, 1)
    push(player := add_player(plex))
    link = Link.objects.select_related("subject", "player").get()
    care.pin(link, str(plex.state().titled("Movie 0002").id), None)
    push(player)
    assert labels_at(plex)["Movie 0002"] == ["dub"]
    with pytest.raises(ConfigError, match="no title with the id"):
        care.pin(link, "4711", None)
    care.unpin(link, None)
    assert care.take_back(link, None, None) == 0
    key = "label:dub"
    Link.objects.update(marks={"1": {key: {"ours": ["x"], "undone": 3}}}, conflict=True)
    assert care.take_back(link, "summary", None) == 0
    assert care.take_back(link, key, None) == 1
    assert not Link.objects.get().conflict
    assert told() == ["hand.link-pinned", "hand.link-unpinned", "hand.link-taken-back"]


def test_a_player_is_released_only_while_it_is_held(player: Connection):
    with pytest.raises(ConfigError, match="not held"):
        care.release(player, None)
    PlayerSettings.objects.update(held_since=NOW)
    job = care.release(player, None)
    assert (job.name, job.connection) == ("push", player)
    assert PlayerSettings.objects.get().released
    assert told() == ["hand.player-released"]


def test_a_player_that_is_paused_is_sent_nothing_until_it_is_resumed(player: Connection):
    player.keep_secrets({"token": "t" * 20})
    player.save()
    care.pause(player, None)
    player.refresh_from_db()
    assert not player.enabled
    care.resume(player, None)
    player.refresh_from_db()
    assert player.enabled
    assert AuditEntry.objects.filter(target="Plex", after__has_key="enabled", action="changed").count() == 2
    job, is_new = care.send_now(player, None)
    assert is_new
    assert care.send_now(player, None) == (job, False)


def test_dead_letters_are_what_needs_a_person(player: Connection):
    add_links(player, state=LinkState.NOT_THERE, tries=links.LOOKS, cause=Cause.NOT_THERE)
    add_links(player, state=LinkState.NOT_THERE, tries=1, cause=Cause.NOT_THERE)
    add_links(player, state=LinkState.AMBIGUOUS, cause=Cause.AMBIGUOUS)
    assert care.dead_letters(player).count() == 2
    assert care.dead_letters(player, Cause.AMBIGUOUS).count() == 1


def test_what_failed_or_was_dismissed_is_forgotten_after_thirty_days_of_nobody(player: Connection):
    long_ago, lately = (timezone.now() - timedelta(days=days) for days in (31, 29))
    for state in (LinkState.FAILED, LinkState.DISMISSED, LinkState.AMBIGUOUS):
        for dead_at in (long_ago, lately):
            add_links(player, state=state, dead_at=dead_at)
    add_links(player, state=LinkState.FAILED, dead_at=long_ago, marks={"1": {"label:dub": {"ours": ["aa"]}}})
    # What is a year old, and failed today, is not an old failure.
    Subject.objects.update(changed_at=timezone.now() - timedelta(days=365))
    assert cleaning.BRINGS.cleaners["player_dead_letters"]() == 2
    kept = Link.objects.order_by("pk").values_list("state", flat=True)
    assert list(kept) == ["failed", "dismissed", "ambiguous", "ambiguous", "failed"]


def test_how_long_what_failed_is_kept_is_a_setting_of_each_player(player: Connection):
    add_links(player, state=LinkState.FAILED, dead_at=timezone.now() - timedelta(days=8))
    assert cleaning.BRINGS.cleaners["player_dead_letters"]() == 0
    PlayerSettings.objects.update(keep_failed_days=7)
    assert cleaning.BRINGS.cleaners["player_dead_letters"]() == 1


def test_a_title_is_dead_from_when_it_failed_or_was_dismissed(player: Connection):
    (_, dismissed) = add_links(player, 2, state=LinkState.DUE, due_at=NOW)
    claim = links.claim(player, 1)
    assert claim is not None
    claim.save([links.End(claim.links[0], LinkState.FAILED)])
    links.dismiss(Q(pk=dismissed.pk))
    assert Link.objects.filter(dead_at__isnull=False).count() == 2
    Link.objects.update(due_at=NOW)
    claim = links.claim(player)
    assert claim is not None
    claim.save([links.End(one, LinkState.IN_SYNC) for one in claim.links])
    assert not Link.objects.filter(dead_at__isnull=False).exists()


def test_no_more_is_claimed_than_was_asked_for_where_postgresql_knows_of_no_link(player: Connection):
    add_links(player, 300)
    think_empty(Link)
    add_links(player, 30, state=LinkState.DUE, due_at=NOW)
    claim = links.claim(player, 10)
    assert claim is not None
    assert len(claim.links) == 10


HELD = {"1": {"summary": {"ours": ["aa"], "held": "bb"}}}


def test_what_was_taken_back_is_left_again_until_it_is_sent(player: Connection):
    (link,) = add_links(player, state=LinkState.IN_SYNC, marks=HELD, conflict=True)
    assert care.take_back(link, None, None) == 1
    link.refresh_from_db()
    assert (link.marks["1"]["summary"]["ours"], link.conflict) == (["aa", "bb"], False)
    care.give_back(link, None)
    link.refresh_from_db()
    assert (link.marks, link.conflict, link.undo) == (HELD, True, None)
    assert told() == ["hand.link-taken-back", "hand.link-given-back"]
    with pytest.raises(ConfigError, match="nothing to undo"):
        care.give_back(link, None)


@pytest.mark.parametrize("is_saved", [True, False])
def test_what_is_being_sent_is_not_left_again(player: Connection, is_saved: bool):
    (link,) = add_links(player, state=LinkState.IN_SYNC, marks=HELD, conflict=True)
    care.take_back(link, None, None)
    Link.objects.update(due_at=NOW)
    claim = links.claim(player)
    assert claim is not None
    with pytest.raises(ConfigError):
        care.give_back(link, None)
    claim.keep_marks({link.pk: links.marks_of(claim.links[0])})
    if is_saved:
        claim.save([links.End(claim.links[0], LinkState.IN_SYNC)])
    else:
        claim.free()
    with pytest.raises(ConfigError):
        care.give_back(link, None)


def test_what_was_released_is_held_again_while_some_of_it_waits(player: Connection):
    PlayerSettings.objects.update(held_since=NOW)
    care.release(player, None)
    care.hold(player, None)
    settings = PlayerSettings.objects.get()
    assert (settings.released, str(settings.held_reason)[:22]) == (False, "Somebody held it again")
    assert settings.held_since is not None
    with pytest.raises(ConfigError, match="Nothing is left to hold"):
        care.hold(player, None)
    assert told() == ["hand.player-released", "hand.player-held"]


def test_a_push_stops_where_somebody_holds_it_again(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    add_movie(movies, 1)
    found = add_player(plex)
    push(found)
    links.make_all_due(found)
    settings = PlayerSettings.objects.select_related("connection").get()
    sender = Sender(found, settings, client_for(found), Pacer(found))
    PlayerSettings.objects.update(held_since=NOW)
    assert sender.send().summary()["written"] == 0
    assert Link.objects.get().state == LinkState.DUE


@pytest.mark.django_db(transaction=True)
def test_a_player_that_is_left_loses_our_labels_and_no_others_and_is_deleted(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    for number in range(1, 4):
        add_movie(movies, number)
    found = add_player(plex)
    plex.change("edit", id=plex.state().titled("Movie 0001").id, label=["theirs"])
    push(found)
    assert links.labelled(found).count() == 3
    with pytest.raises(ConfigError, match="3 titles by now"):
        care.leave(found, None, 2)
    # Whatever the brake says: this was asked for, with its number.
    PlayerSettings.objects.update(brake_percent=0)
    job_services.run_inline(care.leave(found, None, 3))
    assert {name: some for name, some in labels_at(plex).items() if some} == {"Movie 0001": ["theirs"]}
    assert not Connection.objects.filter(pk=found.pk).exists()
    assert not Link.objects.exists()


def test_a_player_that_is_left_stays_until_all_is_off(player: Connection, movies: Connection):
    add_links(player, marks={"1": {"label:dub": {"ours": ["aa"]}}})
    PlayerSettings.objects.update(leaving=True)
    job = care.send_now(player, None)[0]
    settings = PlayerSettings.objects.get()
    assert brake.too_much(player, settings, {}) == ""
    run = SimpleNamespace(job=job)
    assert PushHandler().finish(run).save is None  # type: ignore[arg-type]
    # No source begins to go there.
    sources.add_routes()
    assert not Route.objects.exists()


@pytest.mark.parametrize("given", [{"dry_run": True}, {"enabled": False}])
def test_a_player_that_may_not_be_written_to_cannot_be_left(player: Connection, given: dict[str, bool]):
    if "enabled" in given:
        Connection.objects.update(**given)
        player.refresh_from_db()
    else:
        PlayerSettings.objects.update(**given)
    with pytest.raises(ConfigError, match="let it write first"):
        care.leave(player, None)
    assert not PlayerSettings.objects.get().leaving
