"""Faults while artwork is fetched and published, with every program and server real.

    script/faults --only art-kill-worker,art-kill-postgres --media 100 --tries 3

A scan decides so many series and writes its labels into NFO files. Then a stand-in of TMDB is connected, and
all titles are looked at, prepared and published while that is struck so many times. In the end the same
pictures and NFO files must stand beside each title as they are kept, with its label and what others wrote;
what somebody else put there must be in the folder or kept; and to publish once more must write nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.faults import checks
from bench.faults.house import House, Needs, NotHealedError, asked, house, wait_for
from bench.faults.library import LABELS, verdict_of
from bench.faults.one import Result, all_ended, say, scan
from bench.faults.strikes import (
    Moment,
    Strike,
    kill_program,
    kill_server,
    move_clock,
    no_clock,
    nothing,
    restart_server,
    sentences,
)
from demo.providers.process import StandIn
from demo.providers.state import ProviderState
from system.up import end_like_ctrl_c

if TYPE_CHECKING:
    from artwork.models import Entity

AWAY = 20.0
LABELLED = 60.0
"""Seconds within which the labels stand in new NFO files."""

WANTED = ("poster.jpg", "fanart.jpg", "tvshow.nfo")
"""What stands beside each title in the end, among other files."""

FOREIGN = b"a fanart of somebody else"
FOREIGN_EVERY = 3
"""One series in so many has it."""

MOST_FETCHED = 2
"""So often a picture may be fetched, and once more for each strike: what was in hand is done again."""


class Providers(StandIn):
    """The stand-in, and what was called `before` it was away."""

    def __init__(self, state: ProviderState) -> None:
        super().__init__(state)
        self.before: list[str] = []


@dataclass(frozen=True)
class Struck:
    """What is done while artwork is worked on; `needs` and `why_not` are those of a `Fault`."""

    what: str
    strike: Callable[[Providers], Strike]
    needs: Needs = field(default_factory=Needs)
    why_not: Callable[[], str] = lambda: ""


def go_away(providers: Providers) -> Strike:
    """TMDB is gone for a while."""

    def strike(_moment: Moment) -> None:
        # Its journal goes with it.
        providers.before += providers.called()
        with providers.down():
            time.sleep(AWAY)

    return strike


def ask_again(_providers: Providers) -> Strike:
    """Look at all titles again, and publish what is ready, beside what is under way."""

    def strike(_moment: Moment) -> None:
        from artwork import jobs
        from jobs import services

        def ask() -> bool:
            for name in (jobs.SCAN, jobs.PREPARE, jobs.PUBLISH):
                services.start(name)
            return True

        wait_for(lambda: asked(ask), "it was asked for")

    return strike


STRIKES = {
    "art-none": Struck("artwork, nothing to compare with", lambda _: nothing),
    "art-kill-worker": Struck("artwork, kill -9 of the worker", lambda _: kill_program("worker-bulk")),
    "art-kill-provider": Struck("artwork, TMDB away for 20 seconds", go_away),
    "art-kill-postgres": Struck("artwork, kill -9 of PostgreSQL", lambda _: kill_server("postgres")),
    "art-restart-postgres": Struck(
        "artwork, PostgreSQL restarted", lambda _: restart_server("postgres", signal.SIGINT)
    ),
    "art-empty-valkey": Struck(
        "artwork, Valkey restarted empty", lambda _: restart_server("valkey", signal.SIGTERM)
    ),
    "art-twice": Struck("artwork, every job asked for again beside itself", ask_again),
    "art-clock-back": Struck(
        "artwork, clock set back a day", lambda _: move_clock(-1), Needs(clock="all"), no_clock
    ),
}


def main() -> None:
    """Run the fault that the arguments name, and print its result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults.artwork")
    parser.add_argument("name", choices=list(STRIKES))
    parser.add_argument("--media", type=int, default=100)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end_like_ctrl_c()
    os.environ["TAGGARR_FLAGS"] = "artwork=on"
    result = run(options.name, options.media, options.tries, options.seed)
    print(json.dumps({**asdict(result), "survived": result.survived}))


