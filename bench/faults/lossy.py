"""A worker whose every tenth message to other workers is lost; it takes the arguments of `taggarr.worker`."""

from __future__ import annotations

import itertools
import sys
from typing import Any

from celery.signals import worker_process_init

from taggarr.worker import main

LOST = 10


@worker_process_init.connect
def lose(**_given: Any) -> None:
    """Have this process lose messages from now on."""
    from jobs import doorbells

    send, count = doorbells._send, itertools.count(1)

    def send_most(bell: doorbells.Doorbell) -> None:
        if next(count) % LOST:
            send(bell)

    setattr(doorbells, "_send", send_most)  # noqa: B010  (a function's name)


if __name__ == "__main__":
    sys.exit(main())
