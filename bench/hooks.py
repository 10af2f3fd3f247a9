#!/usr/bin/env python3
"""How fast hooks of Stash are taken, and how long it takes until Plex shows what one told.

    python -m bench.hooks [--hooks 10000] [--due 10000] [--rate 100] [--shown 30] [--json FILE]

What `script/up` runs, a stand-in Stash and Plex. Hooks of a hundred scenes are posted over HTTP while other
titles are due: first so many a second, whether or not those before are answered, each timed from when it was
to go off; then by as many at once as a busy Stash has plugins running. Then each of those scenes is changed,
and all hooks come again while they are sent: how often each is due and written. In the end one scene after
the other is changed, told, and looked for in Plex.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import requests

from bench import stack as stacks
from bench.stack import Stack, percentile, wait_until
from demo.arr.state import ArrState
from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import PlayerState

AT_ONCE = 8
MOST_AT_ONCE = 64
"""Of those that go off at their time; one address may have a hundred."""

SCENES = 100

Taken = tuple[float, bool]
"""Seconds until a hook was answered, and whether it was taken."""

Tell = Callable[[int], Taken]


@dataclass(frozen=True)
class Row:
    """Times in seconds; `each` is how many came a second. Those that were not taken are `errors`, and counted
    with the time that they took. Where it was counted: `due`, the most titles that waited at once, and
    `writes`, how often Plex was written to for one scene at the most.
    """

    name: str
    number: int
    errors: int
    p50: float
    p95: float
    p99: float
    each: float
    due: int = 0
    writes: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hooks", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--shown", type=int, default=30)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with stacks.folder() as root:
        state = ArrState("sonarr")
        state.add_root_folder(str(root))
        with (
            stacks.script_up(state, root, workers=1) as stack,
            StashStandIn(_scenes()) as stash,
            StandIn("plex", _clips()) as plex,
        ):
            rows = list(measure(stack, stash, plex, options))
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}), encoding="utf-8")
    print(f"load {os.getloadavg()[0]:.1f}\n")
    print("| | hooks | errors | p50 s | p95 s | p99 s | a second | due at once | writes each |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.name} | {row.number} | {row.errors} | {row.p50:.3f} | {row.p95:.3f} | {row.p99:.3f} "
            f"| {row.each:.0f} | {row.due or ''} | {row.writes or ''} |"
        )


def measure(stack: Stack, stash: StashStandIn, plex: StandIn, options: argparse.Namespace) -> Iterator[Row]:
    tell = _connected(stack, stash, plex)
    ids = list(stash.state().scenes)
    told = [ids[number % len(ids)] for number in range(options.hooks)]
    with _paused(options.due):
        steady = f"accepted at {options.rate:g} a second, {options.due} due"
        yield _at_a_rate(steady, tell, told, options.rate)
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            taken = list(pool.map(tell, told))
        yield _row(f"accepted, {AT_ONCE} at once, {options.due} due", taken, time.monotonic() - began)
    wait_until(lambda: not _waiting(), every=0.5)
    yield _folded(stash, plex, tell, told)
    plex.clear_journal()
    taken, began = [], time.monotonic()
    for number in range(options.shown):
        id, title = ids[number % len(ids)], f"Told {number}"
        stash.change("update_scene", id=id, title=title)
        start = time.monotonic()
        _, is_taken = tell(id)
        wait_until(partial(_shows, plex, title), every=0.02)
        taken.append((time.monotonic() - start, is_taken))
    yield _row("from a hook until Plex shows it", taken, time.monotonic() - began)


def _folded(stash: StashStandIn, plex: StandIn, tell: Tell, told: list[int]) -> Row:
    """Change each scene, and tell of them again and again while they are sent."""
    for id in dict.fromkeys(told):
        stash.change("update_scene", id=id, title=f"Folded {id}")
    plex.clear_journal()
    began, due, taken = time.monotonic(), 0, []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, one in enumerate(pool.map(tell, told)):
            taken.append(one)
            if number % SCENES == 0:
                due = max(due, _waiting())
    row = _row(f"folded, {AT_ONCE} at once, while they are sent", taken, time.monotonic() - began)
    wait_until(lambda: not _waiting(), every=0.5)
    edits = [row["query"] for row in plex.journal("PUT") if row["status"] == 200]
    writes = Counter(id for query in edits for id in query["id"].split(","))
    shown = {query.get("title.value") for query in edits}
    if missing := {f"Folded {id}" for id in told} - shown:
        raise SystemExit(f"{len(missing)} scenes never reached Plex")
    return replace(row, due=due, writes=max(writes.values()))


def _at_a_rate(name: str, tell: Tell, ids: list[int], rate: float) -> Row:
    """Tell of these at a constant rate; each is timed from when it was to go off, so waiting counts too."""
    began = time.monotonic()

    def tell_at(number: int, id: int) -> Taken:
        _, is_taken = tell(id)
        return time.monotonic() - began - number / rate, is_taken

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        running = []
        for number, id in enumerate(ids):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            running.append(pool.submit(tell_at, number, id))
        taken = [one.result() for one in running]
    return _row(name, taken, time.monotonic() - began)


def _row(name: str, taken: list[Taken], seconds: float) -> Row:
    times = [took for took, _ in taken]
    p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
    errors = sum(not is_taken for _, is_taken in taken)
    return Row(name, len(taken), errors, p50, p95, p99, len(taken) / seconds)


def _scenes() -> StashState:
    state = StashState()
    for number in range(SCENES):
        state.add_scene(f"/clips/clip_{number:03}.mp4", details="Something.", organized=True)
    return state


def _clips() -> PlayerState:
    state = PlayerState("plex")
    library = state.add_library("Clips", "movie", ["/clips"])
    for number in range(SCENES):
        state.add_movie(library.id, f"/clips/clip_{number:03}.mp4")
    return state


def _connected(stack: Stack, stash: StashStandIn, plex: StandIn) -> Tell:
    """Add both, wait until all is sent; return what posts a hook."""
    from connections import services
    from connections.models import Connection
    from players.models import Link
    from players.stash.hook import make_token

    services.add("plex", name="Plex", url=plex.url, token=plex.api_key)
    services.add("stash", name="Stash", url=stash.url, api_key=stash.api_key)
    source = Connection.objects.get(kind="stash")
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=MOST_AT_ONCE))
    session.headers["X-Webhook-Token"] = make_token(source)
    address = f"{stack.web}/api/v1/players/hook/{source.pk}"

    def tell(id: int) -> Taken:
        start = time.monotonic()
        body = {"args": {"hookContext": {"id": id, "type": "Scene.Update.Post"}}}
        try:
            is_taken = session.post(address, json=body, timeout=60).ok
        except requests.RequestException:
            is_taken = False
        return time.monotonic() - start, is_taken

    wait_until(lambda: Link.objects.count() >= SCENES and not _waiting(), every=0.5)
    return tell


@contextmanager
def _paused(due: int) -> Iterator[None]:
    """Nothing is sent meanwhile, and so many titles of nobody are due; in the end these are gone."""
    from connections.models import Connection
    from players.models import Link, Subject

    player = Connection.objects.get(kind="plex")
    Connection.objects.filter(pk=player.pk).update(enabled=False)
    rows = [Subject(key=f"none:{number}", kind="movie", title=f"None {number}") for number in range(due)]
    subjects = Subject.objects.bulk_create(rows, batch_size=1000)
    links = [Link(subject=one, player=player, due_at="2020-01-01T00:00Z") for one in subjects]
    Link.objects.bulk_create(links, batch_size=1000)
    yield
    Subject.objects.filter(source=None).delete()
    Connection.objects.filter(pk=player.pk).update(enabled=True)


def _waiting() -> int:
    from players.models import Link

    return Link.objects.filter(due_at__isnull=False).count()


def _shows(plex: StandIn, title: str) -> bool:
    return any(row["query"].get("title.value") == title for row in plex.journal("PUT") if row["status"])


if __name__ == "__main__":
    main()
