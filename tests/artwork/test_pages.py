"""The pages of artwork: what they show, and what people do there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from artwork.choosing import refresh
from artwork.models import ArtSettings, Candidate, Entity, Publication
from core.words import Phrase
from jobs import doorbells, services
from jobs.models import Job
from system import switches
from tests.library.build import add_title

from .build import add_entity, publish
from .doors import a_picture, add_candidate

if TYPE_CHECKING:
    from connections.models import Connection

pytestmark = pytest.mark.django_db
FolderOf = Callable[[Entity], Path]


@pytest.fixture(autouse=True)
def _is_on(db: None, no_worker_is_asked: None, empty_caches: None, read_just_now: None) -> Iterator[None]:
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


def signed_in(role: str) -> Client:
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.create_user(role, role=role))
    return client


@pytest.fixture
def client(db: None) -> Client:
    return signed_in("admin")


def text_of(client: Client, address: str, **posted: Any) -> str:
    answer = client.post(address, posted, follow=True) if posted else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(entity: Entity) -> str:
    return f"/media/{entity.root.media_id}/artwork"


def shown(client: Client, query: str, where: str = "/artwork") -> list[str]:
    """The titles that the list shows."""
    text = text_of(client, f"{where}?{query}")
    return re.findall(r'<a href="/media/\d+/artwork">([^<]+)</a>', text)


def test_switched_off_nothing_is_there(client: Client, movie: Entity):
    assert 'href="/artwork"' in text_of(client, "/library")
    assert f'href="{page_of(movie)}"' in text_of(client, f"/media/{movie.media_id}")
    switches.switch("artwork", False)
    assert 'href="/artwork"' not in text_of(client, "/library")
    assert page_of(movie) not in text_of(client, f"/media/{movie.media_id}")
    assert client.get("/artwork").status_code == 404


def test_every_page_of_artwork_leads_to_the_others(client: Client, movie: Entity):
    pages = ["/artwork", "/artwork/review", "/artwork/rules", "/artwork/blacklist"]
    for page in pages:
        text = text_of(client, page).partition("tabs sub")[2].partition("</ul>")[0]
        assert re.findall(r'href="([^"]+)"', text) == pages
        assert f'href="{page}" aria-current="page"' in text
    assert 'href="/artwork/rules"' not in text_of(signed_in("viewer"), "/artwork")


def test_titles_are_found_by_how_they_and_their_parts_stand(client: Client, movie: Entity, show: Entity):
    episode = Entity.objects.get(kind="episode", season=1)
    for art in ("poster", "fanart"):
        add_candidate(movie, art, rank=0)
    Entity.objects.filter(pk=movie.pk).update(wanted="a", published="a", year=1999)
    Entity.objects.filter(pk=episode.pk).update(wanted="a", locks=["*"])
    both = ["Harbour", "Lantern"]
    assert sorted(shown(client, "all=1")) == sorted(shown(client, "view=table")) == both
    assert shown(client, "state=published") == shown(client, "kind=movie") == ["Lantern"]
    for query in ("state=unpublished", "state=locked", "state=missing", "lacks=poster", "lacks=characterart"):
        assert shown(client, query) == ["Harbour"], query
    assert shown(client, f"instance={movie.connection_id}&q=lan") == ["Lantern"]
    assert shown(client, "sort=year")[0] == shown(client, "sort=-year")[0] == "Lantern"
    assert "Nothing fits these filters." in text_of(client, f"/artwork?instance={'9' * 30}")
    assert "that is how it should be" in text_of(client, "/artwork?state=problem")
    Entity.objects.filter(kind="series").delete()
    assert "has a poster and fanart" in text_of(client, "/artwork?state=missing&view=grid")


def test_under_wanted_stand_the_titles_that_lack_something(client: Client, movie: Entity, show: Entity):
    for art in ("poster", "fanart"):
        add_candidate(movie, art, rank=0)
    where = "/wanted/pictures"
    assert shown(client, "", where) == shown(client, "state=locked", where) == ["Harbour"]
    assert shown(client, "lacks=clearlogo&kind=movie", where) == ["Lantern"]
    assert "has a poster and fanart" in text_of(client, f"{where}?kind=movie")
    assert "Nothing here" in text_of(client, f"{where}?state=unidentified")
    answer = client.post(
        "/artwork/change", {"do": "lock", "scope": "all", "query": "view=table", "from": "wanted"}
    )
    assert answer["Location"] == f"{where}?view=table"
    assert [one.name for one in Entity.objects.filter(title=None).exclude(locks=[])] == ["Harbour"]
    Entity.objects.filter(title=None).delete()
    assert "No pictures are known yet" in text_of(client, where)


def test_the_wall_shows_posters_and_the_table_what_else_there_is(client: Client, movie: Entity):
    one = add_candidate(movie, rank=0)
    Entity.objects.filter(pk=movie.pk).update(problem=Phrase("artwork.no-rights", path="x"), locks=["*"])
    wall = text_of(client, "/artwork?view=grid")
    assert f'<img src="/kept/{one.digest}?w=200" alt="" fetchpriority="high"' in wall
    assert "Without: Fanart" in " ".join(wall.split())
    assert "Problem" in wall
    columns = ["state", "pictures", "missing", "locked", "instance", "year", "published"]
    client.post("/lists/artwork/columns", {"column": columns})
    table = text_of(client, "/artwork?view=table")
    for text in ('<span class="tag">Poster</span>', "Radarr", "2020", "never", ">locked<"):
        assert text in table, text


def test_a_newcomer_is_led_to_the_first_look(client: Client, db: None):
    assert "Nothing is connected yet" in text_of(client, "/artwork")


def test_without_pictures_all_folders_can_be_looked_at_once_titles_are_known(
    client: Client, radarr_connection: Connection
):
    assert "No pictures are known yet" in text_of(client, "/artwork")
    assert "the first scan fetches them" in text_of(client, "/artwork/look", go="1")
    assert not Job.objects.exists()
    add_title(connection=radarr_connection, arr_id=1, title="Alien", path="/m/Alien")
    assert "folders of all titles are being looked at" in text_of(client, "/artwork/look", go="1")
    assert Job.objects.get().name == "art_scan"


def test_the_list_opens_with_the_view_that_was_kept(client: Client, movie: Entity):
    asked = {"name": "Mine", "query": "view=table&kind=movie", "is_default": "on"}
    assert client.post("/lists/artwork/views", asked).status_code == 302
    assert client.get("/artwork")["Location"] == "/artwork?kind=movie&view=table"


def test_many_are_published_checked_locked_and_discarded(
    client: Client, movie: Entity, show: Entity, radarr_connection: Connection, tmp_path: Path
):
    add_candidate(movie, rank=0)
    refresh([movie])

    def do(what: str, *titles: Entity, **more: str) -> str:
        return text_of(client, "/artwork/change", do=what, title=[one.pk for one in titles], **more)

    assert "2 titles are being published." in do("publish", movie, show)
    assert Job.objects.get().items.count() == 2
    assert "1 title is being checked." in do("verify", scope="all", query="kind=movie")
    assert "1 title is locked." in do("lock", elsewhere=f"{show.pk},x")
    assert Entity.objects.filter(locks=["*"]).count() == 1 + show.parts.count()
    assert "1 title is unlocked." in do("unlock", show)
    assert "1 title is back to what was published." in do("discard", movie)
    for told in (do("publish"), do("odd", movie)):
        assert "Nothing was selected." in told


def test_a_title_shows_its_slots_and_what_holds_them(client: Client, movie: Entity):
    poster = add_candidate(movie, rank=0)
    add_candidate(movie, "clearlogo", rank=0)
    add_candidate(movie, colour="red")
    text = text_of(client, page_of(movie))
    assert f"/kept/{poster.digest}?w=500" in text
    assert "It was in the folder." in text
    assert "2 to choose from" in text
    assert 'class="box logo see-through"' in text
    assert 'class="box tall"' in text
    assert "Nothing to choose from yet." in text
    ArtSettings.objects.create(connection=movie.connection, adopt="lock")
    assert "locked by its library" in text_of(client, page_of(movie))


def test_what_a_publication_would_write_is_shown_before(client: Client, movie: Entity):
    assert "Nothing: no picture is chosen yet." in text_of(client, page_of(movie))
    old = add_candidate(movie, colour="red", rank=0, name="poster.jpg")
    publish(movie, {"poster.jpg": a_picture("poster", "red"), "fanart.jpg": a_picture("fanart", "red")})
    movie.files.filter(path="fanart.jpg").update(art="fanart")
    add_candidate(movie, "banner", rank=0, name="other.jpg")
    add_candidate(movie, "landscape", colour="red", rank=0, name="lies.jpg")
    Candidate.objects.create(
        entity=movie, art="landscape", source="local", address="landscape.jpg", digest="0" * 64
    )
    text_of(client, f"/artwork/pictures/{add_candidate(movie, colour='blue').pk}/choose", go="1")
    rows = dict(
        re.findall(r"<code>([^<]+)</code></th>.*?What happens\">([^<]+)<", text_of(client, page_of(movie)))
    )
    assert rows["poster.jpg"] == "takes the place of ours"
    assert rows["fanart.jpg"] == "is taken away"
    assert rows["banner.jpg"] == "is new"
    assert rows["landscape.jpg"] == "takes the place of what stands there"
    assert old.digest


def test_a_series_shows_its_seasons_and_episodes(client: Client, show: Entity):
    season, special = Entity.objects.get(kind="season", season=2), Entity.objects.get(kind="season", season=1)
    Entity.objects.filter(season=1).update(season=0)
    double = Entity.objects.get(kind="episode", season=2)
    thumb = add_candidate(double, "thumb", rank=0)
    Entity.objects.filter(pk=double.pk).update(wanted="a", locks=["*"])
    text = text_of(client, page_of(show))
    assert text.index("Season 2") < text.index("Specials")
    assert "S02E01-02 · locked · not published yet" in " ".join(text.split())
    assert f"/kept/{thumb.digest}?w=200" in text
    opened = text_of(client, f"{page_of(show)}?part={double.pk}")
    assert f"/artwork/{double.pk}/pictures/thumb" in opened
    assert "locked with the whole title" in opened
    assert "Back to the whole title" in opened
    assert f"/artwork/{show.pk}/pictures/characterart" in text_of(client, f"{page_of(show)}?part=4711")
    Entity.objects.filter(pk__in=(season.pk, special.pk)).delete()
    assert "Other files" in text_of(client, page_of(show))


def test_a_picture_is_chosen_added_and_left_out(client: Client, movie: Entity):
    first, second = add_candidate(movie, "fanart", "red", rank=0), add_candidate(movie, "fanart", "blue")
    Candidate.objects.create(entity=movie, art="fanart", source="local", address="x", refused="It moves.")
    Candidate.objects.create(
        entity=movie,
        art="fanart",
        source="tmdb",
        address="/x",
        width=1920,
        height=1080,
        score=80,
        parts={"resolution": 0.5, "votes": 0.75, "language": 1, "provider": 1},
        reason="Worse.",
    )
    address = f"/artwork/{movie.pk}/pictures/fanart"
    text = text_of(client, address)
    for told in (
        "160 \u00d7 90",
        "It moves.",
        "1920 \u00d7 1080",
        "votes 75 %",
        "Worse.",
        "TMDB",
        "not taken in yet",
    ):
        assert told in text, told
    assert "Fanart: chosen and locked." in text_of(client, f"/artwork/pictures/{second.pk}/choose", add="1")
    assert "Chosen as number 2" in text_of(client, address)
    text_of(client, f"/artwork/pictures/{second.pk}/choose", go="1")
    assert dict(Candidate.objects.filter(rank__isnull=False).values_list("pk", "rank")) == {
        second.pk: 0,
        first.pk: 1,
    }
    assert "Fanart: none is wanted" in text_of(client, f"{address}/none", go="1")
    assert not Candidate.objects.filter(rank__isnull=False).exists()
    assert "only you can change this choice" in text_of(client, address)
    assert "nothing to choose from" in text_of(client, f"/artwork/{movie.pk}/pictures/banner")
    assert client.get(f"/artwork/{movie.pk}/pictures/thumb").status_code == 404


def test_what_cannot_be_chosen_is_told_on_the_page(client: Client, show: Entity):
    episode = Entity.objects.get(kind="episode", season=1)
    one = Candidate.objects.create(entity=episode, art="thumb", source="local", address="x")
    answer = client.post(f"/artwork/pictures/{one.pk}/choose", follow=True)
    assert answer.redirect_chain == [(f"{page_of(show)}?part={episode.pk}", 302)]
    assert "is not here yet" in answer.content.decode()


def test_a_slot_and_a_whole_title_are_locked_and_unlocked(client: Client, movie: Entity):
    def locks() -> list[str]:
        movie.refresh_from_db()
        return movie.locks

    address = f"/artwork/{movie.pk}/lock"
    assert "Poster is locked." in text_of(client, address, art="poster", locked="1")
    assert "Lantern (2020) is locked." in text_of(client, address, locked="1")
    assert locks() == ["*", "art:poster"]
    assert "Lantern (2020) is unlocked." in text_of(client, address, locked="0")
    assert "Poster is unlocked." in text_of(client, address, art="poster", locked="0")
    assert locks() == []


def test_a_title_is_published_and_that_is_undone(client: Client, movie: Entity, folder_of: FolderOf):
    add_candidate(movie, colour="red", rank=0, name="poster.jpg")
    publish(movie, {"poster.jpg": a_picture("poster", "red")})
    new = add_candidate(movie, colour="blue")
    text_of(client, f"/artwork/pictures/{new.pk}/choose", go="1")
    text = text_of(client, f"/artwork/{movie.pk}/publish", go="1")
    assert "Lantern (2020) is being published." in text
    assert f'hx-get="{page_of(movie)}/state"' in text
    assert "Publish artwork" in text_of(client, f"{page_of(movie)}/state")
    services.run_inline(Job.objects.get())
    assert client.get(f"{page_of(movie)}/state")["HX-Refresh"] == "true"
    text = text_of(client, page_of(movie))
    assert "its file stands as it should" in text
    newest = Publication.objects.first()
    assert newest is not None
    assert f'action="/artwork/publications/{newest.pk}/undo"' in text
    assert "is coming back" in text_of(client, f"/artwork/publications/{newest.pk}/undo", go="1")
    services.run_inline(Job.objects.latest("pk"))
    assert (folder_of(movie) / "poster.jpg").read_bytes() == a_picture("poster", "red")
    assert "took back an earlier one" in text_of(client, page_of(movie))
    assert "is back to what was published" in text_of(client, f"/artwork/{movie.pk}/discard", go="1")
    assert "are being checked" in text_of(client, f"/artwork/{movie.pk}/verify", go="1")


def test_what_failed_says_why(client: Client, movie: Entity):
    Publication.objects.create(
        title=movie, state="failed", steps=[], error=Phrase("artwork.no-rights", path="x")
    )
    Entity.objects.filter(pk=movie.pk).update(
        problem=Phrase("artwork.read-only", path="x"), missing_since="2026-01-15T12:00:00Z"
    )
    text = text_of(client, page_of(movie))
    for told in ("give its user the right", "mount it writable", "Its folder is not there."):
        assert told in text


def test_a_title_that_nobody_looked_at_is_looked_at(client: Client, movie: Entity):
    media = movie.media
    assert media is not None
    movie.delete()
    assert "Nothing is known yet" in text_of(client, f"/media/{media.pk}/artwork")
    assert "is being looked at" in text_of(client, f"/media/{media.pk}/artwork/look", go="1")
    assert services.run_inline(Job.objects.get(name="art_scan")).state == "completed"
    assert Entity.objects.get().media_id == media.pk


def test_who_may_only_look_is_shown_no_button(movie: Entity):
    add_candidate(movie, rank=0)
    looking = signed_in("viewer")
    for address in (
        "/artwork",
        "/artwork?view=table",
        page_of(movie),
        f"/artwork/{movie.pk}/pictures/poster",
    ):
        text = text_of(looking, address)
        assert 'action="/artwork' not in text, address
        assert "data-choose-all" not in text


def test_the_pages_take_as_many_queries_for_many_titles(
    client: Client,
    movie: Entity,
    radarr_connection: Connection,
    tmp_path: Path,
    django_assert_max_num_queries,
):
    add_candidate(movie, rank=0)
    for number in range(2, 8):
        one = add_entity(radarr_connection, tmp_path / f"Title {number} (2020)", arr_id=number)
        add_candidate(one, colour="red", rank=0)
    for address in ("/artwork?view=grid", page_of(movie), f"/artwork/{movie.pk}/pictures/poster"):
        with django_assert_max_num_queries(20):
            client.get(address)
