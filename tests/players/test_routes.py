"""What of a source goes to a player, and what becomes of labels that it no longer covers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connections import services
from connections.models import Connection
from core.errors import FieldError
from demo.players.process import StandIn
from history.models import Event
from jobs.models import Job
from players import links, routes, sources
from players.models import Link, LinkState, PlayerSettings, Route, Subject

from .conftest import add_harbour, add_movie, player_state
from .test_sending import decide, labels_at

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(player_state("plex", movies=12))
    return plex_process


@pytest.fixture
def sent(plex: StandIn, movies: Connection, add_player, push: Push) -> Route:
    """A route of which four titles have their label in the player."""
    for number in range(1, 5):
        add_movie(movies, number)
    push(add_player(plex))
    assert labels_at(plex)["Movie 0001"] == ["dub"]
    return Route.objects.get()


def test_a_route_that_is_deleted_takes_our_labels_off_and_stays_deleted(
    sent: Route, plex: StandIn, push: Push
):
    state = plex.state()
    state.titled("Movie 0001").lists["label"].append("Kids")
    plex.load(state)
    assert routes.delete_route(sent, None) == 4
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == ["kids"]
    assert labels_at(plex)["Movie 0002"] == []
    assert not Link.objects.exists()
    assert not Route.objects.exists()
    assert Event.objects.filter(code="hand.route-deleted").count() == 1


def test_a_route_that_is_switched_off_takes_our_labels_off_and_on_again_writes_them(
    sent: Route, plex: StandIn, push: Push
):
    routes.change_route(sent, {"enabled": False}, None)
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == []
    assert not Link.objects.exists()
    routes.change_route(sent, {"enabled": True}, None)
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == ["dub"]


def test_a_source_that_is_deleted_takes_our_labels_off(sent: Route, plex: StandIn, push: Push):
    services.delete(sent.source)
    assert Subject.objects.filter(source=None, gone=True).count() == 4
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == []
    assert not Subject.objects.exists()


def test_what_a_route_that_is_deleted_takes_off_respects_the_brake(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    for number in range(1, 11):
        add_movie(movies, number)
    player = add_player(plex)
    push(player)
    routes.delete_route(Route.objects.get(), None)
    assert push(player).summary["held"]
    assert labels_at(plex)["Movie 0001"] == ["dub"]
    links.release(player)
    push(player)
    assert labels_at(plex)["Movie 0001"] == []


def test_seasons_that_go_no_longer_lose_their_labels_and_the_show_keeps_its_own(
    plex: StandIn, series: Connection, add_player, push: Push
):
    add_harbour(series, "semi-dub", "dub", "dub")
    push(player := add_player(plex))
    assert labels_at(plex)["Season 1"] == ["dub"]
    routes.change_route(Route.objects.get(), {"seasons": False}, None)
    push(player)
    assert (labels_at(plex)["Season 1"], labels_at(plex)["Harbour"]) == ([], ["semi-dub"])


def test_another_pattern_and_another_form_take_the_place_of_what_was_written(
    sent: Route, plex: StandIn, push: Push
):
    _route, due = routes.change_route(sent, {"pattern": " taggarr:  {label} "}, None)
    assert due == 4
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == ["taggarr: dub"]
    routes.change_route(sent, {"form": "genre"}, None)
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == []
    assert labels_at(plex, "genre")["Movie 0001"] == ["taggarr: dub"]
    assert routes.change_route(sent, {"form": "genre"}, None)[1] == 0


def test_what_was_taken_up_when_its_route_changed_is_not_written(sent: Route, plex: StandIn):
    links.make_all_due(sent.player)
    taken = links.claim(sent.player)
    assert taken
    routes.delete_route(sent, None)
    marks = {link.pk: links.marks_of(link) for link in taken.links}
    assert taken.keep_marks(marks) == set()
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.DUE}


def test_a_title_that_moves_to_another_item_takes_our_labels_off_the_old_one(
    sent: Route, plex: StandIn, push: Push
):
    link = Link.objects.get(subject__title__startswith="Movie 0001")
    links.pin(link, str(plex.state().titled("Movie 0009").id))
    push(sent.player)
    labels = labels_at(plex)
    assert (labels["Movie 0001"], labels["Movie 0009"]) == ([], ["dub"])
    link.refresh_from_db()
    assert list(link.marks) == link.item_ids
    links.unpin(link)
    push(sent.player)
    labels = labels_at(plex)
    assert (labels["Movie 0001"], labels["Movie 0009"]) == (["dub"], [])


def test_what_never_got_a_label_ends_with_its_route_at_once(plex: StandIn, movies: Connection, add_player):
    add_movie(movies, 1)
    add_player(plex)
    sources.follow_library()
    assert Link.objects.count() == 1
    assert routes.delete_route(Route.objects.get(), None) == 0
    assert not Link.objects.exists()


def test_a_route_is_added_once_and_between_a_source_and_a_player(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    add_movie(movies, 1)
    player = add_player(plex)
    PlayerSettings.objects.update(routed=[movies.pk])
    push(player)
    assert not Route.objects.exists()
    route, due = routes.add_route(movies, player, {"pattern": "Audio {label}"}, None)
    assert (route.pattern, due) == ("Audio {label}", 1)
    wrong = [(movies, player, "source"), (player, player, "source"), (movies, movies, "player")]
    for source, goes_to, field in wrong:
        with pytest.raises(FieldError) as told:
            routes.add_route(source, goes_to, {}, None)
        assert told.value.field == field
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["audio dub"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("form", "poster"),
        ("pattern", "dub"),
        ("pattern", "{label}" * 20),
        ("fields", {"colour": "keep"}),
        ("fields", {"summary": "burn"}),
        ("clear", ["colour"]),
        ("clear", ["poster"]),
        ("clear", ["title"]),
        ("colour", "red"),
    ],
)
def test_what_a_route_cannot_be_is_told_beside_the_field(sent: Route, field: str, value: object):
    with pytest.raises(FieldError) as told:
        routes.change_route(sent, {field: value}, None)
    assert told.value.field == field
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}


def test_fields_that_are_off_are_not_kept(sent: Route):
    route, _ = routes.change_route(
        sent, {"fields": {"summary": "keep", "title": "off"}, "clear": ["summary", "summary"]}, None
    )
    assert (route.fields, route.clear) == ({"summary": "keep"}, ["summary"])


def test_a_label_that_changes_meanwhile_is_still_taken_off_with_its_route(
    sent: Route, plex: StandIn, push: Push
):
    from library.models import Media

    decide(Media.objects.order_by("pk")[0], "semi-dub")
    routes.delete_route(sent, None)
    push(sent.player)
    assert labels_at(plex)["Movie 0001"] == []
