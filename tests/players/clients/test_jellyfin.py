"""The clients of Jellyfin and Emby against their stand-ins."""

from __future__ import annotations

import copy
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ApiAuthError, ApiPermanentError
from demo.players.process import StandIn
from demo.players.state import PlayerState
from players.clients.base import moment
from players.clients.contract import (
    DATE,
    DIRECTORS,
    PERFORMERS,
    SORT_TITLE,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Edit,
    Form,
    GoneError,
    Holds,
    Kind,
    NotKeptError,
    OtherItemError,
    Present,
    Value,
    same,
    spelt,
)
from players.clients.jellyfin import EmbyClient, JellyfinClient, changes
from tests.players.clients.conftest import DEVICE, labelled, seen, titled


@pytest.fixture(params=["jellyfin", "emby"])
def player(request: pytest.FixtureRequest) -> StandIn:
    found: StandIn = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(player: StandIn) -> JellyfinClient:
    kind = JellyfinClient if player.kind == "jellyfin" else EmbyClient
    return kind(player.url, player.api_key, device=DEVICE, name="Den", tries=1)


def tags(player: StandIn, title: str) -> list[str]:
    return player.state().titled(title).lists.get("label", [])


def test_it_tells_who_it_is_and_what_it_has(client, player):
    identity = client.identity()
    assert identity.program.startswith(client.app)
    assert identity.version
    movies, shows = client.libraries()
    assert (movies.holds, movies.folders) == (Holds.MOVIES, ("/media/movies",))
    assert (shows.holds, shows.title) == (Holds.SERIES, "Shows")
    assert [device["Id"] for device in player.report()["devices"]] == [DEVICE]


def test_the_ways_of_version_12_are_enough(jellyfin):
    jellyfin.change("quirks", old_keys=False)
    client = JellyfinClient(jellyfin.url, jellyfin.api_key, device=DEVICE, tries=1)
    assert client.write([labelled(client, "Comet", "dub", form=Form.TAG)]).failed == {}


def test_lists_tell_files_ids_places_and_tags(client):
    lantern = titled(client, "Lantern")
    assert lantern.paths == ("/media/movies/Lantern (2019)/Lantern (2019).mkv",)
    assert set(lantern.guids) == {"imdb:tt9900001", "tmdb:7"}
    assert lantern.labels == {Form.TAG: ("Kids",), Form.GENRE: ("Drama", "Mystery")}
    show, season = titled(client, "Sparrows", Kind.SHOW), titled(client, "Season 2", Kind.SEASON)
    assert (show.paths, season.show, season.season) == (("/media/tv/Sparrows (2018)",), show.id, 2)
    episode = titled(client, "Episode 2", Kind.EPISODE)
    assert (episode.show, episode.season, episode.episode) == (show.id, 1, 2)


def test_a_library_comes_in_pages_and_by_change(client, player):
    state = PlayerState(player.kind)
    library = state.add_library("Movies", "movie", ["/m"])
    for number in range(1200):
        state.add_movie(library.id, f"/m/{number}/{number}.mkv")
    player.load(state)
    (movies,) = client.libraries()
    assert [len(page) for page in client.items(movies, Kind.MOVIE)] == [1000, 200]
    player.change("edit", id=77, summary="New")
    since = moment(player.state().clock)
    assert [[item.title for item in page] for page in client.items(movies, Kind.MOVIE, since)] == [["76"]]


def test_labels_of_others_stay_and_nothing_is_lost(client, player):
    before = player.state().titled("Lantern")
    edits = [
        labelled(client, "Lantern", "dub, German", form=Form.TAG),
        labelled(client, "Comet", "dub", form=Form.TAG),
    ]
    assert client.write(edits).failed == {}
    assert tags(player, "Lantern") == ["Kids", "dub, German"]
    removed = Edit(seen(client, "Lantern"), remove={Form.TAG: ("DUB, German",)})
    written = client.write([removed])
    assert written.failed == {}
    (present,) = written.present.values()
    after = player.state().titled("Lantern")
    assert after.lists["label"] == ["Kids"]
    assert player.report()["catastrophes"] == []
    assert (after.texts["summary"], after.year, after.guids) == (before.texts["summary"], 2019, before.guids)
    assert after.lists["genre"] == ["Drama", "Mystery"]
    assert present.fields[STUDIO] == "Harbour"
    assert ("label" in after.locked) == client.abilities.locks


