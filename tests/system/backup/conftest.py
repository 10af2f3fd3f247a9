"""An installation with something in it, and a second one that is fresh."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.connections.build import make_connection
from tests.tables import TEMPLATE, work_out_once
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Installation:
    """A database and a data folder of its own."""

    url: str
    data: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="session")
def pristine(servers, django_db_setup, tmp_path_factory) -> Iterator[str]:
    """The name of a database that nothing but the start-up has touched; the others are copies of it."""
    name = f"pristine_{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("pristine")
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, TEMPLATE)))
        )
        url = f"{servers.database_url.rpartition('/')[0]}/{name}"
        own = {**os.environ, "DATABASE_URL": url, "TAGGARR_DATA": str(folder)}
        started = Installation(url, folder, own).manage("startup")
        assert started.returncode == 0, started.stderr
        yield name
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def fresh(tmp_path, servers, pristine) -> Iterator[Callable[[], Installation]]:
    """Makes fresh installations, which have the same encryption key."""
    made: list[str] = []

    def execute(statement: str, name: str, *more: str) -> None:
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, (name, *more))))

    def make() -> Installation:
        name = f"fresh_{uuid.uuid4().hex[:8]}"
        execute("CREATE DATABASE {} TEMPLATE {}", name, pristine)
        made.append(name)
        folder = tmp_path / name
        folder.mkdir()
        url = f"{servers.database_url.rpartition('/')[0]}/{name}"
        return Installation(url, folder, {**os.environ, "DATABASE_URL": url, "TAGGARR_DATA": str(folder)})

    def drop(name: str) -> bool:
        try:
            execute("DROP DATABASE {} WITH (FORCE)", name)
        except psycopg.errors.InsufficientPrivilege:
            return False  # the server itself cleans up in there
        return True

    yield make
    for name in made:
        wait_until(partial(drop, name), f"{name} is dropped")


@pytest.fixture(autouse=True)
def _tables_are_worked_out_once(monkeypatch, tables) -> None:
    """Every restore makes the tables in the same way, and Django computes for seconds to find it out."""
    from system.backup import restoring

    work_out = restoring._migrate

    def migrate(targets: list[tuple[str, str]] | None) -> None:
        if targets is None:
            work_out(None)
        else:
            name = hashlib.sha256(repr(targets).encode()).hexdigest()[:16]
            work_out_once(partial(work_out, targets), name, tables)

    monkeypatch.setattr(restoring, "_migrate", migrate)


@pytest.fixture
def full(transactional_db, data) -> None:
    """A library, jobs, history and a channel, with awkward characters in them."""
    from accounts.models import User
    from history.services import record
    from jobs.models import Job, JobItem
    from library.models import File, Media, PathMapping
    from notify.models import Channel
    from scanner.models import FileScanState, Policy

    User.objects.create_superuser("admin", password="a password of mine")
    policy = Policy.objects.create(name="Ènglish", target_languages=["eng", "por-br"])
    connection = make_connection(
        name="TV\t\\N", kind="sonarr", url="http://s.test", api_key="the-key-of-sonarr", policy=policy
    )
    PathMapping.objects.create(connection=connection, remote_prefix="C:\\TV", local_prefix="/tv")
    titles = Media.objects.bulk_create(
        Media(connection=connection, arr_id=n, title=f"日本 {n}\nline", path="/x", genres=["a,b", 'c"d'])
        for n in range(50)
    )
    File.objects.bulk_create(File(media=media, path=f"{media.arr_id}.mkv") for media in titles)
    FileScanState.objects.update(tracks=[{"title": "tab\t\\"}])
    media = titles[-1]
    job = Job.objects.create(name="scan", connection=connection, state="completed")
    JobItem.objects.create(
        job=job, step="media", key="one", subject_kind="media", subject_id=media.pk, state="done"
    )
    record("verdict", "It changed", subject=media, job=job, before="dub", after="original")
    channel = Channel.objects.create(name="Hook", kind="webhook", address="http://h.test", topics=[])
    channel.connections.add(connection)
