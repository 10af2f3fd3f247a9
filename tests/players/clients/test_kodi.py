"""The client of Kodi against the stand-in."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError, Later
from demo.players.process import StandIn
from demo.players.state import PlayerState
from players.clients.contract import (
    DATE,
    DIRECTORS,
    PERFORMERS,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Edit,
    Form,
    GoneError,
    Kind,
    NotKeptError,
    OtherItemError,
    Value,
)
from players.clients.kodi import KodiClient
from tests.players.clients.conftest import labelled, seen, titled

COMET = "/media/movies/Comet (2021)/Comet (2021).mkv"


@pytest.fixture
def client(kodi: StandIn) -> KodiClient:
    return KodiClient(kodi.url, kodi.api_key, name="Bedroom", tries=1)


def tags(kodi: StandIn, title: str) -> list[str]:
    return kodi.state().titled(title).lists.get("label", [])


def test_it_tells_who_it_is_and_what_it_has(client):
    identity = client.identity()
    assert (identity.program, identity.version) == ("Kodi", "20.1")
    movies, shows = client.libraries()
    assert movies.folders == shows.folders == ("/media/movies", "/media/tv")


def test_lists_tell_files_ids_places_and_tags(client):
    lantern = titled(client, "Lantern")
    assert lantern.paths == ("/media/movies/Lantern (2019)/Lantern (2019).mkv",)
    assert set(lantern.guids) == {"imdb:tt9900001", "tmdb:7"}
    assert lantern.labels == {Form.TAG: ("Kids",), Form.GENRE: ("Drama", "Mystery")}
    show, season = titled(client, "Sparrows", Kind.SHOW), titled(client, "Season 2", Kind.SEASON)
    assert (show.paths, season.show, season.season) == (("/media/tv/Sparrows (2018)",), show.id, 2)
    # A movie and a show have the same number.
    assert {lantern.id, show.id} == {"movie-1", "show-1"}


def test_a_library_comes_in_pages(client, kodi):
    state = PlayerState("kodi")
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(1200):
        state.add_movie(library.id, f"/m/{number}/{number}.mkv")
    kodi.load(state)
    assert [len(page) for page in client.items(client.libraries()[0], Kind.MOVIE)] == [1000, 200]


def test_a_hundred_items_are_three_calls(client, kodi):
    state = PlayerState("kodi")
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(100):
        state.add_movie(library.id, f"/m/{number}/{number}.mkv", lists={"label": ["Own"]})
    kodi.load(state)
    present = client.look([f"movie-{number}" for number in range(1, 101)])
    kodi.clear_journal()
    written = client.write([Edit(one, add={Form.TAG: ("dub",)}) for one in present.values()])
    assert written.failed == {}
    assert len(kodi.journal()) == 3
    assert all(item.lists["label"] == ["Own", "dub"] for item in kodi.state().items.values())


def test_labels_and_fields_are_written(client, kodi):
    fields: dict[str, Value] = {
        TITLE: "Comète",
        SUMMARY: "One.\nTwo.",
        TAGLINE: "Far.",
        STUDIO: "Pier",
        DATE: "2021-02-03",
        DIRECTORS: ("Eve", "Ada"),
    }
    edit = Edit(
        seen(client, "Comet"), add={Form.TAG: ("dub", "x" * 300), Form.GENRE: ("Sky",)}, fields=fields
    )
    written = client.write([edit])
    assert written.failed == {}
    (present,) = written.present.values()
    assert {name: present.fields[name] for name in fields} == fields
    assert present.labels == {Form.TAG: ("dub", "x" * 255), Form.GENRE: ("Sky",)}
    show = Edit(seen(client, "Sparrows", Kind.SHOW), add={Form.TAG: ("dub",)}, fields={STUDIO: ""})
    assert client.write([show]).failed == {}
    assert tags(kodi, "Sparrows") == ["dub"]


def test_what_kodi_does_not_take_fails_alone(client, kodi):
    season = Edit(seen(client, "Season 1", Kind.SEASON), add={Form.TAG: ("dub",)}, fields={TAGLINE: "x"})
    movie = Edit(seen(client, "Comet"), add={Form.TAG: ("dub",)}, fields={PERFORMERS: ("Ada",)})
    failed = client.write([season, movie]).failed
    assert {(part.id, part.name) for part in failed} == {
        (season.id, "tag"),
        (season.id, "tagline"),
        (movie.id, "performers"),
    }
    assert tags(kodi, "Comet") == ["dub"]


def test_a_batch_of_which_half_is_done_is_told(client, kodi):
    edits = [labelled(client, title, "dub", form=Form.TAG) for title in ("Lantern", "Comet")]
    kodi.fault("change", "SetMovieDetails", op="quirks", args={"half_of_batches": 1})
    failed = client.write(edits).failed
    assert {part.id: type(error) for part, error in failed.items()} == {edits[1].id: NotKeptError}


def test_half_of_an_answer_is_not_taken_for_items_that_are_gone(client, kodi):
    kodi.change("quirks", half_of_batches=1)
    with pytest.raises(ApiTransientError):
        client.look(["movie-1", "movie-2"])


def test_an_id_that_is_another_item_by_now_is_not_written(client, kodi):
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    kodi.change("renumber", id=kodi.state().titled("Lantern").id, to=2)
    (error,) = client.write([edit]).failed.values()
    assert isinstance(error, OtherItemError)
    assert (tags(kodi, "Lantern"), tags(kodi, "Comet")) == (["Kids"], [])


def test_one_that_vanished_costs_no_other(client, kodi):
    edits = [labelled(client, title, "dub", form=Form.TAG) for title in ("Lantern", "Comet")]
    kodi.change("remove", id=kodi.state().titled("Lantern").id)
    failed = client.write(edits).failed
    assert {part.id: type(error) for part, error in failed.items()} == {edits[0].id: GoneError}
    assert tags(kodi, "Comet") == ["dub"]


def test_a_tag_that_a_person_adds_meanwhile_stays(client, kodi):
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    kodi.change("edit", id=kodi.state().titled("Comet").id, label=["By hand"])
    assert client.write([edit]).failed == {}
    assert tags(kodi, "Comet") == ["By hand", "dub"]


def test_an_item_is_found_by_its_path(client):
    assert [item.title for item in client.find(COMET)] == ["Comet"]
    assert [item.title for item in client.find("/media/tv/Sparrows (2018)")] == ["Sparrows"]
    double = client.find("/media/tv/Sparrows (2018)/Season 01/Sparrows - S01E01-E02.mkv")
    assert [item.episode for item in double] == [1, 2]
    assert client.find("/media/nowhere.mkv") == []


@pytest.mark.parametrize("keeps_ids", [True, False])
def test_what_a_refresh_forgets_is_given_back(client, kodi, keeps_ids):
    kodi.change("quirks", scan_seconds=-1, keeps_ids=keeps_ids)
    kodi.change("watch", id=kodi.state().titled("Lantern").id, plays=3, rating=8, resume=12.5)
    watched = kodi.state().titled("Lantern")
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    assert client.give_back(memories) == memories
    kodi.work()
    assert client.give_back(memories) == []
    again = titled(client, "Lantern").id
    assert again == ("movie-1" if keeps_ids else "movie-3")
    now = kodi.state().titled("Lantern")
    assert (now.plays, now.rating, now.last_played, now.resume) == (3, 8, watched.last_played, 12.5)
    assert client.look([again])[again].is_at([watched.path])


def test_nothing_is_given_back_while_an_item_has_lost_its_ids_alone(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    number = kodi.state().titled("Lantern").id
    kodi.change("watch", id=number, plays=3)
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    kodi.change("forget_ids", id=number)
    left = client.give_back(memories)
    assert [memory.is_read for memory in left] == [True]
    kodi.work()
    assert kodi.state().titled("Lantern").plays == 0
    assert client.give_back(left) == []
    assert kodi.state().titled("Lantern").plays == 3


def test_what_somebody_does_after_a_refresh_is_not_undone(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    number = kodi.state().titled("Lantern").id
    kodi.change("watch", id=number, plays=3, rating=8)
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    kodi.work()
    kodi.change("watch", id=number, plays=1, rating=2)
    assert client.give_back(memories) == []
    assert (kodi.state().titled("Lantern").plays, kodi.state().titled("Lantern").rating) == (1, 2)


def test_pictures_that_somebody_chose_elsewhere_are_given_back_unless_they_chose_others_since(client, kodi):
    kodi.change("quirks", scan_seconds=-1, keeps_ids=True)
    folder = kodi.state().titled("Lantern").path.rpartition("/")[0]

    def choose(**art: str) -> None:
        client._call("VideoLibrary.SetMovieDetails", writes=True, movieid=1, art=art)

    beside = f"{folder}/landscape.jpg"
    choose(poster="http://pictures.invalid/1.jpg", fanart="/mine/fanart.jpg", landscape=beside)
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    kodi.work()
    assert kodi.state().titled("Lantern").pictures == {}
    choose(poster="http://pictures.invalid/2.jpg", fanart=f"{folder}/fanart.jpg")
    assert client.give_back(memories) == []
    shown = {art: paths[0] for art, paths in kodi.state().titled("Lantern").pictures.items()}
    assert shown == {"poster": "http://pictures.invalid/2.jpg", "fanart": "/mine/fanart.jpg"}


def test_what_is_given_up_keeps_no_sign_of_ours(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    guids = kodi.state().titled("Lantern").guids
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    kodi.change("switch_off")
    assert client.give_back(memories) == memories
    assert kodi.state().titled("Lantern").guids != guids
    client.give_up(memories)
    assert kodi.state().titled("Lantern").guids == guids


def test_what_is_read_anew_again_meanwhile_is_given_nothing_back_too_early(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    kodi.change("watch", id=kodi.state().titled("Lantern").id, plays=3)
    memories = client.remember(["movie-1"])
    client.read_again(memories)
    kodi.work()
    client.read_again(memories)
    assert client.give_back(memories) == memories
    kodi.work()
    assert client.give_back(memories) == []
    assert kodi.state().titled("Lantern").plays == 3


def test_a_refresh_waits_until_a_scan_is_over(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    memories = client.remember(["movie-1"])
    client.scan("/media/movies/New (2024)")
    refusals = (
        lambda: client.remember(["movie-2"]),
        lambda: client.refresh("movie-2"),
        lambda: client.read_again(memories),
    )
    for ask in refusals:
        with pytest.raises(Later) as caught:
            ask()
        assert caught.value.seconds == 60
    client.refresh("movie-2", pictures_only=True)
    kodi.work()
    client.read_again(memories)
    assert kodi.work() == ["Refreshing Lantern"]
    assert client.give_back(memories) == []


def test_nothing_is_refreshed_while_somebody_watches(client, kodi):
    kodi.change("play", id=kodi.state().titled("Lantern").id)
    for ask in (lambda: client.remember(["movie-2"]), lambda: client.refresh("movie-2")):
        with pytest.raises(Later) as caught:
            ask()
        assert caught.value.seconds == 600
    assert kodi.report()["waiting"] == []


def test_a_picture_that_took_the_place_of_another_is_shown(client, kodi):
    poster = "/media/movies/Comet (2021)/poster.jpg"
    kodi.change("cache_texture", path=poster)
    kodi.change("cache_texture", path="/media/movies/another.jpg")
    client._call("VideoLibrary.SetMovieDetails", writes=True, movieid=2, art={"poster": poster})
    kodi.change("quirks", scan_seconds=-1)
    client.refresh("movie-2", pictures_only=True)
    assert kodi.report()["waiting"] == []
    left = client._call("Textures.GetTextures", properties=["url"])["textures"]
    assert ["another" in row["url"] for row in left] == [True]


def put(kodi, *paths):
    for path in paths:
        kodi.change("put_file", path=path)


def test_pictures_that_come_and_go_beside_a_movie_are_shown_and_what_somebody_chose_stays(client, kodi):
    folder = "/media/movies/Comet (2021)"
    put(kodi, *(f"{folder}/{name}" for name in ("poster.jpg", "Comet (2021)-fanart.jpg", "fanart.jpg")))
    put(kodi, *(f"{folder}/{name}" for name in ("fanart1.png", "fanart-1.jpg", "clearlogo.png", "movie.nfo")))
    there = {"banner": f"{folder}/banner.jpg", "clearlogo": "http://elsewhere.test/logo.png"}
    client._call("VideoLibrary.SetMovieDetails", writes=True, movieid=2, art=there)
    client.refresh("movie-2", pictures_only=True)
    shown = kodi.state().titled("Comet").pictures
    assert {art: paths[0] for art, paths in shown.items() if paths} == {
        "poster": f"{folder}/poster.jpg",
        "fanart": f"{folder}/Comet (2021)-fanart.jpg",
        "fanart1": f"{folder}/fanart1.png",
        "clearlogo": "http://elsewhere.test/logo.png",
    }
    # A movie that shares its folder has only those that are called as it is.
    put(kodi, f"{folder}/Another (2020).mkv")
    client._call("VideoLibrary.SetMovieDetails", writes=True, movieid=2, art=dict.fromkeys(shown, ""))
    client.refresh("movie-2", pictures_only=True)
    shown = kodi.state().titled("Comet").pictures
    assert [art for art, paths in shown.items() if paths] == ["fanart"]


def test_of_a_show_the_pictures_of_its_seasons_and_episodes_are_shown_too(client, kodi):
    folder = "/media/tv/Sparrows (2018)"
    thumb = f"{folder}/Season 02/Sparrows - S02E01-thumb.jpg"
    put(kodi, f"{folder}/poster.jpg", f"{folder}/season02-poster.jpg", f"{folder}/Season02.jpg", thumb)
    kodi.change("cache_texture", path=thumb)
    client.refresh("show-1", pictures_only=True)
    state = kodi.state()
    shown = {
        (item.kind, item.title): {art: paths[0] for art, paths in item.pictures.items() if paths}
        for item in state.items.values()
        if item.pictures
    }
    assert {path for art in shown.values() for path in art.values()} == {
        f"{folder}/poster.jpg",
        f"{folder}/season02-poster.jpg",
        thumb,
    }
    assert client._call("Textures.GetTextures")["textures"] == []


def test_a_show_is_read_anew_with_the_episodes_whose_nfos_are_new(client, kodi, tmp_path):
    assert client.read_anew("movie-1", timedelta()) == ("movie-1",)
    assert client.read_anew("show-1", timedelta()) == ("show-1",)
    folder = tmp_path / "tv" / "Sparrows (2018)" / "Season 01"
    folder.mkdir(parents=True)
    state = PlayerState("kodi")
    shows = state.add_library("Shows", "show", [str(tmp_path / "tv")])
    show = state.add_show(shows.id, str(folder.parent), title="Sparrows")
    for number, age in ((1, 0), (2, 300), (3, 3600)):
        stem = folder / f"Sparrows - S01E{number:02}"
        state.add_episode(show, 1, number, f"{stem}.mkv")
        stem.with_suffix(".nfo").write_text("<episodedetails/>")
        os.utime(stem.with_suffix(".nfo"), (1e9 - age, 1e9 - age))
    kodi.load(state)
    titled(client, "Sparrows", Kind.SHOW)
    assert client.read_anew("show-1", timedelta()) == ("show-1", "episode-1", "episode-2")
    # Kodi was off for an hour.
    assert "episode-3" in client.read_anew("show-1", timedelta(hours=1))


def test_each_episode_of_a_file_gets_back_what_was_its_own(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    for number, rating in ((1, 6), (2, 9)):
        client._call("VideoLibrary.SetEpisodeDetails", writes=True, episodeid=number, userrating=rating)
    memories = client.remember(["episode-1", "episode-2"])
    client.read_again(memories)
    # Kodi would take the second for the first, and drop it.
    assert kodi.work() == ["Refreshing Episode 1"]
    assert client.give_back(memories) == memories[1:]
    client.read_again(memories[1:])
    assert kodi.work() == ["Refreshing Episode 2"]
    assert client.give_back(memories) == []
    answer = client._call(
        "VideoLibrary.GetEpisodes", properties=["episode", "userrating", "season"], season=1
    )
    assert {row["episode"]: row["userrating"] for row in answer["episodes"]} == {1: 6, 2: 9}


def test_a_show_is_refreshed_without_its_episodes(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    client._call("VideoLibrary.SetTVShowDetails", writes=True, tvshowid=1, userrating=8)
    memories = client.remember(["show-1", "season-1"])
    assert [memory.id for memory in memories] == ["show-1"]
    client.read_again(memories)
    assert client.give_back(memories) == memories
    assert kodi.work() == ["Refreshing Sparrows"]
    assert kodi.state().titled("Sparrows").rating == 0
    assert client.give_back(memories) == []
    assert kodi.state().titled("Sparrows").rating == 8
    client.refresh("show-1")
    assert kodi.work() == ["Refreshing Sparrows"]
    with pytest.raises(ApiPermanentError):
        client.refresh("season-1")


def test_a_folder_is_scanned(client, kodi):
    kodi.change("quirks", scan_seconds=-1)
    assert client.scan("/media/movies/New (2024)") == ("movies", "tvshows")
    assert client.scan("/elsewhere") == ()
    assert kodi.work() == ["Scanning Movies: /media/movies/New (2024)"]


def test_a_dry_run_reads_and_writes_nothing(kodi):
    client = KodiClient(kodi.url, kodi.api_key, read_only=True)
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    (error,) = client.write([edit]).failed.values()
    assert "a dry run sends nothing" in str(error)
    assert tags(kodi, "Comet") == []


def test_a_wrong_password_is_told(kodi):
    with pytest.raises(ApiAuthError, match="Kodi refused the username or password"):
        KodiClient(kodi.url, "wrong").ping()


def test_the_password_is_in_no_error(kodi):
    client = KodiClient(kodi.url, kodi.api_key, tries=1)
    with pytest.raises(ApiPermanentError) as caught:
        client._call("No.Such", secret=kodi.api_key)
    assert str(caught.value) == "Kodi refused this: Method not found."


def test_what_stands_in_several_files_has_all_their_paths(client, kodi):
    kodi.change(
        "move", id=kodi.state().titled("Comet").id, path="stack:///m/a,, b.cd1.avi , /m/a,, b.cd2.avi"
    )
    paths = ("/m/a, b.cd1.avi", "/m/a, b.cd2.avi")
    assert titled(client, "Comet").paths == paths
    assert [[item.title for item in client.find(path)] for path in paths] == [["Comet"], ["Comet"]]


def test_a_question_that_kodi_does_not_understand_is_not_taken_for_a_title_that_is_gone(client, monkeypatch):
    monkeypatch.setattr("players.clients.kodi._FILED", ["nosuch"])
    with pytest.raises(ApiPermanentError, match="Invalid params"):
        client.look(["movie-1"])


def test_a_value_that_kodi_refuses_fails_alone(client, monkeypatch):
    edits = [labelled(client, title, "dub", form=Form.TAG) for title in ("Lantern", "Comet")]
    values = client._values
    monkeypatch.setattr(
        client, "_values", lambda edit: {"nosuch": 1} if edit.id == edits[0].id else values(edit)
    )
    failed = client.write(edits).failed
    assert {part.id: str(error) for part, error in failed.items()} == {
        edits[0].id: "Bedroom: Kodi refused this: Invalid params."
    }


def test_what_is_gone_is_neither_remembered_nor_given_anything_back(client, kodi):
    memories = client.remember(["movie-1", "movie-2", "movie-77"])
    assert [memory.id for memory in memories] == ["movie-1", "movie-2"]
    kodi.change("remove", id=kodi.state().titled("Comet").id)
    client.read_again(memories)
    assert client.give_back(memories) == memories[1:]
    client.give_up(memories[1:])


def test_many_are_read_anew_in_few_calls(client, kodi):
    state = PlayerState("kodi")
    films = state.add_library("Movies", "movie", ["/media/movies"])
    for number in range(100):
        state.add_movie(films.id, f"/media/movies/{number}/{number}.mkv", title=str(number))
    kodi.load(state)
    ids = [item.id for page in client.items(client.libraries()[0], Kind.MOVIE) for item in page]
    kodi.clear_journal()
    memories = client.remember(ids)
    client.read_again(memories)
    assert client.give_back(memories) == []
    assert len(kodi.journal()) <= 12
