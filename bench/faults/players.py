"""Faults while labels and scenes are sent to a player, with every program and server real.

    script/faults --only player-kill-player,player-kill-io --media 200

A scan decides so many series; then a stand-in Plex, slow so that there is time, and a Stash of as many scenes
are connected, and all of it is sent while it is struck so many times. In the end every label and field must
stand, nothing of others may have been touched, and by the journal nothing was written more than twice.
"redone" is what was written twice.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from bench.faults.house import PATIENCE, House, Needs, NotHealedError, asked, house, wait_for
from bench.faults.library import FOREIGN, LABELS
from bench.faults.one import Result, say, scan
from bench.faults.strikes import Moment, kill_program, kill_server, restart_server, sentences
from demo.players.filled import add_shows
from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import PlayerState
from system.up import end_like_ctrl_c

AWAY = 20.0
LATENCY = 0.25
SLOW = 5.0
TOLD_ANEW = 10
"""Scenes that change at a strike; each of their hooks comes three times, in any order."""

TOLD = 2.0
"""Seconds within which all of them have come."""


@dataclass
class Plex:
    """The stand-in, and how often each item was written the same, its restarts included."""

    stand_in: StandIn
    stash: StashStandIn
    writes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self) -> None:
        for row in self.stand_in.journal("PUT"):
            if row["path"].endswith("/all") and row["status"] == 200:
                query = dict(row["query"])
                ids = str(query.pop("id", "")).split(",")
                self.writes.update((id, json.dumps(query, sort_keys=True)) for id in ids)
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

    def be_told(self, moment: Moment) -> None:
        """Somebody works on scenes in Stash, which tells it three times, and nobody knows in which order."""
        scenes = list(self.stash.state().scenes)
        for id in moment.chance.sample(scenes, min(TOLD_ANEW, len(scenes))):
            self.stash.change("update_scene", id=id, title=f"Scene {id}, {moment.number}")
        time.sleep(TOLD)


STRIKES: dict[str, tuple[str, Callable[[Plex], Callable[[Moment], None]]]] = {
    "player-none": ("sending, nothing to compare with", lambda _: lambda _moment: None),
    "player-kill-player": ("sending, kill -9 of Plex", lambda plex: plex.go_away),
    "player-slow-player": ("sending, Plex slow", lambda plex: plex.be_busy),
    "player-edited": ("sending, titles edited by hand", lambda plex: plex.be_edited),
    "player-hooks": ("sending, hooks three times in any order", lambda plex: plex.be_told),
    "player-kill-io": ("sending, kill -9 of the worker that sends", lambda _: kill_program("worker-io")),
    "player-kill-web": ("sending, kill -9 of the web server", lambda _: kill_program("web")),
    "player-kill-beat": ("sending, kill -9 of beat", lambda _: kill_program("beat")),
    "player-kill-postgres": ("sending, kill -9 of PostgreSQL", lambda _: kill_server("postgres")),
    "player-restart-postgres": (
        "sending, PostgreSQL restarted",
        lambda _: restart_server("postgres", signal.SIGINT),
    ),
    "player-kill-valkey": ("sending, kill -9 of Valkey", lambda _: kill_server("valkey")),
    "player-empty-valkey": (
        "sending, Valkey restarted empty",
        lambda _: restart_server("valkey", signal.SIGTERM),
    ),
}


def main() -> None:
    """Run the fault that the arguments name, and print its result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.players")
    parser.add_argument("name", choices=list(STRIKES))
    parser.add_argument("--media", type=int, default=400)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end_like_ctrl_c()
    result = run(options.name, options.media, options.tries, options.seed)
    print(json.dumps({**asdict(result), "survived": result.survived}))


