"""Backup, loss, restore: the same rows elsewhere; and what cannot be restored changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.db import connection as database

from connections.models import Connection
from core.errors import ConfigError
from history.models import AuditEntry
from jobs.models import Job, JobState
from library.models import Media
from system.backup import restoring, services
from system.backup.manifest import BackupError, opened, read_manifest
from system.backup.restoring import check_archive, restore
from tests.commands import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("full")]

SESSIONS = "django_session"
RESTORE = """
import sys
from pathlib import Path
from core.loading import load
load()
from system.backup.restoring import restore
print(restore(Path(sys.argv[1])).rows)
"""


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr(restoring, "served_queues", frozenset)


def dump(url: str) -> dict[str, list[bytes]]:
    """All rows of all tables, as text, in the order of their first column."""
    found = {}
    with psycopg.connect(url) as database:
        names = database.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        ).fetchall()
        for (name,) in names:
            with database.cursor().copy(f'COPY (SELECT * FROM "{name}" ORDER BY 1) TO STDOUT') as copy:
                found[name] = b"".join(bytes(piece) for piece in copy).splitlines()
    return found


def shape(url: str) -> list[tuple[object, ...]]:
    """Every column and index."""
    with psycopg.connect(url) as database:
        columns = database.execute(
            "SELECT table_name, column_name, data_type, is_nullable, is_identity "
            "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        ).fetchall()
        indexes = database.execute(
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
        ).fetchall()
    return columns + indexes


def here(environment: dict[str, str]) -> dict[str, list[bytes]]:
    return dump(environment["DATABASE_URL"])


def test_a_backup_restores_on_another_fresh_installation(process_environment, fresh):
    before = here(process_environment)
    path = services.folder() / services.make_backup().name
    other = fresh()
    assert dump(other.url) != before
    done = other.python("-c", RESTORE, str(path))
    assert done.returncode == 0, done.stderr
    after = dump(other.url)
    assert {name: len(rows) for name, rows in after.items()} == {n: len(r) for n, r in before.items()}
    assert after == before
    assert shape(other.url) == shape(process_environment["DATABASE_URL"])
    # What comes next gets numbers that are free.
    added = other.python(
        "-c",
        "from core.loading import load; load(); from library.models import *; "
        "from connections.models import *; c = Connection.objects.get(); "
        "m = Media.objects.create(connection=c, arr_id=999, title='New', path='/n'); "
        "print(c.reveal('api_key'), m.pk)",
    )
    assert added.returncode == 0, added.stderr
    key, number = added.stdout.split()
    assert key == "the-key-of-sonarr"
    assert int(number) > 0


def test_it_restores_over_what_is_there_and_keeps_a_backup_of_that(process_environment):
    job = Job.objects.create(name="backup", state=JobState.RUNNING)
    path = services.folder() / services.make_backup().name
    Media.objects.all().delete()
    Connection.objects.update(name="Changed")
    ran = run("restore", str(path))
    assert ran.code == 0, ran.err
    assert Media.objects.count() == 50
    # The job that made the backup does not run again.
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
    names = [backup.name for backup in services.list_backups()]
    (before,) = [name for name in names if name.startswith("before-restore-")]
    assert services.about(before)["rows"].get("library_media") is None
    services.stage(services.path_of(before))
    services.unstage()
    services.restore_now(services.path_of(before))
    assert Connection.objects.get().name == "Changed"
    services.delete_backup(before)
    told = AuditEntry.objects.filter(kind="backup").order_by("pk").values_list("action", "target")
    # What was told before the restore went with it: it is in the backup that was made of that.
    assert list(told) == [("restored", before), ("deleted", before)]


def test_what_people_uploaded_comes_back_with_the_rows(tmp_path, settings):
    from storage import keeping
    from storage.models import Stored
    from tests.storage.make import poster

    ours = keeping.keep_file([b"title\nDune\n"])
    lost = keeping.keep_file([b"title\nEmma\n"])
    public = keeping.keep_picture([poster(1)], public=True)
    store = Path(settings.TAGGARR_DATA) / "storage"
    (store / lost.name).unlink()
    path = services.folder() / services.make_backup().name
    assert check_archive(path).files == {ours.digest: ours.size}
    bad = damaged(path, ours.digest)
    with pytest.raises(BackupError, match=r"is larger than any of ours|is damaged"):
        check_archive(bad)
    store.rename(tmp_path / "elsewhere")
    Stored.objects.all().delete()
    done = restore(path)
    assert (done.files, done.lost) == (1, 0)
    with keeping.read(Stored.objects.get(pk=ours.pk)) as file:
        assert file.read() == b"title\nDune\n"
    assert not (store / public.name).exists()
    # A file for which there is no place is told of, and stops nothing.
    shutil.rmtree(store)
    store.write_text("no folder")
    with opened(path) as archive:
        assert not restoring.bring_back(archive, read_manifest(archive), ours.digest)


def damaged(path: Path, name: str) -> Path:
    """A copy of an archive in which one table's content is another."""
    copy = path.with_name("damaged.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            target.writestr(info.filename, b"1\tx\n" if name in info.filename else content)
    return copy


def altered(path: Path, **changes) -> Path:
    """A copy of an archive whose manifest says something else."""
    copy = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "manifest.json":
                content = json.dumps({**json.loads(content), **changes}).encode()
            target.writestr(info.filename, content)
    return copy


def without(path: Path, name: str) -> Path:
    copy = path.with_name("without.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info.filename, source.read(info))
    return copy


def with_more(path: Path, name: str, content: bytes = b"") -> Path:
    """A copy of an archive that holds one file more."""
    copy = path.with_name("more.zip")
    copy.write_bytes(path.read_bytes())
    with zipfile.ZipFile(copy, "a") as target, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there already
        target.writestr(name, content)
    return copy


def bomb(path: Path) -> Path:
    """A small archive of which one table unpacks to more than a GiB of zeros, as its own checksum says."""
    copy, zeros, pieces = path.with_name("bomb.zip"), bytes(2**24), 65
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as source:
        manifest = json.loads(source.read("manifest.json"))
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            for info in source.infolist():
                if info.filename not in ("manifest.json", "tables/library_media.copy"):
                    target.writestr(info.filename, source.read(info))
            with target.open("tables/library_media.copy", "w", force_zip64=True) as file:
                for _ in range(pieces):
                    file.write(zeros)
                    digest.update(zeros)
            manifest["tables"]["library_media"]["sha256"] = digest.hexdigest()
            target.writestr("manifest.json", json.dumps(manifest))
    return copy


def cut(path: Path) -> Path:
    copy = path.with_name("cut.zip")
    copy.write_bytes(path.read_bytes()[:-100])
    return copy


def foreign(path: Path) -> Path:
    copy = path.with_name("foreign.zip")
    with zipfile.ZipFile(copy, "w") as target:
        target.writestr("radarr.db", b"SQLite format 3")
    return copy


def text(path: Path) -> Path:
    copy = path.with_name("text.zip")
    copy.write_text("Hello.")
    return copy


REFUSED = [
    (cut, "damaged or cut off"),
    (foreign, "not a backup of Taggarr"),
    (text, "damaged or cut off"),
    (
        lambda path: altered(path, format=0, version="0.0.1"),
        r"restore it with the Taggarr .* \(0\.0\.1\)",
    ),
    (lambda path: altered(path, format=2), "reads only format 1"),
    (lambda path: altered(path, product="sonarr"), "not a backup of Taggarr"),
    (lambda path: altered(path, tables=3), "manifest of this backup is incomplete"),
    (lambda path: altered(path, migrations=[["library", "9999_future"]]), "newer Taggarr"),
    (lambda path: altered(path, migrations=[["sessions", "0001_initial"]]), "holds no library"),
    (lambda path: damaged(path, "library_media"), "library_media .* is damaged"),
    (lambda path: without(path, "tables/library_media.copy"), "library_media is missing"),
    (lambda path: without(path, "manifest.json"), "no manifest"),
    (lambda path: with_more(path, "../../evil.py"), r"that does not belong: '\.\./\.\./evil\.py'"),
    (lambda path: with_more(path, "/etc/cron.d/evil"), "that does not belong"),
    (lambda path: with_more(path, "tables/library_media.copy"), "two files of the same name"),
    (bomb, r"would unpack from \d+ to 10"),
    (lambda path: path.with_name("nowhere.zip"), "There is no file nowhere.zip"),
]


def test_an_archive_that_is_not_right_is_refused_and_nothing_changes(process_environment):
    path = services.folder() / services.make_backup().name
    before = here(process_environment)
    for make, reason in REFUSED:
        with pytest.raises(BackupError, match=reason):
            restore(make(path))
    assert here(process_environment) == before


def test_rows_that_the_database_refuses_roll_everything_back(process_environment):
    """Checksums are right, and the rows are not: this shows only when they are put in."""
    path = services.folder() / services.make_backup().name
    bad = b"not\ta\tnumber\n"
    with zipfile.ZipFile(path) as source:
        tables = json.loads(source.read("manifest.json"))["tables"]
    tables["jobs_job"]["sha256"] = hashlib.sha256(bad).hexdigest()
    copy = path.with_name("bad.zip")
    with zipfile.ZipFile(altered(path, tables=tables)) as source, zipfile.ZipFile(copy, "w") as target:
        for info in source.infolist():
            target.writestr(info.filename, bad if "jobs_job.copy" in info.filename else source.read(info))
    before = here(process_environment)
    with pytest.raises(BackupError, match="could not be restored, and nothing was changed"):
        restore(copy)
    assert here(process_environment) == before


def test_tables_of_other_programs_are_left_alone(process_environment):
    path = services.folder() / services.make_backup().name
    with zipfile.ZipFile(path) as source:
        tables = json.loads(source.read("manifest.json"))["tables"]
    tables["other_table"] = tables["django_session"]
    with psycopg.connect(process_environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("CREATE TABLE other_table AS SELECT 1 AS one")
        try:
            copy = altered(path, tables=tables)
            copy = with_more(copy, "tables/other_table.copy")
            with pytest.raises(BackupError, match="does not know the table other_table of this backup"):
                restore(copy)
            restore(path)
            assert database.execute("SELECT one FROM other_table").fetchone() == (1,)
        finally:
            database.execute("DROP TABLE other_table")


def test_a_backup_of_an_older_version_is_brought_up_to_date(process_environment, fresh):
    """An installation without the newest tables is backed up, and restored here."""
    other = fresh()
    assert other.manage("migrate", "notify", "zero").returncode == 0
    made = other.manage("backup", "--json")
    assert made.returncode == 0, made.stderr
    restore(Path(json.loads(made.stdout)["path"]))
    assert shape(process_environment["DATABASE_URL"]) == shape(fresh().url)
    assert not Media.objects.exists()


def test_secrets_of_another_key_are_refused_unless_they_are_dropped(settings, process_environment):
    from cryptography.fernet import Fernet

    path = services.folder() / services.make_backup().name
    before = here(process_environment)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(BackupError, match="another key"):
        restore(path)
    assert here(process_environment) == before
    restore(path, drop_secrets=True)
    assert Connection.objects.get().reveal("api_key") == ""
    assert Media.objects.count() == 50


def test_while_workers_run_nothing_is_restored(monkeypatch):
    monkeypatch.setattr(restoring, "served_queues", lambda: frozenset({"bulk"}))
    path = services.folder() / services.make_backup().name
    with pytest.raises(ConfigError, match="Workers are running"):
        restore(path)


def test_a_backup_is_restored_at_the_next_start_and_not_again(fresh, settings):
    path = services.folder() / services.make_backup().name
    other = fresh()
    settings.TAGGARR_DATA = other.data
    assert run("restore", str(path), "--at-next-start").code == 0
    started = other.manage("startup")
    assert started.returncode == 0, started.stderr
    assert f"Restored {path.name}" in started.stdout
    assert len(dump(other.url)["library_media"]) == 50
    assert services.restore_staged() == ""


def test_a_staged_backup_that_cannot_be_restored_does_not_stop_the_start(process_environment):
    path = services.folder() / services.make_backup().name
    services.stage(path)
    (services.folder().parent / "restore" / "staged.zip").write_bytes(b"x")
    assert "was not restored" in services.restore_staged()
    assert services.restore_staged() == ""
    assert Media.objects.count() == 50


def test_staging_can_be_taken_back():
    path = services.folder() / services.make_backup().name
    assert run("restore", path.name, "--at-next-start").code == 0
    assert run("restore", "--cancel").out == "Taken back.\n"
    assert services.restore_staged() == ""
    assert run("restore", "--cancel").out == "Nothing was to be restored.\n"


def test_staging_and_taking_it_back_are_in_the_audit_log():
    name = services.make_backup().name
    services.stage(services.path_of(name))
    assert [services.unstage(), services.unstage()] == [True, False]
    told = AuditEntry.objects.filter(kind="backup").order_by("pk").values_list("action", "target")
    assert list(told) == [("staged", name), ("unstaged", "")]


def test_checking_changes_nothing(process_environment):
    path = services.folder() / services.make_backup().name
    before = here(process_environment)
    assert f"{path.name} is whole" in run("restore", path.name, "--check").out
    assert here(process_environment) == before
    assert check_archive(path).tables[SESSIONS].rows == 0
    assert database.is_usable()
