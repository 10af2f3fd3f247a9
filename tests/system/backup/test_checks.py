"""What is known of backups: whole, damaged, or not read yet."""

from __future__ import annotations

import pytest
from django.utils import translation

from core.errors import ConfigError
from core.words import told
from jobs import doorbells
from jobs import services as jobs
from jobs.models import Job, JobState, Schedule
from jobs.schedules import save_schedule
from system.backup import services
from system.backup.job import start_backup
from system.backup.services import check_backup, known_checks
from system.models import RuntimeSetting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data")]


def damage(name: str) -> None:
    path = services.path_of(name)
    path.write_bytes(path.read_bytes()[:-200])


def test_a_backup_that_was_read_is_known_to_be_whole_until_it_changes():
    backup = services.make_backup()
    assert known_checks([backup]) == {}

    assert check_backup(backup.name).trouble == ""

    assert known_checks([backup])[backup.name].trouble == ""
    damage(backup.name)
    assert known_checks(services.list_backups()) == {}
    assert "damaged or cut off" in check_backup(backup.name).trouble
    known = known_checks(services.list_backups())[backup.name]
    assert "damaged or cut off" in known.trouble
    with translation.override("de"):
        assert "ist keine vollständige Sicherung" in told(known.trouble)


def test_what_is_known_of_deleted_backups_is_forgotten():
    first, second = services.make_backup(), services.make_backup()
    check_backup(first.name)
    services.delete_backup(first.name)
    check_backup(second.name)

    assert set(RuntimeSetting.objects.get(name="backup_checks").value) == {second.name}


def test_there_is_nothing_to_check_by_another_name():
    with pytest.raises(ConfigError, match="no backup called"):
        check_backup("../secret_key")


def test_the_job_reads_back_what_it_wrote(monkeypatch):
    with doorbells.muted():
        job, _ = jobs.start("backup")
        job = jobs.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert known_checks(services.list_backups())[job.summary["backup"]].trouble == ""

    made = services.make_backup

    def make_damaged(**options):
        backup = made(**options)
        damage(backup.name)
        return backup

    monkeypatch.setattr("system.backup.job.make_backup", make_damaged)
    with doorbells.muted():
        job, _ = jobs.start("backup")
        job = jobs.run_inline(job)
    assert job.state == JobState.FAILED
    assert "it is not whole" in job.error


def test_a_backup_by_hand_is_kept_as_the_schedule_says():
    with doorbells.muted():
        job, is_new = start_backup()
        again, is_second = start_backup()
    assert (is_new, is_second, again) == (True, False, job)
    jobs.cancel(job)

    save_schedule(Schedule(job="backup", cron="15 3 * * *", params={"keep": 3}))
    with doorbells.muted():
        start_backup()
    assert Job.objects.latest("pk").params["keep"] == 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("taggarr-20260115-030000.zip", "taggarr"),
        ("before-restore-20260115-030000-2.zip", "before-restore"),
        ("uploaded-20260115-030000.zip", "uploaded"),
        ("notes.txt", ""),
    ],
)
def test_the_name_says_where_a_backup_comes_from(name, kind):
    assert services.kind_of(name) == kind


def test_what_is_staged_is_told_until_it_is_taken_back(data):
    assert services.staged() is None
    backup = services.make_backup()
    services.stage(services.path_of(backup.name), drop_secrets=True)

    staged = services.staged()

    assert staged is not None
    assert (staged["name"], staged["drop_secrets"]) == (backup.name, True)
    services.unstage()
    assert services.staged() is None