def run(name: str, series: int, tries: int, seed: int) -> Result:
    """Make a house, scan, connect Plex and Stash, strike so many times; see what stands there."""
    chance = random.Random(f"{seed} {name}")
    what, strike = STRIKES[name]
    result = Result(name, what, tries)
    result.moments = sorted(round(chance.random() * 0.9, 3) for _ in range(tries))
    stash = StashStandIn(_scenes(series))
    with house(series, Needs()) as opened, StandIn("plex", _state(opened, series)) as stand_in, stash:
        plex = Plex(stand_in, stash)
        plex.slow()
        try:
            scan(opened)
            begun = time.monotonic()
            _connect(opened, plex)
            wait_for(lambda: _links() >= 2 * series, "all is to be sent", every=0.5)
            before, told = sentences(opened), set[str]()
            for number, share in enumerate(result.moments):
                wait_for(lambda share=share: _share() >= share, f"{share:.0%} is sent")  # type: ignore[misc]
                # Never the first: nobody listens here for what health says.
                strike(plex)(Moment(opened, number + 1, share == result.moments[-1], chance, before, told))
                result.healed.append(_heal())
                opened.calm()
                say(f"  {name}: try {number + 1} at {share:.1%} healed in {result.healed[-1]:.1f} s")
            # A scene of Stash brings its cover, which is a call of its own to a player that is slow.
            limit = max(PATIENCE, 2 * series * LATENCY)
            wait_for(lambda: _share() == 1, "everything is sent", limit=limit, every=0.5)
            result.scan_seconds = time.monotonic() - begun
            plex.count()
            result.redone = sum(number > 1 for number in plex.writes.values())
            result.wrong = [*opened.problems, *_wrong(opened, plex)]
        except NotHealedError as error:
            result.wrong.append(str(error))
    return result


def _heal() -> float:
    """Seconds until more is in sync than when the strike was over."""
    begun, share = time.monotonic(), _share()
    wait_for(lambda: _share() > share or _share() == 1, "sending goes on")
    return time.monotonic() - begun


def _scenes(number: int) -> StashState:
    state = StashState()
    for one in range(number):
        state.add_scene(
            f"/clips/clip_{one:05}.mp4",
            title=f"Scene {one}",
            details=f"About {one}.",
            tags=(f"Tag {one % 9}",),
            organized=True,
        )
    return state


def _state(opened: House, clips: int) -> PlayerState:
    """A Plex that has every series and clip, each with a label of somebody else's."""
    state, root = PlayerState("plex"), str(opened.library.root)
    add_shows(state, opened.library.state, root, root, lists={"label": [FOREIGN]})
    library = state.add_library("Clips", "movie", ["/clips"])
    for one in range(clips):
        path, lists = f"/clips/clip_{one:05}.mp4", {"label": [FOREIGN]}
        state.add_movie(library.id, path, title=f"clip {one:05}", lists=lists)
    return state


def _connect(opened: House, plex: Plex) -> None:
    from connections import services
    from connections.models import Connection
    from players.stash.hook import make_token

    services.add("plex", name="Plex", url=plex.stand_in.url, token=plex.stand_in.api_key)
    services.add("stash", name="Stash", url=plex.stash.url, api_key=plex.stash.api_key)
    stash = Connection.objects.get(kind="stash")
    headers = {"X-Webhook-Token": make_token(stash)}
    address = f"{opened.address}/api/v1/players/hook/{stash.pk}"
    plex.stash.change("send_hooks_to", url=address, headers=headers, times=3)


def _links() -> int:
    """How many titles are to stand in the player; of seasons each series here has one."""
    from players.models import Link

    return asked(lambda: Link.objects.exclude(subject__kind="season").count()) or 0


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
    shown = {item.path: item for item in items if item.kind == "movie"}
    for scene in plex.stash.state().scenes.values():
        clip = shown[scene.files[0].path]
        if (clip.title, clip.texts.get("summary")) != (scene.title, scene.details):
            yield f"{clip.path} is shown as {clip.title!r}, not as {scene.title!r}"
        if FOREIGN not in clip.lists["label"] or not clip.lists.get("genre"):
            yield f"{clip.path} has {clip.lists}"
    labelled = sum(verdict in LABELS for verdict in wanted.values())
    if len({id for id, _ in plex.writes}) < labelled + len(shown):
        yield "the journal does not have all that was written"
    if often := [one for one, number in plex.writes.items() if number > 2]:
        yield f"{len(often)} titles were written the same more than twice"
    if dead := Link.objects.filter(state="failed").count():
        yield f"{dead} dead letters"
    yield from plex.stand_in.report()["catastrophes"]


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
