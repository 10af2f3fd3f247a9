"""The stand-in Kodi answers as the real one; where Kodi is installed, both are asked the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.media_files import write
from demo.media_specs import AudioSpec, FileSpec
from demo.players.kodi import server
from demo.players.process import StandIn
from demo.players.state import PlayerState
from tests.demo.players import real_kodi
from tests.demo.players.real_kodi import PASSWORD, USER, RealKodi
from tests.ports import kept_port
from tests.waiting import PATIENCE, wait_until

Call = Callable[..., Any]


def caller(url: str) -> Call:
    """`call("JSONRPC.Ping")` gives the whole answer."""
    session = requests.Session()
    session.auth = (USER, PASSWORD)

    def call(method: str, **params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return session.post(f"{url}/jsonrpc", json=body, timeout=PATIENCE).json()

    return call


@pytest.fixture
def call(kodi: StandIn) -> Call:
    return caller(kodi.url)


# By itself


def test_a_call_without_the_password_is_401(kodi: StandIn) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "JSONRPC.Ping"}
    response = requests.post(f"{kodi.url}/jsonrpc", json=body, timeout=PATIENCE)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Basic realm="Kodi"')


def test_calls_in_a_batch_are_answered_each(kodi: StandIn) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "JSONRPC.Ping"},
        {"jsonrpc": "2.0", "id": 2, "method": "No.Such"},
    ]
    answers = requests.post(f"{kodi.url}/jsonrpc", json=batch, auth=(USER, PASSWORD), timeout=PATIENCE).json()
    assert [answers[0]["result"], answers[1]["error"]["code"]] == ["pong", -32601]


def test_half_of_a_batch_can_be_lost(kodi: StandIn, call: Call) -> None:
    kodi.change("quirks", half_of_batches=1)
    batch = [
        {
            "jsonrpc": "2.0",
            "id": number,
            "method": "VideoLibrary.SetMovieDetails",
            "params": {"movieid": number, "tag": ["dub"]},
        }
        for number in (1, 2)
    ]
    requests.post(f"{kodi.url}/jsonrpc", json=batch, auth=(USER, PASSWORD), timeout=PATIENCE)
    movies = call("VideoLibrary.GetMovies", properties=["tag"])["result"]["movies"]
    assert [movie["tag"] for movie in movies] == [["dub"], []]


def test_a_fault_strikes_the_method_that_it_names(kodi: StandIn, call: Call) -> None:
    kodi.fault("status", "#VideoLibrary.GetMovies$", status=503, count=None)
    assert call("JSONRPC.Ping")["result"] == "pong"
    assert "result" not in call("VideoLibrary.GetMovies")
    assert call("VideoLibrary.GetTVShows")["result"]["limits"]["total"] == 1


def test_who_plays_is_told(kodi: StandIn, call: Call) -> None:
    assert call("Player.GetActivePlayers")["result"] == []
    kodi.change("play", id=kodi.state().titled("Comet").id)
    assert call("Player.GetActivePlayers")["result"][0]["type"] == "video"
    item = call("Player.GetItem", playerid=1)["result"]["item"]
    assert (item["label"], item["type"], item["id"]) == ("Comet", "movie", 2)
    kodi.change("stop")
    assert call("Player.GetItem", playerid=1)["error"]["code"] == -32100


def test_a_texture_is_found_by_its_path_and_removed(kodi: StandIn, call: Call) -> None:
    kodi.change("cache_texture", path="/media/movies/Comet (2021)/poster.jpg")
    rule = {"field": "url", "operator": "is", "value": "/media/movies/Comet (2021)/poster.jpg"}
    (texture,) = call("Textures.GetTextures", properties=["url"], filter=rule)["result"]["textures"]
    assert texture["url"] == "image://%2fmedia%2fmovies%2fComet%20(2021)%2fposter.jpg/"
    assert call("Textures.RemoveTexture", textureid=texture["textureid"])["result"] == "OK"
    assert call("Textures.GetTextures")["result"]["textures"] == []


def test_a_scan_waits_in_the_queue_and_is_seen(kodi: StandIn, call: Call) -> None:
    kodi.change("quirks", scan_seconds=-1)
    call("VideoLibrary.Scan", directory="/media/movies/")
    flags = call("XBMC.GetInfoBooleans", booleans=["Library.IsScanningVideo"])["result"]
    assert flags == {"Library.IsScanningVideo": True}
    assert kodi.work() == ["Scanning Movies: /media/movies"]


# Beside the real one


MOVIE = "Lantern (2019)"
SHOW = "Sparrows (2018)"
NFOS = {
    f"movies/{MOVIE}/{MOVIE}.nfo": (
        "<movie><title>Lantern</title><year>2019</year><plot>A light at sea.</plot><tag>Kids</tag>"
        "<genre>Drama</genre><genre>Mystery</genre><studio>Harbour</studio>"
        '<uniqueid type="imdb" default="true">tt9900001</uniqueid><uniqueid type="tmdb">7</uniqueid></movie>'
    ),
    "movies/Comet (2021)/Comet (2021).nfo": "<movie><title>Comet</title><year>2021</year></movie>",
    f"tv/{SHOW}/tvshow.nfo": (
        "<tvshow><title>Sparrows</title><year>2018</year><tag>Birds</tag>"
        '<uniqueid type="tvdb" default="true">70001</uniqueid></tvshow>'
    ),
}
VIDEOS = (
    f"movies/{MOVIE}/{MOVIE}.mkv",
    "movies/Comet (2021)/Comet (2021).mkv",
    f"tv/{SHOW}/Season 01/Sparrows - S01E01-E02.mkv",
    f"tv/{SHOW}/Season 02/Sparrows - S02E01.mkv",
)
EPISODES = {1: (("Episode 1", 1), ("Episode 2", 2)), 2: (("Episode 1", 1),)}


def _write_media(media: Path) -> None:
    for relative in VIDEOS:
        path = media / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, FileSpec((AudioSpec("eng"),)), mtime=1768478400)
    for relative, text in NFOS.items():
        (media / relative).write_text(text, encoding="utf-8")
    for path in (media / "tv").rglob("*.mkv"):
        season = int(path.parent.name[-2:])
        rows = (
            f"<episodedetails><title>{title}</title><season>{season}</season><episode>{number}</episode>"
            "</episodedetails>"
            for title, number in EPISODES[season]
        )
        path.with_suffix(".nfo").write_text("\n".join(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def running_kodi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealKodi, Path]]:
    """A real Kodi that has scanned two movies and a show, and the folder of its media."""
    if not real_kodi.INSTALLED:
        pytest.skip("Kodi is not installed: apt-get install kodi xvfb")
    folder = tmp_path_factory.mktemp("kodi")
    media = folder / "media"
    _write_media(media)
    with kept_port() as port:
        kodi = RealKodi(folder / "home", port, {"movies": media / "movies", "tvshows": media / "tv"})
        with kodi.running():
            pass
        kodi.set_content()
        with kodi.running():
            call = caller(kodi.url)
            call("VideoLibrary.Scan")
            wait_until(lambda: len(_all(call, "VideoLibrary.GetEpisodes")) == 3, "Kodi had scanned the show")
            wait_until(lambda: len(_all(call, "VideoLibrary.GetMovies")) == 2, "Kodi had scanned the movies")
            yield kodi, media


@pytest.fixture(scope="module")
def real(running_kodi: tuple[RealKodi, Path]) -> tuple[Call, Path]:
    kodi, media = running_kodi
    return caller(kodi.url), media


@pytest.fixture
def both(real: tuple[Call, Path], kodi_process: StandIn) -> tuple[Call, Call]:
    """The real Kodi, and a stand-in that has scanned the same files."""
    call, media = real
    state = PlayerState("kodi")
    state.add_library("movies", "movie", [str(media / "movies")])
    state.add_library("tvshows", "show", [str(media / "tv")])
    kodi_process.load(state)
    ours = caller(kodi_process.url)
    ours("VideoLibrary.Scan")
    wait_until(lambda: len(_all(ours, "VideoLibrary.GetMovies")) == 2, "the stand-in had scanned")
    return call, ours


def _all(call: Call, method: str, **params: Any) -> list[dict[str, Any]]:
    result = call(method, **params)["result"]
    rows: list[dict[str, Any]] = next(value for name, value in result.items() if name != "limits")
    return rows


def test_every_method_takes_what_the_real_ones_take(real: tuple[Call, Path]) -> None:
    call, _media = real
    told = call("JSONRPC.Introspect", getmetadata=False, filterbytransport=False)["result"]["methods"]
    kodi = server.Kodi(PlayerState("kodi"), "key")
    unlike = {}
    for name, (_function, needed, allowed) in kodi.methods.items():
        params = {param["name"]: param.get("required", False) for param in told[name]["params"]}
        wrong = (set(needed) | set(allowed)) - set(params)
        missed = {param for param, required in params.items() if required} - set(needed)
        if wrong or missed:
            unlike[name] = (wrong, missed)
    assert unlike == {}


@pytest.mark.parametrize("kind", ["Movie", "TVShow", "Season", "Episode"])
def test_every_property_is_one_of_the_real_ones(real: tuple[Call, Path], kind: str) -> None:
    call, _media = real
    ours = server.PROPERTIES[server.KINDS[kind][0]]
    assert "error" not in call(f"VideoLibrary.Get{kind}s", properties=sorted(ours))


READS: list[tuple[str, dict[str, Any]]] = [
    ("JSONRPC.Version", {}),
    ("Player.GetActivePlayers", {}),
    (
        "VideoLibrary.GetMovies",
        {"properties": ["title", "year", "tag", "genre", "studio", "plot", "uniqueid"]},
    ),
    ("VideoLibrary.GetMovies", {"properties": ["file", "playcount", "lastplayed", "userrating", "resume"]}),
    ("VideoLibrary.GetTVShows", {"properties": ["title", "tag", "uniqueid", "file", "season", "episode"]}),
    ("VideoLibrary.GetEpisodes", {"properties": ["title", "season", "episode", "file", "showtitle"]}),
    ("VideoLibrary.GetEpisodes", {"tvshowid": 1, "season": 2}),
    ("VideoLibrary.GetMovies", {"limits": {"start": 0, "end": 1}, "sort": {"method": "title"}}),
    ("VideoLibrary.GetMovies", {"limits": {"start": 5, "end": 9}}),
    ("VideoLibrary.GetMovies", {"filter": {"field": "tag", "operator": "is", "value": "Kids"}}),
    ("VideoLibrary.GetMovies", {"filter": {"field": "title", "operator": "contains", "value": "ant"}}),
    ("VideoLibrary.GetMovies", {"filter": {"field": "filename", "operator": "endswith", "value": ").mkv"}}),
    ("VideoLibrary.GetMovies", {"filter": {"field": "nosuch", "operator": "is", "value": "x"}}),
    ("VideoLibrary.GetMovies", {"properties": ["nosuch"]}),
    ("VideoLibrary.GetMovies", {"properties": ["title", "title"]}),
    ("VideoLibrary.GetMovieDetails", {"movieid": 99}),
    ("VideoLibrary.GetMovieDetails", {"movieid": "1"}),
    ("VideoLibrary.GetMovieDetails", {}),
    ("VideoLibrary.SetMovieDetails", {"movieid": 99, "tag": ["a"]}),
    ("VideoLibrary.SetMovieDetails", {"movieid": 1, "nosuch": 1}),
    ("VideoLibrary.RefreshMovie", {"movieid": 99}),
    ("VideoLibrary.RemoveMovie", {"movieid": 99}),
    ("VideoLibrary.Scan", {"directory": "/nowhere/"}),
    ("VideoLibrary.Clean", {"directory": "/nowhere/"}),
    ("VideoLibrary.GetTags", {"type": "movie"}),
    ("Textures.RemoveTexture", {"textureid": 99}),
    ("Files.GetSources", {"media": "video"}),
    ("No.Such", {}),
]


def _alike(answer: dict[str, Any]) -> Any:
    """An answer without what may differ: ids of rows, their order, and the details of an error."""
    if "error" in answer:
        return answer["error"]["code"], answer["error"]["message"]

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items() if name not in _IDS}
        if isinstance(value, list):
            return sorted((plain(one) for one in value), key=partial(json.dumps, sort_keys=True))
        return value

    return plain(answer["result"])


_IDS = {"movieid", "tvshowid", "seasonid", "episodeid", "tagid", "revision"}


def test_reads_and_refusals_are_those_of_the_real_one(both: tuple[Call, Call]) -> None:
    theirs, ours = both
    unlike = {}
    for method, params in READS:
        wanted, got = _alike(theirs(method, **params)), _alike(ours(method, **params))
        if wanted != got:
            unlike[f"{method} {params}"] = (wanted, got)
    assert not unlike, json.dumps(unlike, indent=1)


def _id_of(call: Call, title: str) -> int:
    number: int = next(
        row["movieid"] for row in _all(call, "VideoLibrary.GetMovies") if row["label"] == title
    )
    return number


def _has(call: Call, title: str) -> bool:
    return any(row["label"] == title for row in _all(call, "VideoLibrary.GetMovies"))


def test_writes_leave_what_the_real_one_leaves(both: tuple[Call, Call]) -> None:
    values = {
        "tag": ["Kids", "dub", "x" * 300],
        "title": "Mine",
        "playcount": 3,
        "userrating": 8,
        "lastplayed": "2026-01-02 03:04:05",
        "resume": {"position": 30.0, "total": 100.0},
    }
    left = []
    for call in both:
        number = _id_of(call, "Comet")
        assert call("VideoLibrary.SetMovieDetails", movieid=number, **values)["result"] == "OK"
        details = call("VideoLibrary.GetMovieDetails", movieid=number, properties=sorted(values))
        left.append(_alike(details))
        call("VideoLibrary.SetMovieDetails", movieid=number, tag=[], title="Comet")
    assert left[0] == left[1]
    assert [len(tag) for tag in sorted(left[1]["moviedetails"]["tag"])] == [4, 3, 255]


def test_a_refresh_takes_what_the_real_one_takes(both: tuple[Call, Call]) -> None:
    """The id is one more than the highest that is left; of what a person did, the resume point stays."""
    left = []
    shown = ["tag", "title", "playcount", "userrating", "resume", "uniqueid"]
    for call in both:
        number = _id_of(call, "Lantern")
        other = _id_of(call, "Comet")
        values = {
            "tag": ["mine"],
            "title": "Mine",
            "playcount": 2,
            "userrating": 7,
            "uniqueid": {"mine": "x"},
        }
        resume = {"position": 30.0, "total": 100.0}
        call("VideoLibrary.SetMovieDetails", movieid=number, resume=resume, **values)
        call("VideoLibrary.RefreshMovie", movieid=number, ignorenfo=False)
        wait_until(partial(_has, call, "Lantern"), "it was read again")
        again = _id_of(call, "Lantern")
        assert again == other + 1
        left.append(_alike(call("VideoLibrary.GetMovieDetails", movieid=again, properties=shown)))
    assert left[0] == left[1]
    assert left[1]["moviedetails"] == {
        "label": "Lantern",
        "title": "Lantern",
        "tag": ["Kids"],
        "playcount": 0,
        "userrating": 0,
        "resume": {"position": 30.0, "total": 100.0},
        "uniqueid": {"imdb": "tt9900001", "tmdb": "7"},
    }


def test_a_show_that_is_read_anew_loses_what_the_real_one_loses(both: tuple[Call, Call]) -> None:
    left = []
    for call in both:
        (show,) = _all(call, "VideoLibrary.GetTVShows")
        number = {"tvshowid": show["tvshowid"]}
        values = {"plot": "Mine", "tag": ["mine"], "userrating": 7, "uniqueid": {"mine": "x"}}
        call("VideoLibrary.SetTVShowDetails", **number, **values)
        call("VideoLibrary.RefreshTVShow", **number, ignorenfo=False)

        def details(call: Call = call, number: dict[str, int] = number) -> Any:
            return call("VideoLibrary.GetTVShowDetails", **number, properties=sorted(values))  # noqa: B023

        wait_until(lambda: details()["result"]["tvshowdetails"]["plot"] == "", "it was read again")
        left.append(_alike(details()))
    assert left[0] == left[1]
    assert left[1]["tvshowdetails"]["userrating"] == 0
