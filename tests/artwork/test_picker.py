"""The pictures of a slot: seen before they are fetched, compared, added to, and never taken."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from artwork import previews
from artwork.choosing import refresh
from artwork.models import ArtSettings, Candidate, Entity, Rejected
from artwork.offering import keep_offered
from artwork.preparing import prepare
from artwork.references import BRINGS as USED
from history.models import Event
from jobs import doorbells, services
from jobs.models import Job
from storage.models import Stored
from system import switches
from tests.api.conftest import admin, api, looking, viewer  # noqa: F401

from .build import publish
from .doors import a_picture, add_candidate
from .test_pages import signed_in, text_of

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
Connect = Callable[..., "Connection"]
ROOT = "/api/v1/artwork"


@pytest.fixture(autouse=True)
def _is_on(db: None, no_worker_is_asked: None, empty_caches: None, read_just_now: None) -> Iterator[None]:
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


@pytest.fixture
def client(db: None) -> Client:
    return signed_in("admin")


def slot_of(entity: Entity, art: str = "poster") -> str:
    return f"/artwork/{entity.pk}/pictures/{art}"


def large(colour: str = "purple") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (300, 450), colour).save(kept, "PNG")
    return kept.getvalue()


def test_what_is_not_fetched_is_seen_at_our_own_address_and_asked_for_once(
    client: Client, reel: Entity, connect: Connect, world: StandIn
):
    ArtSettings.objects.create(connection=reel.connection, languages=["de", "en", "none"])
    connect("tmdb")
    prepare(reel)
    other = Candidate.objects.filter(entity=reel, art="poster", digest="").exclude(thumbnail="")[0]
    text = text_of(client, slot_of(reel))
    assert world.url not in text
    assert f"/artwork/pictures/{other.pk}/preview" in text
    before = len(world.called())
    answer = client.get(f"/artwork/pictures/{other.pk}/preview")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "max-age" in answer["Cache-Control"]
    again = signed_in("viewer").get(
        f"/artwork/pictures/{other.pk}/preview", headers={"If-None-Match": answer["ETag"]}
    )
    assert again.status_code == 304
    assert len(world.called()) == before + 1
    other.refresh_from_db()
    assert (other.digest, bool(other.preview)) == ("", True)
    # Asked for again where it was collected, not where it is kept.
    Stored.objects.filter(digest=other.preview).delete()
    assert client.get(f"/artwork/pictures/{other.pk}/preview").status_code == 200
    assert len(world.called()) == before + 2


def test_a_provider_is_asked_for_few_small_pictures_at_once(
    client: Client, reel: Entity, connect: Connect, world: StandIn, monkeypatch: pytest.MonkeyPatch
):
    connect("tmdb")
    address = f"{world.url}/t/p/original/none.jpg"
    one = Candidate.objects.create(entity=reel, art="poster", source="tmdb", address=address)
    monkeypatch.setattr(previews, "_turns", BoundedSemaphore(1))
    with previews._turns:
        answer = client.get(f"/artwork/pictures/{one.pk}/preview")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert not any("none.jpg" in path for path in world.called())
    gone = client.get(f"/artwork/pictures/{one.pk}/preview")
    assert (gone.status_code, gone["Cache-Control"]) == (404, "private, max-age=600")
    away = Candidate.objects.create(entity=reel, art="poster", source="fanart", address="/x")
    assert client.get(f"/artwork/pictures/{away.pk}/preview").status_code == 404
    assert "not taken in yet" in text_of(client, slot_of(reel))


def test_another_small_picture_is_asked_for_where_its_provider_has_another(
    reel: Entity, connect: Connect, world: StandIn
):
    from artwork.fetching import fetch

    connect("tmdb")
    found = fetch(reel, ArtSettings(connection=reel.connection))
    keep_offered(reel, found)
    one = Candidate.objects.filter(entity=reel, source="tmdb").exclude(thumbnail="")[0]
    Candidate.objects.filter(pk=one.pk).update(thumbnail="/old", preview="5a" * 32)
    keep_offered(reel, found)
    one.refresh_from_db()
    assert one.preview == ""


def test_two_pictures_are_compared_on_light_and_on_dark(client: Client, movie: Entity):
    one, other = add_candidate(movie, rank=0), add_candidate(movie, colour="red")
    Candidate.objects.filter(pk=other.pk).update(
        language="de", favour=0.76, voters=60, reason={"code": "artwork.why-rejected"}
    )
    text = text_of(client, f"{slot_of(movie)}?compare={one.pk}&compare={other.pk}")
    part = text[text.index('id="compared"') : text.index("data-rows")]
    for ground in ("on light", "on dark"):
        assert part.count(f'class="{ground}"') == 2
    for told in ("German", "7.6 of 10 by 60 votes", "Chosen", f"/artwork/pictures/{other.pk}/choose"):
        assert told in part, told
    for query in ("", f"?compare={one.pk}", "?compare=x&compare=4711"):
        assert 'id="compared"' not in text_of(client, slot_of(movie) + query)


def test_the_best_stand_first_behind_what_is_chosen(client: Client, movie: Entity):
    scores = {"low": 20, "high": 80, "chosen": 10, "refused": None}
    for name, score in scores.items():
        row = add_candidate(movie, colour="red", name=f"{name}.jpg")
        parts = {"tier": 0, "resolution": 1, "votes": 1, "language": 1, "provider": 1}
        rank = 0 if name == "chosen" else None
        Candidate.objects.filter(pk=row.pk).update(score=score, parts=parts if score else {}, rank=rank)
    Candidate.objects.filter(address="refused.jpg").update(refused={"code": "picture.moves"})
    shown = re.findall(r"<code>(\w+)\.jpg</code>", text_of(client, slot_of(movie)))
    assert shown == ["chosen", "high", "low", "refused"]


def test_a_picture_of_ones_own_is_chosen_locked_and_kept(client: Client, movie: Entity):
    old = add_candidate(movie, rank=0)
    file = SimpleUploadedFile("mine.png", large(), "image/png")
    about = {"entity": movie.pk, "art": "poster"}
    text = text_of(client, "/artwork/pictures/upload", file=file, **about)
    assert "Poster: chosen and locked." in text
    assert "Uploaded" in text
    one = Candidate.objects.get(source="upload")
    assert (one.rank, one.width, one.chosen_by, one.address) == (0, 300, "user", one.digest)
    movie.refresh_from_db()
    assert movie.locks == ["art:poster"]
    old.refresh_from_db()
    assert old.rank is None
    text_of(client, f"/artwork/pictures/{old.pk}/choose", go="1")
    assert one.digest in {digest for source in USED.used for digest in source()}
    # The same once more is the same.
    file.seek(0)
    text_of(client, "/artwork/pictures/upload", file=file, **about)
    assert Candidate.objects.filter(source="upload", rank=0).count() == 1
    assert "Picture uploaded: Poster of Lantern (2020)" in {str(event) for event in Event.objects.all()}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"address": "poster.jpg"}, "That is not the address of a picture"),
        ({"address": ""}, "That is not the address of a picture"),
        ({"address": "ftp://example.org/x.jpg"}, "That is not the address of a picture"),
        ({"address": "https://ada:secret@example.org/x.jpg"}, "password"),
        ({"address": "http://169.254.169.254/latest"}, "never"),
        ({"file": b"<html>"}, "picture"),
    ],
)
def test_what_cannot_be_taken_is_told_at_the_form(
    client: Client, movie: Entity, given: dict[str, Any], told: str
):
    if "file" in given:
        given = {"file": SimpleUploadedFile("x.jpg", given["file"])}
    posted = {"entity": movie.pk, "art": "poster", **given}
    text = client.post("/artwork/pictures/upload", posted).content.decode()
    assert told in text[text.index('id="own"') :]
    assert not Candidate.objects.exists()


def test_a_picture_comes_from_an_address_of_the_web(
    api: APIClient,  # noqa: F811
    reel: Entity,
    connect: Connect,
    world: StandIn,
):
    ArtSettings.objects.create(connection=reel.connection, languages=["de"])
    connect("tmdb")
    prepare(reel)
    there = Candidate.objects.filter(art="poster", source="tmdb")[0].address
    given = {"type": "poster", "address": there}
    answer = api.post(f"{ROOT}/entities/{reel.pk}/take", given, format="json")
    assert answer.status_code == 200, answer.content
    (poster,) = [one for one in answer.json()["pictures"] if one["type"] == "poster"]
    assert (poster["source"], answer.json()["locks"]) == ("upload", ["art:poster"])
    wrong = api.post(
        f"{ROOT}/entities/{reel.pk}/take",
        {"type": "poster", "address": f"{world.url}/3/configuration"},
        format="json",
    )
    assert wrong.status_code in (422, 502), wrong.content


def test_a_file_is_uploaded_through_the_api(api: APIClient, movie: Entity):  # noqa: F811
    address = f"{ROOT}/pictures/upload?entity={movie.pk}&type="
    sent: Any = {"data": large(), "content_type": "application/octet-stream"}
    answer = api.post(f"{address}poster", **sent)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["source"], answer.json()["rank"]) == ("upload", 0)
    assert api.post(f"{address}thumb", **sent).status_code == 422
    one = Candidate.objects.get()
    seen = api.get(f"{ROOT}/candidates/{one.pk}/preview")
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/webp")


def test_what_is_never_taken_is_listed_and_taken_off(client: Client, api: APIClient, movie: Entity):  # noqa: F811
    one = add_candidate(movie, colour="red")
    assert "None yet." in text_of(client, "/artwork/blacklist")
    text_of(client, f"/artwork/pictures/{one.pk}/reject", everywhere="1")
    text = text_of(client, "/artwork/blacklist")
    assert f"/kept/{one.digest}?w=500" in text
    assert "admin" in text
    (row,) = api.get(f"{ROOT}/blacklist").json()["results"]
    assert (row["address"], row["rejected_by"]) == (one.address, "admin")
    rejected = Rejected.objects.get()
    assert "may be taken again" in text_of(client, f"/artwork/blacklist/{rejected.pk}/take-off", go="1")
    one.refresh_from_db()
    assert (one.rejected, one.reason) == (False, "")
    text_of(client, f"/artwork/pictures/{one.pk}/reject", everywhere="1")
    assert api.delete(f"{ROOT}/blacklist/{Rejected.objects.get().pk}").status_code == 204
    assert not Rejected.objects.exists()


def test_what_was_only_seen_small_is_known_again_by_what_it_looks_like(client: Client, movie: Entity):
    kept = add_candidate(movie, colour="red")
    far = Candidate.objects.create(
        entity=movie, art="poster", source="tmdb", address="https://far/x", preview=kept.digest
    )
    text_of(client, f"/artwork/pictures/{far.pk}/reject", everywhere="1")
    rejected = Rejected.objects.get()
    assert (rejected.digest, rejected.phash) == (kept.digest, Stored.objects.get(digest=kept.digest).phash)


# The titles that wait, one after the other


def test_titles_that_wait_are_reviewed_one_after_the_other(client: Client, movie: Entity, show: Entity):
    assert "Nothing waits for you" in text_of(client, "/artwork/review")
    old = add_candidate(movie, colour="red", rank=0, name="poster.jpg")
    publish(movie, {"poster.jpg": a_picture("poster", "red")})
    new = add_candidate(movie, colour="blue")
    text_of(client, f"/artwork/pictures/{new.pk}/choose", go="1")
    add_candidate(show, "poster", "green", rank=0)
    refresh([show])
    first, second = sorted((movie, show), key=lambda one: one.pk)
    text = text_of(client, "/artwork/review")
    assert "2 titles wait" in text
    assert f"/artwork/review/{first.pk}/answer" in text
    at_movie = text_of(client, f"/artwork/review?after={movie.pk - 1}")
    assert at_movie.index(f"/kept/{old.digest}") < at_movie.index(f"/kept/{new.digest}")

    text = text_of(client, f"/artwork/review/{first.pk}/answer", go="1")
    assert f"{first} is being published." in text
    assert f"/artwork/review/{second.pk}/answer" in text
    assert Job.objects.get().name == "art_publish"
    text = text_of(client, f"/artwork/review/{second.pk}/answer", do="discard")
    assert "is back to what was published" in text
    assert "That was the last one." in text
    looking_only = text_of(signed_in("viewer"), "/artwork/review")
    assert "/answer" not in looking_only


def test_titles_that_nobody_knows_are_a_list_of_their_own(client: Client, movie: Entity, show: Entity):
    Entity.objects.filter(pk=movie.pk).update(matches=[{"provider": "tmdb", "id": "1", "title": "Lantern"}])
    text = text_of(client, "/artwork?view=table&state=unidentified")
    assert re.findall(r'<a href="/media/\d+/artwork">([^<]+)</a>', text) == ["Lantern"]


# What other rules would change


def test_other_rules_are_previewed_over_the_whole_library_and_then_saved(
    client: Client, reel: Entity, connect: Connect
):
    ArtSettings.objects.create(connection=reel.connection, languages=["de", "en", "none"])
    connect("tmdb")
    prepare(reel)
    of = reel.connection
    of.keep_secrets({"api_key": "k" * 32})
    of.save()
    before = list(Candidate.objects.order_by("pk").values("pk", "rank", "score"))
    text = text_of(client, f"/artwork/rules?of={of.pk}")
    assert 'value="de, en, none"' in text
    assert 'Fanart</strong> <span class="small muted">as usual' in text
    given = {
        "art_languages": "en",
        "art_providers": "tmdb, tvdb, fanart",
        "art_fall_back": "on",
        "art_adopt": "keep",
    }
    address = f"/artwork/rules?of={of.pk}"
    text = text_of(client, address, **given, do="preview")
    job = Job.objects.get(name="art_foresee")
    assert "All titles are being looked at" in text
    assert client.get(f"/artwork/rules/live?job={job.pk}").status_code == 200
    services.run_inline(job)
    assert client.get(f"/artwork/rules/live?job={job.pk}")["HX-Refresh"] == "true"
    text = text_of(client, f"{address}&job={job.pk}")
    assert "1 of 1 titles would look different." in text
    assert 'value="en"' in text
    found = re.search(r"Poster</th><td class=\"number\">(\d+)", text)
    assert found is not None
    assert found[1] == "1"
    assert "The Lost Reel" in text
    assert "Poster · TMDB · English" in text
    assert "http://" not in text.partition('id="would-change"')[2].partition("</section>")[0]
    assert list(Candidate.objects.order_by("pk").values("pk", "rank", "score")) == before
    assert ArtSettings.objects.get().languages == ["de", "en", "none"]

    rule = {"fanart-most": 5, "fanart-min_width": 1920, "fanart-finer": "tolerance 15", "banner-most": 0}
    assert "are saved" in text_of(client, address, **given, **rule, do="save")
    settings = ArtSettings.objects.get()
    assert settings.languages == ["en"]
    assert settings.rules == {
        "banner": {"most": 0},
        "fanart": {"tolerance": 0.15, "most": 5, "min_width": 1920},
    }
    client.cookies["taggarr_language"] = "de"
    told = "höchstens 5, mindestens 1920 Pixel breit, Form bis zu 15 % daneben"
    assert told in text_of(client, f"/artwork/rules?of={of.pk}")
    assert f"Fanart: {told}" in text_of(client, f"/settings/connections/{of.pk}")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"poster-finer": "mots 5"}, "is not a rule for poster"),
        ({"poster-languages": "klingon!"}, "klingon!"),
        ({"poster-least": 2}, "The rule for Poster wants more pictures at least than at most."),
        ({"poster-most": 21}, "less than or equal to 20"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_at_its_field_which_is_unfolded(
    client: Client, reel: Entity, given: dict[str, Any], told: str
):
    usual = {"art_languages": "en", "art_providers": "tmdb", "art_adopt": "keep", "do": "save"}
    text = text_of(client, f"/artwork/rules?of={reel.connection_id}", **usual, **given)
    (name,) = given
    wrong = text.partition(f'id="id_{name}_error"')[2].partition("</span>")[0]
    assert told in html.unescape(wrong)
    assert text.count('class="part" open') == 1


def test_what_is_locked_is_not_among_what_rules_would_change(api: APIClient, reel: Entity, connect: Connect):  # noqa: F811
    ArtSettings.objects.create(connection=reel.connection, languages=["de", "none"])
    connect("tmdb")
    prepare(reel)
    Entity.objects.filter(pk=reel.pk).update(locks=["*"])
    address = f"{ROOT}/connections/{reel.connection_id}/rules/preview"
    answer = api.post(address, {"art_languages": "en"}, format="json")
    assert answer.status_code == 202, answer.content
    job = services.run_inline(Job.objects.get(pk=answer.json()["id"]))
    assert (job.state, job.summary["titles"], job.summary["changed"]) == ("completed", 1, 0)
    assert api.post(address, {"art_languages": "no language"}, format="json").status_code == 422
    with pytest.raises(Exception, match="art_foresee takes"):
        services.start("art_foresee", params={"settings": {"publish": True}})
