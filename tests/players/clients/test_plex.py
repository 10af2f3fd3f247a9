"""The client of Plex against the stand-in, and what PlexAPI, which is not ours, reads afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plexapi.server import PlexServer

from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from demo.players.process import StandIn
from demo.players.state import PlayerState
from players.clients.contract import (
    DATE,
    DIRECTORS,
    PERFORMERS,
    STUDIO,
    SUMMARY,
    TITLE,
    Edit,
    Form,
    GoneError,
    Holds,
    Kind,
    NotKeptError,
    OtherItemError,
    Part,
    Value,
)
from players.clients.plex import PlexClient
from tests.players.clients.conftest import DEVICE, labelled, seen, titled
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def server(plex: StandIn) -> PlexServer:
    return PlexServer(plex.url, plex.api_key, timeout=PATIENCE)


def labels(plex: StandIn, title: str) -> list[str]:
    return plex.state().titled(title).lists.get("label", [])


def test_it_tells_who_it_is_and_what_it_has(plex_client, plex):
    identity = plex_client.identity()
    assert (identity.program, identity.version) == ("Plex Media Server", "1.43.1.10611-1e34174b1")
    movies, shows = plex_client.libraries()
    assert (movies.title, movies.holds, movies.folders) == ("Movies", Holds.MOVIES, ("/media/movies",))
    assert (shows.holds, shows.kinds) == (Holds.SERIES, (Kind.SHOW, Kind.SEASON, Kind.EPISODE))
    assert plex.report()["devices"] == [
        {**plex.report()["devices"][0], "clientIdentifier": DEVICE, "name": "Taggarr"}
    ]


def test_lists_tell_files_ids_and_places(plex_client):
    movies, shows = plex_client.libraries()
    (page,) = plex_client.items(movies, Kind.MOVIE)
    lantern = next(item for item in page if item.title == "Lantern")
    assert lantern.paths == ("/media/movies/Lantern (2019)/Lantern (2019).mkv",)
    assert set(lantern.guids) == {"imdb:tt9900001", "tmdb:7"}
    assert (lantern.year, lantern.library, lantern.labels) == (2019, movies.id, None)
    (show,) = next(plex_client.items(shows, Kind.SHOW))
    assert show.paths == ("/media/tv/Sparrows (2018)",)
    seasons = next(plex_client.items(shows, Kind.SEASON))
    assert sorted((season.show, season.season) for season in seasons) == [(show.id, 1), (show.id, 2)]
    episodes = next(plex_client.items(shows, Kind.EPISODE))
    assert [(one.show, one.season, one.episode) for one in episodes] == [
        (show.id, 1, 1),
        (show.id, 1, 2),
        (show.id, 2, 1),
    ]


def test_a_library_comes_in_pages_of_a_thousand(plex_client, plex):
    state = PlayerState("plex")
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(2300):
        state.add_movie(library.id, f"/m/{number}/{number}.mkv")
    plex.load(state)
    (movies,) = plex_client.libraries()
    assert [len(page) for page in plex_client.items(movies, Kind.MOVIE)] == [1000, 1000, 300]
    # What changed since is on the first page.
    plex.change("edit", id=77, summary="New")
    (changed,) = plex_client.items(movies, Kind.MOVIE, since=titled(plex_client, "76").changed)
    assert [item.id for item in changed] == ["77"]


def test_a_look_shows_labels_fields_and_locks(plex_client, plex):
    plex.change("edit", id=plex.state().titled("Lantern").id, studio="Pier")
    present = seen(plex_client, "Lantern")
    assert present.labels == {Form.LABEL: ("Kids",), Form.GENRE: ("Drama", "Mystery"), Form.COLLECTION: ()}
    assert (present.fields[STUDIO], present.fields[SUMMARY]) == ("Pier", "A light at sea.")
    assert present.locked == {STUDIO}


def test_what_is_gone_is_not_there(plex_client):
    assert plex_client.look(["900"]) == {}
    assert set(plex_client.look(["1", "900"])) == {"1"}


@pytest.mark.parametrize("tag_edits", ["replace", "add"])
def test_labels_of_others_stay_whichever_way_plex_reads_an_edit(plex_client, plex, server, tag_edits):
    plex.change("quirks", tag_edits=tag_edits)
    edits = [
        labelled(plex_client, "Lantern", "Dub, German", "ünder%2C"),
        labelled(plex_client, "Comet", "Dub"),
    ]
    written = plex_client.write(edits)
    assert written.failed == {}
    movie = server.library.section("Movies").get("Lantern")
    movie.reload()
    assert {label.tag for label in movie.labels} == {"Kids", "Dub, German", "Ünder%2C"}
    assert movie.isLocked("label")
    removed = Edit(seen(plex_client, "Lantern"), remove={Form.LABEL: ("dub, german", "ünder%2c")})
    assert plex_client.write([removed]).failed == {}
    movie.reload()
    assert [label.tag for label in movie.labels] == ["Kids"]
    assert plex.report()["catastrophes"] == []


def test_items_that_are_to_be_alike_are_one_call(plex_client, plex):
    state = PlayerState("plex")
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(100):
        state.add_movie(
            library.id, f"/m/{number}/{number}.mkv", lists={"label": ["Own"]} if number < 40 else {}
        )
    plex.load(state)
    present = plex_client.look([str(number) for number in range(1, 101)])
    plex.clear_journal()
    written = plex_client.write([Edit(one, add={Form.LABEL: ("Dub",)}) for one in present.values()])
    assert written.failed == {}
    assert len(written.outcomes) == 100
    assert [entry["method"] for entry in plex.journal()] == ["PUT", "PUT", "GET"]
    assert all("Dub" in item.lists["label"] for item in plex.state().items.values())
    assert plex.state().items[1].lists["label"] == ["Own", "Dub"]


def test_fields_stand_as_plexapi_reads_them(plex_client, server):
    fields: dict[str, Value] = {
        TITLE: "Comète  & <xml>",
        SUMMARY: "One.\r\nTwo; ünïcode + % , \x00",
        STUDIO: "S" * 300,
        DATE: "2021-02-03",
        PERFORMERS: ("Ada, B.", "Ćelik"),
        DIRECTORS: ("Eve",),
    }
    written = plex_client.write([Edit(seen(plex_client, "Comet"), fields=fields)])
    assert written.failed == {}
    movie = server.library.section("Movies").get("Comète & <xml>")
    movie.reload()
    assert (movie.summary, movie.studio) == ("One.\nTwo; ünïcode + % ,", "S" * 255)
    assert movie.originallyAvailableAt.date().isoformat() == "2021-02-03"
    assert [role.tag for role in movie.roles] == ["Ada, B.", "Ćelik"]
    assert {field.name for field in movie.fields} == {
        *("title", "summary", "studio", "originallyAvailableAt", "actor", "director")
    }
    fewer = Edit(seen(plex_client, "Comète & <xml>"), fields={PERFORMERS: ("Ćelik",), SUMMARY: ""})
    assert plex_client.write([fewer]).failed == {}
    movie.reload()
    assert ([role.tag for role in movie.roles], movie.summary) == (["Ćelik"], None)


@pytest.mark.parametrize(("letter", "kept"), [("x", 10_000), ("字", 2**15 // 9)])
def test_a_long_summary_is_cut_to_what_an_address_holds(plex_client, plex, letter, kept):
    written = plex_client.write([Edit(seen(plex_client, "Comet"), fields={SUMMARY: letter * 12_000})])
    assert written.failed == {}
    assert plex.state().titled("Comet").texts["summary"] == letter * kept


def test_one_call_writes_all_of_one_item(plex_client, plex):
    edit = Edit(
        seen(plex_client, "Comet"),
        add={Form.LABEL: ("Dub",), Form.COLLECTION: ("Sky",)},
        fields={STUDIO: "S"},
    )
    plex.clear_journal()
    assert plex_client.write([edit]).failed == {}
    assert [entry["method"] for entry in plex.journal()] == ["PUT", "GET"]


def test_seasons_carry_labels(plex_client, plex):
    season = seen(plex_client, "Season 2", Kind.SEASON)
    assert plex_client.write([Edit(season, add={Form.LABEL: ("Dub",)})]).failed == {}
    assert labels(plex, "Season 2") == ["Dub"]
    assert labels(plex, "Season 1") == []


def test_what_plex_does_not_take_fails_alone(plex_client, plex):
    edit = Edit(
        seen(plex_client, "Comet"), add={Form.TAG: ("Dub",), Form.LABEL: ("Dub",)}, fields={TITLE: " \x00"}
    )
    failed = plex_client.write([edit]).failed
    assert {part.name: str(error) for part, error in failed.items()} == {
        "tag": "Living room: Plex has no “Tag” here that could be changed.",
        "title": "Living room: A title cannot be empty: nothing was written.",
    }
    assert labels(plex, "Comet") == ["Dub"]


def test_a_batch_of_which_half_is_applied_is_told(plex_client, plex):
    plex.change("quirks", half_of_batches=1)
    edits = [labelled(plex_client, title, "Kids", "Dub") for title in ("Lantern", "Comet")]
    failed = plex_client.write(edits).failed
    assert [type(error) for error in failed.values()] == [NotKeptError]


def test_one_that_vanished_costs_no_other(plex_client, plex):
    edits = [labelled(plex_client, title, "Dub", "Kids") for title in ("Lantern", "Comet")]
    plex.change("remove", id=int(edits[1].id))
    failed = plex_client.write(edits).failed
    assert {part.id: type(error) for part, error in failed.items()} == {edits[1].id: GoneError}
    assert labels(plex, "Lantern") == ["Kids", "Dub"]


def test_an_id_that_is_another_item_by_now_is_told(plex_client, plex):
    edit = labelled(plex_client, "Comet", "Dub")
    plex.change("renumber", id=plex.state().titled("Lantern").id, to=int(edit.id))
    (error,) = plex_client.write([edit]).failed.values()
    assert isinstance(error, OtherItemError)
    assert not plex_client.look([edit.id])[edit.id].is_same(edit.seen)


def test_a_player_that_says_yes_and_does_nothing_is_told(plex_client, plex):
    edit = labelled(plex_client, "Comet", "Dub")
    plex.fault("ignore", "/all$", method="PUT")
    (error,) = plex_client.write([edit]).failed.values()
    assert isinstance(error, NotKeptError)
    assert str(error) == "Living room: Plex accepted the change, but “Label” is still as it was."


def test_an_answer_that_is_lost_though_it_was_done_is_a_success(plex_client, plex):
    edit = labelled(plex_client, "Comet", "Dub")
    plex.fault("status", "/all$", method="PUT", status=500, after=True)
    assert plex_client.write([edit]).failed == {}


def test_after_an_outage_no_further_call_is_made(plex_client, plex):
    edits = [labelled(plex_client, title, "Dub") for title in ("Lantern", "Comet")]
    plex.clear_journal()
    plex.fault("drop", "/all$", method="PUT", count=None)
    failed = plex_client.write(edits).failed
    assert [error.counts_for_breaker for error in failed.values()] == [True, True]
    assert len(plex.journal()) == 1


def test_a_refused_key_ends_the_batch(plex_client, plex):
    edits = [labelled(plex_client, title, "Dub") for title in ("Lantern", "Comet")]
    plex.fault("status", status=401, skip=1, count=None)
    failed = plex_client.write(edits).failed
    assert {type(error) for error in failed.values()} == {ApiAuthError}


@pytest.mark.parametrize("edits", [0, 101, "twice"])
def test_a_write_without_items_is_refused_before_any_call(plex_client, plex, edits):
    one = labelled(plex_client, "Comet", "Dub")
    plex.clear_journal()
    with pytest.raises(ValueError, match="needs items"):
        plex_client.write([one, one] if edits == "twice" else [one] * edits)
    assert plex.journal() == []


@given(
    st.lists(
        st.text(max_size=3) | st.sampled_from(["", "1", "\u0661", "1,2", " 1", "-1", "1?id="]), max_size=3
    )
)
def test_whatever_the_ids_no_call_edits_a_whole_library(ids):
    """The lowest place refuses it: nothing above has to be right."""
    sent = []
    client = PlexClient("http://plex.lan:32400", "token", device=DEVICE)
    client._send = lambda *given, **_: sent.append(dict(given[2])["id"])  # type: ignore[method-assign]
    good = len(ids) > 0 and all(one.isascii() and one.isdecimal() for one in ids)
    if good:
        client._put("1", Kind.MOVIE, ids, [])
        assert sent == [",".join(ids)]
    else:
        with pytest.raises(ValueError, match=r"needs items|no id"):
            client._put("1", Kind.MOVIE, ids, [])
        assert sent == []


def test_a_scan_is_asked_of_the_library_whose_folder_is_nearest(plex_client, plex):
    state = PlayerState("plex")
    state.add_library("All", "movie", ["/media"])
    near = state.add_library("Movies", "movie", ["/media/movies/"])
    state.add_library("4K", "movie", ["/media/movies", "/media/4k"])
    plex.load(state)
    assert plex_client.scan("/media/movies/New (2024)") == (str(near.id), "3")
    assert plex_client.scan("/media/moviesque") == ("1",)
    assert plex_client.scan("/elsewhere") == ()


def test_a_refresh_leaves_what_was_written(plex_client, plex):
    plex.change("put_file", path="/x", text="")
    assert plex_client.write([labelled(plex_client, "Comet", "Dub")]).failed == {}
    plex_client.refresh(titled(plex_client, "Comet").id)
    wait_until(lambda: plex.report()["waiting"] == [], "it was refreshed")
    assert labels(plex, "Comet") == ["Dub"]


def test_a_poster_is_chosen(plex_client, plex, server):
    plex_client.poster(titled(plex_client, "Comet").id, b"\xff\xd8picture")
    movie = server.library.section("Movies").get("Comet")
    assert server._session.get(movie.thumbUrl, timeout=PATIENCE).content == b"\xff\xd8picture"


def test_the_token_is_in_no_address(plex_client, plex):
    plex_client.write([labelled(plex_client, "Comet", "Dub")])
    assert not any(plex.api_key in str(entry["query"]) for entry in plex.journal())


def test_a_wrong_token_is_told(plex):
    with pytest.raises(ApiAuthError, match="Plex refused the token"):
        PlexClient(plex.url, "wrong-token", device=DEVICE).libraries()


def test_a_database_that_is_busy_is_waited_for(plex_client, plex):
    plex.change("quirks", busy_ms=50)
    assert plex_client.write([labelled(plex_client, "Comet", "Dub")]).failed == {}


def test_an_answer_that_drips_is_given_up(plex, monkeypatch):
    monkeypatch.setattr("core.outbound.transport.WHOLE_ANSWER", -1)
    client = PlexClient(plex.url, plex.api_key, device=DEVICE, tries=1)
    with pytest.raises(ApiTransientError, match="did not answer within"):
        client.libraries()


def test_what_cannot_be_found_by_its_path_says_so(plex_client):
    assert not plex_client.abilities.finds_paths
    with pytest.raises(ApiPermanentError):
        plex_client.find("/media/movies/x.mkv")


def test_parts_are_named_by_item_and_field(plex_client):
    edit = Edit(seen(plex_client, "Comet"), add={Form.LABEL: ("Dub",)}, fields={STUDIO: "S"})
    assert edit.parts == (Part(edit.id, "label"), Part(edit.id, "studio"))


def test_a_refused_batch_is_halved_until_the_culprit_stands_alone(plex_client, plex):
    state = PlayerState("plex")
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(16):
        state.add_movie(library.id, f"/m/{number}/{number}.mkv")
    plex.load(state)
    present = plex_client.look([str(number) for number in range(1, 17)])
    plex.change("remove", id=11)
    plex.clear_journal()
    written = plex_client.write([Edit(one, add={Form.LABEL: ("Dub",)}) for one in present.values()])
    assert {part.id: type(error) for part, error in written.failed.items()} == {"11": GoneError}
    assert all(item.lists["label"] == ["Dub"] for item in plex.state().items.values())
    # One for all, and two for each of four halvings.
    assert len(plex.journal("PUT")) == 9


def test_a_refused_value_costs_no_other_of_its_item(plex_client, plex):
    edit = Edit(seen(plex_client, "Comet"), add={Form.LABEL: ("Dub",)}, fields={STUDIO: "S"})
    plex.fault("status", "/all$", method="PUT", status=400, count=2)
    failed = plex_client.write([edit]).failed
    assert {part.name: error.status for part, error in failed.items()} == {"label": 400}
    assert plex.state().titled("Comet").texts["studio"] == "S"


def test_a_list_without_folders_of_shows_has_them_looked_up(plex_client, plex):
    plex.fault("nulls", "/all$", fields=["Location"])
    (show,) = next(plex_client.items(plex_client.libraries()[1], Kind.SHOW))
    assert show.paths == ("/media/tv/Sparrows (2018)",)


def test_a_page_that_is_not_found_says_nothing_of_items(plex_client, plex):
    """A proxy's 404 to everything does not mean that all is gone."""
    plex.fault("status", status=404, count=None)
    with pytest.raises(ApiPermanentError):
        plex_client.look(["1"])
    plex.clear_faults()
    assert set(plex_client.look(["1"])) == {"1"}


def test_what_was_written_and_could_not_be_read_back_is_written_again(plex_client, plex):
    edit = labelled(plex_client, "Comet", "Dub")
    plex.fault("drop", "/metadata/", method="GET")
    written = plex_client.write([edit])
    assert [type(error) for error in written.failed.values()] == [ApiTransientError]
    assert written.present == {}
    assert plex_client.write([labelled(plex_client, "Comet", "Dub")]).failed == {}


@pytest.mark.parametrize(
    ("fields", "path", "call"),
    [
        (["machineIdentifier"], "/identity", lambda client: client.identity()),
        (["key"], "/sections$", lambda client: client.libraries()),
        (["type"], "/metadata/1$", lambda client: client.look(["1"])),
    ],
)
def test_an_answer_without_what_says_who_is_meant_is_not_taken(plex_client, plex, fields, path, call):
    plex.fault("nulls", path, fields=fields)
    with pytest.raises(ApiPermanentError, match="this is not an answer of Plex's API"):
        call(plex_client)


def test_a_size_that_does_not_fit_is_no_answer(plex_client, plex):
    plex.fault("total", "/metadata/1$", fields=["size"], number=3)
    with pytest.raises(ApiTransientError, match="which does not fit"):
        plex_client.look(["1"])
