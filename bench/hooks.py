#!/usr/bin/env python3
"""How fast hooks of Stash are taken, and how long it takes until Plex shows what one told.

    python -m bench.hooks [--hooks 10000] [--due 10000] [--shown 30] [--json FILE]

What `script/up` runs, a stand-in Stash and Plex. Hooks of a hundred scenes are posted over HTTP, by as many
at once as a busy Stash has plugins running, while other titles are due; then one scene after the other is
changed, told, and looked for in Plex.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from bench import stack as stacks
from bench.stack import Stack, percentile, wait_until
from demo.arr.state import ArrState
from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import PlayerState

AT_ONCE = 8
SCENES = 100


@dataclass(frozen=True)
class Row:
    """Times in seconds; `each` is how many came a second."""

    name: str
    number: int
    p50: float
    p95: float
    p99: float
    each: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hooks", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=10_000)
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
    print(f"load {os.getloadavg()[0]:.1f}\n\n| | hooks | p50 s | p95 s | p99 s | a second |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.name} | {row.number} | {row.p50:.3f} | {row.p95:.3f} | {row.p99:.3f} | {row.each:.0f} |"
        )


def measure(stack: Stack, stash: StashStandIn, plex: StandIn, options: argparse.Namespace) -> Iterator[Row]:
    tell = _connected(stack, stash, plex)
    ids = list(stash.state().scenes)
    with _paused(options.due):
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            times = list(pool.map(tell, (ids[number % len(ids)] for number in range(options.hooks))))
        yield _row(f"accepted with {options.due} due", times, time.monotonic() - began)
    wait_until(lambda: not _waiting(), every=0.5)
    plex.clear_journal()
    times, began = [], time.monotonic()
    for number in range(options.shown):
        id, title = ids[number % len(ids)], f"Told {number}"
        stash.change("update_scene", id=id, title=title)
        start = time.monotonic()
        tell(id)
        wait_until(partial(_shows, plex, title), every=0.02)
        times.append(time.monotonic() - start)
    yield _row("from a hook until Plex shows it", times, time.monotonic() - began)


def _row(name: str, times: list[float], seconds: float) -> Row:
    p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
    return Row(name, len(times), p50, p95, p99, len(times) / seconds)


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


def _connected(stack: Stack, stash: StashStandIn, plex: StandIn) -> Any:
    """Add both, wait until all is sent; return what posts a hook and says how long that took."""
    from connections import services
    from connections.models import Connection
    from players.models import Link
    from players.stash.hook import make_token

    services.add("plex", name="Plex", url=plex.url, token=plex.api_key)
    services.add("stash", name="Stash", url=stash.url, api_key=stash.api_key)
    source = Connection.objects.get(kind="stash")
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
    session.headers["X-Webhook-Token"] = make_token(source)
    address = f"{stack.web}/api/v1/players/hook/{source.pk}"

    def tell(id: int) -> float:
        start = time.monotonic()
        body = {"args": {"hookContext": {"id": id, "type": "Scene.Update.Post"}}}
        session.post(address, json=body, timeout=60).raise_for_status()
        return time.monotonic() - start

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
