#!/usr/bin/env python3
"""What artwork costs beside a baseline in the same run; publications killed, and at once with labels.

    python -m bench.artwork [--movies 1000] [--series 0] [--publish 1000] [--kills 200] [--rounds 1000]
                            [--seed 1] [--json FILE]

Real folders with an NFO and three pictures each, over PostgreSQL; series have 45 episodes with one each.
Beside the scans stands a bare loop that lists the same folders, stats all files and parses the NFOs. What
else is measured say `bench.artwork_work` and `bench.artwork_pages`; webhooks and upgrades `bench.upgrades`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

from bench import artwork_pages, artwork_work
from bench.artwork_work import Row, clocked
from bench.engine import servers

NFO = "<{root}><title>Title</title><uniqueid type='tmdb'>{id}</uniqueid><year>2000</year></{root}>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--movies", type=int, default=1000)
    parser.add_argument("--series", type=int, default=0)
    parser.add_argument("--publish", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["TAGGARR_FLAGS"] = "artwork=on"
    with servers(), tempfile.TemporaryDirectory(prefix="taggarr-bench-") as folder:
        os.environ["TAGGARR_DATA"] = str(Path(folder, "data"))
        Path(folder, "data").mkdir()
        print(f"load {os.getloadavg()[0]:.1f}\n\n| work | measured | baseline | goal | met | |")
        print("|---|---|---|---|---|---|")
        rows = []
        for row in chain(
            measure(Path(folder), options.movies, options.series),
            work(Path(folder), options.movies, options.series, options.publish),
        ):
            rows.append(row)
            met = "yes" if row.met else "no"
            figures = f"{row.figure:.2f} {row.unit} | {row.bare:.2f} {row.unit}"
            print(f"| {row.name} | {figures} | {row.goal} | {met} | {row.told} |", flush=True)
        if options.json:
            told = {"rows": [asdict(row) for row in rows]}
            options.json.write_text(json.dumps(told), encoding="utf-8")
        if options.kills:
            print(killed(Path(folder, "killed"), options.kills, options.seed))
        if options.rounds:
            print(raced(Path(folder, "raced"), options.rounds))


def measure(folder: Path, movies: int, series: int) -> Iterator[Row]:
    from django.conf import settings

    from artwork.discovery import discover
    from artwork.jobs import SCANNED_TOGETHER, TOGETHER, batched
    from artwork.models import Entity
    from artwork.publishing.journal import By
    from artwork.publishing.verifying import verify_all
    from connections.models import Connection
    from library.models import Media

    settings.TAGGARR_DATA = folder / "data"
    add_movies(folder / "library", movies)
    add_series(folder / "library", series)
    ids = {
        connection: list(Media.objects.filter(connection=connection).values_list("pk", flat=True))
        for connection in Connection.objects.all()
    }

    def scan() -> None:
        for connection, of_one in ids.items():
            for at in range(0, len(of_one), SCANNED_TOGETHER):
                discover(connection, of_one[at : at + SCANNED_TOGETHER])

    def look() -> None:
        titles = Entity.objects.filter(title=None).order_by("pk")
        for chunk in batched(titles.values_list("pk", flat=True), TOGETHER):
            verify_all(chunk, By(), lambda: None)

    library = folder / "library"
    about = f"{movies + series} titles"
    bare = clocked(lambda: bare_loop(library))
    yield _scan(f"first scan of {about}", clocked(scan), bare, "≤ 10 x a bare loop", 10 * bare)
    folders = clocked(lambda: bare_stat(library))
    yield _scan(f"scan of {about}, nothing changed", clocked(scan), folders, "≤ 3 s", 3.0)
    guard()
    stats = clocked(lambda: bare_loop(library, parse=False))
    yield _scan(f"look at all files of {about}", clocked(look), stats, "≤ 4 s", 4.0)


def _scan(name: str, seconds: float, bare: float, goal: str, most: float) -> Row:
    return Row(name, seconds, "s", bare, goal, seconds <= most)


def work(folder: Path, movies: int, series: int, published: int) -> Iterator[Row]:
    """What `bench.artwork_work` measures, over the library that was scanned."""
    from artwork.models import Candidate, Entity, PublishedFile
    from library.models import Media

    yield artwork_work.hashing()
    yield artwork_work.storm()
    yield from artwork_pages.pages()
    yield from artwork_pages.scrolling()
    yield from artwork_work.publishing(folder / "published", published)
    yield artwork_work.checking(folder / "published" / "ours")
    # Those are no titles that anybody prepares, and what lies beside the others are no pictures: all is
    # prepared as for the first time.
    names = (artwork_work.PUBLISHED, artwork_work.BY_JOB)
    Entity.objects.filter(connection__name__in=names).delete()
    Media.objects.filter(connection__name__in=names).delete()
    Candidate.objects.filter(entity__connection__name__in=("Movies", "Series")).delete()
    PublishedFile.objects.all().delete()
    with artwork_work.providers(movies, series) as world:
        yield artwork_work.preparing(world, "Movies", movies)
        if series:
            yield artwork_work.preparing(world, "Series", series)
        yield from artwork_work.refreshing(world)
        yield artwork_work.limited(world, min(movies, 200))
        yield artwork_work.memory(world, min(movies, 100))


def add_movies(folder: Path, number: int) -> None:
    """Movies as Radarr has them, each in a folder with an NFO and three pictures."""
    from connections.models import Connection
    from library.models import Media

    connection = Connection.objects.create(name="Movies", kind="radarr", url="http://radarr.test")
    rows = []
    for one in range(number):
        name = f"Movie {one:05} (2000)"
        fill(one + 1, folder / name, "movie.nfo", f"{name}.mkv", "poster.jpg", "fanart.jpg", "clearlogo.png")
        rows.append(Media(connection=connection, arr_id=one + 1, title=name, path=str(folder / name)))
    Media.objects.bulk_create(rows)


def add_series(folder: Path, number: int) -> None:
    """Series as Sonarr has them: three seasons of fifteen episodes, each with an NFO and a picture."""
    from connections.models import Connection
    from library.models import Media

    connection = Connection.objects.create(name="Series", kind="sonarr", url="http://sonarr.test")
    rows = []
    for one in range(number):
        name = f"Series {one:05}"
        stems = [
            f"Season {season:02}/{name} - S{season:02}E{episode:02}"
            for season in range(1, 4)
            for episode in range(1, 16)
        ]
        files = [f"{stem}{ending}" for stem in stems for ending in (".mkv", "-thumb.jpg")]
        fill(one + 1, folder / name, "tvshow.nfo", "poster.jpg", "fanart.jpg", "season01-poster.jpg", *files)
        for stem in stems:
            nfo = NFO.format(root="episodedetails", id=one + 1)
            (folder / name / f"{stem}.nfo").write_text(nfo, encoding="utf-8")
        rows.append(Media(connection=connection, arr_id=one + 1, title=name, path=str(folder / name)))
    Media.objects.bulk_create(rows)


def fill(id: int, folder: Path, nfo: str, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)
    root = "movie" if nfo == "movie.nfo" else "tvshow"
    (folder / nfo).write_text(NFO.format(root=root, id=id))


def guard() -> None:
    """Know all pictures as ours, without decoding them."""
    from artwork.models import Candidate, PublishedFile

    files = []
    pictures = Candidate.objects.select_related("entity__media", "entity__title__media")
    for one in pictures:
        title = one.entity.root
        path = f"{title.media.path}/{one.address}" if title.media else ""
        status = os.stat(path)  # noqa: PTH116
        files.append(
            PublishedFile(
                title=title,
                entity=one.entity,
                path=one.address,
                art=one.art,
                digest="0" * 64,
                size=status.st_size,
                mtime_ns=status.st_mtime_ns,
            )
        )
    PublishedFile.objects.bulk_create(files, batch_size=1000)


def bare_loop(folder: Path, *, parse: bool = True) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            os.stat(path)  # noqa: PTH116
            if parse and name.endswith(".nfo"):
                ElementTree.parse(path)  # noqa: S314  (our own)


def bare_stat(folder: Path) -> None:
    for place, _, _ in os.walk(folder):
        os.stat(place)  # noqa: PTH116


def killed(folder: Path, number: int, seed: int) -> str:
    """Kill publications at random steps, and some of those that finish them; say how many died."""
    from connections.models import Connection

    folder.mkdir()
    connection = Connection.objects.create(name="Killed", kind="radarr", url="http://killed.test")
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.artwork.child",
            str(connection.pk),
            str(folder),
            str(number),
            str(seed),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(ended.stderr)
    died, states = ended.stdout.split()
    return f"{died} publications killed, which left {states} different states: every folder whole"


def raced(folder: Path, rounds: int) -> str:
    """Write labels and publications into one NFO at once; say how many publications had to be put off."""
    from connections.models import Connection
    from tests.artwork.build import add_entity
    from tests.artwork.rounds import race

    connection = Connection.objects.create(name="Raced", kind="radarr", url="http://raced.test")
    put_off = race(add_entity(connection, folder / "Lantern (2020)"), folder / "Lantern (2020)", rounds)
    return f"{rounds} labels and publications at once: both kept each time, {put_off} put off and tried again"


if __name__ == "__main__":
    main()
