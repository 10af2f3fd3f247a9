"""An upgrade tried on a backup: what is lost on the way, or on the way back, is a no-go."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import F
from psycopg import sql

from connections.models import Connection
from jobs.models import Job, JobState
from library.models import File, Media
from system.backup import services
from system.rehearsal import rehearsing, scratch
from system.rehearsal import report as reports
from system.rehearsal.contents import (
    Snapshot,
    broken_constraints,
    compare,
    invalid_indexes,
    snapshot,
    unequal,
)
from tests.commands import Ran, run
from tests.system.backup.test_restore import cut, dump, foreign
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
CHECKS = ("restored", "migrated", "content", "references", "constraints", "indexes", "backup", "way back")
LOSSY = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("library", "{last}")]
    operations = [
        migrations.RunSQL("DELETE FROM library_file WHERE id % 7 = 0"),
        migrations.RunSQL("ALTER TABLE library_media DROP COLUMN genres"),
        migrations.RunSQL("ALTER TABLE library_media RENAME COLUMN title TO called"),
    ]
"""


@pytest.fixture
def room(monkeypatch) -> Iterator[Path]:
    """The folder of temporary files. As root, the database's own user must get in."""
    folder = Path(tempfile.mkdtemp(prefix="taggarr-test-room-"))
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A repository whose only commit is the code as it stands here."""
    folder: Path = tmp_path_factory.mktemp("clone") / "code"
    parts = [
        path for path in ROOT.iterdir() if path.suffix in (".py", ".toml") or (path / "__init__.py").exists()
    ]
    folder.mkdir()
    for path in (*parts, ROOT / "templates", ROOT / "static", ROOT / "locale"):
        if path.name in ("tests", "bench", "demo"):
            continue
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, folder / path.name)
    (folder / ".gitignore").write_text("__pycache__\n")
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "core.excludesFile="]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True)
    return folder


def verified(*arguments: str) -> Ran:
    return run("rehearse", "--verify", *arguments)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full")
def test_what_a_migration_loses_is_a_no_go_and_all_else_passes(
    process_environment, data, room, clone, monkeypatch, tmp_path
):
    from storage import keeping

    connection = Connection.objects.get()
    Media.objects.bulk_create(
        Media(connection=connection, arr_id=n, title=f"Title {n}", path=f"/x/{n}") for n in range(100, 400)
    )
    keeping.keep_file([b"title\nDune\n"])
    Job.objects.create(name="backup", state=JobState.RUNNING)  # as where the schedule made it
    archive = services.path_of(services.make_backup().name)
    before = dump(process_environment["DATABASE_URL"])
    # The next version, in whose repository the code of the backup is the last commit.
    migrations = clone / "library" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_lossy.py").write_text(LOSSY.format(last=last))
    monkeypatch.setattr(scratch, "CODE", clone)

    ran = run("rehearse", archive.name, "--to", "HEAD")

    report = json.loads((data / "rehearsal.json").read_text())
    assert ran.code == 1, ran
    assert "No-go: do not upgrade to Taggarr 0.1.0 (content failed)." in ran.out
    outcomes = {check["check"]: check["outcome"] for check in report["checks"]}
    assert outcomes == {**dict.fromkeys(CHECKS, "passed"), "content": "failed"}, ran.out
    (found,) = [check["findings"] for check in report["checks"] if check["check"] == "content"]
    lost = File.objects.annotate(rest=F("pk") % 7).filter(rest=0).count()
    assert sorted((one["what"], one["where"], one["rows"]) for one in found) == [
        ("changed", "library_file", lost),
        ("changed", "scanner_filescanstate", lost),
        ("grown", "django_migrations", 1),
        ("lost", "library_media.genres", 0),
        ("moved", "library_media.title", 0),
    ]
    assert report["applied"] == ["library.9999_lossy"]
    tables = report["tables"]
    assert set(tables) == {"start", "migrated", "restored", "way_back"}
    assert {stage["library_media"]["rows"] for stage in tables.values()} == {350}
    assert tables["start"] == tables["way_back"]
    assert dump(process_environment["DATABASE_URL"]) == before
    assert list(room.iterdir()) == []
    check_the_signature(data / "rehearsal.json", tmp_path)


def check_the_signature(path: Path, folder: Path) -> None:
    """Whoever changes a report, or signs it anew, is found out."""
    genuine = verified(str(path))
    assert (genuine.code, "No-go" in genuine.out) == (1, True)
    report = json.loads(path.read_text())
    forged = folder / "forged.json"
    forged.write_text(json.dumps({**report, "verdict": "go"}))
    assert "is not what was signed" in verified(str(forged)).err
    key, public = folder / "key.pem", folder / "public.pem"
    pair = Ed25519PrivateKey.generate()
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key.write_bytes(pair.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public.write_bytes(pair.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    unsigned = {name: value for name, value in report.items() if name not in ("public_key", "signature")}
    reports.write(forged, {**unsigned, "verdict": "go"}, reports.own_key(key))
    assert "was signed with another key" in verified(str(forged)).err
    genuine = verified(str(forged), "--key", str(public))
    assert (genuine.code, "is genuine" in genuine.out) == (0, True)
    assert "Go: Taggarr 0.1.0 takes all" in genuine.out
    assert "the way back to HEAD is open" in genuine.out
    for text in ("", "[]", "{}", '{"product": "taggarr-rehearsal", "signature": 3}'):
        forged.write_text(text)
        assert "is not the report of a rehearsal" in verified(str(forged)).err
    assert "holds no Ed25519 key" in verified(str(path), "--key", str(forged)).err
    assert "holds no Ed25519 key" in run("rehearse", "x.zip", "--key", str(public)).err


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full")
def test_what_cannot_be_rehearsed_is_told_in_a_sentence_before_anything_starts(
    room, clone, monkeypatch, settings, tmp_path
):
    monkeypatch.setattr(scratch, "EmbeddedServers", None)
    monkeypatch.setattr(scratch, "CODE", clone)
    archive = services.path_of(services.make_backup().name)
    newer = archive.with_name("newer.zip")
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(newer, "w") as target:
        manifest = json.loads(source.read("manifest.json"))
        manifest["migrations"].append(["library", "9999_future"])
        target.writestr("manifest.json", json.dumps(manifest))
    wrong = {
        (str(foreign(archive)),): "not a backup of Taggarr",
        (str(cut(archive)),): "damaged or cut off",
        (str(newer),): "made by a newer Taggarr",
        ("taggarr-20200101-000000.zip",): "There is no backup called",
        (archive.name, "--to=v9"): "has no version v9: git tag",
        (archive.name, "--to=--output=x"): "has no version --output=x",
        (archive.name, "--report", str(tmp_path / "no" / "x.json")): "The report cannot be written",
    }
    for arguments, sentence in wrong.items():
        ran = run("rehearse", *arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran
        assert sentence in ran.err
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=2**20))
    assert "where 1 MiB are free: make room" in run("rehearse", archive.name).err
    settings.ENCRYPTION_KEYS = []
    assert "There are no keys here" in run("rehearse", archive.name).err
    assert list(room.iterdir()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full")
def test_what_goes_wrong_on_the_way_is_a_no_go_but_a_full_disk_or_an_interruption_is_none(
    room, data, monkeypatch
):
    stopped: list[bool] = []
    servers = SimpleNamespace(stop=lambda: stopped.append(True))
    monkeypatch.setattr(scratch, "EmbeddedServers", lambda *_, **__: SimpleNamespace(start=lambda: servers))
    archive = services.make_backup().name

    def ended(error: BaseException) -> Ran:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(scratch.Scratch, "restore", fail)
        return run("rehearse", archive)

    full = ended(scratch.StepError("could not extend file: No space left on device"))
    assert (full.code, full.err.count("\n")) == (2, 1)
    assert f"cannot work in {room}/taggarr-rehearsal-" in full.err
    interrupted = ended(KeyboardInterrupt())
    assert (interrupted.code, interrupted.err.count("\n")) == (130, 1)
    assert not (data / "rehearsal.json").exists()
    secret = "The table jobs_job is missing in this backup. DETAIL: Failing row contains (my password)."
    refused = ended(scratch.StepError(secret))
    assert refused.code == 1
    assert "No-go: do not upgrade to Taggarr 0.1.0 (restored failed)." in refused.out
    assert "The table jobs_job is missing in this backup." in refused.out
    assert "my password" not in refused.out + (data / "rehearsal.json").read_text()
    report = json.loads((data / "rehearsal.json").read_text())
    assert [check["outcome"] for check in report["checks"]] == ["failed", *["not rehearsed"] * 7]
    assert (stopped, list(room.iterdir())) == ([True] * 3, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full")
def test_a_rehearsal_that_is_stopped_leaves_no_server_and_no_folder(room, process_environment, data):
    archive = services.path_of(services.make_backup().name)
    command = [sys.executable, "manage.py", "rehearse", archive.name]
    started = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**process_environment, "TMPDIR": str(room), "TAGGARR_DATA": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )

    def servers() -> list[psutil.Process]:
        every = psutil.process_iter(["cmdline"])
        return [one for one in every if str(room) in " ".join(one.info["cmdline"] or [])]

    wait_until(lambda: list(room.glob("*/start")), "the first database is made")
    assert servers()
    started.send_signal(signal.SIGTERM)
    _, told = started.communicate()

    assert (started.returncode, told.count("\n")) == (130, 1)
    assert "nothing was left behind" in told
    assert (servers(), list(room.iterdir())) == ([], [])


@pytest.fixture
def held(servers) -> Iterator[Callable[[str], Snapshot]]:
    """Makes a database by some statements, and takes a snapshot of it."""
    with ExitStack() as stack:
        main = stack.enter_context(psycopg.connect(servers.database_url, autocommit=True))

        def make(statements: str) -> Snapshot:
            name = f"held_{uuid.uuid4().hex[:8]}"
            main.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            stack.callback(main.execute, sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            url = f"{servers.database_url.rpartition('/')[0]}/{name}"
            database = stack.enter_context(psycopg.connect(url, autocommit=True))
            for statement in filter(str.strip, statements.split(";")):
                database.execute(sql.SQL(statement))
            database.autocommit = False
            return snapshot(database)

        yield make


FILM = """
    CREATE TABLE film (id int PRIMARY KEY, title text, year int, note text);
    INSERT INTO film VALUES (1, 'Dune', 1984, NULL), (2, 'Emma', 2020, NULL), (3, 'Up', 2009, NULL);
