"""The outbox: what changed of which title, told to each reader once and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import hypothesis
import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connections import services
from core import sql
from library import changes
from library.changes import Batch
from library.clients import client_for
from library.models import Change, ChangeReader, Media, What
from library.sync import forget_media, sync_instance

Script = list[tuple[str, int]]
Reader = Callable[[], list[int]]

WRITERS = 4
SCRIPTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["write", "commit", "roll back"]), st.integers(0, WRITERS - 1)),
        st.just(("read", 0)),
    ),
    max_size=40,
)
"""What several connections do, in the order in which they do it. A reader reads between."""


@contextmanager
def writers() -> Iterator[list[psycopg.Connection[Any]]]:
    """Connections of their own, each with its own transactions."""
    options = connection.get_connection_params()
    wanted = {key: options[key] for key in ("dbname", "host", "port", "user", "password") if key in options}
    with ExitStack() as stack:
        yield [stack.enter_context(psycopg.connect(**wanted)) for _ in range(WRITERS)]


def play(script: Script, reader: Reader, ends: list[psycopg.Connection[Any]]) -> tuple[list[int], list[int]]:
    """Have the connections do this, and all end at last; what was committed, and what the reader was told."""
    Change.objects.all().delete()
    ChangeReader.objects.all().delete()
    reader()
    open_: list[list[int]] = [[] for _ in ends]
    committed: list[int] = []
    told: list[int] = []
    number = 0
    for act, who in [*script, *(("commit", who) for who in range(len(ends))), ("read", 0)]:
        if act == "write":
            number += 1
            ends[who].execute(
                "INSERT INTO library_change (media_id, connection_id, folder, what)"
                " VALUES (%s, 1, '/tv', 'files')",
                [number],
            )
            open_[who].append(number)
        elif act == "read":
            told += reader()
        else:
            if act == "commit":
                ends[who].commit()
                committed += open_[who]
            else:
                ends[who].rollback()
            open_[who] = []
    return committed, told


def by_the_outbox(most: int) -> Reader:
    def read() -> list[int]:
        told: list[int] = []
        while changes.read(
            "test", lambda batch: told.extend(one.media_id for one in batch.changes), most=most
        ):
            pass
        return told

    return read


def by_number_alone() -> Reader:
    """What not to do: numbers are given before transactions commit."""
    position = 0

    def read() -> list[int]:
        nonlocal position
        found = list(Change.objects.filter(pk__gt=position).order_by("pk"))
        position = found[-1].pk if found else position
        return [one.media_id for one in found]

    return read


@pytest.mark.django_db(transaction=True)
def test_no_reader_skips_a_change_nor_is_told_one_twice_whatever_commits_when():
    with writers() as ends:

        @settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
        @given(SCRIPTS, st.sampled_from([1, 2, 1000]))
        def check(script: Script, most: int) -> None:
            committed, told = play(script, by_the_outbox(most), ends)
            assert sorted(told) == sorted(committed)

        check()


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_goes_by_numbers_alone_would_skip_some():
    """This is what the test above would tell of it."""
    with writers() as ends:

        def skips(script: Script) -> bool:
            committed, told = play(script, by_number_alone(), ends)
            return sorted(told) != sorted(committed)

        hypothesis.find(
            SCRIPTS, skips, settings=settings(max_examples=2000, database=None, phases=[Phase.generate])
        )
        assert skips([("write", 0), ("write", 1), ("commit", 1), ("read", 0), ("commit", 0)])


def news(reader: str = "test") -> list[Batch]:
    told: list[Batch] = []
    changes.read(reader, told.append)
    return told


def told_of(reader: str = "test") -> list[tuple[str, str]]:
    return [(one.folder, one.what) for batch in news(reader) for one in batch.changes]


def a_change(number: int = 1, what: What = What.FILES) -> Change:
    return Change(media_id=number, connection_id=1, folder=f"/tv/{number}", what=what)


@pytest.mark.django_db(transaction=True)
def test_a_new_reader_has_missed_what_was_before_it_and_is_told_what_comes():
    changes.record([a_change(1)])
    assert news() == [Batch([], missed=True)]
    changes.record([a_change(2), a_change(3)])

    (batch,) = news()

    assert ([one.media_id for one in batch.changes], batch.missed) == ([2, 3], False)
    assert news() == []
    assert news("another") == [Batch([], missed=True)]


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_fails_is_told_the_same_again():
    news()
    changes.record([a_change()])

    with pytest.raises(RuntimeError, match="full"):
        changes.read("test", lambda _batch: (_ for _ in ()).throw(RuntimeError("full")))

    assert told_of() == [("/tv/1", "files")]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_told_nobody():
    news()
    with transaction.atomic():
        changes.record([a_change()])
        transaction.set_rollback(True)

    assert told_of() == []


@pytest.mark.django_db(transaction=True)
def test_changes_go_after_seven_days_and_who_was_away_for_longer_is_told_so():
    news()
    changes.record([a_change(1), a_change(2)])
    Change.objects.filter(media_id=1).update(time=timezone.now() - timedelta(days=7, minutes=1))

    assert changes.delete_old() == 1
    assert told_of() == [("/tv/2", "files")]

    ChangeReader.objects.update(read_at=timezone.now() - timedelta(days=7, minutes=1))
    changes.record([a_change(3)])
    assert [batch.missed for batch in news()] == [True]


@pytest.mark.django_db(transaction=True)
def test_a_reader_whose_position_is_of_another_server_begins_anew():
    news()
    ChangeReader.objects.update(transaction=2**60)
    changes.record([a_change()])

    assert [batch.missed for batch in news()] == [True]
    changes.record([a_change(2)])
    assert told_of() == [("/tv/2", "files")]


# Who records


@pytest.mark.django_db(transaction=True)
def test_a_sync_tells_what_it_changed(series_instance, sonarr):
    news()
    sync_instance(series_instance, client_for(series_instance))
    assert told_of() == [
        ("/tv/Lantern Harbour", "details"),
        ("/tv/Lantern Harbour", "files"),
        ("/tv/Lantern Harbour", "labels"),
        ("/tv/Paper Comets", "details"),
    ]

    sync_instance(series_instance, client_for(series_instance))
    assert told_of() == []

    sonarr.change("remove_media", id=2)
    sync_instance(series_instance, client_for(series_instance))
    assert told_of() == [("/tv/Paper Comets", "gone")]


@pytest.mark.django_db(transaction=True)
def test_a_title_that_is_forgotten_and_an_instance_that_is_deleted_are_told(series_instance, sonarr):
    sync_instance(series_instance, client_for(series_instance))
    news()

    forget_media(Media.objects.get(title="Paper Comets"))
    services.delete(series_instance)

    assert told_of() == [("/tv/Paper Comets", "gone"), ("/tv/Lantern Harbour", "gone")]


@pytest.mark.django_db
def test_many_changes_are_one_statement(monkeypatch):
    sent: list[str] = []
    change = sql.change

    def counted(text: str, given: sql.Parameters) -> int:
        sent.append(text)
        return change(text, given)

    monkeypatch.setattr(sql, "change", counted)

    changes.record(a_change(number) for number in range(5000))
    changes.record([])

    assert len(sent) == 1
    assert Change.objects.count() == 5000
