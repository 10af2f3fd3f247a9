"""What a person decides about a title: its pictures, which title it is, and what is told of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artwork import by_hand, care, fetching, preparing
from artwork import jobs as art_jobs
from artwork.choice.values import PERSON
from artwork.jobs import FetchHandler
from artwork.metadata import told_of
from artwork.models import ArtSettings, Candidate, Entity, Rejected
from artwork.names import SLOTS, Kind
from artwork.picking import blocked
from core.errors import ConfigError, FieldError, Later
from jobs import doorbells, services
from jobs.models import Job, JobState
from system import switches
from tests.api.conftest import admin, api  # noqa: F401
from tests.artwork.doors import add_candidate

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from accounts.models import User
    from connections.models import Connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
Connect = Callable[..., "Connection"]
ROOT = "/api/v1/artwork/entities"
MATCH = {
    "provider": "tmdb",
    "id": "603",
    "kind": "movie",
    "title": "The Lost Reel",
    "year": 1999,
    "plot": "A.",
}


@pytest.fixture(autouse=True)
def _is_on(db: None, read_just_now: None):
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


@pytest.fixture
def logo(reel: Entity, connect: Connect) -> Candidate:
    """A picture that TMDB offers, and nobody has fetched; no other is wanted."""
    arts = ("poster", "fanart", "banner", "landscape", "clearart", "discart")
    ArtSettings.objects.create(connection=reel.connection, rules={art: {"most": 0} for art in arts})
    connect("tmdb")
    services.run_inline(art_jobs.prepare_now([reel]))
    Candidate.objects.update(rank=None, digest="", chosen_by="")
    return Candidate.objects.filter(art="clearlogo").order_by("-score", "pk")[0]


def test_a_picture_that_is_not_here_is_fetched_and_chosen(logo: Candidate, api: APIClient):  # noqa: F811
    answer = api.post(f"{ROOT}/{logo.entity_id}/select", {"candidate": logo.pk}, format="json")
    assert answer.status_code == 202
    assert services.run_inline(Job.objects.get(pk=answer.json()["id"])).state == JobState.COMPLETED
    logo.refresh_from_db()
    assert (logo.rank, logo.chosen_by, bool(logo.digest)) == (0, "user", True)
    assert "art:clearlogo" in Entity.objects.get().locks


def test_what_is_fetched_and_no_picture_says_so(logo: Candidate, admin: User, monkeypatch):  # noqa: F811
    from storage.heads import PictureError

    def none(*_: object) -> None:
        raise PictureError("picture.no-picture")

    monkeypatch.setattr(by_hand, "fetch_picture", none)
    job = care.choose(logo, admin)
    assert job is not None
    assert services.run_inline(job).state == JobState.FAILED
    logo.refresh_from_db()
    assert logo.refused
    assert logo.rank is None


def test_without_its_provider_no_picture_comes(logo: Candidate, admin: User):  # noqa: F811
    from connections.models import Connection

    Connection.objects.filter(kind="tmdb").update(enabled=False)
    with pytest.raises(ConfigError, match="connect it first"):
        by_hand.fetch(logo)


@pytest.mark.parametrize("params", [{}, {"candidate": 1}, {"candidate": 1, "rank": "0"}])
def test_the_job_takes_two_numbers(params: dict[str, Any]):
    with pytest.raises(ConfigError, match="two numbers"):
        FetchHandler().validate(params)


def test_another_takes_the_place_of_what_is_rejected(logo: Candidate, admin: User):  # noqa: F811
    by_hand.fetch(logo)
    by_hand.choose(logo, admin)
    job = care.reject(logo, admin)
    assert job is not None
    services.run_inline(job)
    logo.refresh_from_db()
    assert (logo.rank, logo.rejected, str(logo.reason)) == (None, True, "You rejected it for this title.")
    assert Candidate.objects.get(art="clearlogo", rank=0).chosen_by == "auto"
    assert Entity.objects.get().locks == []


def test_what_is_never_wanted_is_known_by_what_it_shows(movie: Entity, api: APIClient):  # noqa: F811
    picture = add_candidate(movie, rank=0)
    second = add_candidate(movie, colour="red")
    given = {"candidate": picture.pk, "where": "everywhere"}
    answer = api.post(f"{ROOT}/{movie.pk}/reject", given, format="json")
    assert answer.json()["pictures"] == []
    assert picture.digest in blocked().digests
    assert blocked().phashes
    answer = api.post(f"{ROOT}/{movie.pk}/take-back", {"candidate": picture.pk}, format="json")
    assert answer.status_code == 200
    assert not Rejected.objects.exists()
    assert not Candidate.objects.filter(rejected=True).exists()
    unknown = {"candidate": second.pk + 100}
    assert api.post(f"{ROOT}/{movie.pk}/reject", unknown, format="json").status_code == 422


def test_those_behind_a_rejected_picture_move_up(movie: Entity, admin: User):  # noqa: F811
    first, second = (add_candidate(movie, "fanart", c, rank=r) for r, c in enumerate(("red", "blue")))
    by_hand.reject(first, admin)
    second.refresh_from_db()
    assert second.rank == 0


def test_who_chooses_what_was_rejected_wants_it_again(movie: Entity, admin: User):  # noqa: F811
    picture = add_candidate(movie)
    assert care.reject(picture, admin) is None
    assert care.choose(picture, admin) is None
    picture.refresh_from_db()
    assert (picture.rank, picture.rejected) == (0, False)


def test_a_person_says_which_title_it_is(movie: Entity, api: APIClient, connect: Connect):  # noqa: F811
    connect("tmdb")
    Entity.objects.filter(pk=movie.pk).update(matches=[MATCH])
    assert api.get(f"{ROOT}/{movie.pk}").json()["matches"] == [MATCH]
    wrong = {"provider": "tmdb", "id": "604"}
    assert api.post(f"{ROOT}/{movie.pk}/identify", wrong, format="json").status_code == 422
    right = {"provider": "tmdb", "id": "603"}
    assert api.post(f"{ROOT}/{movie.pk}/identify", right, format="json").status_code == 202
    movie.refresh_from_db()
    assert movie.matches == []
    assert told_of(movie)["ids"].value == {"tmdb": "603"}
    assert Job.objects.filter(name=art_jobs.PREPARE).count() == 1


def test_what_a_person_said_a_title_is_can_be_taken_back(
    movie: Entity,
    api: APIClient,  # noqa: F811
    connect: Connect,
):
    """With it goes all that was told and offered of the wrong one, and the list is there again."""
    connect("tmdb")
    nothing = ("fanart", "banner", "landscape", "clearlogo", "clearart", "discart")
    ArtSettings.objects.create(connection=movie.connection, rules={art: {"most": 0} for art in nothing})
    Entity.objects.filter(pk=movie.pk).update(matches=[MATCH])
    by_hand.edit(movie, {"tagline": "Ours."}, None)
    mine = add_candidate(movie, "fanart")
    undo = f"{ROOT}/{movie.pk}/identify/undo"
    assert api.post(undo).status_code == 422
    services.run_inline(care.identify(movie, "tmdb", "603", None))
    movie.refresh_from_db()
    assert told_of(movie)["title"].value == "The Lost Reel"
    assert Candidate.objects.filter(source="tmdb", rank=0).exists()
    assert api.get(f"{ROOT}/{movie.pk}").json()["identified"] == MATCH
    kept = Candidate.objects.filter(source="tmdb", rank=None)[0]
    by_hand.reject(kept, None)
    assert api.post(undo).status_code == 202
    movie.refresh_from_db()
    assert set(told_of(movie)) == {"tagline"}
    assert movie.matches == [MATCH]
    assert set(Candidate.objects.all()) == {mine, kept}
    assert api.get(f"{ROOT}/{movie.pk}").json()["identified"] is None
    assert Job.objects.filter(name=art_jobs.PREPARE).count() == 2


def test_what_was_fetched_of_another_title_meanwhile_is_not_kept(
    movie: Entity,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
):
    connect("tmdb")
    Entity.objects.filter(pk=movie.pk).update(matches=[MATCH])
    by_hand.identify(movie, "tmdb", "603", None)
    movie.refresh_from_db()
    real = fetching.fetch

    def slow(*given: Any, **asked: Any) -> Any:
        found = real(*given, **asked)
        by_hand.take_identity_back(movie, None)
        return found

    monkeypatch.setattr("artwork.preparing.fetch", slow)
    with pytest.raises(Later):
        preparing.prepare(movie)
    movie.refresh_from_db()
    assert (movie.told, movie.matches) == ({"": {}}, [MATCH])
    assert not Candidate.objects.exists()


def test_the_command_says_which_title_it_is_and_takes_that_back(movie: Entity, connect: Connect):
    connect("tmdb")
    nothing = {art: {"most": 0} for art in SLOTS[Kind.MOVIE]}
    ArtSettings.objects.create(connection=movie.connection, rules=nothing)
    Entity.objects.filter(pk=movie.pk).update(matches=[MATCH])

    def command(*given: str) -> str:
        out = io.StringIO()
        call_command("artwork_identify", "lantern", *given, stdout=out)
        return out.getvalue()

    assert "tmdb:603 The Lost Reel (1999)" in command()
    command("tmdb:603")
    movie.refresh_from_db()
    assert told_of(movie)["title"].value == "The Lost Reel"
    assert command() == f"{movie}: there is nothing to choose.\n"
    command("--undo")
    movie.refresh_from_db()
    assert "title" not in told_of(movie)


def test_nobody_is_asked_about_a_title_for_some_days(movie: Entity, api: APIClient):  # noqa: F811
    address = f"{ROOT}/{movie.pk}"
    assert api.post(f"{address}/put-off", {"days": 0}, format="json").status_code == 422
    told = api.post(f"{address}/put-off", {"days": 30}, format="json").json()
    until = datetime.fromisoformat(told["put_off_until"])
    assert timedelta(days=29) < until - timezone.now() < timedelta(days=31)
    assert api.post(f"{address}/put-off").json()["put_off_until"] < told["put_off_until"]
    assert api.post(f"{address}/ask-again").json()["put_off_until"] is None


def test_what_is_entered_is_locked_until_it_is_emptied(movie: Entity, api: APIClient):  # noqa: F811
    given = {"values": {"title": " The  Lantern ", "genres": ["Drama", "", "Film noir"]}}
    told = api.patch(f"{ROOT}/{movie.pk}", given, format="json").json()
    assert told["values"] == {"title": "The Lantern", "genres": ["Drama", "Film noir"]}
    assert set(told["locks"]) == {"title", "genres"}
    movie.refresh_from_db()
    assert told_of(movie)["title"].source == PERSON
    told = api.patch(f"{ROOT}/{movie.pk}", {"values": {"title": ""}}, format="json").json()
    assert told["values"] == {"genres": ["Drama", "Film noir"]}
    assert told["locks"] == ["genres"]


@pytest.mark.parametrize(
    "values", [{"runtime": "1"}, {"title": ["a"]}, {"genres": "Drama"}, {"title": "a" * 501}, {"plot": 1}]
)
def test_what_cannot_be_told_is_refused(movie: Entity, admin: User, values: dict[str, Any]):  # noqa: F811
    with pytest.raises(FieldError):
        by_hand.edit(movie, values, admin)
    movie.refresh_from_db()
    assert movie.told == {}


def test_of_a_video_with_two_episodes_the_first_is_meant(show: Entity, admin: User):  # noqa: F811
    video = Entity.objects.get(kind="episode", season=2)
    by_hand.edit(video, {"title": "Ebb"}, admin)
    video.refresh_from_db()
    assert told_of(video, 1)["title"].value == "Ebb"
    assert told_of(video, 2) == {}


def test_the_pages_do_the_same(movie: Entity, client: Client, admin: User):  # noqa: F811
    picture = add_candidate(movie)
    Entity.objects.filter(pk=movie.pk).update(matches=[MATCH])
    client.force_login(admin)
    address = reverse("media_artwork", args=[movie.media_id])

    def press(name: str, pk: int, **given: str) -> str:
        return client.post(reverse(name, args=[pk]), given, follow=True).content.decode()

    assert "The Lost Reel" in client.get(address).content.decode()
    assert "Take the rejection back" in press("art_reject", picture.pk)
    assert "Take the rejection back" not in press("art_take_back", picture.pk)
    assert "The Lantern" in press("art_edit", movie.pk, title="The Lantern", genres="Drama\r\nFilm noir")
    movie.refresh_from_db()
    assert told_of(movie)["genres"].value == ("Drama", "Film noir")
    text = press("art_identify", movie.pk, provider="tmdb", id="603")
    assert "It is this" not in text
    assert "The Lost Reel (1999), TMDB 603" in text
    assert Job.objects.filter(name=art_jobs.PREPARE).count() == 1
    assert text.count(reverse("art_identify_undo", args=[movie.pk])) == 2  # what was done, and on the page
    assert "It is this" in press("art_identify_undo", movie.pk)
    assert "being asked about Lantern" in press("art_prepare", movie.pk)
    many = {"title": str(movie.pk), "do": "prepare"}
    answer = client.post(reverse("artwork_change"), many, follow=True)
    assert "The providers are asked about 1 title." in answer.content.decode()
