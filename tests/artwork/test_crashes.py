"""Publications that are killed at any step, and what others write meanwhile: nothing half, nothing lost."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import ConfigError, StorageError

from .build import add_entity, digest, held, publish

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
