#!/usr/bin/env python3
"""What a player is called for how many titles: a first sync, changes, nothing new, an outage, a large index.

    python -m bench.players [--titles 10000] [--index 100000] [--limited] [--json FILE]

Real jobs in this process over PostgreSQL and Valkey, and a stand-in Plex that waits 5 ms before each answer.
A first sync writes a label and a summary; whatever comes after it begins with what the row before left.
The rate is not limited, but for the row that says so (`--limited`). In the outage no time passes: what is
waited for comes ten seconds nearer with each round, as between two ticks.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.engine import servers
from demo.players.process import StandIn
from demo.players.state import PlayerState

LATENCY = 0.005
OUTAGE = 600
TICK = 10
NO_LIMIT = 30_000
INDEX_ONLY = "--index-only"


@dataclass(frozen=True)
class Row:
    """One measurement. In the outage: calls `away`, tries and dead letters `lost`, seconds until `found`."""

    name: str
    titles: int
    calls: int
    writes: int
    seconds: float
    mib: float = 0.0
    away: int = 0
    lost: int = 0
    found: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--index", type=int, default=100_000)
    parser.add_argument("--limited", action="store_true", help="a first sync at 25 calls a second too")
    parser.add_argument("--json", type=Path)
    parser.add_argument(INDEX_ONLY, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.index_only:
        print(json.dumps(_index_here(options.index_only)))
        return
    with servers():
        rows = list(measure(options))
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}), encoding="utf-8")
    print(markdown(rows))


def markdown(rows: list[Row]) -> str:
    text = ["| work | titles | calls | of them writes | s | |", "|---|---|---|---|---|---|"]
    for row in rows:
        told = f"{row.mib:.0f} MiB" if row.mib else ""
        if row.away:
            told = f"{row.away} calls while away, {row.lost} tries or dead letters, found after {row.found} s"
        text.append(
            f"| {row.name} | {row.titles} | {row.calls} | {row.writes} | {row.seconds:.1f} | {told} |"
        )
    return "\n".join(text)


def measure(options: argparse.Namespace) -> Iterator[Row]:
    with StandIn("plex") as plex:
        sent = _Sent(plex, _player(plex))
        plex.load(library(options.titles))
        plex.fault("latency", seconds=LATENCY, count=None)
        yield sent.first(options.titles, "first sync")
        sent.push()
        yield sent.nothing_new(options.titles)
        yield sent.relabelled(options.titles)
        yield sent.told_otherwise(options.titles, "texts changed")
        yield sent.told_otherwise(1, "one text changed")
        yield sent.outage(options.titles)
        if options.limited:
            sent.forget_all(options.titles)
            yield sent.first(options.titles, "first sync at 25/s")
        plex.load(library(options.index))
        yield _index(sent.player.pk, options.index, plex)


def library(titles: int) -> PlayerState:
    state = PlayerState("plex")
    films = state.add_library("Movies", "movie", ["/data/movies"])
    for number in range(titles):
        name = f"Movie {number:06}"
        state.add_movie(films.id, f"/data/movies/{name}/{name}.mkv", title=name, year=2000)
    return state


def _player(plex: StandIn) -> Any:
    from connections.models import Connection
    from players.models import PlayerMapping, PlayerSettings, Route

    source = Connection.objects.create(name="Source", kind="stash", url="http://stash.test")
    player = Connection(name="Plex", kind="plex", url=plex.url)
    player.keep_secrets({"token": plex.api_key})
    player.save()
    PlayerSettings.objects.create(connection=player, most_a_second=NO_LIMIT, brake_percent=100)
    PlayerMapping.objects.create(player=player, source_prefix="/movies", player_prefix="/data/movies")
    Route.objects.create(source=source, player=player, fields={"summary": "keep"})
    return player


@dataclass
class _Sent:
    """One player, and what is done with it."""

    plex: StandIn
    player: Any

    def titles(self, number: int, label: str, text: str = "About") -> None:
        """Have the source say so many titles, all with this label and the like of a text."""
        from players import sources
        from players.clients.contract import Kind
        from players.models import Link, Route, Subject
        from players.rules.matching import Title

        source = Route.objects.get().source
        for start in range(0, number, 1000):
            seen = []
            for one in range(start, min(start + 1000, number)):
                name = f"Movie {one:06}"
                title = Title(Kind.MOVIE, name, files=(f"/movies/{name}/{name}.mkv",))
                state = sources.State(title, labels=(label,), fields={"summary": f"{text} {name}"})
                seen.append(sources.Seen(source.pk, name, Kind.MOVIE, name, state))
            keys = {one.key for one in seen}
            rows = {(row.source_id, row.key): row for row in Subject.objects.filter(key__in=keys)}
            sources.take_over(seen, rows)
        Link.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")

    def push(self) -> None:
        from jobs import services
        from players import jobs

        services.run_inline(jobs.start_push(self.player)[0])

    @contextmanager
    def _counted(self, name: str, titles: int) -> Iterator[list[Row]]:
        found: list[Row] = []
        self.plex.clear_journal()
        began = time.monotonic()
        yield found
        seconds = time.monotonic() - began
        methods = Counter(row["method"] for row in self.plex.journal())
        found.append(Row(name, titles, methods.total(), methods.total() - methods["GET"], seconds))

    def first(self, titles: int, name: str) -> Row:
        self.titles(titles, "dub")
        with self._counted(name, titles) as found:
            self.push()
        return found[0]

    def nothing_new(self, titles: int) -> Row:
        """The second comparison: in the first Plex still tells what we wrote as changed."""
        from jobs import services
        from players import jobs

        for _ in range(2):
            with self._counted("nothing changed", titles) as found:
                services.run_inline(services.start(jobs.RECONCILE, connection=self.player, params={})[0])
                self.push()
            # What Plex calls changed is asked for again for two minutes back.
            self.plex.change("set_clock", to=self.plex.state().clock + 3600)
        return found[0]

    def relabelled(self, titles: int) -> Row:
        self.titles(titles, "semi-dub")
        with self._counted("labels changed", titles) as found:
            self.push()
        return found[0]

    def told_otherwise(self, titles: int, name: str) -> Row:
        """Other texts of so many titles."""
        self.titles(titles, "semi-dub", name)
        with self._counted(name, titles) as found:
            self.push()
        return found[0]

    def forget_all(self, titles: int) -> None:
        from players.models import Link, Pace, PlayerSettings, RemoteItem, Subject

        Pace.objects.all().delete()
        Link.objects.all().delete()
        Subject.objects.all().delete()
        RemoteItem.objects.all().delete()
        PlayerSettings.objects.update(most_a_second=25, indexed_at=None, indexed_until=None)
        self.plex.load(library(titles))
        self.plex.fault("latency", seconds=LATENCY, count=None)

    def outage(self, titles: int) -> Row:
        """Ten minutes away, counted in calls, tries, and what is left of both; then all is sent."""
        from players.models import Link

        self.titles(titles, "dub", "texts changed")
        with self.plex.down(), _calls() as calls:
            for _ in range(OUTAGE // TICK):
                self._tick()
        lost = Link.objects.exclude(tries=0).count() + Link.objects.filter(state="failed").count()
        waited = 0
        while not self._tick_sends():
            waited += TICK
        with self._counted("outage", titles) as found:
            self.push()
        return replace(found[0], away=calls[0], lost=lost, found=waited)

    def _tick(self) -> None:
        """What comes every ten seconds, and ten seconds that go by."""
        from django.db.models import F

        from connections import breaker
        from connections.models import Connection
        from jobs.models import ItemState, JobItem
        from jobs.runner import run_item
        from players import jobs

        ago = timedelta(seconds=TICK)
        Connection.objects.update(breaker_open_until=F("breaker_open_until") - ago)
        JobItem.objects.filter(state=ItemState.PENDING).update(due_at=F("due_at") - ago)
        breaker.ping_due()
        jobs.start_due_pushes()
        for item in JobItem.objects.filter(state=ItemState.PENDING, due_at__lte=_now()):
            run_item(item.pk)

    def _tick_sends(self) -> bool:
        """Whether the breaker lets calls through again after one more tick without work."""
        from django.db.models import F

        from connections import breaker
        from connections.models import Breaker, Connection

        Connection.objects.update(breaker_open_until=F("breaker_open_until") - timedelta(seconds=TICK))
        breaker.ping_due()
        return Connection.objects.filter(pk=self.player.pk, breaker=Breaker.CLOSED).exists()


def _now() -> Any:
    from django.db.models.functions import Now

    return Now()


@contextmanager
def _calls() -> Iterator[list[int]]:
    """Counts the calls of all clients, those that nobody answers too."""
    from core.outbound.transport import Transport

    count, request = [0], Transport.request

    def counted(self: Transport, *given: Any, **options: Any) -> Any:
        count[0] += 1
        return request(self, *given, **options)

    Transport.request = counted  # type: ignore[method-assign]
    try:
        yield count
    finally:
        Transport.request = request  # type: ignore[method-assign]


# A large index, in a process of its own


def _index(player: int, titles: int, plex: StandIn) -> Row:
    from players.models import PlayerSettings

    PlayerSettings.objects.update(most_a_second=NO_LIMIT)
    plex.clear_journal()
    command = [sys.executable, "-m", "bench.players", INDEX_ONLY, str(player)]
    done = subprocess.run(command, env=os.environ, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    calls = len(plex.journal())
    return Row("index", titles, calls, 0, told["seconds"], told["mib"])


def _index_here(player: int) -> dict[str, float]:
    """What reading an index whole takes at its peak, as a worker process does it."""
    import django

    django.setup()
    from connections.models import Connection
    from jobs import services
    from players import jobs

    began = time.monotonic()
    job, _ = services.start(jobs.INDEX, connection=Connection.objects.get(pk=player))
    services.run_inline(job)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"mib": peak, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    main()
