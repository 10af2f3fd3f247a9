"""One writer for a folder at a time, over connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core import sql
from core.errors import StorageError
from library.folder_lock import folder_lock

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_writes_in(folder: str) -> Iterator[threading.Event]:
    """Another thread, and so another connection, writes in a folder until the event is set or the end."""
    has_it, may_end = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with folder_lock(folder):
                has_it.set()
                may_end.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert has_it.wait(60)
        yield may_end
    finally:
        may_end.set()
        thread.join(60)


def test_a_second_writer_is_told_to_come_later(tmp_path):
    with (
        another_writes_in(str(tmp_path)),
        pytest.raises(StorageError, match="Another worker is writing in the folder"),
        folder_lock(str(tmp_path), wait=0.05),
    ):
        pytest.fail("both write")

    with folder_lock(str(tmp_path), wait=0.05):
        pass


def test_a_second_writer_waits_for_the_first(tmp_path):
    with another_writes_in(str(tmp_path)) as may_end:
        threading.Timer(0.2, may_end.set).start()
        with folder_lock(str(tmp_path), wait=60):
            assert may_end.is_set()
            assert sql.fetch("SELECT current_setting('lock_timeout')", []) == [("0",)]


def test_writers_of_two_folders_do_not_wait_for_each_other(tmp_path):
    with another_writes_in(str(tmp_path / "a")), folder_lock(str(tmp_path / "b"), wait=0.05):
        pass


def test_a_folder_is_the_same_by_whichever_link_it_is_reached(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with (
        another_writes_in(str(tmp_path / "real")),
        pytest.raises(StorageError),
        folder_lock(str(tmp_path / "link"), wait=0.05),
    ):
        pytest.fail("both write")


def test_whoever_holds_it_and_fails_lets_go(tmp_path):
    with pytest.raises(RuntimeError), folder_lock(str(tmp_path)):
        raise RuntimeError

    with another_writes_in(str(tmp_path)):
        pass


def test_while_it_only_looks_at_files_the_transaction_has_no_number(tmp_path):
    """So a disk that hangs keeps back no reader of the outbox."""
    number = "SELECT pg_current_xact_id_if_assigned()::text"
    with folder_lock(str(tmp_path)):
        assert sql.fetch(number, []) == [(None,)]
    assert not transaction.get_connection().in_atomic_block
