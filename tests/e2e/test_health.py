"""Every health issue, provoked by its real cause: API, page and `doctor` tell it, until it is mended."""

from __future__ import annotations

import html
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pymediainfo
import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.models import User
from connections import breaker
from connections.models import Breaker, Connection
from connections.services import test as connect
from core.errors import ApiTransientError, ConfigError
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from jobs import doorbells, services
from jobs.models import Job, JobItem, Queue
from jobs.workers import running_schedulers
from library.clients import app_client_for
from library.models import Media, PathMapping
from notify import services as notify
from notify.models import Channel
from scanner.models import Policy
from scanner.root_watch import look as look_at_roots
from scanner.scan.starting import ScanParams, start_media_scan, start_scan
from system import versions
from system.health import machine
from system.status import version
from tests.commands import run
from tests.connections.build import make_connection
from tests.e2e.conftest import ROOT, Beat, Broker, Worker
from tests.e2e.peers import feed, old_redis, proxy
from tests.notify.peers import Peer
from tests.ports import kept_port
from tests.scanner.build import JPN_ENG, add_series, spec
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PLACES = ("API", "page", "doctor")


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("admin", password="a password of mine")


@pytest.fixture
def told(client: Client, admin: User) -> Callable[[str], list[str]]:
    """Where a sentence stands now: in all three places, or in none."""
    client.force_login(admin)

    def look(sentence: str) -> list[str]:
        issues = client.get("/api/v1/system/health").json()
        page = html.unescape(client.get("/system/health").content.decode())
        texts = ("\n".join(issue["what"] for issue in issues), page, run("doctor").out)
        return [place for place, text in zip(PLACES, texts, strict=True) if sentence in text]

    return look


@pytest.fixture
def everywhere(told: Callable[[str], list[str]]) -> Callable[[str], None]:
    """Returns when a sentence stands in all three places.

    Right after another test, or after a server went, the first look may meet a connection that is gone.
    """

    def wait(sentence: str) -> None:
        wait_until(lambda: told(sentence) == [*PLACES], f"all tell: {sentence}")

    return wait


@pytest.fixture
def mended(told: Callable[[str], list[str]]) -> Callable[[str], None]:
    """Returns when a sentence stands nowhere: on a busy machine a server may really be slow for a moment."""

    def wait(sentence: str) -> None:
        wait_until(lambda: not told(sentence), f"nobody tells any more: {sentence}")

    return wait


@pytest.fixture
def beat_has_run(transactional_db: None) -> None:
    schedule = IntervalSchedule.objects.create(every=10, period="seconds")
    PeriodicTask.objects.create(name="tick", task="jobs.tick", interval=schedule, last_run_at=timezone.now())


@pytest.fixture
def workers_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: frozenset(list(Queue)))


@pytest.fixture
def else_all_is_well(beat_has_run: None, workers_are_there: None) -> Iterator[None]:
    """Workers and beat are not what the test is about: they are there, and no message is sent."""
    with doorbells.muted():
        yield


alone = pytest.mark.usefixtures("else_all_is_well")


@pytest.fixture
def sonarr(sonarr_process: StandIn) -> StandIn:
    sonarr_process.load(ArrState("sonarr"))
    return sonarr_process


@pytest.fixture
def connection(transactional_db: None, sonarr: StandIn) -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(name="My TV", kind="sonarr", url=sonarr.url, api_key=sonarr.api_key, policy=policy)


def scan(connection: Connection) -> Job:
    job, _ = start_scan(Connection.objects.get(pk=connection.pk), ScanParams())
    return services.run_inline(job)


# --- The machine ----------------------------------------------------------------------------------


@alone
def test_a_disk_that_is_nearly_full(told, settings, monkeypatch):
    sentence = f"The disk of {settings.TAGGARR_DATA} is nearly full"
    assert told(sentence) == []
    with monkeypatch.context() as limits:
        limits.setattr(machine, "LEAST_FREE", shutil.disk_usage(settings.TAGGARR_DATA).free + 2**30)
        assert told(sentence) == [*PLACES]
    assert told(sentence) == []


