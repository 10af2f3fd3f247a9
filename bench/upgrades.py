#!/usr/bin/env python3
"""What becomes of a movie's pictures when Radarr upgrades it: how soon they are back, whatever goes wrong.

    python -m bench.upgrades [--seeds 10] [--seed 1] [--movies 24] [--webhooks 30] [--burst 100]
        [--without-kodi] [--json FILE]

Real web server, workers, beat, PostgreSQL and Valkey. First the webhook: how long it takes until it is
answered, and until all that was published stands there again, one after another and many at once. Beside it
stands the bare work: the same files written once, with fsync.

Then the drama, by seeds. Of each movie a stand-in Radarr replaces the video under the same or another name
and deletes all that it knows beside it: before, while, half a minute or five minutes after it tells. Or it
deletes the movie with its folder, which may come back with another video; or the whole disk is away. The
minutes after which Taggarr looks again are ours to set, and are passed over. In the end each file stands as
it was published beside each video, what others wrote is as it was, nothing was made on a disk that was away,
and no folder of a movie that was deleted.

Where Kodi is installed, one runs meanwhile that has every movie, and that Taggarr keeps up to date: in the
end all that was watched there of movies that still have a video is as it was, and its pictures are those on
disk.

It ends with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from bench import stack as stacks
from bench.household_kodi import BenchKodi
from bench.stack import Stack, percentile, wait_until
from demo.arr.state import ArrState
from demo.media_files import write
from tests.demo.players.real_kodi import INSTALLED

if TYPE_CHECKING:
    from artwork.models import Entity

RADARR = 2
"""The id of its connection in a stack."""

SET = {
    "poster.jpg": b"poster" * 50_000,
    "fanart.jpg": b"fanart" * 60_000,
    "clearlogo.png": b"logo" * 20_000,
    "movie.nfo": b"<movie><title>Movie</title></movie>",
}
THEIRS = {"notes.txt": b"mine", "extrafanart/own.jpg": b"somebody's"}
"""What others have beside it, of which Radarr knows nothing."""

HOW = ("same name", "other name", "deleted", "deleted, and back", "disk away")
WHEN = ("before", "meanwhile", "30 s after", "5 min after")
WATCHED = {
    "playcount": 3,
    "userrating": 8,
    "lastplayed": "2026-01-02 03:04:05",
    "resume": {"position": 30.0, "total": 100.0},
}
KODI_PATIENCE = 120.0
CALM_FOR = 13
"""Seconds without anything to tell Kodi: what the library tells is read every ten."""

LOOKS = 3
"""So often it is looked at again, after 5 seconds, a minute and ten."""


@dataclass(frozen=True)
class Row:
    """Seconds, and those of the bare work that it is to be compared with."""

    name: str
    number: int
    answered: float
    p50: float
    p95: float
    longest: float
    bare: float


@dataclass
class Movie:
    """A movie and what befalls it."""

    id: int
    folder: Path
    how: str = ""
    when: str = ""
    is_deleted: bool = False

    @property
    def video(self) -> Path:
        return self.folder / f"{self.folder.name}.mkv"

    def stands(self) -> bool:
        return all((self.folder / name).exists() for name in SET)


@dataclass
class Drama:
    """What came of one seed."""

    seed: int
    cases: dict[str, int] = field(default_factory=dict)
    restored: int = 0
    seconds: float = 0.0
    in_kodi: int = 0
    """So many movies were compared there."""

    wrong: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--movies", type=int, default=24, help="of each seed")
    parser.add_argument("--webhooks", type=int, default=30)
    parser.add_argument("--burst", type=int, default=100)
    parser.add_argument("--without-kodi", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["TAGGARR_FLAGS"] = "artwork=on"
    with stacks.folder() as root, tempfile.TemporaryDirectory(prefix="taggarr-bench-data-") as data:
        os.environ["TAGGARR_DATA"] = data
        state, disk = ArrState("radarr"), root / "movies"
        state.add_root_folder(str(disk))
        number = max(options.webhooks + options.burst, options.movies * options.seeds)
        movies = [added(state, disk, number) for number in range(number)]
        with stacks.running(ArrState("sonarr"), root, workers=1, radarr=state) as stack:
            published(stack, movies)
            rows = list(webhooks(stack, movies[: options.webhooks], movies[: options.burst]))
            tell(rows)
            dramas = []
            with_kodi = INSTALLED and not options.without_kodi
            with watching(stack, root, disk, movies) if with_kodi else nullcontext() as kodi:
                for at in range(options.seeds):
                    of_seed = movies[at * options.movies : (at + 1) * options.movies]
                    began = time.monotonic()
                    dramas.append(drama(stack, disk, of_seed, options.seed + at))
                    if kodi is not None:
                        left = [one for one in of_seed if not one.is_deleted]
                        dramas[-1].wrong += unlike(kodi, left)
                        dramas[-1].in_kodi = len(left)
                    dramas[-1].seconds = time.monotonic() - began
                    tell_drama(dramas[-1])
    if options.json:
        report = {"rows": [asdict(row) for row in rows], "dramas": [asdict(one) for one in dramas]}
        options.json.write_text(json.dumps(report), encoding="utf-8")
    if not options.json:
        sys.exit(any(one.wrong for one in dramas))


def tell(rows: list[Row]) -> None:
    print(
        f"load {os.getloadavg()[0]:.1f}\n\n"
        "| | webhooks | answered p95 s | back p50 s | p95 | longest | bare |"
    )
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        times = f"{row.answered:.3f} | {row.p50:.2f} | {row.p95:.2f} | {row.longest:.2f} | {row.bare:.3f}"
        print(f"| {row.name} | {row.number} | {times} |")


def tell_drama(one: Drama) -> None:
    cases = ", ".join(f"{number} {name}" for name, number in sorted(one.cases.items()))
    told = "; ".join(one.wrong) or "all as it should be"
    done = f"{one.restored} files put back in {one.seconds:.0f} s"
    kodi = f", {one.in_kodi} movies compared with Kodi" if one.in_kodi else ""
    print(f"\nseed {one.seed}: {cases}; {done}{kodi}: {told}", flush=True)


def added(state: ArrState, disk: Path, number: int) -> Movie:
    """A movie of Radarr with a video."""
    name = f"Movie {number:04} (2020)"
    one = Movie(state.add_movie(name, str(disk / name)).id, disk / name)
    one.folder.mkdir(parents=True)
    size = write(one.video, stacks.spec("eng"))
    state.add_movie_file(one.id, one.video.name, size=size, audio="eng")
    return one


def published(stack: Stack, movies: list[Movie]) -> None:
    """Have every movie known and its set published."""
    from artwork.discovery import discover
    from connections.models import Connection
    from jobs.contract import store_periodic
    from library.models import Media
    from tests.artwork.build import publish

    # What is done every so many seconds, which a start of Taggarr makes known to beat.
    store_periodic()
    stacks.wait_for_scan(stack, stacks.start_scan(stack, connection=RADARR))
    connection = Connection.objects.get(pk=RADARR)
    discover(connection, list(Media.objects.filter(connection=connection).values_list("pk", flat=True)))
    for one in movies:
        publish(entity(one), SET)
        for name, content in THEIRS.items():
            (one.folder / name).parent.mkdir(exist_ok=True)
            (one.folder / name).write_bytes(content)


def entity(movie: Movie) -> Entity:
    from artwork.models import Entity

    rows = Entity.objects.select_related("connection", "media__connection")
    return rows.get(media__connection=RADARR, media__arr_id=movie.id)


# How soon


def webhooks(stack: Stack, alone: list[Movie], together: list[Movie]) -> Iterator[Row]:
    bare = percentile([bare_work(stack.root / "bare") for _ in alone], 0.95)
    found = [back_after(stack, [movie]) for movie in alone]
    answered = percentile([seconds for one, _ in found for seconds in one], 0.95)
    times = [seconds for _, one in found for seconds in one]
    yield row("one after another", answered, times, bare)
    taken, times = back_after(stack, together)
    yield row("all at once", percentile(taken, 0.95), times, bare)


def row(name: str, answered: float, times: list[float], bare: float) -> Row:
    spread = percentile(times, 0.5), percentile(times, 0.95), max(times)
    return Row(name, len(times), answered, *spread, bare)


def bare_work(folder: Path) -> float:
    """Seconds in which a loop writes the same set once."""
    began = time.perf_counter()
    folder.mkdir(exist_ok=True)
    for name, content in SET.items():
        draft = folder / f".{name}.tmp"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
    return time.perf_counter() - began


def back_after(stack: Stack, movies: list[Movie]) -> tuple[list[float], list[float]]:
    """Delete what was published and tell so; return the times until that was answered, and it was back."""
    for movie in movies:
        delete_extras(movie)
    token()
    began = time.monotonic()
    with ThreadPoolExecutor(min(16, len(movies))) as pool:
        answers = [pool.submit(told, stack, movie) for movie in movies]
        times: dict[int, float] = {}
        while len(times) < len(movies):
            for movie in movies:
                if movie.id not in times and movie.stands():
                    times[movie.id] = time.monotonic() - began
            for answer in answers:
                if answer.done():
                    answer.result()  # raises what kept it from being told
            time.sleep(0.01)
        return [answer.result() for answer in answers], list(times.values())


def told(stack: Stack, movie: Movie, event: str = "Download") -> float:
    """Post a webhook as Radarr does; return how long its answer took."""
    began = time.monotonic()
    requests.post(
        f"{stack.web}/api/v1/webhook/{RADARR}",
        json={"eventType": event, "movie": {"id": movie.id}, "isUpgrade": True},
        headers={"X-Webhook-Token": token()},
        timeout=60,
    ).raise_for_status()
    return time.monotonic() - began


@cache
def token() -> str:
    from connections.models import Connection
    from library.webhooks import make_token

    return make_token(Connection.objects.get(pk=RADARR))


def delete_extras(movie: Movie) -> None:
    """What Radarr does at an upgrade: all files that it recognises go."""
    for name in SET:
        (movie.folder / name).unlink(missing_ok=True)


# The drama


def drama(stack: Stack, disk: Path, movies: list[Movie], seed: int) -> Drama:
    dice, found = random.Random(seed), Drama(seed)
    for movie in movies:
        # The disk is away for all of a seed at once: at the end.
        movie.how, movie.when = dice.choice(HOW[:-1]), dice.choice(WHEN)
    found.cases = dict(Counter(f"{one.how}, {one.when}" for one in movies))
    restored = files_put_back()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(upgrade, stack), movies))
    settle()
    for look in range(LOOKS):
        # Between the look after 5 s and that after a minute, and between that and the last one.
        for movie in movies:
            if movie.when == WHEN[2 + look] if look < 2 else False:
                strike(movie)
        look_again()
    for movie in movies:
        if movie.how == "deleted, and back":
            come_back(stack, movie)
    settle()
    look_again()
    found.wrong += [sentence for movie in movies for sentence in wrong(movie)]
    found.wrong += disk_away(stack, disk, [movie for movie in movies if not movie.is_deleted])
    found.restored = files_put_back() - restored
    return found


def upgrade(stack: Stack, movie: Movie) -> None:
    event = "MovieFileDelete" if movie.how.startswith("deleted") else "Download"
    if movie.when == "before":
        strike(movie)
        told(stack, movie, event)
    elif movie.when == "meanwhile":
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(told, stack, movie, event)
            strike(movie)
            answer.result()
    else:
        told(stack, movie, event)


def strike(movie: Movie) -> None:
    """Replace the video and delete what lies beside it; or delete all of the movie."""
    if movie.how.startswith("deleted"):
        movie.is_deleted = True
        # A worker may write into it at this very moment: Radarr tries again, too.
        while movie.folder.exists():
            shutil.rmtree(movie.folder, ignore_errors=True)
        return
    for video in movie.folder.glob("*.mkv"):
        video.unlink()
    delete_extras(movie)
    name = movie.video.name if movie.how == "same name" else f"{movie.folder.name} - 2160p.mkv"
    write(movie.folder / name, stacks.spec("eng", "deu"))


def come_back(stack: Stack, movie: Movie) -> None:
    movie.is_deleted = False
    movie.folder.mkdir()
    write(movie.video, stacks.spec("eng"))
    told(stack, movie)


def disk_away(stack: Stack, disk: Path, movies: list[Movie]) -> Iterator[str]:
    """All movies are upgraded while their disk is away, and once more a look after it came back."""
    away = disk.with_name("away")
    disk.rename(away)
    disk.mkdir()
    for movie in movies:
        told(stack, movie)
    tried()
    if made := sorted(path.name for path in disk.rglob("*")):
        yield f"on a disk that is away stand {made}"
    shutil.rmtree(disk)
    away.rename(disk)
    for movie in movies:
        delete_extras(movie)
    for _ in range(LOOKS):
        look_again()
    for movie in movies:
        yield from (f"disk away: {sentence}" for sentence in wrong(movie))


def wrong(movie: Movie) -> Iterator[str]:
    about = f"{movie.folder.name} ({movie.how}, {movie.when})"
    if movie.is_deleted:
        if movie.folder.exists():
            yield f"{about}: there is a folder again"
        return
    there = {
        path.relative_to(movie.folder).as_posix(): path.read_bytes()
        for path in movie.folder.rglob("*")
        if path.is_file() and path.suffix != ".mkv"
    }
    wanted = SET if movie.how == "deleted, and back" else SET | THEIRS
    if there != wanted:
        unlike = sorted(name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name))
        yield f"{about}: {unlike} are not as they were"


@contextmanager
def watching(stack: Stack, root: Path, disk: Path, movies: list[Movie]) -> Iterator[BenchKodi]:
    """A Kodi in which all movies were watched, and which Taggarr tells what changes."""
    with BenchKodi(root / "kodi", disk, "movies", len(movies)) as kodi:
        for row in kodi.listed([]):
            kodi.call("VideoLibrary.SetMovieDetails", movieid=row["movieid"], **WATCHED)
        values = {"password": kodi.api_key}
        stack.send("POST", "connections", {"kind": "kodi", "name": "Kodi", "url": kodi.url, "values": values})
        until_kodi_knows()
        yield kodi


def unlike(kodi: BenchKodi, movies: list[Movie]) -> Iterator[str]:
    """What Kodi has forgotten, or shows otherwise than it lies on the disk."""
    until_kodi_knows()
    rows = kodi.listed(["file", "art", *WATCHED])
    for movie in movies:
        about = f"Kodi: {movie.folder.name} ({movie.how}, {movie.when})"
        of_movie = [row for row in rows if Path(row["file"]).parent == movie.folder]
        if not any({name: row[name] for name in WATCHED} == WATCHED for row in of_movie):
            yield f"{about}: what was watched is not as it was, but {of_movie}"
        for row in of_movie:
            if wrong := [name for name in SET if not _shows(row["art"], movie.folder / name)]:
                yield f"{about}: {wrong} are not those on the disk, but {row['art']}"


def _shows(art: dict[str, str], picture: Path) -> bool:
    from players.clients.kodi_art import raw

    is_shown = raw(art.get(picture.stem, "")) == str(picture)
    return picture.suffix == ".nfo" or (is_shown and picture.read_bytes() == SET[picture.name])


def until_kodi_knows() -> None:
    """Return when there has been nothing to tell Kodi for some seconds."""
    from jobs.models import LIVE_JOB, Job
    from players.models import Link, LinkState, Refresh

    end, calm = time.monotonic() + KODI_PATIENCE, 0
    while calm < CALM_FOR and time.monotonic() < end:
        links = Link.objects.filter(state__in=(LinkState.DUE, LinkState.CLAIMED))
        waits = any(
            rows.exists() for rows in (links, Refresh.objects, Job.objects.filter(state__in=LIVE_JOB))
        )
        calm = 0 if waits else calm + 1
        time.sleep(1.0)


def files_put_back() -> int:
    from artwork.models import Publication, State

    rows = Publication.objects.filter(restores=True, state=State.DONE)
    return sum(len(steps) for steps in rows.values_list("steps", flat=True))


def settle() -> None:
    """Wait until nothing is looked at any more."""
    from jobs.models import LIVE_JOB, Job

    wait_until(lambda: not Job.objects.filter(name="art_verify", state__in=LIVE_JOB).exists())


def tried() -> None:
    """Wait until all that is to be looked at was tried: what finds no disk is tried again later."""
    from django.db.models import Q

    from jobs.models import ItemState, JobItem

    untried = Q(state=ItemState.PENDING, attempts=0) | Q(state=ItemState.CLAIMED)
    left = JobItem.objects.filter(untried, job__name="art_verify", step="titles")
    wait_until(lambda: not left.exists())


def look_again() -> None:
    """Let the time of the next look come for all, and wait until it is over."""
    from django.db.models.functions import Now

    from artwork.models import Recheck
    from core import sql

    left = Recheck.objects.count()
    sql.change(
        "UPDATE artwork_recheck SET asked_at = asked_at - (due_at - now()), due_at = now()"
        " WHERE due_at > now()",
        [],
    )
    if left:
        wait_until(lambda: not Recheck.objects.filter(due_at__lte=Now()).exists())
    settle()


if __name__ == "__main__":
    main()
