"""Loaded by workers (`-I bench.faults.lossy`): every tenth message to other workers is lost."""

from __future__ import annotations

import itertools

from jobs import doorbells

LOST = 10
_send, _count = doorbells._send, itertools.count(1)


def _send_most(bell: doorbells.Doorbell) -> None:
    if next(_count) % LOST:
        _send(bell)


setattr(doorbells, "_send", _send_most)  # noqa: B010  (a function's name)