@alone
def test_a_database_whose_clock_differs(told):
    sentence = "The clocks of this machine and of the database differ by 300 s."
    with database.cursor() as cursor:
        cursor.execute("CREATE SCHEMA skewed")
        cursor.execute(
            "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            "$$ SELECT pg_catalog.clock_timestamp() + interval '5 minutes' $$"
        )
        try:
            cursor.execute("SET search_path = skewed, pg_catalog, public")
            assert told(sentence) == [*PLACES]
        finally:
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA skewed CASCADE")
    assert told(sentence) == []


@contextmanager
def database_through(port: int) -> Iterator[None]:
    """Talk to the database through a proxy."""
    direct = dict(database.settings_dict)
    database.close()
    database.settings_dict.update({"HOST": "127.0.0.1", "PORT": port})
    try:
        yield
    finally:
        database.close()
        database.settings_dict.update(direct)


@alone
def test_a_database_that_is_slow_or_old(told, mended, admin):
    sentence = "The database (PostgreSQL) is slow: the smallest query took"
    known = database.settings_dict
    with proxy(str(known["HOST"]), int(known["PORT"])) as between, database_through(between.port):
        mended(sentence)
        between.slow, between.delay = b"SELECT 1\0", machine.SLOW + 0.1
        assert told(sentence) == [*PLACES]
        between.slow = b""
        mended(sentence)
        major = database.connection.info.server_version // 10000
        between.instead = (f"server_version\0{major}".encode(), b"server_version\x0014")
        database.close()
        assert told("PostgreSQL) is too old: Taggarr needs version 15 or newer, and this is 14.") == [*PLACES]
    assert told("too old") == []


@alone
def test_a_redis_that_is_slow_or_old(told, mended, settings):
    address = urlsplit(settings.REDIS_URL)
    with proxy(str(address.hostname), int(address.port or 0)) as between, old_redis() as ancient:
        settings.REDIS_URL = settings.REDIS_URL.replace(f":{address.port}", f":{between.port}")
        mended("Redis is slow")
        between.slow, between.delay = b"PING", machine.SLOW + 0.1
        assert told("Redis is slow: the smallest query took") == [*PLACES]
        between.slow = b""
        mended("Redis is slow")
        settings.REDIS_URL = f"redis://127.0.0.1:{ancient}/0"
        assert told("Redis is too old: Taggarr needs version 6 or newer.") == [*PLACES]


