"""Faults while labels are sent to a player, with every program and server real, and what is left of it.

    python -m bench.faults.players --series 400 --tries 3
    python -m bench.faults.players --only kill-player,kill-pusher

A scan decides so many series; then a stand-in Plex, slow so that there is time, is connected and gets their
labels and those of their seasons, while it is struck so many times. In the end every label must stand,
nothing of others may have been touched, and by the journal nothing was written more than twice.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.faults.house import House, Needs, NotHealedError, asked, house, wait_for
from bench.faults.library import FOREIGN, LABELS
from bench.faults.one import say
from bench.faults.strikes import Moment, kill_program, kill_server, restart_server, sentences
from demo.players.filled import add_shows
from demo.players.process import StandIn
from demo.players.state import PlayerState
from system.up import FOLDER, end_like_ctrl_c

AWAY = 20.0
LATENCY = 0.25
SLOW = 5.0
HEAD = """
| fault | tries | survived | s until all labels stood | titles written twice | wrong |
|---|---|---|---|---|---|"""


@dataclass
class Plex:
    """The stand-in, and how often each item was written, its restarts included."""

    stand_in: StandIn
    writes: Counter[str] = field(default_factory=Counter)

    def count(self) -> None:
        for row in self.stand_in.journal("PUT"):
            if row["path"].endswith("/all") and row["status"] == 200:
                self.writes.update(str(row["query"].get("id", "")).split(","))
        self.stand_in.clear_journal()

    def slow(self) -> None:
        self.stand_in.fault("latency", "/library/", seconds=LATENCY, count=None)

    def go_away(self, _moment: Moment) -> None:
        """What it does in its last moment is not done: so the journal holds all that was."""
        self.stand_in.fault("drop", count=None)
        self.count()
        with self.stand_in.down():
            time.sleep(AWAY)
        self.slow()

    def be_busy(self, _moment: Moment) -> None:
        self.stand_in.fault("latency", "/library/", seconds=SLOW, count=3)

    def be_edited(self, moment: Moment) -> None:
        """A person puts a label of their own on some shows, and changes their summaries."""
        state = self.stand_in.state()
        shows = [item for item in state.items.values() if item.kind == "show"]
        for item in moment.chance.sample(shows, min(20, len(shows))):
            mine = [*item.lists.get("label", []), f"mine-{moment.number}"]
            self.stand_in.change("edit", id=item.id, label=mine, summary="mine")


STRIKES: dict[str, Callable[[Plex], Callable[[Moment], None]]] = {
    "none": lambda _: lambda _moment: None,
    "kill-player": lambda plex: plex.go_away,
    "slow-player": lambda plex: plex.be_busy,
    "edited": lambda plex: plex.be_edited,
    "kill-pusher": lambda _: kill_program("worker-io"),
    "kill-postgres": lambda _: kill_server("postgres"),
    "restart-postgres": lambda _: restart_server("postgres", signal.SIGINT),
    "empty-valkey": lambda _: restart_server("valkey", signal.SIGTERM),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(STRIKES), help=f"some of: {', '.join(STRIKES)}")
    parser.add_argument("--one", choices=list(STRIKES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    end_like_ctrl_c()
    if options.one:
        print(json.dumps(run(options.one, options.series, options.tries, options.seed)))
        return
    results = [_in_a_process(name, options) for name in options.only.split(",")]
    print("\n".join([HEAD, *map(_row, results)]))
    sys.exit(any(result["wrong"] for result in results))


def _in_a_process(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Django's settings are read once, and name one database."""
    command = [sys.executable, "-m", "bench.faults.players", "--one", name]
    for key in ("series", "tries", "seed"):
        command += [f"--{key}", str(getattr(options, key))]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return {"name": name, "tries": options.tries, "wrong": ["it broke off: see above"]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _row(result: dict[str, Any]) -> str:
    survived = 0 if result["wrong"] else result["tries"]
    seconds = f"{result['seconds']:.0f}" if "seconds" in result else ""
    cells = (result["name"], result["tries"], survived, seconds, result.get("twice", ""))
    return f"| {' | '.join(map(str, cells))} | {'; '.join(result['wrong'])} |"


def run(name: str, series: int, tries: int, seed: int) -> dict[str, Any]:
    """Make a house, scan, connect the player, strike so many times; see what stands there."""
    chance = random.Random(f"{seed} {name}")
    result: dict[str, Any] = {"name": name, "tries": tries, "wrong": []}
    with house(series, Needs()) as opened, StandIn("plex", _state(opened)) as stand_in:
        plex = Plex(stand_in)
        plex.slow()
        try:
            _scan(opened)
            begun = time.monotonic()
            _connect(stand_in)
            before, told = sentences(opened), set[str]()
            for number, moment in enumerate(sorted(chance.random() * 0.9 for _ in range(tries))):
                wait_for(lambda share=moment: _share() >= share, f"{moment:.0%} is sent")  # type: ignore[misc]
                is_last = number == tries - 1
                # Never the first: nobody listens here for what health says.
                STRIKES[name](plex)(Moment(opened, number + 1, is_last, chance, before, told))
                opened.calm()
                say(f"  {name}: try {number + 1} at {moment:.1%}")
            wait_for(lambda: _share() == 1, "everything is sent", every=0.5)
            result["seconds"] = time.monotonic() - begun
            plex.count()
            result["twice"] = sum(number > 1 for number in plex.writes.values())
            result["wrong"] = [*opened.problems, *_wrong(opened, plex)]
        except NotHealedError as error:
            result["wrong"].append(str(error))
    return result


def _state(opened: House) -> PlayerState:
    """A Plex that has every series, each with a label of somebody else's."""
    state, root = PlayerState("plex"), str(opened.library.root)
    add_shows(state, opened.library.state, root, root, lists={"label": [FOREIGN]})
    return state


def _scan(opened: House) -> None:
    from connections.models import Connection
    from jobs.models import LIVE_JOB, Job
    from scanner.scan.starting import start_scan

    start_scan(Connection.objects.get())
    wait_for(lambda: not Job.objects.filter(state__in=LIVE_JOB).exists(), "it is scanned", every=0.5)
    say(f"  {len(opened.library.state.media)} series scanned")


def _connect(plex: StandIn) -> None:
    from connections.models import Connection
    from players.models import PlayerSettings

    player = Connection(name="Plex", kind="plex", url=plex.url)
    player.keep_secrets({"token": plex.api_key})
    player.save()
    PlayerSettings.objects.create(connection=player)


def _share() -> float:
    """How much of all links is as it should be."""
    from players.models import Link, LinkState

    def shares() -> float:
        total = Link.objects.count()
        return Link.objects.filter(state=LinkState.IN_SYNC).count() / total if total else 0.0

    return asked(shares) or 0.0


def _wrong(opened: House, plex: Plex) -> Iterator[str]:
    from players.models import Link

    wanted = opened.library.verdicts()
    items = plex.stand_in.state().items.values()
    for item in (item for item in items if item.kind == "show"):
        labels = {label.casefold() for label in item.lists.get("label", [])}
        if labels & set(LABELS) != {wanted[item.title]} & set(LABELS):
            yield f"{item.title} has {sorted(labels)}"
        if FOREIGN not in labels:
            yield f"{item.title} lost a label that is not ours"
        if item.texts.get("summary", "mine") != "mine":
            yield f"{item.title} lost a summary that is not ours"
    labelled = sum(verdict in LABELS for verdict in wanted.values())
    if len(plex.writes) < labelled:
        yield f"the journal has writes to {len(plex.writes)} titles alone, of {labelled} that carry a label"
    if often := {id: number for id, number in plex.writes.items() if number > 2}:
        yield f"{len(often)} titles were written more than twice"
    if dead := Link.objects.filter(state="failed").count():
        yield f"{dead} dead letters"
    yield from plex.stand_in.report()["catastrophes"]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
