#!/usr/bin/env python3
"""What a large list costs the collection: preview, import, the same again, undo; and a copy by its code.

    python -m bench.catalogue [--works 100000] [--undo 10000] [--json FILE]

A made-up table of books, films and records, imported by a real worker with two processes over PostgreSQL.
Beside the import stands bare PostgreSQL: COPY of the very rows that came of it into empty tables with the
same indexes. The time of a core is that of all processes; the memory is the most that one of them held.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.engine import Cost, measure, servers, worker
from catalogue.codes import gtin_digit

if TYPE_CHECKING:
    from accounts.models import User
    from catalogue.models import Copy, Import
    from jobs.models import Job

ASKED = 200
"""Codes that are looked up."""

LONGEST_WAIT = 1200.0
SAMPLE_EVERY = 0.05

HEAD = (
    *("media_type", "title", "year", "author", "director", "artist", "isbn", "ean_upc", "format"),
    *("publisher", "location", "genre", "state", "user_rating", "overview", "acquired_on", "price", "Mood"),
)
_FIRST = ("Silent", "Copper", "Northern", "Paper", "Hollow", "Crimson", "Distant", "Glass", "Winter", "Idle")
_SECOND = ("Harbour", "Lantern", "Orchard", "Signal", "Garden", "Engine", "River", "Letter", "Coast", "Key")
_KINDS = ("book", "movie", "book", "audio", "book", "movie")
_GENRES = ("Drama", "Crime", "Science Fiction", "History", "Jazz", "Poetry", "Travel")
_NAMES = ("Ann", "Bo", "Cy", "Dora", "Emil", "Frieda", "Gus", "Hanna", "Ivo", "Jule")


@dataclass(frozen=True)
class Row:
    """One measurement: seconds on the clock, and of one core, for so many rows of a list."""

    name: str
    rows: int
    seconds: float
    core: float = 0.0
    mib: float = 0.0
    written: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--works", type=int, default=100_000)
    parser.add_argument("--undo", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["TAGGARR_FLAGS"] = "catalogue=on"
    with tempfile.TemporaryDirectory(prefix="taggarr-bench-") as data:
        os.environ["TAGGARR_DATA"] = data
        with servers(), worker(2):
            rows = list(measured(options.works, options.undo))
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}), encoding="utf-8")
    print(markdown(rows))


def markdown(rows: list[Row]) -> str:
    text = [
        "| work | rows | s | rows/s | s of one core | MiB | rows written |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        each = f"{row.rows / row.seconds:.0f}" if row.rows > 1 else ""
        core, mib = (f"{figure:.1f}" if figure else "" for figure in (row.core, row.mib))
        text.append(
            f"| {row.name} | {row.rows} | {row.seconds:.3f} | {each} | {core} | {mib} | {row.written} |"
        )
    return "\n".join(text)


def measured(works: int, undone: int) -> Iterator[Row]:
    from accounts.models import Role, User
    from catalogue.imports import services

    user = User.objects.create_user("bench", role=Role.ADMIN)
    whole, more = table(0, works), table(works, works + undone)
    of = services.upload([whole], user, name="list.csv")
    yield Row("preview", works, clocked(lambda: services.preview(of)))
    yield imported("import", of, works)
    yield Row("bare PostgreSQL, the same rows", works, bare())
    yield from reads(user, works)
    yield imported("the same file again", services.upload([whole], user, name="again.csv"), works)
    of = services.upload([more], user, name="more.csv")
    yield imported("import into a full collection", of, undone)
    yield through("undo", lambda: services.undo(of, user), undone)


def table(first: int, last: int) -> bytes:
    """So many works, one a row: each has a copy, a code, and somebody who made it; every other is a book."""
    to = io.StringIO()
    writer = csv.writer(to)
    writer.writerow(HEAD)
    for number in range(first, last):
        what, of_what, name = _FIRST[number % 10], _SECOND[number // 10 % 10], _NAMES[number // 7 % 10]
        kind, maker = _KINDS[number % 6], f"{name} {of_what}{number // 100 % 200}"
        people = [maker if kind == made else "" for made in ("book", "movie", "audio")]
        title = f"The {what} {of_what} of {name} {number}"
        isbn, ean = (code(number), "") if kind == "book" else ("", code(number, "400"))
        seen = ("completed", "8") if number % 2 else ("", "")
        overview = f"Somebody finds number {number} in a drawer, and nothing is as it was before. " * 3
        writer.writerow(
            [
                *(kind, title, 1950 + number % 70, *people, isbn, ean, "Paperback" if isbn else "DVD"),
                *(f"House {number % 50}", f"Shelf {number % 40}", _GENRES[number % 7], *seen, overview),
                *(f"2019-{number % 12 + 1:02}-{number % 28 + 1:02}", f"{number % 40}.50", "calm"),
            ]
        )
    return to.getvalue().encode()


def code(number: int, prefix: str = "978") -> str:
    digits = f"{prefix}{number:09}"
    return digits + gtin_digit(digits)


def imported(name: str, of: Import, rows: int) -> Row:
    from catalogue.imports import services

    found = through(name, lambda: services.start(of), rows)
    of.refresh_from_db()
    if sum(of.counts.values()) != rows or of.counts.keys() - {"created", "unchanged"}:
        raise SystemExit(f"{name} did not end as it should: {of.counts}")
    return found


def through(name: str, start: Callable[[], Job], rows: int) -> Row:
    """A job from its start to its end, with the memory of the worker and what it wrote."""

    def run(_rows: int) -> None:
        job, end = start(), time.monotonic() + LONGEST_WAIT
        while job.is_live:
            if time.monotonic() > end:
                raise SystemExit(f"{name} did not end")
            time.sleep(0.05)
            job.refresh_from_db(fields=["state"])

    before = now()
    with peak() as seen:
        cost: Cost = measure(rows, run)
    return Row(name, rows, cost.wall, cost.core, seen[0], written(before))


def now() -> int:
    """The transaction after which comes what is written from now on."""
    from core import sql

    return int(sql.fetch("SELECT pg_current_xact_id()::text::bigint", [])[0][0])


def written(since: int) -> int:
    """How many rows of the collection were written since a transaction, and are still there."""
    from core import sql
    from tests.catalogue.tables import TABLES

    new = "xmin::text::bigint > %s"
    return sum(
        sql.fetch(f"SELECT count(*) FROM {name} WHERE {new}", [since])[0][0]  # noqa: S608  (our own)
        for name in TABLES
    )


@contextmanager
def peak() -> Iterator[list[float]]:
    """The most that a process of the worker holds within, in MiB."""
    seen, ended = [0.0], threading.Event()
    below = psutil.Process().children(recursive=True)
    workers = [process for process in below if "celery" in process.cmdline()]

    def watch() -> None:
        while not ended.wait(SAMPLE_EVERY):
            seen[0] = max(seen[0], *(process.memory_info().rss / 2**20 for process in workers))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def bare() -> float:
    """Seconds in which PostgreSQL takes the same rows by COPY, and maintains the same indexes."""
    from django.db import connection

    from catalogue.models import Footprint, ImportRow
    from tests.catalogue.tables import TABLES

    tables = [*TABLES, ImportRow._meta.db_table, Footprint._meta.db_table]
    seconds = 0.0
    with connection.cursor() as cursor, tempfile.TemporaryFile() as file:
        for name in tables:
            cursor.execute(f"CREATE TABLE bare (LIKE {name} INCLUDING ALL)")
            file.seek(0)
            file.truncate()
            with cursor.copy(f"COPY {name} TO STDOUT (FORMAT binary)") as rows:
                for part in rows:
                    file.write(part)
            file.seek(0)
            began = time.perf_counter()
            with cursor.copy("COPY bare FROM STDIN (FORMAT binary)") as rows:
                while part := file.read(1 << 20):
                    rows.write(part)
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE bare")
    return seconds


def reads(user: User, works: int) -> Iterator[Row]:
    """What somebody looks up in a full collection, each by its 95th percentile."""

    def by_code() -> list[Copy]:
        from catalogue import codes, scope
        from catalogue.codes import looked_up_as
        from catalogue.models import Identifier

        read = codes.read(code(next(numbers) * 6))
        assert read is not None  # noqa: S101  (we made it)
        values = [one.value for one in looked_up_as(read)]
        known = Identifier.objects.filter(library__in=scope.libraries(user), value__in=values)
        of = scope.copies(user).filter(edition__in=list(known.values_list("edition", flat=True)))
        found = list(of.select_related("edition__work", "location"))
        if len(found) != 1:
            raise SystemExit(f"{len(found)} copies have one code")
        return found

    numbers = iter(range(0, works // 6, max(1, works // 6 // ASKED)))
    times = sorted(clocked(by_code) for _ in range(min(ASKED, works // 6)))
    yield Row("code to copy, p95", 1, times[len(times) * 95 // 100])


def clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