"""
BECAME = {
    "nothing else": ("SELECT 1", []),
    "rows in another order": (
        "CREATE TABLE x AS TABLE film; DELETE FROM film; INSERT INTO film TABLE x ORDER BY id DESC",
        [],
    ),
    "more": ("INSERT INTO film VALUES (4, 'Her', 2013, 'x')", [("grown", "film", 1, "")]),
    "a new column": ("ALTER TABLE film ADD seen bool DEFAULT false", []),
    "fewer": ("DELETE FROM film WHERE id = 1", [("changed", "film", 1, "id, title, year")]),
    "fewer and more": (
        "DELETE FROM film WHERE id < 3; INSERT INTO film VALUES (8, 'A', 1, NULL), (9, 'B', 2, NULL)",
        [("changed", "film", 2, "id, title, year")],
    ),
    "a value": ("UPDATE film SET year = 1985 WHERE id = 1", [("changed", "film", 1, "year")]),
    "values swapped": (
        "UPDATE film SET year = 4004 - year WHERE id <> 3",
        [("changed", "film", 2, "which values stand together")],
    ),
    "nothing in place of a value": (
        "UPDATE film SET title = NULL WHERE id = 1",
        [("changed", "film", 1, "title")],
    ),
    "an empty column dropped": ("ALTER TABLE film DROP note", [("empty", "film.note", 0, "")]),
    "a column dropped": ("ALTER TABLE film DROP year", [("lost", "film.year", 0, "")]),
    "a column renamed": ("ALTER TABLE film RENAME year TO made", [("moved", "film.year", 0, "film.made")]),
    "a column renamed and mixed up": (
        "ALTER TABLE film RENAME year TO made; UPDATE film SET made = 4004 - made WHERE id <> 3",
        [("moved", "film.year", 0, "film.made"), ("changed", "film", 2, "which values stand together")],
    ),
    "a column moved out": (
        "CREATE TABLE years AS SELECT id AS film, year FROM film; ALTER TABLE film DROP year",
        [("moved", "film.year", 0, "years.year")],
    ),
    "the table renamed": (
        "ALTER TABLE film RENAME TO work",
        [("moved", f"film.{one}", 0, f"work.{one}") for one in ("id", "title", "year")]
        + [("empty", "film.note", 0, "")],
    ),
    "the table renamed and mixed up": (
        "ALTER TABLE film RENAME TO work; UPDATE work SET year = 4004 - year WHERE id <> 3",
        [("moved", f"film.{one}", 0, f"work.{one}") for one in ("id", "title", "year")]
        + [("empty", "film.note", 0, ""), ("changed", "film", 2, "which values stand together")],
    ),
    "the table dropped": (
        "DROP TABLE film",
        [("lost", f"film.{one}", 0, "") for one in ("id", "title", "year")] + [("empty", "film.note", 0, "")],
    ),
}


def test_whatever_becomes_of_a_table_is_told(held):
    """4004 - year swaps those of the first two: every column holds the same values then."""
    before = held(FILM)
    found = {}
    for what, (statements, _) in BECAME.items():
        after = held(FILM + statements)
        after.tables.pop("x", None)
        found[what] = sorted((one.what, one.where, one.rows, one.to) for one in compare(before, after))

    assert found == {what: sorted(findings) for what, (_, findings) in BECAME.items()}


def test_what_is_accepted_is_told_and_hides_nothing_else(held):
    before = held(FILM)
    after = held(f"{FILM} UPDATE film SET year = 1; ALTER TABLE film DROP title")

    found = compare(before, after, {"film.year", "film.title"})
    assert [(one.what, one.where, one.fails) for one in found] == [
        ("accepted", "film.title", False),
        ("accepted", "film.year", False),
    ]
    assert [one.what for one in compare(before, after, {"film"})] == ["accepted"]
    assert [(one.what, one.where) for one in compare(before, after, {"film.year"}) if one.fails] == [
        ("lost", "film.title")
    ]


def test_a_backup_must_come_back_equal_to_the_last_value(held):
    before = held(FILM)
    assert unequal(before, held(FILM)) == []
    more = held(f"{FILM} INSERT INTO film VALUES (4, 'Her', 2013, 'x'); CREATE TABLE other (id int)")
    assert [one.where for one in unequal(before, more)] == ["film", "other"]


def test_rows_that_break_a_constraint_and_indexes_that_are_not_used_are_found(held):
    broken = held(
        f"""{FILM}
        CREATE TABLE copy (id int, film int, price int CHECK (price > 0));
        INSERT INTO copy VALUES (1, 7, 1), (2, 1, 1);
        ALTER TABLE copy ADD CONSTRAINT of FOREIGN KEY (film) REFERENCES film DEFERRABLE NOT VALID;
        ALTER TABLE film ADD CONSTRAINT talkies CHECK (year > 2000) NOT VALID
        """
    ).database
    broken.rollback()
    broken.autocommit = True
    broken.execute("INSERT INTO film VALUES (5, 'Up', 2009, NULL)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        broken.execute("CREATE UNIQUE INDEX CONCURRENTLY titles ON film (title)")

    def found(kind: str) -> list[tuple[str, str]]:
        return [(one.what, one.where) for one in broken_constraints(broken, kind)]

    assert found("f") == [("unvalidated", "copy (of)"), ("violated", "copy (of)")]
    assert "Key (film)=(7) is not present" in str(broken_constraints(broken, "f")[1])
    assert found("c") == [("unvalidated", "film (talkies)"), ("violated", "film (talkies)")]
    assert [one.where for one in invalid_indexes(broken)] == ["titles"]
    sound = held(FILM).database
    assert [*broken_constraints(sound, "f"), *broken_constraints(sound, "c"), *invalid_indexes(sound)] == []


def test_only_the_way_back_may_be_left_out_of_a_go():
    def verdict(**outcomes: str) -> str:
        every = {**dict.fromkeys(CHECKS, "passed"), **{k.replace("_", " "): v for k, v in outcomes.items()}}
        return rehearsing.verdict_of([rehearsing.Check(*one) for one in every.items()])

    assert [verdict(), verdict(way_back="not rehearsed")] == ["go", "go"]
    assert verdict(way_back="failed") == "no-go"
    assert {verdict(**{name: how}) for name in CHECKS[:-1] for how in ("failed", "not rehearsed")} == {
        "no-go"
    }


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ("", ""),
        ("a warning\nThe backup is damaged.\n", "The backup is damaged."),
        (
            'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    main()\n    ~~~~^^\n'
            "django.db.utils.DataError: value too long\nLINE 1: INSERT\n               ^\n",
            "django.db.utils.DataError: value too long LINE 1: INSERT ^",
        ),
    ],
)
def test_of_what_a_failed_program_said_the_reason_is_told(said, last):
    assert scratch.last_words(said) == last


def test_without_a_repository_of_its_own_the_way_back_is_not_rehearsed(monkeypatch, tmp_path, clone):
    assert rehearsing.older_code("") == ("", "Name the version to go back to with --to.")
    monkeypatch.setattr(scratch, "CODE", clone / "library")
    assert "stands in another repository" in rehearsing.older_code("HEAD")[1]
    monkeypatch.setattr(scratch, "CODE", tmp_path)
    assert "no git repository here (fatal: not a git repository" in rehearsing.older_code("HEAD")[1]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no git repository here" in rehearsing.older_code("HEAD")[1]
