"""Fixtures of all tests: real PostgreSQL and Valkey, started for this run alone and thrown away with it.

DATABASE_URL and REDIS_URL, where set, are used instead. The addresses are in the environment before Django's
settings are read, so everything that a test starts as a process of its own finds the same servers.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from system.embedded import EmbeddedServers
from taggarr import translations
from tests.counting_lines import import_counted, is_counted, nothing_counted
from tests.tables import TEMPLATE, make_template
from tests.web_server import web_server

if TYPE_CHECKING:
    from scanner.models import Policy

SERVERS = pytest.StashKey[EmbeddedServers]()

LONGEST = (
    "browser/test_accessible.py",
    "demo/test_run.py",
    "e2e/test_health.py",
    "api/test_matrix.py",
    "browser/test_collection.py",
    "browser/test_browser.py",
    "e2e/test_engine.py",
    "system/backup/test_rehearsing.py",
    "system/test_up.py",
    "artwork/test_real_kodi.py",
    "e2e/test_scan.py",
    "system/backup/test_restore.py",
    "system/test_yaml.py",
    "security/test_strangers.py",
    "browser/test_details.py",
    "browser/test_artwork.py",
    "browser/test_shell.py",
    "system/backup/test_damage.py",
    "security/test_connections.py",
    "web/test_every_page.py",
    "scanner/test_scan_trouble.py",
    "scanner/probe/test_differential.py",
    "security/test_ids.py",
    "browser/test_decisions.py",
    "artwork/test_locks.py",
    "scanner/test_spoilt_answers.py",
    "scanner/probe/test_caged.py",
)
"""Files of tests that take longest. They are begun first: at the end no process is left alone with one."""

# What is compiled is kept, whatever the environment says: pytest rewrites every file of tests, and many
# tests start programs that import all of Taggarr.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes tells of the machine, not of the code.
hypothesis.settings.register_profile("taggarr", deadline=None)
hypothesis.settings.load_profile("taggarr")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the servers, then let Django read its settings. Coverage counts already, so it sees the imports.

    Where tests run in several processes, each of those has servers of its own, and the one that only deals
    the tests out has none.
    """
    config = session.config
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        # The Celery app named the settings when it was imported; the others must not read them too early.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        return
    for name in [name for name in os.environ if name.startswith("TAGGARR_")]:
        del os.environ[name]
    data = Path(tempfile.mkdtemp(prefix="taggarr-tests-"))
    data.chmod(0o711)  # as root, the database's own user must get in
    config.stash[SERVERS] = EmbeddedServers(
        data,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
        fast=True,
    ).start()
    os.environ.update(config.stash[SERVERS].environment())
    os.environ["TAGGARR_SECRET_KEY"] = "a key for the tests alone, long enough to be taken"
    os.environ["TAGGARR_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    os.environ["TAGGARR_ALLOW_LOOPBACK"] = "on"  # where the stand-ins listen
    os.environ["TZ"] = "UTC"
    os.environ["DJANGO_SETTINGS_MODULE"] = "taggarr.settings"
    translations.compile_all()
    django.setup()
    import_counted(config)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    # Every test client makes the middleware anew, which else reads all static files to answer one request.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first; what else there is stays in its order.

    In each file those tests come last between which rows stand (`web/conftest.py`).
    """
    places = {config.rootpath / "tests" / name: place for place, name in enumerate(LONGEST)}
    for path in dict.fromkeys(item.path for item in items):
        places.setdefault(path, len(places))
    items.sort(key=lambda item: (places[item.path], "kept_rows" in item.fixturenames))  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Almost all that comes now stays: to look through it for garbage took a fifth of the time.

    And to count lines, none of them a test's, took half.
    """
    gc.disable()
    try:
        with nothing_counted(session.config):
            return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and pass over what is there to stay: modules, models, thousands of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count no lines in tests that could add none."""
    with nullcontext() if is_counted(item) else nothing_counted(item.config):
        return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and delete their data."""
    servers = config.stash.get(SERVERS, None)
    if servers is not None:
        servers.stop()
        shutil.rmtree(servers.data, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def raw_statements_are_counted() -> Iterator[None]:
    """Who counts queries sees those too that pass Django by (`core.sql`)."""
    from psycopg import Cursor

    class Counted(Cursor[Any]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Any:
            _check_lock(query)
            if connection.queries_logged:
                connection.queries_log.append({"sql": query, "time": "0"})
            return super().execute(query, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.sql.Cursor", Counted)
        yield


@pytest.fixture(scope="session", autouse=True)
def locks_are_held_in_transactions_of_ours() -> Iterator[None]:
    """What locks rows without a transaction fails; in the one that a test runs in it would seem to work."""
    execute = CursorWrapper.execute

    def checked(cursor: CursorWrapper, query: Any, params: Any = None) -> Any:
        _check_lock(query)
        return execute(cursor, query, params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CursorWrapper, "execute", checked)
        yield


def _check_lock(query: object) -> None:
    if isinstance(query, str) and query.lstrip().startswith("SELECT") and "FOR UPDATE" in query:
        ours = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
        assert ours, f"rows are locked outside of a transaction: {query}"


LARGE = 2**20
"""Bytes: rows of larger tables, or those that were there, are not deleted one by one."""


@pytest.fixture(scope="session", autouse=True)
def quick_teardown() -> Iterator[None]:
    """After a test that commits, empty the tables that hold something.

    Django's own way takes a hundred times as long: it truncates all tables, each with files of its own, and
    makes content types and permissions anew.
    """
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: _empty_tables())
        yield


def _empty_tables() -> None:
    assert not connection.in_atomic_block, "a test that commits stands between rows that must not be"
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    wanted = sorted(set(names) - {"django_content_type", "auth_permission"})
    looks = [f"SELECT '{name}', pg_relation_size('{name}') WHERE EXISTS (TABLE {name})" for name in wanted]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        sizes = dict(cursor.fetchall())
        if not sizes:
            return
        if max(sizes.values()) > LARGE:
            cursor.execute(f"TRUNCATE {', '.join(sizes)} CASCADE")
            return
        # Whoever still writes is waited for, as TRUNCATE does. Keys are checked when all is gone.
        statements = [f"LOCK TABLE {', '.join(sizes)} IN EXCLUSIVE MODE", "SET CONSTRAINTS ALL DEFERRED"]
        statements += [f"DELETE FROM {name}" for name in sizes]
        with transaction.atomic():
            cursor.execute("; ".join(statements))


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """The data folder. Media lie beside it, never in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings.TAGGARR_DATA = folder
    return folder


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> EmbeddedServers:
    """The PostgreSQL and Valkey servers of this run: their `database_url`, `redis_url` and `data` folder."""
    return pytestconfig.stash[SERVERS]


@pytest.fixture(scope="session")
def tables(pytestconfig: pytest.Config) -> Path:
    """Where it is kept how tables are made (`tests.tables`)."""
    return pytestconfig.cache.mkdir("tables")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any, tables: Path
) -> Iterator[None]:
    """The tests' database is made as a copy of one that has the tables already."""
    with django_db_blocker.unblock():
        make_template(tables)
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {TEMPLATE}")


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a program started by a test: the tests' database, the run's Redis.

    Other processes see only what is committed, hence `transactional_db`.
    """
    return program_environment()


def program_environment() -> dict[str, str]:
    """The same for a program that serves many tests; each of them needs `transactional_db`."""
    head, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    return {**os.environ, "DATABASE_URL": f"{head}/{connection.settings_dict['NAME']}"}


@pytest.fixture(scope="session")
def start_web(django_db_setup: None) -> Iterator[Callable[..., str]]:
    """Starts web servers on the tests' database, one for each set of settings; returns its address.

    They serve all tests, each of which needs `transactional_db`.
    """
    with ExitStack() as started:

        @cache
        def start(**environment: str) -> str:
            return started.enter_context(web_server({**program_environment(), **environment}))

        yield start


@pytest.fixture
def web(start_web: Callable[..., str], transactional_db: None) -> str:
    """The address of a web server, a process of its own."""
    return start_web()


@pytest.fixture(scope="session")
def sonarr_process() -> Iterator[StandIn]:
    """A stand-in Sonarr for many tests; each starts it over with a library of its own (`load`)."""
    with StandIn("sonarr") as process:
        yield process


@pytest.fixture(scope="session")
def radarr_process() -> Iterator[StandIn]:
    """A stand-in Radarr for many tests; each starts it over with a library of its own (`load`)."""
    with StandIn("radarr") as process:
        yield process


@pytest.fixture
def two_movies(radarr_process: StandIn) -> StandIn:
    """A stand-in Radarr: Midnight Ferry with a file, The Lost Reel without."""
    state = ArrState("radarr")
    state.add_root_folder("/movies")
    first = state.add_movie(
        "Midnight Ferry", "/movies/Midnight Ferry", imdb_id="tt9900001", tags=["4k", "kids"]
    )
    state.add_movie_file(first.id, "Midnight Ferry.mkv", size=900, audio="eng/fre")
    state.add_movie("The Lost Reel", "/movies/The Lost Reel")
    radarr_process.load(state)
    return radarr_process


@pytest.fixture
def policy(db: None) -> Policy:
    """The policy of somebody who wants English."""
    from scanner.models import Policy

    return Policy.objects.create(name="English", target_languages=["eng"])


@pytest.fixture
def no_messages() -> Iterator[None]:
    """No doorbell rings: what a test starts lies there until the test does it."""
    from jobs import doorbells

    with doorbells.muted():
        yield


@pytest.fixture
def empty_caches() -> None:
    """Nothing is kept, and no attempt at signing in counts, of another test."""
    for kept in caches.all():
        kept.clear()


@pytest.fixture(autouse=True)
def no_switch_outlives_its_test() -> Iterator[None]:
    """What is set in the database goes with it; a process would believe it for ten seconds more.

    Requests that the test no longer waits for may read it while its tables are emptied: hence before too.
    """
    from core import flags

    if flags._stored:
        flags.forget()
    yield
    if flags._stored:
        flags.forget()


@pytest.fixture
def read_just_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level of the logs and the switches are read every ten seconds, by whichever request comes then."""
    from core import flags
    from system import log_level

    monkeypatch.setitem(log_level._state, "looked", time.monotonic() + 3600.0)  # however slow the machine is
    monkeypatch.setattr(flags, "_stored", {})
    monkeypatch.setattr(flags, "_read_at", time.monotonic())
    monkeypatch.setattr(flags, "FRESH", 3600.0)


@pytest.fixture
def django_assert_num_queries(read_just_now: None, django_assert_num_queries: Any) -> Any:
    """What is read every ten seconds would be one query more in one run of a hundred."""
    return django_assert_num_queries


@pytest.fixture
def django_assert_max_num_queries(read_just_now: None, django_assert_max_num_queries: Any) -> Any:
    """As above."""
    return django_assert_max_num_queries


@pytest.fixture
def no_worker_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the answers of workers, which takes seconds: as where Redis is away."""
    for place in ("jobs.workers", "jobs.health"):
        monkeypatch.setattr(f"{place}.served_queues", lambda *_args, **_kwargs: None)


@pytest.fixture
def tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed in a way that may pass is tried as often as ever, without a pause."""
    monkeypatch.setattr("jobs.handlers.RetryPolicy.delay", lambda *_: 0.0)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a client would have waited between tries; it does not wait."""
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=waited.append))
    return waited


def think_empty(model: type[Model]) -> None:
    """Have PostgreSQL plan as if a table that had rows were empty, as it may until it is analysed again."""
    model._default_manager.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {model._meta.db_table}")
