import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import servers
from core.errors import ConfigError


def test_a_database_address_becomes_djangos_settings():
    found = servers.database_settings("postgresql://ta%40gg:p%3Aw@db.lan:5433/name?sslmode=require")

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("ta@gg", "p:w")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.lan", "5433", "name")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["CONN_MAX_AGE"] == 0


def test_a_database_whose_machine_vanished_is_given_up_after_a_while_that_the_address_may_set():
    options = servers.database_settings("postgresql://u@h/n?tcp_user_timeout=5000")["OPTIONS"]

    assert (options["tcp_user_timeout"], options["keepalives_idle"]) == ("5000", "30")


def test_a_database_may_be_reached_through_a_socket_folder():
    found = servers.database_settings("postgres:///taggarr?host=/run/postgresql")

    assert (found["HOST"], found["PORT"]) == ("/run/postgresql", "")
    assert "host" not in found["OPTIONS"]


def test_the_separate_password_fills_in_where_the_address_has_none():
    assert servers.database_settings("postgresql://u@h/n", "pw")["PASSWORD"] == "pw"
    assert servers.database_settings("postgresql://u:own@h/n", "pw")["PASSWORD"] == "own"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///db",
        "mysql://h/n",
        "postgresql://h",
        "postgresql://h:port/n",
        "postgresql://h/n?x",
        "plain",
        "",
    ],
)
def test_an_address_of_another_kind_is_no_database(url):
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        servers.database_settings(url)


def test_the_redis_password_fills_in_where_the_address_has_none():
    assert servers.redis_address("redis://h:6379/1", "p w") == "redis://:p%20w@h:6379/1"
    assert servers.redis_address("redis://user@h/1", "pw") == "redis://user:pw@h/1"
    assert servers.redis_address("rediss://:own@h/1", "pw") == "rediss://:own@h/1"
    assert servers.redis_address("redis://h/1") == "redis://h/1"


@pytest.mark.parametrize("url", ["http://h", "redis://", "redis://h:x/0", "unix://", "h:6379"])
def test_an_address_of_another_kind_is_no_redis(url):
    with pytest.raises(ConfigError, match="REDIS_URL"):
        servers.redis_address(url)


def test_celery_has_its_own_word_for_a_unix_socket():
    assert servers.broker_address("unix:///run/redis.sock") == "redis+socket:///run/redis.sock"
    assert servers.broker_address("redis://h/0") == "redis://h/0"


def test_the_addresses_of_running_servers_are_read_from_the_data_folder(tmp_path):
    (tmp_path / "run").mkdir()
    path = tmp_path / servers.SERVERS_FILE
    path.write_text(json.dumps({"database_url": "a", "redis_url": "b"}))

    assert servers.running_servers(tmp_path) == {"database_url": "a", "redis_url": "b"}


@pytest.mark.parametrize("text", [None, "", "[]", '{"database_url": "a"}', "{"])
def test_a_missing_or_broken_note_means_no_running_servers(tmp_path, text):
    (tmp_path / "run").mkdir()
    if text is not None:
        (tmp_path / servers.SERVERS_FILE).write_text(text)

    assert servers.running_servers(tmp_path) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "8.8.8.8",
        "[::1]",
        "fe80::1",
        "localhost",
        "nas",
        "NAS",
        "taggarr.local",
        "taggarr.lan",
        "t.home.arpa",
        "t.internal",
        "a.b.localhost",
        "taggarr.local.",
    ],
)
def test_local_names_are_answered_without_asking(host):
    assert servers.is_local_name(host)


@pytest.mark.parametrize(
    "host", ["", ".", "example.org", "nas.example.org", "local.example", "127.0.0.1.nip.io"]
)
def test_public_names_are_not(host):
    assert not servers.is_local_name(host)


def test_named_hosts_match_as_a_whole_or_by_domain():
    names = ["taggarr.example.org", ".Example.net"]

    assert servers.is_named("Taggarr.Example.ORG.", names)
    assert servers.is_named("example.net", names)
    assert servers.is_named("deep.taggarr.example.net", names)
    assert not servers.is_named("example.org", names)
    assert not servers.is_named("eviltaggarr.example.org", names)
    assert not servers.is_named("evilexample.net", names)


@given(st.text(alphabet="abc.-", max_size=12).map(lambda text: f"{text}.com"))
def test_a_public_domain_is_never_local(host):
    assert not servers.is_local_name(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.2", False),
        ("nas", False),
    ],
)
def test_loopback_addresses_are_told_from_others(host, expected):
    assert servers.is_loopback(host) is expected
