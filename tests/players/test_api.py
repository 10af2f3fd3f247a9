"""Players through the API: each act is the one that pages and commands have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from connections.models import Connection
from history.models import Event
from players.models import (
    Cause,
    Link,
    LinkState,
    PlayerMapping,
    PlayerSettings,
    RemoteItem,
    Route,
    StashSettings,
)
from players.stash import hook
from system import switches
from tests.api.conftest import admin, api, in_person, viewer  # noqa: F401

from .test_care import add_links
from .test_care import player as player  # noqa: PLC0414

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(player: Connection) -> str:
    return f"/api/v1/players/{player.pk}"


def test_a_player_is_shown_with_how_it_stands(api: APIClient, player: Connection, of: str):  # noqa: F811
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.REFUSED_VALUE)
    PlayerSettings.objects.update(proposed=[{"source": "/tv", "player": "/data/tv"}])
    (listed,) = api.get("/api/v1/players").json()["results"]
    assert (listed["name"], listed["held_since"]) == ("Plex", None)
    shown = api.get(of).json()
    assert shown["overview"]["states"]["failed"] == 2
    assert shown["overview"]["troubles"][0]["remedy"].startswith("Shorten")
    assert shown["proposed"] == [{"source": "/tv", "player": "/data/tv"}]
    assert api.post(f"{of}/mappings").json() == {"done": 1}
    assert PlayerMapping.objects.get().player_prefix == "/data/tv"


def test_what_failed_is_seen_to_only_with_the_right_number(api: APIClient, player: Connection, of: str):  # noqa: F811
    add_links(player, 2, state=LinkState.FAILED, cause=Cause.REFUSED_VALUE)
    add_links(player, state=LinkState.FAILED, cause=Cause.BUG)
    wrong = api.post(f"{of}/failed/retry", {"number": 2}, format="json")
    assert (wrong.status_code, "3 titles by now" in wrong.json()["detail"]) == (422, True)
    assert Link.objects.filter(state=LinkState.FAILED).count() == 3
    for act, cause, number in (("clear", "bug", 1), ("purge", "bug", 1), ("retry", "refused_value", 2)):
        answer = api.post(f"{of}/failed/{act}", {"cause": cause, "number": number}, format="json")
        assert answer.json() == {"done": number}
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.DUE}
    assert Event.objects.count() == 3


def test_titles_are_found_by_what_is_wrong_with_them(api: APIClient, player: Connection, of: str):  # noqa: F811
    add_links(player, state=LinkState.FAILED, cause=Cause.BUG)
    add_links(player, state=LinkState.IN_SYNC, grade=95)
    (held,) = add_links(
        player, state=LinkState.IN_SYNC, conflict=True, grade=80, marks={"1": {"summary": {"held": "x"}}}
    )
    for query, number in {
        "state=failed": 1,
        "state=failed&state=in_sync": 3,
        "cause=bug": 1,
        "dead=true": 1,
        "dead=false": 2,
        "grade=95": 1,
        "least_grade=80": 2,
        "conflict=true": 1,
        "q=movie 0": 1,
    }.items():
        assert api.get(f"{of}/links?{query}").json()["count"] == number, query
    assert api.get(f"{of}/links/{held.pk}").json()["held"] == ["summary"]
    assert api.post(f"{of}/links/{held.pk}/take-back", {}, format="json").json() == {"done": 1}
    assert api.get("/api/v1/players/4711/links").status_code == 404


def test_a_title_is_previewed_pinned_and_left_to_the_rules(api: APIClient, player: Connection, of: str):  # noqa: F811
    (link,) = add_links(player, state=LinkState.AMBIGUOUS)
    route = Route.objects.create(source=player, player=player, pattern="Audio: {label}")
    RemoteItem.objects.create(
        player=player, remote_id="12", kind="movie", library="Movies", title="Movie", keys=[], digest=""
    )
    one = f"{of}/links/{link.pk}"
    assert api.get(f"{one}/preview").json()["labels"] == ["Audio: dub"]
    assert api.post(f"{one}/pin", {"item": "12"}, format="json").json()["pinned"] == "12"
    assert api.post(f"{one}/unpin").json()["pinned"] is None
    assert api.post(f"{one}/dismiss").json() == {"done": 1}
    assert api.post(f"{one}/retry").json() == {"done": 1}
    Route.objects.filter(pk=route.pk).update(enabled=False)
    assert api.get(f"{one}/preview").json()["labels"] is None


def test_sending_and_comparing_are_jobs_that_run_once(api: APIClient, player: Connection, of: str):  # noqa: F811
    assert api.post(f"{of}/release").status_code == 422
    for act in ("send", "reconcile"):
        first, second = (api.post(f"{of}/{act}", {}, format="json") for _ in range(2))
        assert (first.status_code, second.status_code) == (202, 409)
        assert second.json()["job"].endswith(f"/jobs/{first.json()['id']}")


def test_a_player_is_paused_and_resumed(api: APIClient, player: Connection, of: str):  # noqa: F811
    player.keep_secrets({"token": "t" * 20})
    player.save()
    assert api.post(f"{of}/pause").json()["enabled"] is False
    assert api.post(f"{of}/resume").json()["enabled"] is True


def test_a_route_is_made_changed_and_taken_away(api: APIClient, player: Connection):  # noqa: F811
    stash = Connection.objects.create(name="Stash", kind="stash", url="http://stash.test")
    given = {"source": stash.pk, "player": player.pk, "fields": {"summary": "keep", "title": "off"}}
    made = api.post("/api/v1/players/routes", given, format="json")
    assert (made.status_code, made.json()["fields"]) == (201, {"summary": "keep"})
    one = f"/api/v1/players/routes/{made.json()['id']}"
    told = api.patch(one, {"pattern": "dub"}, format="json")
    assert (told.status_code, told.json()["errors"][0]["field"]) == (422, "pattern")
    assert api.patch(one, {"source": player.pk}, format="json").status_code == 422
    assert api.patch(one, {"form": "genre", "source": stash.pk}, format="json").json()["form"] == "genre"
    assert api.delete(one).status_code == 204
    assert not Route.objects.exists()


@pytest.fixture
def switched_off(db: None) -> Iterator[None]:
    switches.switch("players", False)
    yield
    switches.switch("players", None)


@pytest.mark.usefixtures("switched_off")
def test_a_feature_that_is_off_has_no_players(api: APIClient, of: str):  # noqa: F811
    assert api.get(of).status_code == 404


def test_what_was_done_is_undone_until_it_is_sent(api: APIClient, player: Connection, of: str):  # noqa: F811
    (link,) = add_links(player, conflict=True, marks={"1": {"summary": {"held": "x"}}})
    one = f"{of}/links/{link.pk}"
    api.post(f"{one}/take-back", {}, format="json")
    assert api.post(f"{one}/give-back").json()["held"] == ["summary"]
    assert api.post(f"{one}/give-back").status_code == 422
    PlayerSettings.objects.update(released=True)
    assert api.post(f"{of}/hold").json()["held_since"] is not None
    assert api.post(f"{of}/hold").status_code == 422


def test_a_player_is_left_with_the_right_number(api: APIClient, player: Connection, of: str):  # noqa: F811
    assert api.post(f"{of}/leave", {"number": 4}, format="json").status_code == 422
    assert api.post(f"{of}/leave", {"number": 0}, format="json").status_code == 202
    assert PlayerSettings.objects.get().leaving


def test_a_hook_gets_a_new_token_after_a_recent_sign_in(
    in_person: APIClient,  # noqa: F811
    api: APIClient,  # noqa: F811
    db: None,
):
    stash = Connection.objects.create(name="Stash", kind="stash", url="http://stash.test")
    StashSettings.objects.create(connection=stash)
    where = f"/api/v1/players/hook/{stash.pk}"
    assert api.post(f"{where}/token").status_code == 403
    made = in_person.post(f"{where}/token").json()
    assert made["url"].endswith(where)
    assert hook.opened_by(stash.pk, made["token"])
    assert in_person.post("/api/v1/players/hook/4711/token").status_code == 404
