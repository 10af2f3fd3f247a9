"""How long the pages take with a large library, and how much they send.

    .venv/bin/python -m bench.pages                  35,000 files, 30 requests a page
    .venv/bin/python -m bench.pages --files 100000
    .venv/bin/python -m bench.pages --phone          and what a slow phone makes of them (needs Chromium)

A PostgreSQL of its own is started for it and thrown away. Time is what the server takes for a whole request,
middleware and compression with it, in one process without a network. Bytes are the compressed page; a first
visit adds the static files, which the last lines name.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from system.embedded import EmbeddedServers

EPISODES = 24
SERIES_SHARE = 0.9
LONG_SERIES = 1000
VERDICTS = ("dub", "semi-dub", "wrong-dub", "original", "unknown")
WEIGHTS = (40, 10, 5, 40, 5)
GENRES = ("Action", "Animation", "Comedy", "Drama", "Fantasy", "Horror", "Romance", "Thriller")
LANGUAGES = ("jpn", "eng", "deu", "fra", "spa", "ita", "kor", "por-br")
EVENTS = 20_000
STATIC = (
    "taggarr/app.css",
    "taggarr/app.js",
    "taggarr/shell.js",
    "taggarr/live.js",
    "taggarr/icons.svg",
    "django_htmx/htmx-2.min.js",
)

PAGES = (
    ("Home", "/"),
    ("Home, its counts alone", "/home/tiles"),
    ("Home, its health", "/home/health"),
    ("Library, posters", "/library?view=grid"),
    ("Library, table", "/library?view=table"),
    ("Library, last page", "/library?at=end"),
    ("Library, a verdict by year", "/library?verdict=wrong-dub&sort=-year"),
    ("Library, with a language", "/library?language=deu"),
    ("Library, without a language", "/library?missing=eng"),
    ("Library, a part of a title", "/library?q=title+1"),
    ("Library, with trouble", "/library?state=trouble"),
    ("Library, lost dubs", "/library?state=lost"),
    ("Series, 24 files", "/media/{short}"),
    ("Series, its history", "/media/{short}/history"),
    ("Series, 1,000 files", "/media/{long}"),
    ("Wanted: missing dub", "/wanted/missing"),
    ("Wanted: last page", "/wanted/missing?at=end"),
    ("Wanted: wrong dub", "/wanted/wrong"),
    ("Wanted: undetermined", "/wanted/undetermined"),
    ("Wanted: unreadable", "/wanted/unreadable"),
    ("Activity", "/activity"),
    ("A scan of everything", "/activity/jobs/{job}"),
    ("Failed", "/activity/failed"),
    ("History", "/activity/history"),
    ("History, last page", "/activity/history?at=end"),
    ("History, a text", "/activity/history?q=Title+77"),
    ("Connections", "/settings/connections"),
    ("Policies", "/settings/policies"),
    ("System", "/system"),
    ("Tasks", "/system/tasks"),
    ("Notifications", "/settings/notifications"),
    ("General", "/settings/general"),
    ("Backups", "/system/backups"),
    ("Logs", "/system/logs"),
    ("Audit", "/system/audit"),
    ("About", "/system/about"),
    ("Inbox", "/inbox"),
    ("Players", "/players"),
    ("Search", "/search?q=title+1"),
    ("API: titles", "/api/v1/media"),
    ("API: titles with a language", "/api/v1/media?language=deu"),
    ("API: files", "/api/v1/files"),
    ("API: history", "/api/v1/history"),
    ("API: items of a scan", "/api/v1/jobs/{job}/items"),
    ("API: summary", "/api/v1/summary"),
)


ON_PHONE = {
    "Home",
    "Library, posters",
    "Library, table",
    "Series, 24 files",
    "Series, 1,000 files",
    "Wanted: missing dub",
    "Activity",
    "History",
}
"""Pages that a phone is shown too."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the pages over a large library.")
    parser.add_argument("--files", type=int, default=35_000)
    parser.add_argument("--requests", type=int, default=30, help="for each page")
    parser.add_argument("--phone", action="store_true", help="also paint, shift and bytes in a browser")
    given = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="taggarr-bench-"))
    data.chmod(0o711)  # as root, the database's own user must get in
    servers = EmbeddedServers(data).start()
    try:
        _set_up(data, servers.environment())
        known = _make_library(given.files)
        session = _measure(known, given.requests)
        if given.phone:
            _measure_phone(known, session, data)
    finally:
        servers.stop()
        shutil.rmtree(data, ignore_errors=True)
    return 0


