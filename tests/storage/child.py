"""What other processes do in the tests of keeping: run with TAGGARR_DATA and the tests' database.

`python -m tests.storage.child keep 1,2 2,1` keeps pictures in one process for each order, all at once;
`… die` keeps a file in one process after the other, the n-th of which is killed at its n-th step, until one
is not. Prints how each ended.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from core.loading import load

DISK = ("open", "fsync", "rename", "mkdir", "fchmod")


def main() -> None:
    """Do what the arguments say. Everything is imported before the first fork, which makes these cheap."""
    load()
    from storage import keeping

    what, *orders = sys.argv[1:]
    if what == "keep":
        running = [fork(partial(keep_all, order.split(","))) for order in orders]
        ended = [os.waitpid(process, 0)[1] for process in running]
    else:
        ended = []
        while 0 not in ended:
            step = len(ended) + 1
            keep = partial(keeping.keep_file, [f"file {step}".encode()])
            process = fork(partial(die_at, step), keep)
            ended.append(os.waitpid(process, 0)[1])
    sys.stdout.write(" ".join(map(str, ended)))


def keep_all(seeds: list[str]) -> None:
    from storage import keeping
    from tests.storage.make import poster

    for seed in seeds:
        keeping.keep_picture([poster(int(seed))])


def fork(*work: Callable[[], object]) -> int:
    process = os.fork()
    if process:
        return process
    for function in work:
        function()
    os._exit(0)


def die_at(step: int) -> None:
    """Kill this process before its `step`-th step: calls to the disk, statements, commits."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    count = itertools.count(1)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if next(count) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return call

    for name in DISK:
        setattr(os, name, counted(getattr(os, name)))
    for owner, name in ((CursorWrapper, "execute"), (BaseDatabaseWrapper, "_commit")):
        setattr(owner, name, counted(getattr(owner, name)))


if __name__ == "__main__":
    main()
