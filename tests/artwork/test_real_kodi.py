"""From nothing to published, read back by a real Kodi where that is installed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from PIL import Image

from artwork import by_hand
from artwork.models import Candidate, Entity
from connections.models import Connection
from demo.media_files import write
from demo.media_specs import AudioSpec, FileSpec
from demo.providers.process import StandIn
from demo.providers.state import ProviderState, Work
from demo.providers.tvdb import MORE
from jobs import services
from players import jobs, new_files, sources
from players.clients.kodi_art import raw
from players.models import Link, PlayerSettings, Refresh, Route
from providers.models import Answer
from tests.commands import run
from tests.demo.players import real_kodi
from tests.demo.players.real_kodi import PASSWORD, USER, RealKodi
from tests.demo.players.test_kodi import Call, _all, caller
from tests.ports import kept_port
from tests.waiting import PATIENCE, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("artwork_on", "unlimited"),
    pytest.mark.skipif(not real_kodi.INSTALLED, reason="Kodi is not installed: apt-get install kodi xvfb"),
    pytest.mark.uncounted,
    pytest.mark.timeout(900),
]

MOVIES = (
    "Ärger im Süden",
    "O'Hara's Last Stand",
    "Straße & Söhne",
    "L’Été d’Anna",  # noqa: RUF001
    "Москва",
    "東京",
    "Ça va?",
    "100% Wolf",
    "Up - Down",
    "A.I.",
    "Señor Ñu",
    "Smørrebrød",
    "Kış",  # noqa: RUF001
    "12",
    "Comet, the",
    "[Bracket]",
    "Plus + Minus = 0",
    "Rock 'n' Roll",
    "Łódź",
    "The Lost Reel",
)
SERIES = ("Der Hafen von Köln", "Mayor's Crossing", "Fjäll", "Zoë & Co.", "The Long Way")
SEASONS = {0: 2, 1: 3, 2: 4}
"""Specials, and in the second season a file of two episodes."""

WATCHED = {
    "playcount": 3,
    "userrating": 8,
    "lastplayed": "2026-01-02 03:04:05",
    "resume": {"position": 30.0, "total": 100.0},
}
MADE = ("image://Default", "image://video@")
"""Pictures that Kodi brings, or takes out of the video."""

FIRST_MOVIE, FIRST_SERIES = 9100, 400
LONG_AGO = "2020-01-01T00:00Z"
VIDEO = FileSpec((AudioSpec("eng"),))


def world_of() -> ProviderState:
    state = ProviderState()
    for number, title in enumerate(MOVIES):
        state.add_movie(
            FIRST_MOVIE + number,
            title,
            premiered=f"{1990 + number}-03-{number + 1:02}",
            taglines={"en": f"Number “{number}” & more."},
            rating=5 + number / 10,
            votes=100 + number,
            runtime=80 + number,
            collection="Städte <und> Länder" if number < 3 else "",
            cast=[["Zoë D'Angelo", "Nell & Nil"], ["Jürgen Groß", "Otto"]],
            crew=[["Ruth O’Hale", "Director"], ["Ann Ör", "Writer"]],  # noqa: RUF001
        )
    for number, title in enumerate(SERIES):
        state.add_series(
            FIRST_SERIES + number,
            title,
            SEASONS,
            premiered=f"{2000 + number}-05-06",
            ended="2013-09-29",
            status="ended",
            cast=[["Zoë D'Angelo", "Nell & Nil"], ["Jürgen Groß", "Otto"]],
        )
    return state


def file_name(title: str) -> str:
    return title.replace("?", "").strip(".")


def write_videos(media: Path) -> None:
    for number, title in enumerate(MOVIES):
        name = f"{file_name(title)} ({1990 + number})"
        put(media / "movies" / f"{name} {{tmdb-{FIRST_MOVIE + number}}}" / f"{name}.mkv")
    for number, title in enumerate(SERIES):
        name = file_name(title)
        folder = media / "tv" / f"{name} ({2000 + number}) {{tvdb-{FIRST_SERIES + number + MORE}}}"
        for season, episodes in SEASONS.items():
            within = folder / (f"Season {season:02}" if season else "Specials")
            for mark in marks_of(season, episodes):
                put(within / f"{name} - {mark}.mkv")


def marks_of(season: int, episodes: int) -> list[str]:
    marks = [f"S{season:02}E{number:02}" for number in range(1, episodes + 1)]
    return [f"{marks[0]}-E02", *marks[2:]] if season == 2 else marks


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, VIDEO, mtime=1768478400)


@pytest.fixture
def published(process: StandIn, tmp_path: Path, policy: Any) -> tuple[Path, ProviderState]:
    """20 movies and 5 series of two plain folders, prepared and published on the command line."""
    state, media = world_of(), tmp_path / "media"
    process.load(state)
    write_videos(media)
    key = tmp_path / "key"
    key.write_text(process.api_key)
    for kind in ("tmdb", "tvdb", "fanart"):
        manage(
            "add_connection", kind, "--kind", kind, "--url", process.url, "--secret-file", f"api_key={key}"
        )
    for name, kind, folder in (("Films", "movie_folder", "movies"), ("Series", "series_folder", "tv")):
        sets = ("--set", "art_nfo=own", "--set", f"policy={policy.name}")
        manage("add_connection", name, "--kind", kind, "--url", str(media / folder), *sets)
    manage("scan", "--inline")
    manage("artwork_scan")
    manage("artwork_prepare")
    manage("artwork_publish")
    return media, state


def manage(*arguments: str) -> None:
    ran = run(*arguments)
    assert ran.code == 0, f"{arguments}: {ran.out}{ran.err}"


@pytest.fixture
def kodi(published: tuple[Path, ProviderState], tmp_path: Path) -> Iterator[RealKodi]:
    """A real Kodi that has scanned what was published."""
    media, _state = published
    with kept_port() as port:
        program = RealKodi(tmp_path / "home", port, {"movies": media / "movies", "tvshows": media / "tv"})
        with program.running():
            pass
        program.set_content()
        with program.running():
            call = caller(program.url)
            call("VideoLibrary.Scan")
            episodes = len(SERIES) * sum(SEASONS.values())
            for method, number in (("GetMovies", len(MOVIES)), ("GetEpisodes", episodes)):
                of = f"VideoLibrary.{method}"
                wait_until(partial(has_all, call, of, number), f"{of} told all")
            yield program


def test_what_was_published_comes_back_equal_and_what_changes_is_shown_with_all_that_was_watched(
    published: tuple[Path, ProviderState], kodi: RealKodi, process: StandIn
):
    """One test: the pictures of 25 titles are drawn and Kodi started once."""
    _media, state = published
    call = caller(kodi.url)
    movies, shows = list(state.of("movie")), list(state.of("series"))
    assert not Entity.objects.exclude(problem="").exists()
    assert unlike(call, movies, shows) == {}

    look = follow(kodi)
    look()
    movie = Entity.objects.get(kind="movie", ids__tmdb=f"{FIRST_MOVIE + 12}")
    show = Entity.objects.get(kind="series", ids__tvdb=f"{FIRST_SERIES + 2 + MORE}")
    watch(call, movies[12].title, shows[2].title)

    # Another poster under the same name, a banner that goes, and another still.
    before = pixels(kodi, call, movies[12].title)
    another = Candidate.objects.get(entity=movie, art="poster", source="tmdb", width=400, height=400)
    by_hand.fetch(another)
    another.refresh_from_db()
    by_hand.choose(another, None)
    banner = Candidate.objects.get(entity=movie, art="banner", rank=0)
    by_hand.leave_out(movie, "banner", None)
    thumb = Candidate.objects.get(entity__title=show, entity__season=1, entity__episodes=[2], rank=0)
    by_hand.leave_out(thumb.entity, "thumb", None)
    republish(movies[12], shows[2])
    look()
    assert unlike(call, movies, shows) == {}
    assert before.size == (400, 600)
    assert pixels(kodi, call, movies[12].title).size == (400, 400)

    # They come again.
    by_hand.choose(banner, None)
    by_hand.choose(thumb, None)
    republish(movies[12], shows[2])
    look()
    assert unlike(call, movies, shows) == {}

    # Other metadata: what was watched stays, of the movie and of the episodes.
    for work in (movies[12], shows[2]):
        work.plots, work.runtime = {"en": "Another story."}, 55
        process.change("edit", kind=work.kind, id=work.id, plots=work.plots, runtime=work.runtime)
    Answer.objects.all().delete()
    manage("artwork_prepare", movies[12].title)
    manage("artwork_prepare", shows[2].title)
    republish(movies[12], shows[2])
    look()
    wait_until(lambda: not look() and unlike(call, movies, shows) == {}, "Kodi had read it anew")
    assert watched(call, movies[12].title, shows[2].title) == [WATCHED] * 3


def has_all(call: Call, method: str, number: int) -> bool:
    return len(_all(call, method)) == number


def republish(*works: Work) -> None:
    for work in works:
        manage("artwork_publish", work.title)


def follow(kodi: RealKodi) -> Callable[[], int]:
    """Connects Kodi as a player; returns what has it told of all that changed, and says what is open then."""
    player = Connection(name="Kodi", kind="kodi", url=kodi.url, options={"login": USER})
    player.keep_secrets({"password": PASSWORD})
    player.save()
    PlayerSettings.objects.create(connection=player)
    sources.follow_library()
    new_files.follow_library()
    Route.objects.update(scan_new=True)

    def look() -> int:
        sources.follow_library()
        new_files.follow_library()
        # Looks that come so quickly one after the other are no reason to give up.
        Refresh.objects.filter(looks__gt=0).update(looks=0)
        Refresh.objects.update(due_at=LONG_AGO)
        Link.objects.filter(due_at__isnull=False).update(due_at=LONG_AGO)
        services.run_inline(jobs.start_push(player)[0])
        return Refresh.objects.filter(what="nfo").count()

    return look


def unlike(call: Call, movies: list[Work], shows: list[Work]) -> dict[Any, Any]:
    """What Kodi shows otherwise than the providers told it and was chosen, by title and field."""
    expected: dict[Any, dict[str, Any]] = {}
    shown: dict[Any, dict[str, Any]] = {}
    for work in movies:
        movie = Entity.objects.get(kind="movie", ids__tmdb=str(work.id))
        expected["movie", work.title] = {**movie_told(work), "art": chosen(movie)}
    for row in read_back(call, "Movies", movie_told(movies[0])):
        shown["movie", row["title"]] = row
    for work in shows:
        show = Entity.objects.get(kind="series", ids__tvdb=str(work.id + MORE))
        expected["show", work.title] = {**show_told(work), "art": chosen(show)}
        for season in show.parts.filter(kind="season"):
            title = f"Season {season.season}" if season.season else "Specials"
            expected[work.title, season.season] = {"title": title, "art": chosen(season)}
        for video in show.parts.filter(kind="episode"):
            for number in video.episodes:
                told_of = episode_told(work, video.season or 0, number)
                expected[work.title, video.season, number] = {**told_of, "art": chosen(video)}
    for row in read_back(call, "TVShows", show_told(shows[0])):
        shown["show", row["title"]] = row
    for row in read_back(call, "Seasons", {"title": ""}, "showtitle", "season"):
        shown[row["showtitle"], row["season"]] = row
    for row in read_back(call, "Episodes", episode_told(shows[0], 1, 1), "showtitle", "season", "episode"):
        shown[row["showtitle"], row["season"], row["episode"]] = row
    return differences(expected, shown)


def watch(call: Call, movie: str, show: str) -> None:
    number = next(row["movieid"] for row in _all(call, "VideoLibrary.GetMovies") if row["label"] == movie)
    assert call("VideoLibrary.SetMovieDetails", movieid=number, **WATCHED)["result"] == "OK"
    for row in double_episode(call, show):
        assert call("VideoLibrary.SetEpisodeDetails", episodeid=row["episodeid"], **WATCHED)["result"] == "OK"


def watched(call: Call, movie: str, show: str) -> list[dict[str, Any]]:
    rows = _all(call, "VideoLibrary.GetMovies", properties=list(WATCHED))
    found = [row for row in rows if row["label"] == movie] + double_episode(call, show)
    return [{name: row[name] for name in WATCHED} for row in found]


def double_episode(call: Call, show: str) -> list[dict[str, Any]]:
    shown = ["showtitle", "season", "episode", *WATCHED]
    rows = _all(call, "VideoLibrary.GetEpisodes", properties=shown)
    return [row for row in rows if (row["showtitle"], row["season"]) == (show, 2) and row["episode"] < 3]


def pixels(kodi: RealKodi, call: Call, movie: str) -> Image.Image:
    """The poster as Kodi itself shows it."""
    rows = _all(call, "VideoLibrary.GetMovies", properties=["art"])
    poster = next(row["art"]["poster"] for row in rows if row["label"] == movie)
    address = f"{kodi.url}/image/{quote(poster, safe='')}"
    answer = requests.get(address, auth=(USER, PASSWORD), timeout=PATIENCE)
    answer.raise_for_status()
    return Image.open(io.BytesIO(answer.content))


def movie_told(work: Work) -> dict[str, Any]:
    return {
        **told(work),
        "year": int(work.premiered[:4]),
        "premiered": work.premiered,
        "tagline": work.taglines["en"],
        "country": work.countries,
        "director": ["Ruth O’Hale"],  # noqa: RUF001
        "writer": ["Ann Ör"],
        "set": work.collection,
        "uniqueid": {"imdb": work.imdb_id, "tmdb": str(work.id), "tvdb": str(work.id + MORE)},
    }


def show_told(work: Work) -> dict[str, Any]:
    ids = {"imdb": work.imdb_id, "tmdb": str(work.id), "tvdb": str(work.id + MORE)}
    return {**told(work), "year": int(work.premiered[:4]), "premiered": work.premiered, "uniqueid": ids}


def told(work: Work) -> dict[str, Any]:
    return {
        "title": work.title,
        "originaltitle": work.title,
        "plot": work.plots["en"],
        "runtime": 60 * work.runtime,
        "mpaa": work.certifications["US"],
        "genre": work.genres,
        "studio": work.studios,
        "ratings": {"themoviedb": {"default": True, "rating": work.rating, "votes": work.votes}},
        "cast": [{"name": name, "order": at, "role": role} for at, (name, role) in enumerate(work.cast)],
    }


def episode_told(work: Work, season: int, number: int) -> dict[str, Any]:
    return {
        "title": f"Episode {number}",
        "plot": f"What happens in part {number}.",
        "firstaired": work.premiered,
        "runtime": 60 * work.runtime,
        "uniqueid": {"tvdb": str(work.id * 10_000 + season * 100 + number)},
        "cast": told(work)["cast"],
    }


def read_back(call: Call, kind: str, shown: dict[str, Any], *more: str) -> list[dict[str, Any]]:
    """All of a kind, with what is compared, and of its pictures the bytes in place of the paths."""
    rows = _all(call, f"VideoLibrary.Get{kind}", properties=[*dict.fromkeys([*shown, *more, "art"])])
    for row in rows:
        own = {
            art: Path(raw(path))
            for art, path in row["art"].items()
            if "." not in art and not path.startswith(MADE)
        }
        row["art"] = {art: hashlib.sha256(path.read_bytes()).hexdigest() for art, path in own.items()}
        row["ratings"] = {
            who: {**one, "rating": round(one["rating"], 3)} for who, one in row.get("ratings", {}).items()
        }
    return rows


def chosen(entity: Entity) -> dict[str, str]:
    """What was chosen of an entity, by the types that Kodi knows."""
    rows = Candidate.objects.filter(entity=entity, rank__isnull=False).exclude(digest="")
    return {f"{one.art}{one.rank or ''}": one.digest for one in rows}


def differences(
    expected: dict[Any, dict[str, Any]], rows: dict[Any, dict[str, Any]]
) -> dict[Any, dict[str, tuple[Any, Any]]]:
    """What Kodi shows otherwise than it was told, by title and field."""
    found: dict[Any, dict[str, tuple[Any, Any]]] = {
        key: {"": (None, None)} for key in expected.keys() ^ rows.keys()
    }
    for key in expected.keys() & rows.keys():
        unlike = {
            name: (value, rows[key].get(name))
            for name, value in expected[key].items()
            if rows[key].get(name) != value
        }
        found |= {key: unlike} if unlike else {}
    return found
