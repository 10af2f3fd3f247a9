"""A thirtieth is read anew each day; damage is found, told, and mended where somebody can."""

from __future__ import annotations

import errno
import io
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from core.errors import ApiTransientError, StorageError
from jobs import services
from jobs.services import run_inline
from storage import checking, health, keeping, metrics, places
from storage.backends.local import Local
from storage.models import Stored
from system.health import find_issues
from tests.storage.make import poster

pytestmark = pytest.mark.django_db


def spoil(root, stored) -> None:
    path = root / stored.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def test_a_flipped_bit_is_found_told_and_counted(root):
    stored = keeping.keep_picture([poster(1)])
    spoil(root, stored)
    assert checking.check_some().damaged == 1
    stored.refresh_from_db()
    since = stored.damaged_at
    issue = next(issue for issue in find_issues(live=False) if issue.code == "damaged_files")
    assert issue.what == f"Stored files are damaged or gone: {stored}."
    assert issue.since == since
    number, size = metrics.files()
    assert [sample.value for sample in number.samples] == [0, 0, 1]
    assert [sample.value for sample in size.samples] == [0, 0, stored.size]


def test_since_when_something_is_damaged_stays(root):
    stored = keeping.keep_picture([poster(1)])
    (root / stored.name).unlink()
    checking.check_some()
    before = Stored.objects.get().damaged_at
    Stored.objects.update(checked_at=None)
    checking.check_some()
    assert Stored.objects.get().damaged_at == before


def test_in_thirty_days_every_file_is_read_once():
    for number in range(35):
        keeping.keep_file([str(number).encode()])
    for _ in range(30):
        done = checking.check_some()
        assert done.files <= 2
        assert checking.check_some().files == 0
        Stored.objects.filter(checked_at__isnull=False).update(checked_at=F("checked_at") - timedelta(days=1))
    assert not Stored.objects.filter(checked_at=None).exists()
    assert not checking.damaged().exists()


def test_while_the_store_is_away_nothing_is_called_damaged(root):
    keeping.keep_picture([poster(1)])
    root.rename(root.with_name("away"))
    with pytest.raises(StorageError, match="mounted"):
        checking.check_some()
    assert not checking.damaged().exists()
    assert [issue.what for issue in health.storage_away()] == ["The storage is not where it was."]


def test_a_store_that_works_or_holds_nothing_is_no_issue_and_one_that_fails_tells_why(root, monkeypatch):
    assert checking.check_some() == checking.Checked()
    assert list(health.storage_away()) == []
    keeping.keep_picture([poster(1)])
    assert list(health.storage_away()) == []

    def silent():
        raise StorageError("s3.silent", error="ConnectTimeout")

    monkeypatch.setattr(places, "backend", silent)
    assert [str(issue.what) for issue in health.storage_away()] == [
        "The S3 storage does not answer (ConnectTimeout): check that it is running."
    ]


def test_a_sector_that_does_not_read_is_damage(root, monkeypatch):
    keeping.keep_picture([poster(1)])

    class Spoilt(io.BytesIO):
        def read(self, size=-1):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Local, "open", lambda *_: Spoilt())
    assert checking.check_some().damaged == 1


def test_a_feature_mends_what_it_can(root, uses):
    stored = keeping.keep_picture([poster(1)])
    lost = keeping.keep_picture([poster(2)])
    spoil(root, stored)
    spoil(root, lost)
    Stored.objects.update(damaged_at=Now())

    def fetch(digest: str) -> None:
        if digest != stored.digest:
            raise ApiTransientError("The provider does not answer.")
        keeping.keep_picture([poster(1)])

    uses(mend=(fetch,))
    assert checking.check_some().mended == 1
    assert [one.digest for one in checking.damaged()] == [lost.digest]
    assert (root / stored.name).read_bytes() == poster(1)


def test_the_jobs_run_and_say_what_they_did(root):
    stored = keeping.keep_picture([poster(1)])
    spoil(root, stored)
    job, _ = services.start("storage_check")
    assert {"files": 1, "damaged": 1, "mended": 0}.items() <= run_inline(job).summary.items()
    job, _ = services.start("storage_collect")
    assert {"unused": 1, "files": 0, "bytes": 0, "strays": 0}.items() <= run_inline(job).summary.items()