def test_a_mediainfo_library_that_cannot_be_loaded(process_environment, beat_has_run, admin, tmp_path):
    package = shutil.copytree(Path(pymediainfo.__file__).parent, tmp_path / "pymediainfo")
    (package / "libmediainfo.so.0").write_bytes(b"")
    for name in ("core", "scanner"):
        (tmp_path / name).symlink_to(ROOT / name)
    script = """
import json, sys
from core.cage import keeper
from core.loading import load
load()
keeper.ROOT = sys.argv[1]
from django.test import Client
from accounts.models import User
from jobs import health
from jobs.models import Queue
from tests.commands import run
health.served_queues = lambda _enough: frozenset(list(Queue))
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get())
texts = [client.get(path).content.decode() for path in ("/api/v1/system/health", "/system/health")]
told = run("doctor").out
assert "libmediainfo" not in open("/proc/self/maps").read(), "it was loaded here"
print(json.dumps([*texts, told]))
"""

    def told_with(root: Path) -> list[bool]:
        command = [sys.executable, "-c", script, str(root)]
        ended = subprocess.run(
            command, cwd=ROOT, env=process_environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return ["The MediaInfo library is missing." in text for text in json.loads(ended.stdout)]

    assert told_with(tmp_path) == [True, True, True]
    assert told_with(ROOT) == [False, False, False]


# --- Programs and work ----------------------------------------------------------------------------


def test_no_worker_and_work_that_waits(
    everywhere, mended, beat_has_run, start_worker: Callable[..., Worker], broker: Broker
):
    job, _ = services.start("counting", params={"units": 5, "pause": 0.0})
    JobItem.objects.update(due_at=Now() - timedelta(minutes=5))
    everywhere("No worker answers.")
    everywhere("Work is waiting in the queue “bulk”, and no worker takes it.")
    start_worker()

    def done() -> bool:
        job.refresh_from_db()
        return not job.is_live

    wait_until(done, "the job has ended", meanwhile=Beat())
    mended("No worker")
    mended("Work is waiting")
    broker.stop()
    everywhere("The message broker (Redis) does not answer.")
    broker.restart()
    mended("The message broker")
    mended("No worker")


class RunningBeat:
    """A real beat on the test's own database and broker."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "taggarr.beat"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    def __enter__(self) -> RunningBeat:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)


@pytest.mark.usefixtures("workers_are_there", "transactional_db")
def test_a_scheduler_that_never_ran_or_fell_silent(told, mended, process_environment, broker, tmp_path):
    environment = {**process_environment, "REDIS_URL": broker.address, "TAGGARR_DATA": str(tmp_path)}
    assert told("The scheduler (beat) has never run.") == [*PLACES]
    with RunningBeat(environment):
        wait_until((tmp_path / "run" / "beat").exists, "beat has done a round")
        mended("The scheduler (beat)")
    long_ago = timezone.now() - timedelta(minutes=10)
    PeriodicTask.objects.update(last_run_at=long_ago, date_changed=long_ago)
    assert told("The scheduler (beat) is silent.") == [*PLACES]
    with RunningBeat(environment):
        mended("The scheduler (beat)")


@pytest.mark.usefixtures("workers_are_there", "transactional_db")
def test_two_schedulers(told, process_environment, tmp_path):
    environment = {**process_environment, "TAGGARR_DATA": str(tmp_path)}
    with RunningBeat(environment):
        wait_until(lambda: len(running_schedulers()) == 1, "the first beat has done a round")
        assert told("schedulers (beat) are running") == []
        with RunningBeat(environment):
            wait_until(
                lambda: told("2 schedulers (beat) are running") == [*PLACES], "the second has done one"
            )
        assert told("schedulers (beat) are running") == []
    assert running_schedulers() == []


@alone
def test_items_that_failed(told):
    def count(units: int) -> None:
        job, _ = services.start("counting", params={"units": units, "pause": 0.0})
        services.run_inline(job)

    sentence = "1 item of the last job “counting” failed (unit:7): This is no media file."
    count(8)
    assert told(sentence) == [*PLACES]
    count(3)
    assert told(sentence) == []


@alone
def test_a_backup_that_failed(told, settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "backups").write_text("in the way of the folder")

    def backup() -> None:
        job, _ = services.start("backup")
        JobItem.objects.filter(job=job).update(attempts=2)  # it is tried three times, half a minute apart
        services.run_inline(job)

    backup()
    assert told("The last backup failed: ") == [*PLACES]
    (tmp_path / "backups").unlink()
    backup()
    assert told("The last backup failed") == []


@alone
def test_a_channel_that_fails(told):
    with Peer("http", 404, 200) as peer:
        channel = Channel.objects.create(
            name="Hook", kind="webhook", address=f"http://127.0.0.1:{peer.port}/", topics=["wrong_dub"]
        )
        message = notify.tell("wrong_dub", "Wrong dub", "Dark holds German.")
        assert message is not None
        assert message.delivery is not None
        services.run_inline(message.delivery)
        sentence = "Notifications through Hook are failing: The webhook refuses the message (404)."
        assert told(sentence) == [*PLACES]
        notify.send_test(channel)
        assert told(sentence) == []


@alone
def test_a_newer_version(told, settings):
    with feed() as releases:
        settings.RELEASES_URL, releases.version = releases.url, "99.1.0"
        versions.look_for_newer()
        assert told("Taggarr 99.1.0 is out; this is ") == [*PLACES]
        releases.version = version()
        versions.look_for_newer()
        assert told("is out; this is") == []


# --- Instances ------------------------------------------------------------------------------------


@alone
def test_a_wrong_key(told, connection):
    right = connection.secrets()
    connection.keep_secrets({"api_key": "not-the-key"})
    connection.save()
    scan(connection)
    sentence = "My TV: Sonarr refused the API key (401)"
    assert told(sentence) == [*PLACES]
    connection.keep_secrets(right)
    connection.save()
    connect(connection)
    scan(connection)
    assert told(sentence) == []


@alone
def test_another_application_behind_the_address(told, connection, radarr_process):
    sonarr = {"url": connection.url, "secret": connection.secret}
    connection.url = radarr_process.url
    connection.keep_secrets({"api_key": radarr_process.api_key})
    connection.save()
    scan(connection)
    sentence = "My TV: Radarr answers there, not Sonarr: correct the instance's address."
    assert told(sentence) == [*PLACES]
    for name, value in sonarr.items():
        setattr(connection, name, value)
    connection.save()
    scan(connection)
    assert told(sentence) == []


@alone
def test_an_application_that_is_away(told, connection):
    with kept_port() as port:
        with StandIn("sonarr", port=port) as app:
            connection.url, connection.api_key = app.url, app.api_key
            connection.save()
        for _ in range(5):
            with pytest.raises(ApiTransientError):
                app_client_for(Connection.objects.get()).ping()
        assert told("5 calls in a row failed; the last one: My TV: ") == [*PLACES]
        with StandIn("sonarr", port=port):
            Connection.objects.update(breaker_open_until=Now() - timedelta(seconds=1))
            assert breaker.ping_due() == 1
    assert Connection.objects.get().breaker == Breaker.CLOSED
    assert told("calls in a row failed") == []


@alone
def test_a_secret_of_another_key(told, connection, settings):
    right, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    with pytest.raises(ConfigError):
        Connection.objects.get().secrets()
    assert told("Its stored secret cannot be decrypted.") == [*PLACES]
    settings.ENCRYPTION_KEYS = right
    assert told("Its stored secret cannot be decrypted.") == []


@alone
def test_a_folder_that_is_not_mounted_or_empty(told, connection, sonarr, tmp_path):
    state = ArrState("sonarr")
    for name in ("tv", "anime"):
        add_series(state, tmp_path / name, f"Of {name}", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    anime, away = tmp_path / "anime", tmp_path / "away"
    gone = f"The folder {anime} is not there: mount it, or add a path mapping to the instance."
    empty = f"The folder {anime} is empty, though the app has files in it: check its mount."
    scan(connection)
    anime.rename(away)
    scan(connection)
    assert told(gone) == [*PLACES]
    anime.mkdir()
    scan(connection)
    assert (told(gone), told(empty)) == ([], [*PLACES])
    anime.rmdir()
    away.rename(anime)
    scan(connection)
    assert told("The folder") == []


@alone
def test_a_mount_that_goes_away_and_comes_back_between_scans(told, connection, sonarr, tmp_path):
    state = ArrState("sonarr")
    add_series(state, tmp_path / "tv", "Dark", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    away = tmp_path / "away"
    scan(connection)
    (tmp_path / "tv").rename(away)
    look_at_roots()
    assert told(f"The folder {tmp_path / 'tv'} is not there") == [*PLACES]
    scan(connection)
    away.rename(tmp_path / "tv")
    look_at_roots()
    assert told("The folder") == []
    assert Media.objects.get().scan_state.verdict == "dub"


@alone
def test_a_path_mapping_that_leads_nowhere(told, connection, tmp_path):
    PathMapping.objects.create(connection=connection, remote_prefix="/tv", local_prefix=str(tmp_path / "tv"))
    sentence = "The path mapping of /tv leads nowhere on this machine."
    assert told(sentence) == [*PLACES]
    (tmp_path / "tv" / "Dark").mkdir(parents=True)
    assert told(sentence) == []


@alone
def test_a_rule_that_takes_our_tag_off_again_and_again(told, connection, sonarr, tmp_path):
    state = ArrState("sonarr")
    add_series(state, tmp_path / "tv", "Fought", {1: [spec(*JPN_ENG)]})
    sonarr.load(state)
    sonarr.change("auto_tag_remove", labels=["dub"])
    for _ in range(3):
        scan(connection)
    sentence = "The tags of 1 series came undone 3 times: Fought."
    assert told(sentence) == [*PLACES]
    sonarr.change("auto_tag_remove", labels=[])
    services.run_inline(start_media_scan(Media.objects.get(), ScanParams()).job)
    assert told(sentence) == []
    assert Media.objects.get().tags == ["dub"]
