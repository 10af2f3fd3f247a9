"""Backups as files: private, listed, kept so long, taken in only when they are whole."""

from __future__ import annotations

import os
import stat
import time
import zipfile

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.errors import ConfigError, StorageError
from jobs import doorbells
from jobs import services as jobs
from jobs.models import JobState
from system.backup import services
from system.backup.manifest import BackupError
from tests.commands import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data")]


def old(name: str, days: float) -> str:
    path = services.folder() / name
    path.write_bytes(b"x")
    os.utime(path, (time.time() - days * 86400,) * 2)
    return name


def names() -> set[str]:
    return {path.name for path in services.folder().iterdir()}


def test_a_backup_is_for_its_owner_alone(full):
    Session.objects.create(session_key="abc", session_data="secret", expire_date=timezone.now())
    backup = services.make_backup()
    path = services.path_of(backup.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(services.folder().stat().st_mode) == 0o700
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"the-key-of-sonarr" not in everything
    assert os.environ["TAGGARR_ENCRYPTION_KEYS"].encode() not in everything
    assert os.environ["TAGGARR_SECRET_KEY"].encode() not in everything
    assert services.about(backup.name)["rows"]["library_media"] == 50
    assert "django_session" not in services.about(backup.name)["rows"]


def test_a_disk_that_cannot_be_written_leaves_no_half_backup(monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("system.backup.writing.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        services.make_backup()
    assert names() == set()


def test_old_backups_are_really_deleted_and_the_newest_stays():
    fresh = [old(f"taggarr-2026010{n}-000000.zip", n - 0.5) for n in range(1, 6)]
    spare = [old(f"uploaded-2026010{n}-000000.zip", n) for n in range(1, 6)]
    old("notes.txt", 900)
    deleted = services.delete_old(keep=4, keep_days=3)
    assert set(deleted) == {*fresh[3:], *spare[3:]}
    assert names() == {*fresh[:3], *spare[:3], "notes.txt"}
    only = services.delete_old(keep=1, keep_days=1)
    assert names() == {fresh[0], *spare[:3], "notes.txt"}
    assert set(only) == set(fresh[1:3])


@pytest.mark.parametrize(
    "name", ["../secret_key", "x.zip", "", "taggarr-20260101-000000.zip/../../x", "/etc/passwd"]
)
def test_no_path_outside_the_folder_is_ever_opened(name, data):
    (data / "secret_key").write_text("s")
    with pytest.raises(ConfigError, match="no backup called"):
        services.path_of(name)


def test_a_link_is_no_backup(data):
    (data / "secret_key").write_text("s")
    (services.folder() / "taggarr-20260101-000000.zip").symlink_to(data / "secret_key")
    with pytest.raises(ConfigError):
        services.path_of("taggarr-20260101-000000.zip")


def test_an_uploaded_backup_is_read_before_it_is_kept(full):
    content = services.path_of(services.make_backup().name).read_bytes()
    kept = services.take_in([content[:1000], content[1000:]])
    assert kept.name.startswith("uploaded-")
    before = names()
    with pytest.raises(BackupError, match="cut off"):
        services.take_in([content[:1000]])
    assert names() == before


def test_an_upload_that_never_ends_is_cut_off(monkeypatch):
    monkeypatch.setattr(services, "LARGEST_UPLOAD", 10)
    with pytest.raises(BackupError, match="larger than"):
        services.take_in([b"123456", b"123456"])
    assert names() == set()


def test_the_job_makes_one_and_deletes_old_ones():
    stale = old("taggarr-20200101-000000.zip", 900)
    with doorbells.muted():
        job, _ = jobs.start("backup", params={"keep": 2})
        job = jobs.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert job.summary["deleted"] == [stale]
    assert names() == {job.summary["backup"]}


def test_a_job_that_cannot_write_has_failed(monkeypatch):
    from jobs.handlers import RetryPolicy
    from system.backup.job import BackupHandler

    monkeypatch.setattr(BackupHandler, "retry", RetryPolicy(attempts=1))
    monkeypatch.setattr(
        "system.backup.writing.os.fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with doorbells.muted():
        job, _ = jobs.start("backup")
        job = jobs.run_inline(job)
    assert job.state == JobState.FAILED
    assert "No space left" in job.error


@pytest.mark.parametrize("params", [{"keep": 0}, {"keep": "x"}, {"socks": 1}])
def test_a_wrong_parameter_is_refused(params):
    with pytest.raises(ConfigError, match="backup"):
        jobs.start("backup", params=params)


def test_the_command_makes_and_lists_them():
    assert run("backup").out.startswith("Made ")
    made = run("backup", "--json", "--keep", "1").json
    assert [row["name"] for row in run("backup", "--list", "--json").json] == [made["name"]]
    assert made["name"] in run("backup", "--list").out
    services.delete_backup(made["name"])
    assert run("backup", "--list", "--json").json == []