def test_all_fields_are_written_and_locked(client, player):
    fields: dict[str, Value] = {
        TITLE: "Comète",
        SORT_TITLE: "Comet, the",
        SUMMARY: "One.\nTwo.",
        TAGLINE: "Far.",
        STUDIO: "Pier",
        DATE: "2021-02-03",
        PERFORMERS: ("Ada", "Eve"),
        DIRECTORS: (),
    }
    written = client.write([Edit(seen(client, "Comet"), fields=fields, add={Form.TAG: ("dub",)})])
    assert written.failed == {}
    (present,) = written.present.values()
    assert {name: present.fields[name] for name in fields} == fields
    assert {TITLE, SUMMARY, STUDIO, PERFORMERS} <= present.locked
    assert player.report()["catastrophes"] == []
    cleared = Edit(present, fields={SUMMARY: "", TAGLINE: "", STUDIO: "", DATE: "", PERFORMERS: ("Eve",)})
    written = client.write([cleared])
    assert written.failed == {}
    assert written.present[present.id].fields[PERFORMERS] == ("Eve",)


def test_what_stands_there_already_is_not_sent_again(jellyfin):
    client = JellyfinClient(jellyfin.url, jellyfin.api_key, device=DEVICE)
    assert client.write([labelled(client, "Comet", "dub", form=Form.TAG)]).failed == {}
    again = labelled(client, "Comet", "Dub", form=Form.TAG)
    jellyfin.clear_journal()
    assert client.write([again]).failed == {}
    assert jellyfin.journal("POST") == []


def test_a_tag_that_a_person_adds_meanwhile_stays(client, player):
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    player.change("edit", id=player.state().titled("Comet").id, label=["By hand"])
    assert client.write([edit]).failed == {}
    assert tags(player, "Comet") == ["By hand", "dub"]


def test_an_id_that_is_another_item_by_now_is_not_written(emby):
    client = EmbyClient(emby.url, emby.api_key, device=DEVICE)
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    emby.change("renumber", id=emby.state().titled("Lantern").id, to=int(edit.id))
    (error,) = client.write([edit]).failed.values()
    assert isinstance(error, OtherItemError)
    assert tags(emby, "Lantern") == ["Kids"]


def test_an_answer_about_another_item_is_not_posted(jellyfin):
    client = JellyfinClient(jellyfin.url, jellyfin.api_key, device=DEVICE, tries=1)
    edits = [labelled(client, title, "dub", form=Form.TAG) for title in ("Lantern", "Comet")]
    jellyfin.fault("repeat", r"^/Items/[0-9a-f]+$", method="GET", skip=1)
    failed = client.write(edits).failed
    assert "answered with a title that was not asked for" in str(failed[edits[1].parts[0]])
    assert (tags(jellyfin, "Lantern"), tags(jellyfin, "Comet")) == (["Kids", "dub"], [])


def test_one_that_vanished_costs_no_other(client, player):
    edits = [labelled(client, title, "dub", form=Form.TAG) for title in ("Lantern", "Comet")]
    player.change("remove", id=player.state().titled("Lantern").id)
    failed = client.write(edits).failed
    assert {part.id: type(error) for part, error in failed.items()} == {edits[0].id: GoneError}
    assert tags(player, "Comet") == ["dub"]


def test_a_player_that_says_yes_and_does_nothing_is_told(client, player):
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    player.fault("ignore", "/Items/", method="POST")
    (error,) = client.write([edit]).failed.values()
    assert isinstance(error, NotKeptError)


def test_version_10_8_is_not_left_with_a_broken_item(jellyfin):
    jellyfin.change("quirks", lists_needed=True)
    client = JellyfinClient(jellyfin.url, jellyfin.api_key, device=DEVICE)
    assert client.write([labelled(client, "Comet", "dub", form=Form.TAG)]).failed == {}


