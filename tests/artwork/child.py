"""Publications that are killed, in processes of their own: run with TAGGARR_DATA and the tests' database.

`python -m tests.artwork.child <connection> <folder>` publishes one set over another again and again, the n-th
time killed at its n-th step, until one is not; `… <connection> <folder> <number> <seed>` does so at random
until as many died, and kills a third of those that finish what was left, too. After each the folder has to
hold one set or the other, whole. Prints how many died, and how many different states they left.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.loading import load

if TYPE_CHECKING:
    from artwork.models import Entity
    from connections.models import Connection

OLD_OURS = {"poster.jpg": b"old poster", "banner.jpg": b"old banner"}
OLD_THEIRS = {"fanart.jpg": b"their fanart", "movie.nfo": b"<theirs/>"}
OLD = {**OLD_OURS, **OLD_THEIRS}
NEW = {
    "poster.jpg": b"new poster",
    "fanart.jpg": b"new fanart",
    "clearlogo.png": b"new logo",
    "movie.nfo": b"<new/>",
}
MOST_STEPS = 24


def main() -> None:
    """Kill, mend and look, as often as asked for."""
    load()
    from connections.models import Connection

    pk, folder, *more = sys.argv[1:]
    connection = Connection.objects.get(pk=int(pk))
    dice = random.Random(more[1]) if more else None
    died, states = 0, set()
    for number in itertools.count(1):
        died_at, state = one(connection, Path(folder), number, dice)
        died += died_at
        states.add(state)
        if died >= int(more[0]) if more else not died_at:
            break
    sys.stdout.write(f"{died} {len(states)}")


def one(connection: Connection, folder: Path, number: int, dice: random.Random | None) -> tuple[bool, str]:
    """Kill one publication; return whether it died, and in what state it left the folder."""
    from artwork.models import State
    from artwork.publishing.journal import carry_out
    from tests.artwork.build import add_entity, held, publish

    title = add_entity(connection, folder / f"{number}", arr_id=number)
    place = Path(folder / f"{number}")
    publish(title, OLD_OURS)
    for name, content in OLD_THEIRS.items():
        (place / name).write_bytes(content)
    died = run(title, lambda: publish(title, NEW), dice.randint(1, MOST_STEPS) if dice else number)
    there = {name: content in NEW.values() for name, content in held(place).items() if name[0] != "."}
    state = repr(sorted(there.items()))
    left = title.publications.filter(state=State.PLANNED).first()
    if left is not None:
        if dice and dice.random() < 1 / 3:
            run(title, lambda: carry_out(left), dice.randint(1, MOST_STEPS))
        carry_out(left)
    whole = held(place)
    known = dict(title.files.values_list("path", "digest"))
    check(whole, known)
    return died, state


def check(whole: dict[str, bytes], known: dict[str, str]) -> None:
    from tests.artwork.build import digest

    ours = NEW if whole == NEW else OLD_OURS
    if whole not in (OLD, NEW) or known != {name: digest(content) for name, content in ours.items()}:
        raise SystemExit(f"neither one set nor the other: {whole} {known}")


def run(title: Entity, work: Callable[[], object], step: int) -> bool:
    """Do it in a process that is killed before its `step`-th step; return whether that came so far."""
    from django.db import connections

    connections.close_all()
    process = os.fork()
    if not process:
        die_at(step)
        title.refresh_from_db()
        work()
        os._exit(0)
    return os.waitpid(process, 0)[1] == signal.SIGKILL


def die_at(step: int) -> None:
    """Kill this process before its `step`-th step: calls to the disk that change it, and commits."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    count = itertools.count(1)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if next(count) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return call

    for owner, name in ((BaseDatabaseWrapper, "_commit"), *steps()):
        setattr(owner, name, counted(getattr(owner, name)))


def steps() -> Iterator[tuple[Any, str]]:
    from artwork.publishing.folder import TitleFolder

    for name in ("fsync", "replace", "unlink"):
        yield os, name
    yield TitleFolder, "stage"


if __name__ == "__main__":
    main()
