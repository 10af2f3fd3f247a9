#!/usr/bin/env python3
"""A household as its people run it, with much going wrong, and what stands in its players afterwards.

    python -m bench.household [--seeds 10] [--seed 1] [--divide 1] [--away 600 120] [--a-second 100]
                              [--stand-in-kodi]

`script/up` with a stand-in Sonarr of 660 series of 50 episodes, a Stash of 10,000 scenes, a Plex that shows
both, a Jellyfin and a Kodi that show the series; the Kodi is a real one where `kodi` and `xvfb` are there.
While all of it is sent Plex is killed, comes back, is restarted, slow, refreshed and edited by hand, Kodi is
switched off and on, scenes and files change, come and go, and every hook comes twice. In the end every label
and field has to be right, every edit of a person and every label of others there, and what pages say has to
be what PlexAPI reads.

Each seed deals other moments, which are printed: a seed does the same again. In every second one labels that
Plex is sent join those that are there, in the others they take their place. `--divide` has so many times
fewer titles. `--away` is how many seconds Plex is away, of each seed in turn, of all others as of the last: a
player that is away is asked once a minute before two of them are over, and ten are only more of the same.
`--a-second` is how many calls a player may get; with 25, as at first, ten thousand scenes take seven minutes.
It ends with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from bench import stack as stacks
from bench.faults.library import FOREIGN, verdict_of
from bench.household_checks import wrong
from bench.household_kodi import HouseholdKodi
from bench.stack import Stack, wait_until
from bench.webhook import post
from demo.arr.state import ArrState
from demo.media_files import write
from demo.players.filled import add_shows
from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import Kind, PlayerState
from system.up import end_like_ctrl_c
from tests.demo.players import real_kodi

SERIES, EPISODES, SCENES = 660, 50, 10_000
PLANTED = 3
"""Scenes of which Plex has a clip that is called the same elsewhere: a person has to choose."""

AUDIO = {"dub": ("jpn", "eng"), "original": ("jpn",), "wrong-dub": ("ger",)}
PLEX_FOLDER, CLIPS = "/data/tv", "/data/clips"
QUICKEST = 60
"""Scenes a second that a first sync takes at the most on two cores, whatever may be called."""

KEYS = {"plex": "token", "jellyfin": "api_key", "kodi": "password"}
CALM_FOR = 13
"""Seconds without anything to do: what the library tells is read every ten."""

PATIENCE = 1800.0
HEAD = """
| seed | titles | s to start | s of events | s until all is calm | s to check | in sync | edits kept | waiting for a person | wrong |
|---|---|---|---|---|---|---|---|---|---|"""  # noqa: E501

Players = dict[str, StandIn | HouseholdKodi]


@dataclass
class Home:
    """What runs, and what people did: `edits` are, by items of Plex, the fields and what was written."""

    stack: Stack
    sonarr: ArrState
    chance: random.Random
    players: Players
    plex: StandIn
    stash: StashStandIn
    ids: dict[str, int] = field(default_factory=dict)
    edits: dict[int, dict[str, str]] = field(default_factory=dict)
    labelled: set[int] = field(default_factory=set)
    verdicts: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    away: dict[str, AbstractContextManager[None]] = field(default_factory=dict)
    webhook: str = ""
    a_second: int = 100
    tag_edits: str = "replace"

    def has_plex_read(self) -> None:
        """Tell Plex how it reads labels, which it forgets when it is killed."""
        self.plex.change("quirks", tag_edits=self.tag_edits)


@dataclass
class Result:
    seed: int
    titles: int
    start: float = 0.0
    seconds: float = 0.0
    calm: float = 0.0
    checked: float = 0.0
    in_sync: int = 0
    edits: int = 0
    dead: int = 0
    moments: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--divide", type=int, default=1)
    parser.add_argument("--away", type=float, nargs="+", default=[600.0, 120.0])
    parser.add_argument("--a-second", type=int, default=100)
    parser.add_argument("--stand-in-kodi", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    end_like_ctrl_c()
    if options.one:
        is_real = real_kodi.INSTALLED and not options.stand_in_kodi
        print(json.dumps(asdict(run(options, is_real=is_real))))
        return
    print(HEAD, flush=True)
    found = [
        _in_a_process(options.seed + number, options.away[min(number, len(options.away) - 1)], options)
        for number in range(options.seeds)
    ]
    sys.exit(any(one["wrong"] for one in found))


def _in_a_process(seed: int, away: float, options: argparse.Namespace) -> dict[str, Any]:
    """Django's settings are read once, and name one database."""
    command = [sys.executable, "-m", "bench.household", "--one", "--seed", str(seed)]
    command += ["--divide", str(options.divide), "--away", str(away)]
    command += ["--a-second", str(options.a_second)]
    command += ["--stand-in-kodi"] if options.stand_in_kodi else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        result = asdict(Result(seed, 0, wrong=["it broke off: see above"]))
    else:
        result = json.loads(done.stdout.splitlines()[-1])
    names = ("seed", "titles", "start", "seconds", "calm", "checked", "in_sync", "edits", "dead")
    told = [f"{result[name]:.0f}" for name in names]
    print(f"| {' | '.join(told)} | {'; '.join(result['wrong'])} |", flush=True)
    return result


