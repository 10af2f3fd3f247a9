"""Artwork through the API: each act is the one that pages have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from artwork.jobs import PUBLISH
from artwork.models import ArtSettings, Candidate, Entity, Publication
from artwork.undoing import UNDO
from history.models import Event
from jobs import doorbells, services
from jobs.models import Job
from storage.models import Stored
from system import switches
from tests.api.conftest import admin, api, looking, viewer  # noqa: F401

from .build import publish
from .doors import a_picture, add_candidate

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
FolderOf = Callable[[Entity], Path]
ROOT = "/api/v1/artwork"


@pytest.fixture(autouse=True)
def _is_on(db: None, read_just_now: None):
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


def ids(api: APIClient, query: str) -> list[int]:  # noqa: F811
    answer = api.get(f"{ROOT}/entities?{query}")
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_what_is_missing_is_what_the_rules_want(api: APIClient, movie: Entity):  # noqa: F811
    add_candidate(movie, "poster", rank=0)
    assert ids(api, "state=missing") == [movie.pk]
    settings = ArtSettings.objects.create(connection=movie.connection, rules={"fanart": {"most": 0}})
    assert ids(api, "state=missing") == []
    settings.rules = {"fanart": {"least": 2}}
    settings.save()
    add_candidate(movie, "fanart", "red", rank=0)
    assert ids(api, "state=missing") == [movie.pk]
    add_candidate(movie, "fanart", "blue", rank=1)
    assert ids(api, "state=missing") == []


def test_switched_off_nothing_is_there(api: APIClient, movie: Entity):  # noqa: F811
    switches.switch("artwork", False)
    assert api.get(f"{ROOT}/entities/{movie.pk}").status_code == 404


def test_entities_are_found_by_how_they_stand(api: APIClient, movie: Entity, show: Entity):  # noqa: F811
    season = Entity.objects.get(kind="season", season=1)
    parts = list(Entity.objects.filter(title=show).order_by("pk").values_list("pk", flat=True))
    everything = [movie.pk, show.pk, *parts]
    for art in ("poster", "fanart"):
        add_candidate(movie, art, rank=0)
    add_candidate(season, rank=0)
    Entity.objects.filter(pk=movie.pk).update(wanted="a", published="b", locks=["*"])
    Entity.objects.filter(pk=season.pk).update(wanted="a", published="a")
    Entity.objects.filter(pk=show.pk).update(problem="A problem.")

    assert ids(api, "") == everything
    assert ids(api, "state=unpublished") == ids(api, "state=locked") == [movie.pk]
    assert ids(api, "state=published") == [season.pk]
    assert ids(api, "state=problem") == [show.pk]
    assert ids(api, "state=missing") == [pk for pk in everything if pk not in (movie.pk, season.pk)]
    assert ids(api, "lacks=fanart&kind=movie&kind=series") == [show.pk]
    assert ids(api, f"media={show.media_id}&ordering=-id") == [*reversed(parts), show.pk]
    assert ids(api, f"title={show.pk}&kind=episode") == [
        pk for pk in parts if Entity.objects.get(pk=pk).kind == "episode"
    ]
    assert ids(api, f"connection={movie.connection_id}&q=lant") == [movie.pk]


def test_an_entity_shows_the_fields_that_are_asked_for(api: APIClient, movie: Entity):  # noqa: F811
    one = add_candidate(movie, rank=0)
    whole = api.get(f"{ROOT}/entities/{movie.pk}")
    assert whole.json()["state"] == "empty"
    (picture,) = whole.json()["pictures"]
    assert (picture["candidate"], picture["sha256"], picture["chosen_by"]) == (one.pk, one.digest, "adopted")
    assert api.get(f"{ROOT}/entities/{movie.pk}", headers={"If-None-Match": whole["ETag"]}).status_code == 304
    (listed,) = api.get(f"{ROOT}/entities?fields=id,%20name").json()["results"]
    assert listed == {"id": movie.pk, "name": "Lantern"}
    wrong = api.get(f"{ROOT}/entities?fields=id,colour")
    assert (wrong.status_code, "no field colour" in wrong.json()["detail"]) == (422, True)


def test_a_chosen_picture_is_locked_and_what_was_chosen_trades_places(api: APIClient, movie: Entity):  # noqa: F811
    old, new = add_candidate(movie, colour="red", rank=0), add_candidate(movie, colour="blue")
    answer = api.post(f"{ROOT}/entities/{movie.pk}/select", {"candidate": new.pk}, format="json").json()
    assert [one["candidate"] for one in answer["pictures"]] == [new.pk]
    assert (answer["locks"], answer["state"]) == (["art:poster"], "unpublished")
    assert list(Candidate.objects.order_by("pk").values_list("rank", "chosen_by")) == [
        (None, ""),
        (0, "user"),
    ]
    event = Event.objects.get()
    assert str(event) == "Picture chosen by hand: Poster of Lantern (2020)"
    assert event.actor is not None

    first, second = add_candidate(movie, "fanart", "red", rank=0), add_candidate(movie, "fanart", "blue")
    chosen = {"candidate": second.pk, "rank": 1}
    assert api.post(f"{ROOT}/entities/{movie.pk}/select", chosen, format="json").status_code == 200
    api.post(f"{ROOT}/entities/{movie.pk}/select", {"candidate": second.pk}, format="json")
    assert dict(Candidate.objects.filter(art="fanart").values_list("pk", "rank")) == {
        first.pk: 1,
        second.pk: 0,
    }
    assert old.rank == 0


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"candidate": 4711}, "candidate", "no such candidate"),
        ({"rank": 1}, "rank", "one picture of this type: Poster"),
        ({"candidate": "fanart", "rank": 2}, "rank", "no place 2 yet"),
        ({"candidate": "refused"}, "", "is not here yet"),
    ],
)
def test_what_cannot_be_chosen_is_told(api: APIClient, movie: Entity, asked, field, said):  # noqa: F811
    made = {"fanart": add_candidate(movie, "fanart"), "poster": add_candidate(movie)}
    made["refused"] = Candidate.objects.create(
        entity=movie, art="poster", source="local", address="x", refused="No."
    )
    named = asked.get("candidate", "poster")
    asked = {**asked, "candidate": made[named].pk if named in made else named}
    answer = api.post(f"{ROOT}/entities/{movie.pk}/select", asked, format="json")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert said in error["message"]
    assert not Candidate.objects.filter(rank__isnull=False).exists()


def test_a_slot_may_be_left_empty(api: APIClient, movie: Entity):  # noqa: F811
    add_candidate(movie, rank=0)
    answer = api.post(f"{ROOT}/entities/{movie.pk}/leave-out", {"type": "poster"}, format="json").json()
    assert (answer["pictures"], answer["locks"]) == ([], ["art:poster"])
    wrong = api.post(f"{ROOT}/entities/{movie.pk}/leave-out", {"type": "thumb"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "type")


def test_locks_are_set_in_their_order_and_wrong_ones_told(api: APIClient, movie: Entity):  # noqa: F811
    def lock(*names: str):
        return api.patch(f"{ROOT}/entities/{movie.pk}", {"locks": list(names)}, format="json")

    assert lock("art:fanart", "*").json()["locks"] == ["*", "art:fanart"]
    assert lock().json()["locks"] == []
    assert [str(event) for event in Event.objects.order_by("pk")] == [
        "Pictures locked: Lantern (2020)",
        "Pictures unlocked: Lantern (2020)",
    ]
    assert api.patch(f"{ROOT}/entities/{movie.pk}", {}, format="json").status_code == 200
    assert "no lock called art:thumb" in lock("art:thumb").json()["detail"]


def test_candidates_tell_what_is_known_of_them(api: APIClient, movie: Entity):  # noqa: F811
    add_candidate(movie, rank=0)
    Candidate.objects.create(
        entity=movie, art="fanart", source="tmdb", address="/x.jpg", width=1920, height=1080, score=81.5
    )
    of = f"{ROOT}/entities/{movie.pk}/candidates"
    by_type = {one["type"]: one for one in api.get(of).json()["results"]}
    assert [by_type["poster"][name] for name in ("width", "height", "rank")] == [100, 150, 0]
    assert by_type["poster"]["size"] == len(a_picture())
    assert [by_type["fanart"][name] for name in ("width", "height", "size", "score")] == [
        1920,
        1080,
        None,
        81.5,
    ]
    for query in ("chosen=true", "type=poster", "source=local", "chosen_by=adopted"):
        assert [one["type"] for one in api.get(f"{of}?{query}").json()["results"]] == ["poster"], query
    assert api.get(f"{of}/{by_type['fanart']['id']}").json()["reason"] == ""
    assert api.get(f"{ROOT}/entities/4711/candidates").status_code == 404


def test_a_title_is_published_and_that_is_undone(api: APIClient, movie: Entity, folder_of: FolderOf):  # noqa: F811
    old = add_candidate(movie, colour="red", rank=0, name="poster.jpg")
    publish(movie, {"poster.jpg": a_picture("poster", "red")})
    new = add_candidate(movie, colour="blue")
    of = f"{ROOT}/entities/{movie.pk}"
    api.post(f"{of}/select", {"candidate": new.pk}, format="json")
    shown = api.get(f"{of}/preview").json()
    assert {one["path"]: one["before"] for one in shown["writes"]} == {"poster.jpg": old.digest}
    assert {one["sha256"] for one in shown["writes"]} == {new.digest}

    answer = api.post(f"{of}/publish")
    assert (answer.status_code, answer.json()["name"]) == (202, PUBLISH)
    services.run_inline(Job.objects.get(pk=answer.json()["id"]))
    poster = folder_of(movie) / "poster.jpg"
    assert poster.read_bytes() == a_picture("poster", "blue")
    assert api.get(f"{of}/preview").json() == {
        "writes": [],
        "standing": len(shown["writes"]),
        "shadows": [],
    }

    newest, *_ = api.get(f"{of}/publications?state=done").json()["results"]
    assert (newest["by"], newest["error"]) == ("ada", "")
    answer = api.post(f"{of}/publications/{newest['id']}/undo")
    assert (answer.status_code, answer.json()["name"]) == (202, UNDO)
    assert services.run_inline(Job.objects.get(pk=answer.json()["id"])).state == "completed"
    assert poster.read_bytes() == a_picture("poster", "red")
    assert api.get(f"{of}/publications").json()["results"][0]["undoes"] == newest["id"]


def test_what_was_not_published_is_not_undone(api: APIClient, show: Entity):  # noqa: F811
    failed = Publication.objects.create(title=show, state="failed", steps=[], error="No.")
    season = Entity.objects.filter(kind="season").first()
    assert season is not None
    of = f"{ROOT}/entities/{season.pk}/publications"
    assert [one["error"] for one in api.get(of).json()["results"]] == ["No."]
    answer = api.post(f"{of}/{failed.pk}/undo")
    assert (answer.status_code, answer.json()["detail"]) == (422, "Only what was published can be undone.")
    assert api.get(f"{ROOT}/entities/4711/publications").status_code == 404


def test_a_method_that_there_is_not_is_told_before_the_parameters_of_another(api: APIClient):  # noqa: F811
    assert api.trace(f"{ROOT}/pictures/upload?entity=1&type=poster").status_code == 405
    assert api.put(f"{ROOT}/entities/1?fields=id").status_code == 405
    assert api.trace(f"{ROOT}/pictures/{'0' * 64}/thumbnail?w=200").status_code == 405


def test_a_title_is_checked_and_goes_back_to_what_was_published(api: APIClient, movie: Entity):  # noqa: F811
    old = add_candidate(movie, colour="red", rank=0, name="poster.jpg")
    publish(movie, {"poster.jpg": a_picture("poster", "red")})
    api.post(
        f"{ROOT}/entities/{movie.pk}/select",
        {"candidate": add_candidate(movie, colour="blue").pk},
        format="json",
    )
    back = api.post(f"{ROOT}/entities/{movie.pk}/discard").json()
    assert [(one["candidate"], one["chosen_by"]) for one in back["pictures"]] == [(old.pk, "auto")]
    assert Candidate.objects.exclude(pk=old.pk).get().chosen_by == ""
    job = api.post(f"{ROOT}/entities/{movie.pk}/verify", {"deep": True}, format="json").json()
    assert (job["name"], job["params"], job["queue"]) == ("art_verify", {"deep": True}, "interactive")
    Entity.objects.update(media=None)
    gone = api.post(f"{ROOT}/entities/{movie.pk}/publish")
    assert (gone.status_code, "no longer in the library" in gone.json()["detail"]) == (422, True)


def test_much_is_done_at_once_to_those_that_are_named_or_found(api: APIClient, movie: Entity, show: Entity):  # noqa: F811
    def act(what: str, **which: object):
        return api.post(f"{ROOT}/entities/actions", {"action": what, **which}, format="json")

    season = Entity.objects.filter(kind="season").first()
    assert season is not None
    assert act("lock", ids=[show.pk]).json() == {"number": 1, "job": None}
    assert ids(api, "state=locked") == ids(api, f"media={show.media_id}")
    assert act("unlock", filter={"kind": ["series", "movie"]}).json()["number"] == 2
    assert ids(api, "state=locked") == []
    answer = act("publish", ids=[season.pk, show.pk])
    assert (answer.status_code, answer.json()["number"]) == (202, 1)
    assert Job.objects.get(pk=answer.json()["job"]).items.count() == 1
    answer = act("verify", filter={"q": "o", "connection": movie.connection_id})
    assert (answer.status_code, answer.json()) == (200, {"number": 0, "job": None})
    assert act("discard", filter={}).json() == {"number": 0, "job": None}


@pytest.mark.parametrize(
    ("which", "field"),
    [
        ({}, "ids"),
        ({"ids": [1], "filter": {}}, "ids"),
        ({"filter": {"colour": "red"}}, "filter.colour"),
        ({"filter": {"ordering": "id"}}, "filter.ordering"),
        ({"filter": {"state": "odd"}}, "filter.state"),
        ({"ids": ["1"]}, "ids"),
    ],
)
def test_a_filter_that_is_none_finds_nothing(api: APIClient, movie: Entity, which, field):  # noqa: F811
    answer = api.post(f"{ROOT}/entities/actions", {"action": "lock", **which}, format="json")
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert ids(api, "state=locked") == []


def test_a_picture_is_sent_to_whoever_may_look(api: APIClient, looking: APIClient, movie: Entity):  # noqa: F811
    one = add_candidate(movie)
    address = f"{ROOT}/pictures/{one.digest}"
    picture = looking.get(address)
    assert (picture.status_code, picture.content) == (200, a_picture())
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert picture["Cache-Control"] == "private, max-age=3600, must-revalidate"
    Stored.objects.update(public=True)
    assert looking.get(address)["Cache-Control"] == "private, max-age=31536000, immutable"
    assert looking.get(address, headers={"If-None-Match": picture["ETag"]}).status_code == 304
    small = api.get(f"{address}/thumbnail?w=500")
    assert (small.status_code, small["Content-Type"]) == (200, "image/webp")
    assert api.get(f"{address}/thumbnail?w=300").status_code == 422
    assert api.get(f"{ROOT}/pictures/{'0' * 64}").status_code == 404
    assert api.get(f"{ROOT}/pictures/x").status_code == 404