def run(name: str, series: int, tries: int, seed: int) -> Result:
    """Make a house, scan, connect TMDB, strike so many times; see what stands there."""
    chance = random.Random(f"{seed} {name}")
    struck = STRIKES[name]
    result = Result(name, struck.what, tries)
    if why := struck.why_not():
        result.not_tried = why
        return result
    result.moments = sorted(round(chance.random() * 0.95, 3) for _ in range(tries))
    with house(series, struck.needs) as opened, Providers(_state(opened)) as providers:
        strike = struck.strike(providers)
        try:
            scan(opened)
            _add_foreign(opened)
            wait_for(_nfos_are_followed, "the scanner follows new NFO files")
            begun = time.monotonic()
            _connect(providers)
            before, told = sentences(opened), set[str]()
            for number, share in enumerate(result.moments):
                wait_for(lambda share=share: _share(series) >= share, f"{share:.0%} is done")  # type: ignore[misc]
                strike(Moment(opened, number, share == result.moments[-1], chance, before, told))
                result.healed.append(_heal(series))
                opened.calm()
                say(f"  {name}: try {number + 1} at {share:.1%} healed in {result.healed[-1]:.1f} s")
            wait_for(all_ended, "every job has ended", every=0.5)
            result.scan_seconds = time.monotonic() - begun
            result.left_over, result.redone = series - _published(), checks.redone_items()
            if result.left_over:
                _once_more()
            result.told = sorted(told)
            result.wrong = [*opened.problems, *_wrong(opened, providers, tries)]
        except NotHealedError as error:
            result.wrong.append(str(error))
    return result


def _state(opened: House) -> ProviderState:
    """A TMDB that knows every series of the stand-in Sonarr."""
    state = ProviderState()
    for media in opened.library.state.media.values():
        state.add_series(media.tvdb_id - 1000, media.title, {1: 3})
    return state


def _nfos_are_followed() -> bool:
    """Whether the scanner's tick has come once: what was written before it is left to the next scan."""
    from library.models import ChangeReader
    from scanner.new_nfos import READER

    return bool(asked(ChangeReader.objects.filter(name=READER).exists))


def _add_foreign(opened: House) -> None:
    for path in _foreign(opened):
        path.write_bytes(FOREIGN)


def _foreign(opened: House) -> list[Path]:
    folders = sorted(Path(media.path) for media in opened.library.state.media.values())
    return [folder / "fanart.jpg" for folder in folders[::FOREIGN_EVERY]]


def _connect(providers: Providers) -> None:
    """Have everything done by itself from now on, and begin it."""
    from artwork import jobs
    from artwork.models import ArtSettings
    from artwork.names import ArtType
    from connections import services
    from connections.models import Connection

    rules = {art.value: {"most": int(f"{art.value}.jpg" in WANTED)} for art in ArtType}
    # What it may publish unasked was settled before.
    ArtSettings.objects.create(
        connection=Connection.objects.get(),
        nfo="merge",
        publish=True,
        released=True,
        rules=rules,
        fall_back=False,
    )
    services.add("tmdb", name="TMDB", url=providers.url, api_key=providers.api_key)
    jobs.start(jobs.SCAN)


def _share(series: int) -> float:
    """How much is prepared, and how much is published."""
    from artwork.models import Entity

    def share() -> float:
        prepared = Entity.objects.filter(title=None, prepared_at__isnull=False).count()
        return (prepared + _published()) / (2 * series)

    return asked(share) or 0.0


def _published() -> int:
    from artwork.jobs import published

    return published().count()


def _heal(series: int) -> float:
    """Seconds until more is done than when the strike was over."""
    begun, share = time.monotonic(), _share(series)
    wait_for(lambda: _share(series) > share or _share(series) == 1 or all_ended(), "it goes on")
    return time.monotonic() - begun


