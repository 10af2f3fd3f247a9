"""Publications that are killed at any step, and what others write meanwhile: nothing half, nothing lost."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from artwork.publishing.journal import carry_out
from core.errors import ConfigError, StorageError

from .build import add_entity, digest, held, publish
from .child import NEW, OLD_OURS, OLD_THEIRS, check

if TYPE_CHECKING:
    from connections.models import Connection

NAMES = ("poster.jpg", "fanart.jpg", "fanart1.jpg", "movie.nfo")


@pytest.mark.django_db(transaction=True)
def test_a_folder_holds_one_set_or_the_other_wherever_a_publication_was_killed(
    radarr_connection: Connection, tmp_path: Path, data: Path, process_environment: dict[str, str]
):
    folder = tmp_path / "movies"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.artwork.child", str(radarr_connection.pk), str(folder)],
        env={**process_environment, "TAGGARR_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    died, states = map(int, ended.stdout.split())
    assert died >= 20
    # Five files are renamed or taken away: it was killed before the first of them, and after each.
    assert states == 6


class PowerCutError(BaseException):
    pass


class Disk:
    """A disk of which the power is cut before its `at`-th step: what was not forced to it by then is lost.

    Files that were not forced are empty afterwards. Of the renames and deletions since the folder was forced
    the first `kept` have lasted: a file system writes them in their order.
    """

    def __init__(self, folder: Path, at: int, kept: int) -> None:
        self._folder, self._at, self._kept = folder, at, kept
        self._count = itertools.count(1)
        self._forced: set[int] = set()
        self.renames: list[Callable[[], None]] = []
        self.most = 0

    def attach(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("fsync", "replace", "unlink"):
            patch.setattr(os, name, partial(getattr(self, name), getattr(os, name)))
        patch.setattr("core.forcing.force", one_after_the_other)

    def _step(self) -> None:
        if next(self._count) == self._at:
            raise PowerCutError

    def fsync(self, real: Callable[[int], None], descriptor: int) -> None:
        self._step()
        real(descriptor)
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            self.renames.clear()
        self._forced.add(status.st_ino)

    def replace(self, real: Callable[..., None], draft: str, name: str, **folders: int) -> None:
        self._step()
        content, before = (self._folder / draft).read_bytes(), self._read(name)
        assert (self._folder / draft).stat().st_ino in self._forced

        def undo() -> None:
            (self._folder / draft).write_bytes(content)
            self._put(name, before)

        real(draft, name, **folders)
        self.renames.append(undo)

    def unlink(self, real: Callable[..., None], name: str, **folder: int) -> None:
        self._step()
        before = self._read(name)
        real(name, **folder)
        self.renames.append(lambda: self._put(name, before))

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.exists() else None

    def _put(self, name: str, content: bytes | None) -> None:
        if content is None:
            (self._folder / name).unlink()
        else:
            (self._folder / name).write_bytes(content)

    def cut(self) -> None:
        for draft in self._folder.glob(".taggarr-*"):
            if draft.stat().st_ino not in self._forced:
                draft.write_bytes(b"")
        self.most = len(self.renames)
        for undo in reversed(self.renames[self._kept :]):
            undo()


def one_after_the_other(descriptors: Sequence[int]) -> list[None]:
    """Force files to the disk so that a step is the same each time."""
    for one in descriptors:
        os.fsync(one)
    return [None] * len(descriptors)


@pytest.mark.django_db
def test_whatever_a_power_cut_takes_along_the_folder_is_whole_again(
    radarr_connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """At every step, with every beginning of the renames that were not forced to the disk."""
    numbers = itertools.count(1)
    cuts = 0

    def cut(at: int, kept: int) -> int | None:
        """Cut once, finish and look; return how many renames may have lasted, None where nothing was cut."""
        number = next(numbers)
        folder = tmp_path / f"{number}"
        title = add_entity(radarr_connection, folder, arr_id=number)
        publish(title, OLD_OURS)
        for name, content in OLD_THEIRS.items():
            (folder / name).write_bytes(content)
        disk = Disk(folder, at, kept)
        with monkeypatch.context() as patch:
            disk.attach(patch)
            try:
                publish(title, NEW)
            except PowerCutError:
                pass
            else:
                # What is told to be done may be lost no more.
                assert not disk.renames
                return None
        disk.cut()
        left = title.publications.filter(state="planned").first()
        if left is not None:
            carry_out(left)
        check(held(folder), dict(title.files.values_list("path", "digest")))
        return disk.most

    for at in itertools.count(1):
        most = cut(at, 0)
        if most is None:
            break
        cuts += 1 + sum(cut(at, kept) is not None for kept in range(1, most + 1))
    assert cuts >= 20


class Folder(RuleBasedStateMachine):
    """A folder that we and others write in, while the disk fails now and then."""

    connection: Connection
    root: Path
    number = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).number += 1
        self.folder = self.root / f"{self.number}"
        self.title = add_entity(self.connection, self.folder, arr_id=self.number)
        self.ever: dict[str, bytes] = {}

    @rule(name=st.sampled_from(NAMES), content=st.binary(min_size=1, max_size=2))
    def somebody_writes(self, name: str, content: bytes) -> None:
        path = self.folder / name
        if path.exists():
            # What somebody else overwrites is theirs to lose.
            self.ever.pop(digest(path.read_bytes()), None)
        path.write_bytes(content)

    @rule(
        files=st.dictionaries(st.sampled_from(NAMES), st.binary(min_size=1, max_size=2)),
        fails_at=st.none() | st.integers(1, 30),
    )
    def we_publish(self, files: dict[str, bytes], fails_at: int | None) -> None:
        self.may_fail(lambda: publish(self.title, files), fails_at)

    @rule(number=st.integers(0, 9), fails_at=st.none() | st.integers(1, 30))
    def we_undo(self, number: int, fails_at: int | None) -> None:
        from artwork.publishing.journal import By, undo

        all_of_them = list(self.title.publications.filter(state="done").order_by("pk"))
        if all_of_them:
            publication = all_of_them[number % len(all_of_them)]
            self.may_fail(lambda: undo(publication, By()), fails_at)

    def may_fail(self, work: Any, fails_at: int | None) -> None:
        before = held(self.folder)
        with pytest.MonkeyPatch.context() as patch:
            if fails_at:
                fail(patch, fails_at)
            try:
                work()
            except (StorageError, ConfigError):
                pass
            else:
                return
        if not self.title.publications.filter(state="planned").exists():
            assert held(self.folder) == before

    @invariant()
    def every_byte_is_in_the_folder_or_kept(self) -> None:
        from storage.models import Stored

        self.ever |= {digest(content): content for content in held(self.folder).values()}
        kept = set(Stored.objects.values_list("digest", flat=True))
        there = {digest(content) for content in held(self.folder).values()}
        assert self.ever.keys() <= kept | there

    @invariant()
    def no_draft_is_left_of_what_has_ended(self) -> None:
        if not self.title.publications.filter(state="planned").exists():
            assert not [name for name in held(self.folder) if name.startswith(".")]


def fail(patch: pytest.MonkeyPatch, at: int) -> None:
    """Let one call to the disk of the folder fail."""
    count = itertools.count(1)
    for name in ("replace", "unlink", "fsync", "open"):
        real = getattr(os, name)

        def failing(*given: Any, real: Any = real, name: str = name, **named: Any) -> Any:
            if (name == "fsync" or {"dir_fd", "src_dir_fd"} & named.keys()) and next(count) == at:
                raise OSError(5, "Input/output error")
            return real(*given, **named)

        patch.setattr(os, name, failing)


@pytest.mark.django_db
def test_every_byte_that_was_ever_in_a_folder_is_in_it_or_kept(radarr_connection: Connection, tmp_path: Path):
    Folder.connection, Folder.root = radarr_connection, tmp_path / "movies"
    run_state_machine_as_test(
        Folder,
        settings=settings(
            max_examples=15, stateful_step_count=10, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
