"""Collecting: what is referenced or young stays, whatever happens; the rest goes, and leaves nothing."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import collecting, keeping, places
from storage.models import Stored
from tests.storage.make import poster

pytestmark = pytest.mark.django_db
GRACE = 90


def age(stored: Stored, days: float, *, unused: float | None = None) -> None:
    then = Now() - timedelta(days=days)
    unused_since = None if unused is None else Now() - timedelta(days=unused)
    Stored.objects.filter(pk=stored.pk).update(created_at=then, seen_at=then, unused_since=unused_since)


def kept() -> set[str]:
    return set(Stored.objects.values_list("digest", flat=True))


def test_what_nobody_uses_is_marked_then_goes_after_the_grace_with_its_thumbnails(root, uses):
    uses(used=(list,))
    stored = keeping.keep_picture([poster(1)])
    keeping.thumbnail(stored, 200).close()
    assert collecting.collect().unused == 1
    age(stored, 200, unused=GRACE - 1)
    assert collecting.collect().files == 0
    age(stored, 200, unused=GRACE + 1)
    done = collecting.collect()
    assert (done.files, done.bytes) == (1, stored.size)
    assert not kept()
    assert not [path for path in root.rglob("*.*") if path.is_file() and path.name != ".taggarr-storage"]


def test_what_is_used_again_is_marked_no_more(uses):
    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=89)
    uses(used=(lambda: [stored.digest],))
    collecting.collect()
    stored.refresh_from_db()
    assert stored.unused_since is None


def test_a_feature_that_is_off_still_uses_its_files(uses):
    from system import switches

    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=100)
    uses(used=(lambda: [stored.digest],))
    switches.switch("scanner", False)
    try:
        collecting.collect()
    finally:
        switches.switch("scanner", None)
    assert kept() == {stored.digest}


def test_a_source_that_fails_stops_the_collection(uses):
    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=100)

    def broken() -> Iterator[str]:
        yield "0" * 64
        raise RuntimeError("no database")

    uses(used=(broken,))
    with pytest.raises(RuntimeError, match="no database"):
        collecting.collect()
    assert kept() == {stored.digest}


def test_one_that_is_used_at_the_last_moment_stays(uses, monkeypatch):
    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=100)
    uses(used=(list,))
    real = collecting._drop

    def used_meanwhile(row: Stored) -> bool:
        keeping.use([row.digest])
        return real(row)

    monkeypatch.setattr(collecting, "_drop", used_meanwhile)
    assert collecting.collect().files == 0
    assert kept() == {stored.digest}


def test_one_that_is_kept_anew_between_its_row_and_its_bytes_keeps_both(root, uses, monkeypatch):
    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=100)
    uses(used=(list,))
    real = collecting._delete_bytes

    def kept_meanwhile(store, row) -> None:
        keeping.keep_picture([poster(1)])
        real(store, row)

    monkeypatch.setattr(collecting, "_delete_bytes", kept_meanwhile)
    collecting.collect()
    assert kept() == {stored.digest}
    assert (root / stored.name).read_bytes() == poster(1)


def test_a_crash_between_row_and_bytes_leaves_what_the_next_sweep_takes(root, uses, monkeypatch):
    stored = keeping.keep_picture([poster(1)])
    age(stored, 200, unused=100)
    uses(used=(list,))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(collecting, "_delete_bytes", die)
        with pytest.raises(KeyboardInterrupt):
            collecting.collect()
    path = root / stored.name
    assert path.exists()
    assert collecting.collect().strays == 0
    os.utime(path, (0, 0))
    assert collecting.collect().strays == 1
    assert not path.exists()


def test_no_sweep_takes_bytes_that_have_a_row_or_get_one_before_they_are_locked(root, uses, monkeypatch):
    monkeypatch.setattr(collecting, "CHUNK", 1)
    first, late = keeping.keep_picture([poster(1)]), keeping.keep_picture([poster(2)])
    for stored in (first, late):
        os.utime(root / stored.name, (0, 0))
    real = keeping.lock

    def kept_meanwhile(digest, *, shared) -> None:
        real(digest, shared=shared)
        late.save(force_insert=True)

    Stored.objects.filter(pk=late.pk).delete()
    monkeypatch.setattr(collecting, "lock", kept_meanwhile)
    assert collecting.collect().strays == 0
    assert kept() == {first.digest, late.digest}
    assert all((root / stored.name).exists() for stored in (first, late))


def test_what_is_not_ours_is_left_alone(root, uses):
    keeping.keep_picture([poster(1)])
    strangers = [root / "notes.txt", root / "ab" / "cd" / "poster.jpg", root / ".hidden", root / ("a" * 64)]
    for path in strangers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        os.utime(path, (0, 0))
    assert collecting.collect().strays == 0
    assert all(path.exists() for path in strangers)


def test_the_grace_is_a_setting(uses):
    place = places.current()
    place.grace_days = 10
    place.save()
    stored = keeping.keep_picture([poster(1)])
    age(stored, 20, unused=11)
    uses(used=(list,))
    assert collecting.collect().files == 1


DAYS = st.sampled_from([0, 1, 89, 91, 400])
ROW = st.tuples(DAYS, DAYS, st.one_of(st.none(), DAYS), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=8))
def test_what_is_referenced_or_young_is_never_deleted(rows, data, uses):
    """Whatever the dates say: what is old, unseen and unused for the grace goes, and nothing else."""
    Stored.objects.all().delete()
    store = places.ready()
    must_stay: set[str] = set()
    must_go: set[str] = set()
    used: set[str] = set()
    for number, (created, seen, unused, referenced) in enumerate(rows):
        content = f"{number}".encode()
        digest = hashlib.sha256(content).hexdigest()
        with keeping.drafted([content]) as draft:
            store.put(f"{digest[:2]}/{digest[2:4]}/{digest}.bin", draft.file, draft.size, digest)
        now = timezone.now()
        Stored.objects.create(
            digest=digest,
            kind="bin",
            size=len(content),
            created_at=now - timedelta(days=created),
            seen_at=now - timedelta(days=seen),
            unused_since=None if unused is None else now - timedelta(days=unused),
        )
        used |= {digest} if referenced else set()
        old = created > GRACE and seen > GRACE and unused is not None and unused > GRACE
        (must_go if old and not referenced else must_stay).add(digest)
    uses(used=(lambda: iter(used),))
    collecting.collect()
    assert kept() == must_stay
    for digest in must_stay | must_go:
        path = Path(data, "storage", digest[:2], digest[2:4], f"{digest}.bin")
        assert path.exists() == (digest in must_stay)


@pytest.mark.django_db(transaction=True)
def test_while_files_are_kept_and_collected_at_once_no_row_loses_its_file(root, uses):
    """Without any grace, so that every file goes as soon as nobody holds it."""
    place = places.current()
    place.grace_days = 0
    place.save()
    uses(used=(list,))
    keeping.keep_file([b"0"])
    lost: list[str] = []
    failed: list[bool] = []
    collected: list[int] = []

    def keep(first: int) -> None:
        try:
            for number in itertools.count(first):
                if sum(collected) >= 5 or failed:
                    break
                content = str(number % 4).encode()
                with transaction.atomic():
                    stored = keeping.keep_file([content])
                    # Until this ends nobody may take it away.
                    if (root / stored.name).read_bytes() != content:
                        lost.append(stored.name)
        except OSError as error:
            lost.append(str(error))
        finally:
            connection.close()

    def collect() -> None:
        try:
            while sum(collected) < 5 and not lost:
                collected.append(collecting.collect().files)
        except BaseException:
            failed.append(True)
            raise
        finally:
            connection.close()

    collector = threading.Thread(target=collect)
    keepers = [threading.Thread(target=keep, args=(number,)) for number in range(3)]
    for thread in (collector, *keepers):
        thread.start()
    for thread in keepers:
        thread.join()
    collector.join()
    assert (lost, failed) == ([], [])
    for stored in Stored.objects.all():
        assert hashlib.sha256((root / stored.name).read_bytes()).hexdigest() == stored.digest