def _once_more() -> None:
    """What failed is tried again, as the schedule of the night would."""
    from artwork import jobs

    for name in (jobs.PREPARE, jobs.PUBLISH):
        jobs.start(name)
        wait_for(all_ended, "the next one has ended", every=0.5)


def _wrong(opened: House, providers: Providers, strikes: int) -> Iterator[str]:
    from artwork.models import Entity, Publication, State

    titles = list(Entity.objects.filter(title=None).select_related("media").order_by("pk"))
    if len(titles) != len(opened.library.state.media):
        yield f"{len(titles)} titles, of {len(opened.library.state.media)}"
    yield from _other_than_usual(titles)
    with suppress(NotHealedError):
        # The scanner hears of new NFO files at its next tick.
        wait_for(
            lambda: not any(map(_without_label, titles)), "all NFO files have their labels", limit=LABELLED
        )
    for title in titles:
        yield from _beside(opened, title)
    yield from _lost(opened)
    if left := Publication.objects.filter(state=State.PLANNED).count():
        yield f"{left} publications are not over"
    if drafts := list(opened.library.root.rglob(".taggarr*")):
        yield f"{len(drafts)} drafts were left behind, as {drafts[0]}"
    fetched = [path for path in (*providers.before, *providers.called()) if "/t/p/" in path]
    often = max((fetched.count(path) for path in set(fetched)), default=0)
    if often > MOST_FETCHED + strikes or len(set(fetched)) < 2 * len(titles):
        yield f"{len(set(fetched))} pictures were fetched, one {often} times"
    done = Publication.objects.count()
    _once_more()
    if more := Publication.objects.count() - done:
        yield f"to publish once more wrote beside {more} titles"


def _beside(opened: House, title: Entity) -> Iterator[str]:
    """What of a title is not as it should be."""
    from storage.keeping import find, read

    folder = Path(title.media.path) if title.media else Path()
    files = dict(title.files.values_list("path", "digest"))
    kept = find(files.values())
    for name, digest in files.items():
        with read(kept[digest]) as file:
            # Into that the scan has written since.
            if name != "tvshow.nfo" and (folder / name).read_bytes() != file.read():
                yield f"{title}: {name} is not as it is kept"
    if wrong := _without_label(title):
        yield wrong
    nfo = folder / "tvshow.nfo"
    theirs = ("<!-- kept -->", "<tag>kids</tag>")
    if nfo in opened.library.nfos and not all(one in nfo.read_text(encoding="utf-8") for one in theirs):
        yield f"{title}: its NFO lost what others wrote"


def _without_label(title: Entity) -> str:
    """What is wrong with the labels in a title's NFO; empty where they are right."""
    nfo = Path(title.media.path if title.media else "", "tvshow.nfo").read_text(encoding="utf-8")
    label = {verdict_of(title.name)} & {*LABELS}
    shown = {one for one in LABELS if f"<tag>{one}</tag>" in nfo}
    return "" if shown == label else f"{title}: its NFO has {sorted(shown)}, not {sorted(label)}"


def _other_than_usual(titles: Iterable[Entity]) -> Iterator[str]:
    """Which titles have other files than most: all are alike."""
    found = {
        title: {path.replace(title.media.title, "") for path in title.files.values_list("path", flat=True)}
        for title in titles
        if title.media
    }
    usual, _ = Counter(map(frozenset, found.values())).most_common(1)[0]
    if not usual >= {*WANTED}:
        yield f"most titles have {sorted(usual)}"
    yield from (
        f"{title} has {sorted(files)}, others {sorted(usual)}"
        for title, files in found.items()
        if files != usual
    )


def _lost(opened: House) -> Iterator[str]:
    from storage.keeping import find

    digest = hashlib.sha256(FOREIGN).hexdigest()
    kept = bool(find([digest]))
    for path in _foreign(opened):
        if not kept and path.read_bytes() != FOREIGN:
            yield f"{path} of somebody else is lost"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
