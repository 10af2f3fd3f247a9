"""System → Backups. What a backup holds, and how it is restored: tests/system/backup."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.streams import sent

NAME = "taggarr-20260115-030000.zip"


@pytest.fixture
def whole(committed_rows):
    """The name of a backup that could be restored."""
    from system.backup.services import make_backup

    return make_backup().name


def test_a_backup_is_made_and_its_progress_shown(rows, as_admin):
    from jobs.services import run_inline
    from system.backup.services import list_backups

    page = as_admin.post("/system/backups/make", follow=True).content.decode()
    assert "A backup is being made." in page
    assert "HX-Refresh" not in as_admin.get("/system/backups/live")
    run_inline(live_job())

    assert as_admin.get("/system/backups/live")["HX-Refresh"] == "true"
    assert len(list_backups()) == 2
    assert "intact" in as_admin.get("/system/backups").content.decode()


def live_job():
    from jobs.models import Job

    return Job.objects.get(name="backup", state="queued")


def test_no_backup_yet_says_what_to_do(rows, as_admin, data):
    (data / "backups" / NAME).unlink()

    assert "There is no backup yet." in as_admin.get("/system/backups").content.decode()


def test_a_check_says_what_is_wrong(rows, as_admin):
    assert "not checked" in as_admin.get("/system/backups").content.decode()

    text = as_admin.post(f"/system/backups/{NAME}/check", follow=True).content.decode()

    assert "This backup holds no library" in text
    assert "damaged" in text


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_uploaded_checked_and_sent_back_as_it_was(whole, as_admin, data):
    content = (data / "backups" / whole).read_bytes()
    file = SimpleUploadedFile("my own name.zip", content)

    text = as_admin.post("/system/backups/upload", {"file": file}, follow=True).content.decode()

    kept = next((data / "backups").glob("uploaded-*.zip")).name
    assert f"kept as {kept}" in text
    assert "✓" in text
    answer = as_admin.get(f"/system/backups/{kept}/download")
    assert answer["Content-Disposition"] == f'attachment; filename="{kept}"'
    assert "Content-Encoding" not in answer
    assert sent(answer) == content


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Choose a backup file"),
        ({"file": SimpleUploadedFile("x.zip", b"nothing")}, "not a complete backup"),
    ],
)
def test_what_is_no_backup_is_not_taken(given, told, rows, as_admin, data):
    text = as_admin.post("/system/backups/upload", given, follow=True).content.decode()

    assert told in text
    assert [path.name for path in (data / "backups").iterdir()] == [NAME]


@pytest.mark.django_db(transaction=True)
def test_a_restore_says_what_it_will_do_is_staged_and_taken_back(whole, as_admin):
    from system.backup.services import staged

    page = as_admin.get(f"/system/backups/{whole}/restore").content.decode()
    assert "Anything that changes between now and then is lost." in page
    assert "<dt>Media</dt><dd>10</dd>" in page
    assert staged() is None

    text = as_admin.post(f"/system/backups/{whole}/restore", follow=True).content.decode()
    assert "will be restored the next time Taggarr starts" in text
    assert (staged() or {})["drop_secrets"] is False

    assert (
        "Cancelled: nothing will be restored"
        in as_admin.post("/system/backups/unstage", follow=True).content.decode()
    )
    assert staged() is None


def test_a_damaged_backup_cannot_be_staged(rows, as_admin):
    text = as_admin.post(f"/system/backups/{NAME}/restore", follow=True).content.decode()

    assert "This backup holds no library" in text
    assert "will be restored the next time" not in text


def test_a_backup_is_deleted_after_a_question(rows, as_admin, data):
    assert f"Delete {NAME}?" in as_admin.get("/system/backups").content.decode()

    as_admin.post(f"/system/backups/{NAME}/delete")

    assert list((data / "backups").iterdir()) == []


@pytest.mark.parametrize("what", ["download", "restore"])
def test_nothing_beside_the_backups_is_sent(what, rows, as_admin, data):
    (data / "secret_key").write_text("s")

    for name in ("..%2Fsecret_key", "secret_key", "taggarr-20200101-000000.zip"):
        assert as_admin.get(f"/system/backups/{name}/{what}").status_code == 404


def test_a_folder_that_cannot_be_made_is_told(rows, as_admin, settings):
    settings.TAGGARR_DATA = "/proc/nowhere"

    text = as_admin.get("/system/backups").content.decode()

    assert "cannot be made" in text