def run(options: argparse.Namespace, *, is_real: bool) -> Result:
    """Have it go wrong as the seed deals; `is_real`: the Kodi is no stand-in."""
    series, scenes = max(12, SERIES // options.divide), max(40, SCENES // options.divide)
    result, began = Result(options.seed, series + scenes), time.monotonic()
    with stacks.folder() as place, ExitStack() as stack:
        root = place / "tv"
        sonarr = _library(root, series)
        stash = stack.enter_context(StashStandIn(_scenes(scenes)))
        plex, jellyfin = (
            stack.enter_context(StandIn(kind, _player(kind, sonarr, root, scenes)))
            for kind in ("plex", "jellyfin")
        )
        players: Players = {"plex": plex, "jellyfin": jellyfin}
        if is_real:
            players["kodi"] = stack.enter_context(HouseholdKodi(place / "kodi", sonarr, root))
        else:
            players["kodi"] = stack.enter_context(StandIn("kodi", _player("kodi", sonarr, root, scenes)))
        running = stack.enter_context(stacks.script_up(sonarr, root, workers=1))
        home = Home(running, sonarr, random.Random(options.seed), players, plex, stash)
        home.a_second = options.a_second
        home.tag_edits = ("add", "replace")[options.seed % 2]
        home.has_plex_read()
        home.verdicts = {media.title: verdict_of(media.title) for media in sonarr.media.values()}
        stacks.scan(running)
        _connect(home)
        result.start, began = time.monotonic() - began, time.monotonic()
        # The first sync takes a call a title, and an outage before it goes on slowly.
        seconds = 1.5 * scenes / min(options.a_second, QUICKEST) + 30
        _live(home, list(_dealt(home, seconds, options.away[0])), result)
        result.seconds = time.monotonic() - began
        _wait_until_calm()
        _look_again(home)
        result.calm = time.monotonic() - began
        shown = running.get(f"players/{home.ids['plex']}")["overview"]
        result.in_sync, result.dead = shown["states"]["in_sync"], shown["dead"]
        result.edits, began = sum(map(len, home.edits.values())), time.monotonic()
        result.wrong = list(wrong(home, PLANTED))
        result.checked = time.monotonic() - began
    return result


# What there is


def _library(root: Path, series: int) -> ArrState:
    state = ArrState("sonarr")
    state.add_root_folder(str(root))
    for number in range(series):
        verdict = list(AUDIO)[number % len(AUDIO)]
        stacks.add_series(state, root, f"{verdict} {number:05}", EPISODES, stacks.spec(*AUDIO[verdict]))
    return state


def _scenes(number: int) -> StashState:
    state = StashState()
    state.folders = ["/clips", "/elsewhere"]
    for one in range(number):
        _add_scene(state, f"/clips/clip_{one:05}.mp4", one)
    for one in range(PLANTED):
        _add_scene(state, f"/elsewhere/{one}/planted.mp4", one)
    return state


def _add_scene(state: StashState, path: str, one: int) -> None:
    state.add_scene(path, **_about(path, one))


def _about(path: str, one: int) -> dict[str, Any]:
    return {
        "title": f"Scene of {path}",
        "details": f"What is to be said of {path}.",
        "date": f"20{one % 24:02}-05-06",
        "studio": f"Studio {one % 20}",
        "tags": (f"Tag {one % 30}", f"More {one % 7}"),
        "performers": (f"Person {one % 40}",),
        "organized": True,
    }


def _player(kind: Kind, sonarr: ArrState, root: Path, scenes: int) -> PlayerState:
    """A player that has the series, each with a label of somebody else's; Plex has the clips too."""
    state = PlayerState(kind)
    folder = PLEX_FOLDER if kind == "plex" else str(root)
    add_shows(state, sonarr, str(root), folder, lists={"label": [FOREIGN]})
    if kind == "plex":
        clips = state.add_library("Clips", "movie", [CLIPS, "/other"])
        paths = [f"{CLIPS}/clip_{one:05}.mp4" for one in range(scenes)]
        paths += [f"/other/{one}/planted.mp4" for one in range(PLANTED)]
        for path in paths:
            lists = {"label": [FOREIGN], "genre": [FOREIGN]}
            state.add_movie(clips.id, path, title=Path(path).stem.replace("_", " "), lists=lists)
    return state


def _connect(home: Home) -> None:
    """Add the players and Stash as a person does, and have Stash tell what changes."""
    root = str(home.stack.root)
    folders = [{"source": root, "player": PLEX_FOLDER}, {"source": "/clips", "player": CLIPS}]
    for kind, one in home.players.items():
        values: dict[str, Any] = {KEYS[kind]: one.api_key}
        if kind == "plex":
            values["player_mappings"] = folders
        values |= {"most_a_second": home.a_second, "may_be_off": kind == "kodi"}
        _add(home, kind, one.url, values)
    _add(home, "stash", home.stash.url, {"api_key": home.stash.api_key})
    stash = home.ids["stash"]
    routes = wait_until(lambda: _routes(home, stash) if len(_routes(home, stash)) == 3 else None, every=0.5)
    for route in routes:
        if route["player"] != home.ids["plex"]:
            address = f"{home.stack.web}/api/v1/players/routes/{route['id']}"
            requests.delete(address, headers=home.stack.headers, timeout=60).raise_for_status()
    home.webhook, hook = _tokens()
    home.stash.change(
        "send_hooks_to",
        url=f"{home.stack.web}/api/v1/players/hook/{stash}",
        headers={"X-Webhook-Token": hook},
        times=2,
    )


def _add(home: Home, kind: str, url: str, values: dict[str, Any]) -> None:
    body = {"kind": kind, "name": kind.capitalize(), "url": url, "values": values}
    home.ids[kind] = home.stack.send("POST", "connections", body)["id"]


def _routes(home: Home, source: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.stack.get("players/routes", source=source)["results"]
    return found


def _tokens() -> tuple[str, str]:
    """What Sonarr and the plugin for Stash are given: no route tells it."""
    from connections.models import Connection
    from library import webhooks
    from players.stash import hook

    sonarr, stash = (Connection.objects.get(kind=kind) for kind in ("sonarr", "stash"))
    return webhooks.make_token(sonarr), hook.make_token(stash)


# What happens

Act = Callable[[Home], str]


def _dealt(home: Home, seconds: float, away: float) -> Iterator[tuple[float, str, Act]]:
    """What happens in so many seconds, and when."""
    acts: list[tuple[str, Act, int]] = [
        ("plex", slowed, 2),
        ("plex", restarted, 2),
        ("plex", refreshed, 2),
        ("plex", edited, 5),
        ("stash", rewritten, 4),
        ("stash", removed, 2),
        ("plex", added, 2),
        ("sonarr", dubbed, 3),
    ]
    for where, act, times in acts:
        for _ in range(times):
            yield home.chance.random() * seconds, where, act
    for kind, times, long in (("plex", 1, away), ("kodi", 2, away / 4)):
        begins = sorted(home.chance.random() * seconds / times for _ in range(times))
        for number, begin in enumerate(begins):
            moment = begin + number * (seconds / times + long)
            yield moment, "", partial(killed, kind=kind)
            yield moment + long, "", partial(back, kind=kind)


def _live(home: Home, dealt: list[tuple[float, str, Act]], result: Result) -> None:
    """Let it happen; what concerns a player that is away waits until it is back."""
    began = time.monotonic()
    waiting = sorted(dealt, key=lambda one: one[0])
    while waiting:
        now = time.monotonic() - began
        ready = [one for one in waiting if one[0] <= now and one[1] not in home.away]
        for one in ready[:1]:
            waiting.remove(one)
            told = one[2](home)
            result.moments.append(f"{one[0]:.1f} s: {told}")
            sys.stderr.write(f"seed {result.seed}, {result.moments[-1]}\n")
        if not ready:
            time.sleep(0.05)


def killed(home: Home, kind: str) -> str:
    """What it does in its last moment is not done: it forgets nothing that it said."""
    player = home.players[kind]
    if isinstance(player, StandIn):
        player.fault("drop", count=None)
    home.away[kind] = player.down()
    home.away[kind].__enter__()
    return f"{kind} killed"


def back(home: Home, kind: str) -> str:
    home.away.pop(kind).__exit__(None, None, None)
    if kind == "plex":
        home.has_plex_read()
    return f"{kind} back"


def restarted(home: Home) -> str:
    killed(home, "plex")
    back(home, "plex")
    return "plex restarted"


def slowed(home: Home) -> str:
    home.plex.fault("latency", "/library/", seconds=1.0, count=20)
    return "plex slow for 20 calls"


def refreshed(home: Home) -> str:
    """A person has Plex read all of a library anew: what is not locked is lost."""
    section = home.chance.choice([1, 2])
    requests.get(
        f"{home.plex.url}/library/sections/{section}/refresh",
        params={"force": "1"},
        headers={"X-Plex-Token": home.plex.api_key},
        timeout=60,
    ).raise_for_status()
    return f"library {section} of plex refreshed"


def edited(home: Home) -> str:
    """A person writes summaries and titles of their own, and puts a label of theirs on some."""
    items = home.plex.state().items.values()
    clips = [item for item in items if item.kind == "movie" and item.path.startswith(CLIPS)]
    shows = [item for item in items if item.kind == "show"]
    for item in home.chance.sample(clips, 4):
        name = home.chance.choice(["summary", "title", "studio"])
        home.edits.setdefault(item.id, {})[name] = mine = f"Mine of {len(home.edits)}"
        home.plex.change("edit", id=item.id, **{name: mine})
    for item in home.chance.sample(shows, 2):
        home.labelled.add(item.id)
        home.edits.setdefault(item.id, {})["summary"] = "Mine"
        home.plex.change("edit", id=item.id, label=[*item.lists["label"], "Mine"], summary="Mine")
    return "6 titles edited in plex by hand"


def rewritten(home: Home) -> str:
    """Somebody works on scenes in Stash; one of them is saved over and over."""
    scenes = [row.id for row in home.stash.state().scenes.values() if row.files[0].path.startswith("/clips")]
    chosen = home.chance.sample(scenes, max(4, len(scenes) // 100))
    for number, id in enumerate([*chosen, *chosen[:1] * 5]):
        title = f"Rewritten {home.chance.randrange(10**6)} {number}"
        home.stash.change("update_scene", id=id, title=title, details=f"{title}, at length.")
    return f"{len(chosen)} scenes rewritten"


def removed(home: Home) -> str:
    scenes = home.stash.state().scenes.values()
    row = home.chance.choice([row for row in scenes if row.files[0].path.startswith("/clips")])
    home.removed.add(row.files[0].path.replace("/clips", CLIPS, 1))
    home.stash.change("remove_scene", id=row.id)
    return "a scene removed"


def added(home: Home) -> str:
    """A new clip: Stash or Plex has it first."""
    name = f"new_{home.chance.randrange(10**6):06}.mp4"
    path = f"/clips/{name}"
    in_stash = partial(home.stash.change, "add_scene", paths=[path], **_about(path, 1))
    in_plex = partial(home.plex.change, "add_movie", library=2, path=f"{CLIPS}/{name}")
    for add in home.chance.sample([in_stash, in_plex], 2):
        add()
    return f"{name} added"


def dubbed(home: Home) -> str:
    """An episode comes in anew with a dub; its webhook comes twice."""
    left = [title for title, verdict in home.verdicts.items() if verdict == "original"]
    title = home.chance.choice(left)
    media = next(media for media in home.sonarr.media.values() if media.title == title)
    name = f"Season 01/{title} - S01E001 dubbed.mkv"
    size = write(home.stack.root / title / name, stacks.spec("jpn", "eng"))
    first = home.sonarr.files_of(media.id)[0]
    home.stack.sonarr.change("replace_file", id=first.id, relative_path=name, size=size, audio="jpn/eng")
    home.verdicts[title] = "semi-dub"
    for _ in range(2):
        post(home.stack, home.webhook, media.id)
    return f"{title} dubbed in part"


# Until it is calm


def _look_again(home: Home) -> None:
    """What comes by itself: each quarter of an hour Stash is asked for what no hook told, and every night
    each player is compared with what should stand there.
    """
    from connections.models import Connection
    from players.stash.following import start_following

    start_following(Connection.objects.get(pk=home.ids["stash"]))
    _wait_until_calm()
    for kind in home.players:
        home.stack.send("POST", f"players/{home.ids[kind]}/reconcile", {"everything": True})
    _wait_until_calm()


def _wait_until_calm() -> None:
    """Return when nothing waits any more, and nothing has come for some seconds."""
    end, calm = time.monotonic() + PATIENCE, 0
    while calm < CALM_FOR and time.monotonic() < end:
        calm = 0 if _waiting() else calm + 1
        time.sleep(1.0)


def _waiting() -> int:
    from jobs.models import LIVE_JOB, Job
    from players.models import Link, LinkState, TouchedGroup

    waits = (LinkState.DUE, LinkState.CLAIMED, LinkState.NOT_THERE)
    links, jobs = Link.objects.filter(state__in=waits), Job.objects.filter(state__in=LIVE_JOB)
    return links.count() + jobs.count() + TouchedGroup.objects.count()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
