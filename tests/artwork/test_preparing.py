"""Pictures of providers become candidates, the best are fetched and chosen, and what is locked stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from artwork.models import Adopt, ArtSettings, Candidate, ChosenBy, Entity, Rejected
from artwork.preparing import Prepared, prepare
from core.errors import ApiAuthError, ApiTransientError, Later
from providers.pictures import fetch_picture
from storage.keeping import keep_picture
from storage.models import Stored

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
Connect = Callable[..., "Connection"]
PICTURES = ("/t/p/", "/banners/", "/fanart/")


@pytest.fixture
def tmdb(connect: Connect, reel: Entity) -> Connection:
    ArtSettings.objects.create(connection=reel.connection, languages=["de", "en", "none"])
    return connect("tmdb")


def only_posters(title: Entity, **more: object) -> None:
    """Want posters alone: each picture costs a test its drawing."""
    none = {
        art: {"most": 0}
        for art in ("fanart", "banner", "landscape", "clearlogo", "clearart", "discart", "keyart", "thumb")
    }
    values = {"rules": none | {"characterart": {"most": 0}}, "languages": ["de", "en", "none"], **more}
    ArtSettings.objects.update_or_create(connection=title.connection, defaults=values)


def chosen(entity: Entity, art: str = "poster") -> Candidate:
    return Candidate.objects.get(entity=entity, art=art, rank=0)


def fetched(world: StandIn) -> list[str]:
    return [path.rpartition("/")[2] for path in world.called() if path.startswith(PICTURES)]


def spoil(world: StandIn, row: Candidate, how: str) -> None:
    world.change("spoil", file=row.address.rpartition("/")[2], how=how)


def test_the_best_pictures_of_a_movie_are_fetched_and_chosen(reel: Entity, tmdb: Connection, world: StandIn):
    done = prepare(reel)

    assert (done.told, done.unknown) == (1, 0)
    assert done.offered == Candidate.objects.filter(entity=reel).count() > 5
    poster = chosen(reel)
    assert (poster.source, poster.language, poster.chosen_by) == ("tmdb", "de", ChosenBy.AUTO)
    assert (poster.parts["tier"], poster.reason) == (0, "")
    assert Stored.objects.get(digest=poster.digest).width == poster.width == 400
    assert chosen(reel, "fanart").language == "none"
    assert chosen(reel, "clearlogo").digest
    # Nothing is fetched but what is chosen, or shows the same as that.
    came = Candidate.objects.filter(entity=reel).exclude(digest="")
    assert len(fetched(world)) == done.fetched == came.count() < done.offered
    reel.refresh_from_db()
    assert reel.wanted
    assert reel.prepared_at


def test_every_other_picture_says_why_it_is_not_chosen(reel: Entity, tmdb: Connection):
    prepare(reel)
    rows = Candidate.objects.filter(entity=reel, rank=None)
    assert rows.exclude(reason="").count() == rows.count()
    said = " ".join(str(row.reason) for row in rows)
    assert "is wanted" in said
    assert "comes later in the list of languages" in said


def test_to_prepare_again_asks_nothing_and_changes_nothing(reel: Entity, tmdb: Connection, world: StandIn):
    prepare(reel)
    before = list(Candidate.objects.order_by("pk").values())
    calls = len(world.called())
    assert prepare(reel) == Prepared()
    assert list(Candidate.objects.order_by("pk").values()) == before
    assert len(world.called()) == calls


@pytest.mark.parametrize("how", ["html", "gone", "redirect", "cut", "svg", "bomb", "empty"])
def test_what_is_no_picture_gives_way_to_the_next_one(
    reel: Entity, connect: Connect, world: StandIn, how: str
):
    only_posters(reel)
    connect("tmdb")
    prepare(reel)
    first = chosen(reel)
    Candidate.objects.all().delete()
    Stored.objects.all().delete()
    spoil(world, first, how)

    prepare(reel)
    refused = Candidate.objects.get(address=first.address)
    assert refused.refused
    assert (refused.rank, refused.digest) == (None, "")
    assert chosen(reel).language == "en"


def test_a_page_in_place_of_every_picture_is_fetched_a_few_times_only(
    reel: Entity, connect: Connect, world: StandIn
):
    only_posters(reel)
    connect("tmdb")
    world.fault("html", "/t/p/.*", count=None)
    prepare(reel)
    assert not Candidate.objects.exclude(rank=None).exists()
    assert 0 < len(fetched(world)) <= 5


def test_a_refused_picture_is_tried_again_when_somebody_asks(reel: Entity, connect: Connect, world: StandIn):
    only_posters(reel)
    connect("tmdb")
    world.fault("html", "/t/p/.*", count=None)
    prepare(reel)
    refused = set(Candidate.objects.exclude(refused="").values_list("pk", flat=True))
    prepare(reel)
    assert len(set(fetched(world))) == len(fetched(world))
    world.clear_faults()

    prepare(reel, interactive=True)
    assert chosen(reel).pk in refused
    assert not Candidate.objects.exclude(refused="").exists()


def test_other_bytes_under_the_address_of_a_choice_are_not_taken_for_it(
    reel: Entity, connect: Connect, world: StandIn
):
    only_posters(reel)
    connect("tmdb")
    prepare(reel)
    first = chosen(reel)
    Stored.objects.get(digest=first.digest).delete()
    spoil(world, first, "swapped")

    prepare(reel)
    first.refresh_from_db()
    assert "another picture at this address" in str(first.refused)
    assert chosen(reel).language == "en"


def test_a_picture_that_nobody_wants_is_not_taken_from_anywhere(reel: Entity, connect: Connect):
    only_posters(reel)
    connect("tmdb")
    prepare(reel)
    first = chosen(reel)
    stored = Stored.objects.get(digest=first.digest)
    Rejected.objects.create(source="tvdb", address="elsewhere", phash=stored.phash)

    prepare(reel)
    first.refresh_from_db()
    assert first.rank is None
    assert "looks like a picture that is never taken" in str(first.reason)
    Rejected.objects.all().delete()
    Rejected.objects.create(source="tmdb", address=first.address)
    prepare(reel)
    first.refresh_from_db()
    assert "on the list" in str(first.reason)


def test_what_a_person_rejected_gives_way(reel: Entity, connect: Connect):
    only_posters(reel)
    connect("tmdb")
    prepare(reel)
    first = chosen(reel)
    Candidate.objects.filter(pk=first.pk).update(rejected=True, rank=None)
    prepare(reel)
    first.refresh_from_db()
    assert (first.rank, str(first.reason)) == (None, "You rejected it for this title.")
    assert chosen(reel) != first


def local(entity: Entity, by: str) -> Candidate:
    """A picture that stood there before us."""
    from demo.providers.art import drawn
    from demo.providers.state import Work

    art = next(one for one in Work("movie", 9, "tt1", {"en": "x"}).art if one.type == "poster")
    digest = keep_picture([drawn(art, "Mine")]).digest
    return Candidate.objects.create(
        entity=entity, art="poster", source="local", address="poster.jpg", digest=digest, rank=0, chosen_by=by
    )


@pytest.mark.parametrize(
    ("adopt", "by", "locks", "stays"),
    [
        (Adopt.KEEP, ChosenBy.ADOPTED, [], True),
        (Adopt.REPLACE, ChosenBy.ADOPTED, [], False),
        (Adopt.REPLACE, ChosenBy.USER, [], True),
        (Adopt.REPLACE, ChosenBy.ADOPTED, ["art:poster"], True),
        (Adopt.REPLACE, ChosenBy.ADOPTED, ["*"], True),
        (Adopt.REPLACE, ChosenBy.ADOPTED, ["title"], False),
    ],
)
def test_what_stood_there_or_was_chosen_by_a_person_stays(
    reel: Entity, connect: Connect, adopt: str, by: str, locks: list[str], stays: bool
):
    only_posters(reel, adopt=adopt)
    connect("tmdb")
    mine = local(reel, by)
    reel.locks = locks
    reel.save()
    prepare(reel)
    assert (chosen(reel) == mine) is stays
    assert Candidate.objects.filter(art="poster").exclude(score=None).exists()


def test_what_was_locked_while_pictures_came_stays(
    reel: Entity, connect: Connect, monkeypatch: pytest.MonkeyPatch
):
    only_posters(reel)
    connect("tmdb")

    def lock_first(connection: Connection, address: str, *, digest: str) -> Stored:
        Entity.objects.filter(pk=reel.pk).update(locks=["art:poster"])
        return fetch_picture(connection, address, digest=digest)

    monkeypatch.setattr("artwork.picking.fetch_picture", lock_first)
    prepare(reel)
    assert not Candidate.objects.exclude(rank=None).exists()


def test_a_season_without_a_poster_has_that_of_its_series(harbour: Entity, connect: Connect, world: StandIn):
    only_posters(harbour)
    connect("fanart")
    connect("tvdb")
    season = harbour.parts.get(kind="season", season=1)
    prepare(harbour)
    own = chosen(season)
    assert own.address != chosen(harbour).address

    Candidate.objects.filter(entity=season).update(rejected=True, rank=None)
    prepare(harbour)
    assert chosen(season).address == chosen(harbour).address
    assert chosen(season).digest == chosen(harbour).digest

    ArtSettings.objects.update(fall_back=False)
    prepare(harbour)
    assert not Candidate.objects.filter(entity=season, rank=0).exists()
    Candidate.objects.filter(entity=season).update(rejected=False)
    ArtSettings.objects.update(fall_back=True)
    prepare(harbour)
    assert chosen(season).address == own.address


def test_the_video_of_two_episodes_has_a_still(harbour: Entity, connect: Connect):
    connect("tvdb")
    ArtSettings.objects.create(
        connection=harbour.connection, rules={art: {"most": 0} for art in ("poster", "fanart", "banner")}
    )
    prepare(harbour)
    video = harbour.parts.get(kind="episode", season=2)
    assert Candidate.objects.filter(entity=video, art="thumb").count() == 2
    assert chosen(video, "thumb").digest


def test_a_picture_that_is_not_listed_any_more_stays_until_there_is_another(
    reel: Entity, connect: Connect, world: StandIn
):
    only_posters(reel)
    tmdb = connect("tmdb")
    prepare(reel)
    first = chosen(reel)
    Candidate.objects.exclude(pk=first.pk).delete()
    from artwork.fetching import Fetched
    from artwork.offering import keep_offered
    from artwork.picking import Picking

    keep_offered(reel, Fetched(pictures={"tmdb": ()}))
    first.refresh_from_db()
    assert first.gone_at is not None
    settings = ArtSettings.of(reel.connection)
    Picking(reel, settings, {"tmdb": tmdb}).pick()
    assert chosen(reel) == first
    prepare(reel)
    first.refresh_from_db()
    assert first.gone_at is None


def test_a_picture_host_that_is_asked_too_often_is_asked_later(
    reel: Entity, connect: Connect, world: StandIn
):
    only_posters(reel)
    connect("tmdb")
    world.fault("status", "/t/p/.*", status=429, retry_after=7, count=None)
    with pytest.raises(Later) as told:
        prepare(reel)
    assert told.value.seconds == 7
    assert Candidate.objects.filter(entity=reel).exists()


def test_a_picture_host_that_is_down_is_tried_again(reel: Entity, connect: Connect, world: StandIn):
    only_posters(reel)
    connect("tmdb")
    world.fault("status", "/t/p/.*", status=503, count=None)
    with pytest.raises(ApiTransientError):
        prepare(reel)


def test_a_refused_key_is_told_after_all_others_were_asked(reel: Entity, connect: Connect):
    only_posters(reel)
    connect("tmdb", api_key="f" * 32)
    connect("fanart")
    with pytest.raises(ApiAuthError, match="refused the API key"):
        prepare(reel)
    assert chosen(reel).source == "fanart"
    reel.refresh_from_db()
    assert reel.prepared_at is None


def test_a_type_that_is_not_wanted_any_more_is_chosen_no_more(reel: Entity, connect: Connect):
    only_posters(reel)
    connect("tmdb")
    prepare(reel)
    settings = ArtSettings.of(reel.connection)
    settings.rules["poster"] = {"most": 0}
    settings.save()
    prepare(reel)
    assert not Candidate.objects.exclude(rank=None).exists()
