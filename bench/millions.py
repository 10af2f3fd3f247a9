#!/usr/bin/env python3
"""What the database does with a million files: the rows are made in SQL, no file lies on disk.

    python -m bench.millions [--files 1000000]

Times the statements and the work that look at the whole library, with the most memory the process took.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.engine import servers

if TYPE_CHECKING:
    from connections.models import Connection

EPISODES = 50

_FILES = """
    INSERT INTO library_file (media_id, season_id, arr_file_id, episode_ids, episodes, path, arr_languages,
        arr_audio_streams, size)
    SELECT media.id, season.id, media.id * 100 + n, '{}', ARRAY[n],
        media.path || '/Season 01/Series S01E' || n || '.mkv', 'jpn/eng', 2, 1000000
    FROM library_media AS media JOIN library_season AS season ON season.media_id = media.id,
         generate_series(1, %(episodes)s) AS n
"""
_FACTS = """
    UPDATE scanner_filescanstate SET mtime_ns = 1, tracks = %(tracks)s::jsonb, languages = '{jpn,eng}',
        engine = 'header', probed_at = now()
"""
_EVENTS = """
    INSERT INTO history_event (time, kind, connection_id, subject_kind, subject_id, title, code, params,
                               before, after)
    SELECT now() - random() * interval '2 years', 'verdict', connection_id, 'media', media.id, title,
           'verdict.changed', '{}', '"original"', '"dub"'
    FROM library_media AS media, generate_series(1, %(episodes)s)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=1_000_000)
    options = parser.parse_args()
    with servers():
        lines = measure(options.files // EPISODES)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ", end="")
    print(f"{options.files} files of {options.files // EPISODES} series, as many events\n")
    print("| work | seconds | s of one core, this process |\n|---|---|---|")
    print("\n".join(lines))
    print(f"\nmost memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def measure(media: int) -> list[str]:
    from jobs.listing import progress
    from scanner import policies
    from scanner.models import Policy
    from scanner.scan import deciding, drift
    from tests.connections.build import make_connection

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    sonarr = make_connection(name="S", kind="sonarr", url="http://s", api_key="k" * 32, policy=policy)
    lines = [timed("making the rows", lambda: fill(sonarr, media))]
    lines.append(timed("deciding all, all change", lambda: deciding.redecide(sonarr.media.all())))
    lines.append(timed("deciding all, nothing changes", lambda: deciding.redecide(sonarr.media.all())))
    policy.target_languages = ["eng", "deu"]
    lines.append(timed("preview of a policy", lambda: policies.preview_policy(policy)))
    lines.append(timed("labels against verdicts (each scan)", lambda: drift.mark_dirty(sonarr)))
    job: list[Any] = []
    lines.append(timed("planning an item for each series", lambda: job.append(plan(media))))
    lines.append(timed("how far a job is", lambda: progress(job[0].pk)))
    lines.append(timed("1,000 claims among these", lambda: claim(job[0].pk)))
    lines.append(timed("the newest 50 events", newest_events))
    return [*lines, *sizes()]


def timed(name: str, work: Callable[[], object]) -> str:
    core, start = time.process_time(), time.monotonic()
    work()
    return f"| {name} | {time.monotonic() - start:.2f} | {time.process_time() - core:.2f} |"


def fill(connection: Connection, media: int) -> None:
    from django.db import connection as database

    from core import sql
    from library.models import Media, Season

    series = [
        Media(connection=connection, arr_id=n, title=f"Series {n}", path=f"/tv/Series {n}", tags=["dub"])
        for n in range(media)
    ]
    sql.insert(series, unique=("connection", "arr_id"))
    sql.insert([Season(media=one, number=1) for one in series])
    track = {"kind": "audio", "index": 0, "codec": "AAC", "channels": 2, "title": ""}
    tracks = json.dumps([{**track, "language": language} for language in ("jpn", "eng")])
    with database.cursor() as cursor:
        cursor.execute(_FILES, {"episodes": EPISODES})
        cursor.execute(_FACTS, {"tracks": tracks})
        cursor.execute(_EVENTS, {"episodes": EPISODES})
        cursor.execute("VACUUM ANALYZE")


def plan(media: int) -> Any:
    from jobs import claims
    from jobs.handlers import NewItem
    from jobs.models import Job, JobState

    job = Job.objects.create(name="noop", state=JobState.RUNNING)
    claims.insert(job, [NewItem(f"media:{n}", "item") for n in range(media)], rung=False)
    return job


def claim(job: int) -> None:
    from jobs import claims
    from jobs.models import JobItem

    for item in JobItem.objects.filter(job_id=job).values_list("pk", flat=True)[:1000]:
        claims.claim(item)


def newest_events() -> None:
    from core.subjects import titled
    from history.models import Event

    list(titled(Event.objects.all())[:50])


def sizes() -> list[str]:
    """How large the tables are, with their indexes."""
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) / 1048576 FROM pg_class"
            " WHERE relkind = 'r' AND relname IN"
            " ('library_file', 'scanner_filescanstate', 'library_media', 'history_event')"
        )
        return [f"| size of {name} | {size} MiB | |" for name, size in sorted(cursor.fetchall())]


if __name__ == "__main__":
    main()
