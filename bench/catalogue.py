#!/usr/bin/env python3
"""What a large list costs the collection: preview, import, the same again, undo; and what is looked up in it.

    python -m bench.catalogue [--works 100000] [--undo 10000] [--json FILE]

A made-up table of books, films and records, imported by a real worker with two processes over PostgreSQL.
Beside the import stands bare PostgreSQL: COPY of the very rows that came of it into empty tables with the
same indexes; beside each page of what is found, what PostgreSQL alone takes to find it. The time of a core is
that of all processes (of a page: of each that was asked for); the memory is the most that one of them held.
"""

from __future__ import annotations

import argparse
import csv
import gc
import io
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bench.engine import Cost, measure, servers, worker
from bench.stack import percentile
from catalogue.codes import gtin_digit

if TYPE_CHECKING:
    from accounts.models import User
    from catalogue.models import Copy, Import
    from jobs.models import Job

ASKED = 200
"""Codes that are looked up."""

PAGES = 20
"""So often each page is asked for, with something else each time."""

A_PAGE = 50
ROUNDS = 60
"""Rows of a page by cursor, and how often the first and the one in the middle are asked for in turn."""

PEOPLE, EACH_ASKS = 20, 25
PAUSE = 1.0
"""How many people look at once, how often each, and the seconds for which they read what they got."""

FIRST_ROWS = 50
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
    """One measurement: seconds on the clock, and of one core, for so many rows of a list.

    `bare` are the seconds of PostgreSQL alone, `first` those until rows can be looked at; `refused` are the
    pages that were told to come back later.
    """

    name: str
    rows: int
    seconds: float
    core: float = 0.0
    mib: float = 0.0
    written: int = 0
    bare: float = 0.0
    first: float = 0.0
    refused: int = 0


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
        "| work | rows | s | rows/s | s of one core | MiB | rows written | bare PostgreSQL, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        each = f"{row.rows / row.seconds:.0f}" if row.rows > 1 else ""
        core, bare = (f"{figure:.3f}" if figure else "" for figure in (row.core, row.bare))
        mib, written = (f"{figure:.0f}" if row.mib else "" for figure in (row.mib, row.written))
        text.append(
            f"| {row.name} | {row.rows} | {row.seconds:.3f} | {each} | {core} | {mib} | {written} | {bare} |"
        )
    return "\n".join(text)


