#!/usr/bin/env python3
"""Lists of real programs, imported as a household does it: by a user, in a Taggarr that was just started.

    python -m bench.collection [--rows 100000]

Tellico (films and books, over D-Bus: CSV, XML and its own file), GCstar's format by Tellico's own stylesheet,
Calibre (its database, JSON and CSV), a table as Goodreads exports it, and one of so many rows. Of each: is it
recognised, has it as many rows as its program has things, do both tell the same titles, creators, ISBN, years
and days; does the same file again write nothing; and is, once it is taken back, every row of every table of
the database what it was. In the end all are imported into one collection, and taken back, the last one first.

What is not installed is named and not tried. It ends with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests

from bench import catalogue, collection_peers, stack
from bench.collection_peers import Listed, Thing
from bench.stack import Stack
from demo.arr.state import ArrState
from system.up import end_like_ctrl_c

NOTES = (
    *("accounts_", "catalogue_import", "connections_", "django_", "history_", "jobs_", "storage_"),
    "system_",
)
"""Tables that tell what was done, and when: they may grow."""

SHOWN = 3
CREATORS = ("author", "director", "artist", "writer", "developer")
HEAD = "| list | recognised as | rows | s | again | taken back |\n|---|---|---|---|---|---|"


@dataclass
class Person:
    """A user who does all by the API, with the rights of a user."""

    stack: Stack
    key: str
    wrong: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, **options: object) -> requests.Response:
        address = f"{self.stack.web}/api/v1/collection/{path}"
        headers = {"X-Api-Key": self.key, **options.pop("headers", {})}  # type: ignore[dict-item]
        answer = requests.request(method, address, headers=headers, timeout=600, **options)  # type: ignore[arg-type]
        if not answer.ok:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def upload(self, one: Listed) -> int:
        as_bytes = {"Content-Type": "application/octet-stream"}
        answer = self.call(
            "POST", "imports/upload", params={"name": one.name}, data=one.content, headers=as_bytes
        )
        return int(answer.json()["id"])

    def run(self, number: int, what: str) -> dict[str, int]:
        """Start or undo an import, wait for its job; return the import's counts."""
        job = self.call("POST", f"imports/{number}/{what}").json()["id"]

        def state() -> str:
            found = self.stack.get(f"jobs/{job}")
            return str(found["state"]) if found["finished_at"] else ""

        if (ended := stack.wait_until(state, every=0.5)) != "completed":
            self.wrong.append(f"{what} of import {number} ended as {ended}")
        counts: dict[str, int] = self.call("GET", f"imports/{number}").json()["counts"]
        return counts

    def shelf(self) -> Counter[Thing]:
        """All that is exported, as it is compared."""
        text = self.call("GET", "export").content.decode("utf-8-sig")
        found = csv.DictReader(io.StringIO(text, newline=""))
        return Counter(_exported(row) for row in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    end_like_ctrl_c()
    os.environ["TAGGARR_FLAGS"] = "catalogue=on"
    large = Listed("large.csv", "ours", catalogue.table(0, options.rows), ())
    lists = [*collection_peers.made(lambda text: print(text, file=sys.stderr)), large]
    with stack.folder() as root, stack.script_up(ArrState("sonarr"), root, workers=2) as running:
        person = Person(running, _key())
        print(HEAD)
        for one in lists:
            print(_tried(person, one, options.rows if one is large else len(one.things)), flush=True)
        _all_at_last(person, [one for one in lists if one is not large])
    for told in person.wrong:
        print(f"wrong: {told}")
    print(f"load {os.getloadavg()[0]:.1f}; {len(person.wrong)} wrong")
    sys.exit(bool(person.wrong))


def _key() -> str:
    from accounts.keys import create_key
    from accounts.models import Role, User
    from catalogue.models import Library

    # It is there from the first upload on, whatever becomes of that.
    Library.usual()
    user = User.objects.create_user("ute", role=Role.USER)
    return create_key(user, "bench", scopes=("write",), expires_at=None)[1]


def _tried(person: Person, one: Listed, rows: int) -> str:
    """Import a list into the empty collection, again, and take it back; return its line of the table."""
    before, wrong = tables(), person.wrong
    number = person.upload(one)
    shown = person.call("GET", f"imports/{number}/preview").json()
    if (shown["format"], shown["rows"]) != (one.format, rows):
        wrong.append(f"{one.name} is said to be {shown['rows']} rows of {shown['format']!r}")
    begun = time.monotonic()
    counts = person.run(number, "start")
    seconds = time.monotonic() - begun
    if counts != {"created": rows}:
        wrong.append(f"{one.name} became {counts}")
    if one.things:
        wrong.extend(f"{one.name}: {told}" for told in _differ(person.shelf(), Counter(one.things)))
    since = catalogue.now()
    again = person.run(person.upload(one), "start")
    written = catalogue.written(since)
    if again != {"unchanged": rows} or written:
        wrong.append(f"{one.name} again: {again}, {written} rows written")
    person.run(number, "undo")
    left = list(changed(before, tables()))
    wrong.extend(f"{one.name}, taken back: {told}" for told in left)
    return (
        f"| {one.name} | {shown['format']} | {sum(counts.values())} | {seconds:.1f} "
        f"| {written} rows written | {'not ' if left else ''}as before |"
    )


def _all_at_last(person: Person, lists: list[Listed]) -> None:
    """Import all lists into one collection, where they overlap, and take them back, the last one first."""
    before, done = tables(), []
    for one in lists:
        done.append(person.upload(one))
        counts = person.run(done[-1], "start")
        if sum(counts.values()) != len(one.things) or "failed" in counts:
            person.wrong.append(f"{one.name} beside all others became {counts}")
        print(f"| {one.name} beside all others | | {counts} | | | |")
    for number in reversed(done):
        person.run(number, "undo")
    person.wrong += [f"all lists taken back: {told}" for told in changed(before, tables())]


def _differ(found: Counter[Thing], wanted: Counter[Thing]) -> Iterator[str]:
    for what, some in (("lacks", wanted - found), ("has", found - wanted)):
        if some:
            yield f"the collection {what} {sum(some.values())}, such as {list(some)[:SHOWN]}"


def _exported(row: dict[str, str]) -> Thing:
    creators = [name for column in CREATORS for name in row[column].split(";")]
    title = row["title"].replace("\\", "").removeprefix("'")
    return Thing.of(title, creators, isbn=row["isbn"], year=row["year"], acquired=row["acquired_on"])


Tables = dict[str, list[str]]


def tables() -> Tables:
    """Every row of every table but those that tell what was done."""
    from core import sql

    names = sql.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", []
    )
    return {
        name: [row for (row,) in sql.fetch(f'SELECT t::text FROM "{name}" t ORDER BY 1', [])]  # noqa: S608
        for (name,) in names
        if not name.startswith(NOTES)
    }


def changed(before: Tables, now: Tables) -> Iterator[str]:
    for name, rows in before.items():
        if rows != now[name]:
            gone, new = Counter(rows) - Counter(now[name]), Counter(now[name]) - Counter(rows)
            yield f"{name} lacks {list(gone)[:SHOWN]}, and has {list(new)[:SHOWN]}"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