def _set_up(data: Path, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    os.environ["TAGGARR_DATA"] = str(data)
    os.environ["TAGGARR_SECRET_KEY"] = secrets.token_hex(32)
    os.environ["TAGGARR_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    os.environ["TAGGARR_LOG_LEVEL"] = "error"
    os.environ["DJANGO_SETTINGS_MODULE"] = "taggarr.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def _make_library(files: int) -> dict[str, int]:
    """Fill the database; return the ids that the addresses need."""
    from django.db import connection as database

    from library.models import File, Media

    rng = random.Random(1)
    sonarr, radarr = _instances()
    long = _add_series(sonarr, 1, LONG_SERIES, rng)
    short, left = 0, files - LONG_SERIES
    for number in range(2, 2 + int(left * SERIES_SHARE / EPISODES)):
        short = _add_series(sonarr, number, EPISODES, rng)
        left -= EPISODES
    _add_movies(radarr, left, rng)
    job = _add_job(sonarr, rng)
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{Media.objects.count():,} media, {File.objects.count():,} files, {EVENTS:,} lines of history\n")
    return {"short": short, "long": long, "job": job}


def _instances() -> tuple[Any, Any]:
    from scanner.models import Policy
    from tests.connections.build import make_connection

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    made = [
        make_connection(name=kind, kind=kind, url=f"http://{kind}", api_key="k" * 32, policy=policy)
        for kind in ("sonarr", "radarr")
    ]
    return made[0], made[1]


def _media(connection: Any, number: int, rng: random.Random) -> Any:
    from library.models import Media

    return Media(
        connection=connection,
        arr_id=number,
        title=f"Title {number}",
        sort_title=f"title {number:07}",
        year=rng.randint(1950, 2026),
        path=f"/media/Title {number}",
        original_language="Japanese",
        genres=rng.sample(GENRES, 2),
        arr_file_count=1,
    )


def _decide(media: Sequence[Any], rng: random.Random) -> None:
    from django.utils import timezone

    from core import sql
    from scanner.models import ScanState

    reason = {
        "code": "some-dub",
        "wanted": ["eng"],
        "first": None,
        "files_counted": 24,
        "files_total": 12,
        "files": [{"name": f"S01E0{n}", "reason": "no-dub"} for n in (1, 2, 3)],
        "missing": {"eng": 12},
        "extra": {},
        "unknown_total": 0,
    }
    now = timezone.now()
    decided = {"verdict_reason": reason, "verdict_at": now, "scanned_at": now}
    states = [ScanState(media=one, verdict=rng.choices(VERDICTS, WEIGHTS)[0], **decided) for one in media]
    sql.update(states, ("verdict", *decided))


def _files(media: Any, season: Any, count: int, rng: random.Random) -> Iterator[Any]:
    from library.models import File

    for number in range(1, count + 1):
        yield File(
            media=media,
            season=season,
            arr_file_id=media.arr_id * 10_000 + (season.number if season else 0) * 100 + number,
            episode_ids=[number],
            episodes=[number] if season else [],
            path=f"{media.path}/Season {season.number if season else 0}/Title - {number:04}.mkv",
            size=rng.randint(10**8, 10**10),
        )


def _add_files(files: Sequence[Any], rng: random.Random) -> None:
    from core import sql
    from library.models import File

    File.objects.bulk_create(files, batch_size=500)
    sql.update([_read(file, rng) for file in files], READ)


READ = ("tracks", "languages", "engine", "problem", "probed_at", "verdict", "reason")


def _read(file: Any, rng: random.Random) -> Any:
    from django.utils import timezone

    from scanner.models import FileScanState

    languages = rng.sample(LANGUAGES, 2)
    verdict = rng.choices(VERDICTS, WEIGHTS)[0]
    return FileScanState(
        file=file,
        tracks=[_track(index, code) for index, code in enumerate([*languages, *LANGUAGES])],
        languages=languages,
        engine="header",
        problem="unreadable" if verdict == "unknown" and rng.random() < 0.3 else "",
        probed_at=timezone.now(),
        verdict=verdict,
        reason={"reason": "no-dub", "languages": languages, "missing": ["eng"]},
    )


def _track(index: int, code: str) -> dict[str, Any]:
    return {
        "kind": "audio" if index < 2 else "text",
        "index": index,
        "language": code.partition("-")[0],
        "region": code.partition("-")[2] or None,
        "title": "",
        "default": index == 0,
        "forced": False,
        "commentary": False,
        "descriptive": False,
        "original": None,
        "codec": "AAC",
        "channels": 2,
    }


def _add_series(connection: Any, number: int, files: int, rng: random.Random) -> int:
    from library.models import Season

    media = _media(connection, number, rng)
    media.save()
    _decide([media], rng)
    per_season = 12 if files <= EPISODES else 50
    for season_number in range(1, files // per_season + 1):
        season = Season.objects.create(media=media, number=season_number)
        _add_files(list(_files(media, season, per_season, rng)), rng)
    return int(media.pk)


def _add_movies(connection: Any, count: int, rng: random.Random) -> None:
    from library.models import Media

    movies = [_media(connection, number, rng) for number in range(1, count + 1)]
    Media.objects.bulk_create(movies, batch_size=500)
    _decide(movies, rng)
    _add_files([file for movie in movies for file in _files(movie, None, 1, rng)], rng)


def _add_job(connection: Any, rng: random.Random) -> int:
    """One ended scan of all, every twentieth item failed, and its history."""
    from django.utils import timezone

    from history.models import Event
    from jobs.models import Job, JobItem
    from library.models import Media

    job = Job.objects.create(
        name="scan", connection=connection, state="completed", finished_at=timezone.now()
    )
    media = list(Media.objects.values_list("pk", "title"))
    JobItem.objects.bulk_create(
        (
            JobItem(
                job=job,
                step="media",
                key=f"media:{pk}",
                subject_kind="media",
                subject_id=pk,
                state="failed" if number % 20 == 0 else "done",
                error="The disk is away." if number % 20 == 0 else "",
                finished_at=timezone.now(),
            )
            for number, (pk, _title) in enumerate(media)
        ),
        batch_size=500,
    )
    Event.objects.bulk_create(
        (
            Event(kind="verdict", subject_kind="media", subject_id=pk, connection=connection, job=job,
                  title=title, before="original", after="dub",
                  code="title.added", params={"title": title, "instance": "TV"})
            for pk, title in rng.choices(media, k=EVENTS)
        ),
        batch_size=500,
    )  # fmt: skip
    return int(job.pk)


def _measure(known: dict[str, int], requests: int) -> str:
    """Print what each page takes; return the key of the session that asked."""
    from django.db import connection as database
    from django.db import reset_queries
    from django.test import Client

    from accounts.models import Role, User

    client = Client(headers={"Accept-Encoding": "gzip"})
    client.force_login(User.objects.create_user("admin", role=Role.ADMIN))
    print(f"{'page':<30}{'p50 ms':>8}{'p95 ms':>8}{'queries':>9}{'KB sent':>9}")
    for name, path in PAGES:
        address = path.format(**known)
        client.get(address)
        database.force_debug_cursor = True
        reset_queries()
        answer = client.get(address)
        queries = len(database.queries)
        database.force_debug_cursor = False
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        times = sorted(_timed(client, address) for _ in range(requests))
        p95 = times[min(len(times) - 1, round(0.95 * len(times)) - 1)]
        size = len(answer.content) / 1024
        print(f"{name:<30}{statistics.median(times):>8.0f}{p95:>8.0f}{queries:>9}{size:>9.1f}", flush=True)
    _print_static()
    return str(client.cookies["taggarr_session"].value)


def _measure_phone(known: dict[str, int], session: str, data: Path) -> None:
    from bench import paint
    from tests.web_server import web_server

    _make_posters(data / "posters")
    pages = [(name, path.format(**known)) for name, path in PAGES if name in ON_PHONE]
    with web_server(os.environ) as address:
        print(f"\n{'on a slow phone':<30}{'paint ms':>9}{'÷ empty':>9}{'shift':>8}{'KB':>8}")
        for name, visit, ratio in paint.measure(address, session, pages):
            print(
                f"{name:<30}{visit.paint:>9.0f}{ratio:>9.2f}{visit.shift:>8.3f}{visit.kilobytes:>8.1f}",
                flush=True,
            )


def _make_posters(folder: Path) -> None:
    """A picture for each title, as the apps would send it."""
    from PIL import Image

    from library.models import Media

    folder.mkdir(mode=0o700, exist_ok=True)
    Image.effect_noise((200, 300), 40).save(folder / "one.jpg", quality=70)
    picture = (folder / "one.jpg").read_bytes()
    for connection, number in Media.objects.values_list("connection_id", "arr_id"):
        (folder / f"{connection}-{number}").write_bytes(picture)


def _timed(client: Any, address: str) -> float:
    """Milliseconds of one request."""
    begun = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - begun) * 1000


def _print_static() -> None:
    from django.contrib.staticfiles import finders

    files = {name: Path(str(finders.find(name))).read_bytes() for name in STATIC}
    sizes = {name: len(gzip.compress(content)) / 1024 for name, content in files.items()}
    listed = ", ".join(f"{name.rpartition('/')[2]} {size:.1f}" for name, size in sizes.items())
    print(f"\nStatic files of a first visit, compressed: {sum(sizes.values()):.1f} KB ({listed})")


if __name__ == "__main__":
    sys.exit(main())
