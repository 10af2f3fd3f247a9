"""The tables of a database, which Django needs many seconds to work out: here it does so once.

What it told PostgreSQL serves all processes of a run, and later runs until a migration changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

TEMPLATE = "tables"
"""A database with the tables of a new installation, to be copied."""


def make_template(folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        cursor.execute(f"CREATE DATABASE {TEMPLATE}")
    with _connected_to(TEMPLATE):
        work_out_once(lambda: call_command("migrate", interactive=False, verbosity=0), "all", folder)


def work_out_once(work_out: Callable[[], object], name: str, folder: Path) -> None:
    """Call `work_out`, which makes tables, or do what it did: `name` says which those are."""
    with _current(folder) as kept:
        script = kept / f"{name}.sql"
        if not script.exists():
            draft = script.with_suffix(".new")
            draft.write_text(";\n".join(_statements_of(work_out)), encoding="utf-8")
            draft.rename(script)
            return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(script.read_text(encoding="utf-8"))


@contextmanager
def _current(folder: Path) -> Iterator[Path]:
    """What is kept of the migrations as they are, for one process at a time."""
    kept = folder / _digest()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for outdated in folder.glob("*/"):
            if outdated != kept:
                shutil.rmtree(outdated)
        kept.mkdir(exist_ok=True)
        yield kept


def _statements_of(work_out: Callable[[], object]) -> list[str]:
    made: list[str] = []

    def note(execute: Any, statement: Any, values: Any, many: bool, context: Any) -> Any:
        assert not many
        made.append(statement if values is None else context["cursor"].mogrify(statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        work_out()
    return made


def _digest() -> str:
    """What makes the tables: the migrations, and the Django that reads them."""
    whole = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
