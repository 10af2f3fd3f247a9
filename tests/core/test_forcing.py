"""Forcing several files to the disk at once."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from core.forcing import force

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_is_forced_and_those_that_could_not_be_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    descriptors = [os.open(tmp_path / f"{number}", os.O_CREAT | os.O_WRONLY) for number in range(12)]
    forced = set()

    def fsync(descriptor: int) -> None:
        forced.add(descriptor)
        if descriptor == descriptors[7]:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(os, "fsync", fsync)
    errors = force(descriptors)
    alone = force(descriptors[7:8])
    for one in descriptors:
        os.close(one)

    assert forced == set(descriptors)
    assert [number for number, error in enumerate(errors) if error] == [7]
    assert [error and error.errno for error in (errors[7], *alone)] == [errno.EDQUOT, errno.EDQUOT]
    assert force([]) == []
