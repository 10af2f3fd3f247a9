"""The client of Stash against the stand-in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from demo.players.process import StashStandIn
from demo.players.stash.state import StashState
from players.clients import stash as module
from players.clients.stash import Group, StashClient


@pytest.fixture
def client(stash: StashStandIn) -> StashClient:
    return StashClient(stash.url, stash.api_key, name="Clips", tries=1)


def id_of(stash: StashStandIn, title: str) -> str:
    return str(stash.state().titled(title).id)


def test_it_tells_who_it_is_and_what_it_scans(client):
    assert (client.identity().program, client.identity().version) == ("Stash", "v0.30.1")
    assert client.folders() == ("/clips",)


def test_its_own_key_is_not_asked_for(client, stash):
    client.folders()
    assert "apiKey" not in str(stash.journal())


def test_a_hundred_scenes_are_one_call(client, stash):
    state = StashState()
    ids = [str(state.add_scene(f"/clips/{number}.mp4").id) for number in range(100)]
    stash.load(state)
    assert list(client.scenes(ids)) == ids
    assert len(stash.journal()) == 1


def test_a_scene_has_all_that_players_show(client, stash):
    number = id_of(stash, "One")
    scene = client.scenes([number])[number]
    assert scene.paths == ("/clips/Reef/one.mp4", "/copies/one.mp4")
    assert (scene.tags, scene.performers, scene.studio) == (("Sea", "Blue"), ("Ada",), "Reef")
    assert (scene.title, scene.details, scene.date) == ("One", "Under water.", "2024-05-06")
    assert (scene.rating, scene.organized) == (80, True)


def test_one_that_is_gone_hides_no_other(client, stash):
    numbers = [id_of(stash, title) for title in ("One", "Two", "Three")]
    stash.change("remove_scene", id=int(numbers[1]))
    assert set(client.scenes(numbers)) == {numbers[0], numbers[2]}
    assert len(stash.journal("POST")) == 2


def test_what_changed_comes_newest_first(client, stash, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    pages = list(client.changed())
    assert [len(page) for page in pages] == [2, 1]
    since = pages[0][0].at
    assert list(client.changed(since)) == []
    stash.change("update_scene", id=int(id_of(stash, "Two")), title="Deux")
    assert [[one.id for one in page] for page in client.changed(since)] == [[id_of(stash, "Deux")]]
    (newest,) = client.changed(since - timedelta(seconds=1))
    assert len(newest) == 2


def test_scenes_of_a_tag_studio_or_performer_are_found(client, stash):
    state = stash.state()
    sea = next(str(tag.id) for tag in state.tags.values() if tag.name == "Sea")
    ada = next(str(row.id) for row in state.performers.values())
    reef = next(str(row.id) for row in state.studios.values())
    found = [
        {one.id for page in client.having(group, id) for one in page}
        for group, id in ((Group.TAG, sea), (Group.PERFORMER, ada), (Group.STUDIO, reef))
    ]
    one, two = id_of(stash, "One"), id_of(stash, "Two")
    assert found == [{one, two}, {one}, {one}]


def test_a_scene_has_a_picture(client, stash):
    stash.change("update_scene", id=int(id_of(stash, "One")), cover_image="one")
    assert client.cover(id_of(stash, "One")) == b"\xff\xd8\xffone"
    assert client.cover(id_of(stash, "Two")).startswith(b"<svg")


def test_errors_beside_data_are_errors(client, stash):
    stash.fault("errors", "/graphql")
    with pytest.raises(ApiTransientError, match=r"Clips: Stash refused this: database is locked\."):
        client.identity()


def test_a_question_that_it_does_not_understand_is_told(client):
    with pytest.raises(ApiPermanentError):
        client._ask("{ noSuch }", "noSuch")


def test_a_wrong_count_ends_the_list(client, stash):
    stash.fault("total", "#findScenes", fields=["count"], number=2)
    with pytest.raises(ApiTransientError, match="which does not fit"):
        list(client.changed())
    stash.fault("total", "#findScenes", fields=["count"], number=7)
    with pytest.raises(ApiTransientError, match="changed its list"):
        list(client.changed())


def test_a_page_that_comes_twice_ends_the_list(client, stash, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 1)
    stash.fault("repeat", "/graphql", skip=1)
    with pytest.raises(ApiTransientError, match="twice"):
        list(client.changed())


def test_a_scene_that_vanishes_between_pages_ends_the_list(client, stash, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 1)
    stash.fault("change", "/graphql", skip=1, op="remove_scene", args={"id": int(id_of(stash, "One"))})
    with pytest.raises(ApiTransientError, match="changed its list"):
        list(client.changed())


def test_an_answer_about_other_scenes_is_not_taken(client, stash):
    one, two = id_of(stash, "One"), id_of(stash, "Two")
    stash.fault("repeat", "/graphql", skip=1)
    client.scenes([one])
    with pytest.raises(ApiTransientError, match="not asked for"):
        client.scenes([two])


@pytest.mark.parametrize("id", ["1) { id } evil: findScene(id: 2", "-1", "", "x"])
def test_what_is_no_id_goes_into_no_query(client, stash, id):
    for call in (
        lambda: client.scenes([id]),
        lambda: client.cover(id),
        lambda: list(client.having(Group.TAG, id)),
    ):
        with pytest.raises(ValueError, match=r"id|items"):
            call()
    assert stash.journal() == []


def test_a_wrong_key_is_told(stash):
    with pytest.raises(ApiAuthError, match="Stash refused the API key"):
        StashClient(stash.url, "wrong").identity()


@pytest.mark.parametrize(
    ("fields", "call"),
    [
        (["version"], lambda client: client.identity()),
        (["id"], lambda client: list(client.changed())),
        (["updated_at"], lambda client: list(client.changed())),
        (["data"], lambda client: client.folders()),
    ],
)
def test_an_answer_without_what_matters_is_not_taken(client, stash, fields, call):
    stash.fault("nulls", "/graphql", fields=fields)
    with pytest.raises(ApiPermanentError, match="this is not an answer of Stash's API"):
        call(client)


@pytest.mark.parametrize("kind", ["drop", "partial", "truncate", "html", "starting", "other-app"])
def test_a_spoilt_answer_is_a_stated_error(client, stash, kind):
    numbers = [id_of(stash, "One")]
    for read in (
        client.identity,
        client.folders,
        lambda: list(client.changed()),
        lambda: client.scenes(numbers),
    ):
        stash.fault(kind)
        with pytest.raises(ApiPermanentError if kind == "other-app" else ApiTransientError) as caught:
            read()
        assert stash.api_key not in str(caught.value)