def test_without_an_administrator_nothing_is_read_or_written(jellyfin):
    client = JellyfinClient(jellyfin.url, jellyfin.api_key, device=DEVICE, tries=1)
    edit = labelled(client, "Comet", "dub", form=Form.TAG)
    jellyfin.fault("nulls", "/Users$", fields=["IsAdministrator"])
    (error,) = client.write([edit]).failed.values()
    assert "names no administrator" in str(error)
    assert jellyfin.journal("POST") == []


def test_a_scan_names_its_folder_once(client, player):
    player.change("quirks", scan_seconds=-1)
    assert client.scan("/media/tv/Sparrows (2018)/Season 01") == (client.libraries()[1].id,)
    assert client.scan("/elsewhere") == ()
    assert player.work() == ["Scanning Shows: /media/tv/Sparrows (2018)/Season 01"]


def test_a_refresh_is_asked_for(client, player):
    player.change("quirks", scan_seconds=-1)
    client.refresh(titled(client, "Comet").id)
    assert player.work() == ["Refreshing Comet"]


def test_a_poster_goes_as_base64(client, player):
    comet, picture = titled(client, "Comet").id, b"\x89PNG\r\npicture"
    assert client.poster_of(comet) == ""
    client.poster(comet, picture)
    assert player.state().titled("Comet").pictures["Primary"]
    assert client.poster_of(comet) == hashlib.sha256(picture).hexdigest()
    assert player.journal("POST")[-1]["status"] == 204


def test_emby_finds_an_item_by_its_path(emby):
    client = EmbyClient(emby.url, emby.api_key, device=DEVICE)
    (found,) = client.find("/media/movies/Comet (2021)/Comet (2021).mkv")
    assert (found.title, client.abilities.finds_paths) == ("Comet", True)
    assert client.find("/media/movies/none.mkv") == []


def test_emby_changes_tags_through_their_own_doors(emby):
    client = EmbyClient(emby.url, emby.api_key, device=DEVICE)
    edit = Edit(seen(client, "Lantern"), add={Form.TAG: ("dub",)}, remove={Form.TAG: ("kids",)})
    emby.clear_journal()
    assert client.write([edit]).failed == {}
    assert tags(emby, "Lantern") == ["dub"]
    assert [entry["path"].rpartition("/")[2] for entry in emby.journal("POST")] == ["Add", "Delete"]


def test_a_wrong_key_is_told(player):
    kind = JellyfinClient if player.kind == "jellyfin" else EmbyClient
    with pytest.raises(ApiAuthError, match="refused the API key"):
        kind(player.url, "wrong", device=DEVICE).libraries()


def test_emby_is_not_taken_for_jellyfin(emby):
    with pytest.raises(ApiPermanentError, match="Emby Server answers at this address, and not Jellyfin"):
        JellyfinClient(emby.url, emby.api_key, device=DEVICE).identity()


@pytest.mark.parametrize("id", ["", "../Users", "1?x=1", "1/Refresh"])
def test_what_is_no_id_goes_into_no_address(client, id):
    with pytest.raises(ValueError, match="id"):
        client.refresh(id)


_TEXT = st.text(max_size=5)
_TAGS = st.lists(_TEXT, max_size=4)


@given(whole=st.dictionaries(_TEXT, st.integers()), tags=_TAGS, add=_TAGS, remove=_TAGS, locked=_TAGS)
def test_a_change_keeps_all_that_it_does_not_name(whole, tags, add, remove, locked):
    whole = {**whole, "Tags": tags, "LockedFields": locked}
    before = copy.deepcopy(whole)
    present = Present("1", Kind.MOVIE, "", "", ("/a",), (), {}, {})
    edit = Edit(present, add={Form.TAG: tuple(add)}, remove={Form.TAG: tuple(remove)})
    changed = changes(whole, edit, JellyfinClient.abilities)
    assert whole == before
    assert changed.keys() == {"Tags", "LockedFields"}
    gone = {same(one) for one in (*remove, *spelt(remove, 255))}
    foreign = {same(tag) for tag in tags} - gone - {""}
    assert foreign <= {same(tag) for tag in changed["Tags"]}
    assert set(changed["Tags"]) <= {*tags, *spelt(add, 255)}
    assert "Tags" in changed["LockedFields"]