def measured(works: int, undone: int) -> Iterator[Row]:
    from accounts.models import Role, User
    from catalogue.imports import services

    user = User.objects.create_user("bench", role=Role.ADMIN)
    whole, more = table(0, works), table(works, works + undone)
    tenth = services.upload([table(0, works // 10)], user, name="tenth.csv")
    yield imported("import of a tenth", tenth, works // 10)
    yield from (replace(row, name=f"{row.name} (of a tenth)") for row in pages(user, works // 10))
    yield through("undo of a tenth", lambda: services.undo(tenth, user), works // 10)
    of = services.upload([whole], user, name="list.csv")
    yield Row("preview", works, clocked(lambda: services.preview(of)))
    yield imported("import", of, works)
    yield Row("bare PostgreSQL, the same rows", works, bare())
    yield from reads(user, works)
    yield from pages(user, works)
    yield from cursors(user, works)
    yield from people(user, works)
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

    first = 0.0

    def run(_rows: int) -> None:
        nonlocal first
        begun = time.monotonic()
        job, end = start(), begun + LONGEST_WAIT
        while job.is_live:
            if time.monotonic() > end:
                raise SystemExit(f"{name} did not end")
            time.sleep(0.05)
            if not first and seen_of(job) >= min(FIRST_ROWS, rows):
                first = time.monotonic() - begun
            job.refresh_from_db(fields=["state"])

    before = now()
    with peak() as seen:
        cost: Cost = measure(rows, run)
    return Row(name, rows, cost.wall, cost.core, seen[0], written(before), first=first)


def seen_of(job: Job) -> int:
    """How many rows of a list can be looked at."""
    from catalogue.models import ImportRow

    return ImportRow.objects.filter(of=job.params["import"])[:FIRST_ROWS].count()


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
    below = [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
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
    times = [clocked(by_code) for _ in range(min(ASKED, works // 6))]
    yield Row("code to copy, p95", 1, percentile(times, 0.95))


_IDS = "SELECT id FROM catalogue_work WHERE {} ORDER BY sort_title, id LIMIT 61"
_LIKE = _IDS.format("plain LIKE catalogue_plain(%s)")
_OF_GENRE = (
    "id IN (SELECT w.work_id FROM catalogue_workterm w JOIN catalogue_term t ON t.id = w.term_id "
    "WHERE t.kind = 'genre' AND t.name = %s)"
)
_ALIKE = "SELECT id FROM catalogue_work WHERE catalogue_plain(%s) <%% plain ORDER BY sort_title, id LIMIT 61"

Asked = tuple[dict[str, str], str, list[str]]
"""What a page is asked for; and how PostgreSQL is asked for the same works, with its parameters."""


def searches(works: int) -> dict[str, Callable[[int], Asked]]:
    """What people look for, each by a number that makes it something else."""

    def like(text: str) -> Asked:
        return {"q": text}, _LIKE, [f"%{text}%"]

    def step(number: int) -> int:
        return number * 37 % works

    return {
        "the list": lambda number: (
            {"sort": ("title", "-added", "-year")[number % 3]},
            _IDS.format("true"),
            [],
        ),
        "deep in the list": lambda number: (
            {"at": f"letter.{'nps'[number % 3]}"},
            _IDS.format("sort_title >= %s"),
            ["nps"[number % 3]],
        ),
        "inside of a word": lambda number: like(_SECOND[number % 10][1:5].casefold()),
        "a number in the title": lambda number: like(f"{step(number)}"),
        "two words": lambda number: like(f"{_FIRST[number % 10]} {_SECOND[number // 10 % 10]}"),
        "full text": lambda number: (
            {"q": f"about:{step(number)}"},
            _IDS.format("to_tsvector('simple', catalogue_plain(overview)) @@ to_tsquery('simple', %s)"),
            [f"{step(number)}:*"],
        ),
        "misspelled": lambda number: ({"q": _typo(number)}, _ALIKE, [_typo(number)]),
        "two facets": lambda number: (
            {"genre": _GENRES[number % 7], "decade": f"{1950 + number % 7 * 10}"},
            _IDS.format(f"year BETWEEN %s AND %s AND {_OF_GENRE}"),
            [f"{1950 + number % 7 * 10}", f"{1959 + number % 7 * 10}", _GENRES[number % 7]],
        ),
    }


def _typo(number: int) -> str:
    """A word with two letters in each other's place."""
    word = _SECOND[number % 9]
    return word[:2] + word[3] + word[2] + word[4:]


def pages(user: User, works: int) -> Iterator[Row]:
    """Pages of the collection, each by its 95th percentile, and what the API answers to the same."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    # As in the web process: what stands in memory from the beginning, here the whole list, is no garbage.
    gc.collect()
    gc.freeze()
    for name, asked in searches(works).items():
        for where, address in (("page", "/collection"), ("API", "/api/v1/collection/works")):
            if where == "API" and not {"q", "genre"} & asked(0)[0].keys():
                continue
            times: list[float] = []

            def ask(_units: int, asked=asked, times=times, address=address) -> None:  # type: ignore[no-untyped-def]
                for number in range(PAGES):
                    times.append(clocked(lambda: _ok(client, address, asked(number)[0])))  # noqa: B023

            _ok(client, address, asked(PAGES)[0])
            cost = measure(PAGES, ask)
            bare = percentile([clocked(lambda: found(*asked(number)[1:])) for number in range(PAGES)], 0.95)  # noqa: B023
            yield Row(f"{where}, {name}", 1, percentile(times, 0.95), cost.core / PAGES, bare=bare)


def cursors(user: User, works: int) -> Iterator[Row]:
    """The first page of a list by cursor and the one in the middle, each by its median, asked for in turn."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    first = f"/api/v1/collection/works?ordering=title&page_size={A_PAGE}&cursor=first"
    middle = first
    for _ in range(works // A_PAGE // 2 - 1):
        middle = client.get(middle).json()["next"]
    times: dict[str, list[float]] = {first: [], middle: []}
    for _ in range(ROUNDS):
        for address, seconds in times.items():
            seconds.append(clocked(lambda: _ok(client, address, {})))  # noqa: B023
    for name, address in (("first page", first), ("page in the middle", middle)):
        yield Row(f"{name} by cursor, median", 1, percentile(times[address], 0.5))


def people(user: User, works: int) -> Iterator[Row]:
    """What one person waits for a page of the web process, and what many at once do: a mix of all pages."""
    import requests
    from django.conf import settings
    from django.test import Client

    from bench.stack import answers, started, wait_until
    from catalogue.models import Work
    from system import programs
    from system.embedded.ports import next_free_port

    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    found = list(Work.objects.order_by("pk").values_list("pk", flat=True)[: PEOPLE * EACH_ASKS])
    port = next_free_port(28484)
    web = f"http://127.0.0.1:{port}"

    def look(person: int) -> list[tuple[float, int]]:
        """The seconds of each page, and its status."""
        times = []
        with requests.Session() as session:
            session.cookies.update(cookies)
            for number in range(EACH_ASKS):
                one = person * EACH_ASKS + number
                mix: list[tuple[str, dict[str, str]]] = [
                    *(("/collection", asked(one)[0]) for asked in searches(works).values()),
                    ("/", {}),
                    (f"/collection/works/{found[one % len(found)]}", {}),
                    ("/api/v1/collection/works", {"q": _FIRST[one % 10]}),
                ]
                address, asked = mix[one % len(mix)]
                began = time.perf_counter()
                answer = session.get(web + address, params=asked, timeout=60)
                times.append((time.perf_counter() - began, answer.status_code))
                if answer.status_code not in (requests.codes.ok, requests.codes.unavailable):
                    raise SystemExit(f"{address} {asked}: {answer.status_code}")
                time.sleep(PAUSE)
        return times

    with started(programs.web("127.0.0.1", port).command):
        wait_until(lambda: answers(f"{web}/ping"))
        look(0)
        alone = look(0)
        with ThreadPoolExecutor(PEOPLE) as pool:
            together = [one for times in pool.map(look, range(PEOPLE)) for one in times]
    for name, seen in (("one person", alone), (f"{PEOPLE} people at once", together)):
        refused = sum(status != requests.codes.ok for _, status in seen)
        p95 = percentile([seconds for seconds, _ in seen], 0.95)
        yield Row(f"{name}, mixed, p95", 1, p95, refused=refused)


def _ok(client: Any, address: str, asked: dict[str, str]) -> None:
    if (status := client.get(address, asked).status_code) != 200:
        raise SystemExit(f"{address} {asked}: {status}")


def found(statement: str, parameters: list[str]) -> list[tuple[Any, ...]]:
    from core import sql

    return sql.fetch(statement, parameters)


def clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
