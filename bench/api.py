#!/usr/bin/env python3
"""How fast lists are answered, of media for every filter and ordering, on the first page and the last.

    python -m bench.api [--media 35000] [--rounds 40]

Real PostgreSQL and web server; rows made by statements, one file a title.
"""

from __future__ import annotations

import argparse
import os
import platform
import time

import requests

from bench.stack import Stack, folder, percentile, running
from demo.arr.state import ArrState

QUERIES = (
    "media",
    "media?instance=1",
    "media?kind=sonarr",
    "media?verdict=wrong-dub",
    "media?verdict=dub&verdict=semi-dub",
    "media?language=eng",
    "media?missing_language=eng",
    "media?genre=Drama",
    "media?tag=dub",
    "media?monitored=true",
    "media?excluded=false",
    "media?failed=true",
    "media?dirty=true",
    "media?search=harbour 12",
    "media?ordering=title",
    "media?ordering=-title",
    "media?ordering=year",
    "media?ordering=verdict",
    "media?ordering=-verdict_at",
    "media?ordering=scanned_at",
    "media?ordering=-id",
    "media?ordering=-year",
    "media?ordering=verdict_at",
    "media?ordering=-scanned_at",
    "media?verdict=dub&missing_language=deu&ordering=-year",
    "files",
    "files?ordering=-path",
    "files?verdict=dub&verdict=semi-dub",
    "files?search=tv/12",
)

ROWS = """
    INSERT INTO library_media (connection_id, arr_id, title, sort_title, title_slug, path, original_language,
        original_language_override, genres, imdb_id, monitored, monitored_seasons, excluded, excluded_by,
        arr_fingerprint, arr_file_count, tags, year, created_at, updated_at)
    SELECT 1, n, 'Lantern Harbour ' || n, 'lantern harbour ' || lpad(n::text, 6, '0'), '', '/tv/' || n,
        'Japanese', '', CASE WHEN n %% 3 = 0 THEN '{Drama,Comedy}' ELSE '{Action}' END::text[], '',
        n %% 10 > 0, '{}', false, '', 'x', 1, CASE WHEN n %% 7 < 2 THEN '{dub}' ELSE '{}' END::text[],
        1960 + n %% 65, now(), now()
    FROM generate_series(1, %(number)s) AS n
"""
STATES = """
    UPDATE scanner_scanstate SET scanned_fingerprint = 'x',
        verdict = (ARRAY['dub','dub','semi-dub','original','original','wrong-dub','unknown'])[1 + n %% 7],
        verdict_reason = jsonb_build_object('code', 'all-dub', 'wanted', '["eng"]'::jsonb, 'first', null,
            'files_counted', 24, 'files_total', 24, 'files', '[]'::jsonb, 'unknown_total', 0),
        verdict_at = now() - n * interval '1 minute', dirty = n %% 500 = 0,
        scan_error = CASE WHEN n %% 400 = 0 THEN 'The folder is empty.' ELSE '' END,
        scanned_at = now() - n * interval '1 second'
    FROM (SELECT id, arr_id AS n FROM library_media) AS media WHERE media.id = media_id
"""
FILES = """
    INSERT INTO library_file (media_id, path, episode_ids, episodes, arr_languages, arr_audio_streams, size)
    SELECT id, path || '/1.mkv', '{}', '{1}', '', 2, 1000 FROM library_media
"""
FACTS = """
    UPDATE scanner_filescanstate AS state SET mtime_ns = 1, engine = 'matroska', probed_at = now(),
        verdict = title.verdict,
        tracks = (SELECT jsonb_agg(jsonb_build_object('kind', 'audio', 'index', n, 'language', 'jpn',
            'region', null, 'title', 'Surround 5.1', 'default', true, 'forced', false, 'commentary', false,
            'descriptive', false, 'original', null, 'codec', 'AAC', 'channels', 6))
            FROM generate_series(1, 4) AS n),
        languages = CASE WHEN media_id %% 3 = 0 THEN '{jpn,eng}' WHEN media_id %% 3 = 1 THEN '{jpn}'
            ELSE '{deu,jpn}' END::text[],
        problem = CASE WHEN media_id %% 300 = 0 THEN 'unreadable' ELSE '' END
    FROM library_file AS file JOIN scanner_scanstate AS title USING (media_id)
    WHERE file.id = state.file_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--media", type=int, default=35000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with folder() as root, running(ArrState("sonarr"), root, workers=1) as stack:
        fill(options.media)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
        print(f"load {os.getloadavg()[0]:.1f}: {options.media} media, page_size 50\n")
        print("| query | found | first page p50 ms | p95 ms | last page p50 ms | p95 ms |")
        print("|---|---|---|---|---|---|")
        for query in QUERIES:
            print(row(stack, query, options.rounds), flush=True)


def fill(number: int) -> None:
    from django.db import connection as database

    with database.cursor() as cursor:
        cursor.execute(ROWS, {"number": number})
        cursor.execute(STATES, {})
        cursor.execute(FILES, {})
        cursor.execute(FACTS, {})
        cursor.execute("ANALYZE")


def row(stack: Stack, query: str, rounds: int) -> str:
    with requests.Session() as session:
        session.headers.update(stack.headers)
        address = f"{stack.web}/api/v1/{query}{'&' if '?' in query else '?'}page_size=50"
        count = session.get(address, timeout=60).json()["count"]
        last = max(1, -(-count // 50))
        pages = [times(session, f"{address}&page={page}", rounds) for page in (1, last)]
    cells = [f"{percentile(page, share):.0f}" for page in pages for share in (0.5, 0.95)]
    return f"| {query} | {count} | {' | '.join(cells)} |"


def times(session: requests.Session, address: str, rounds: int) -> list[float]:
    """Milliseconds of each request."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        session.get(address, timeout=60).raise_for_status()
        found.append((time.perf_counter() - start) * 1000)
    return found


if __name__ == "__main__":
    main()
