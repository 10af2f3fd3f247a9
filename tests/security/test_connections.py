"""What one client may hold of the web server: connections, time, streams. Real servers, real sockets."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import get_args
from urllib.parse import urlsplit

import pytest
import requests
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.models import User
from api.events.hub import IN_ALL, PER_OWNER, Seats
from core import redis_server, refusals
from system.health import programs
from taggarr import serve
from taggarr.front import PER_ADDRESS, FrontDoor, share_of
from tests.conftest import program_environment
from tests.waiting import PATIENCE, wait_until
from tests.web_server import served

from .door import ask

HEAD = b"GET /ping HTTP/1.1\r\nHost: nas\r\n"
POST = b"POST /ping HTTP/1.1\r\nHost: nas\r\nContent-Length: %d\r\n\r\n"
QUICK = "serve.HEAD_SECONDS = serve.BODY_SECONDS = 2.0; serve.BODY_BYTES = 1000"
FULL = b"HTTP/1.1 503"
LATE = b"HTTP/1.1 408"


@pytest.fixture(autouse=True)
def reached_limits_are_forgotten() -> Iterator[None]:
    """Else health would tell of them for a quarter of an hour, in the tests that come after."""
    yield
    redis_server.connect_redis(1).delete(*(refusals.SIGN + limit for limit in get_args(refusals.Limit)))


@contextmanager
def server(change: str, **environment: str) -> Iterator[str]:
    """A web server with other limits, a line of Python each."""
    code = f"import sys; from taggarr import serve; {change}; serve.main(sys.argv[1:])"
    with served(
        lambda port: [sys.executable, "-c", code, "--grace", "1", "--port", str(port)],
        {**program_environment(), **environment},
        sign="/ping",
    ) as address:
        yield address


@pytest.fixture(scope="module")
def hasty(django_db_setup: None) -> Iterator[str]:
    """The address of a web server that waits two seconds for what else takes longer."""
    with server(QUICK) as address:
        yield address


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """The servers see the tests' database."""


def connect(address: str, begun: bytes = b"", *, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(address)
    made = socket.create_connection((parts.hostname, parts.port or 0), PATIENCE, (source, 0))
    made.sendall(begun)
    return made


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server closes, which need not have read all it was sent."""
    found = b""
    with connection, suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            found += piece
    return found


def answer_to(address: str, *, source: str) -> bytes:
    return rest(connect(address, HEAD + b"Connection: close\r\n\r\n", source=source))


def test_two_thousand_half_sent_requests_of_one_address_stop_nobody_else(hasty: str) -> None:
    serve.raise_descriptors()
    with ExitStack() as opened:
        half = [opened.enter_context(connect(hasty, HEAD)) for _ in range(2000)]
        assert answer_to(hasty, source="127.0.0.2").startswith(b"HTTP/1.1 200")

        ends = [connection.recv(65536)[:12] for connection in half]
        assert ends.count(LATE) == PER_ADDRESS, "what was let in has its time"
        assert ends.count(FULL) == 2000 - PER_ADDRESS
    assert wait_until(lambda: answer_to(hasty, source="127.0.0.1").startswith(b"HTTP/1.1 200"))


def test_a_listed_proxy_has_more_than_the_share_of_one(django_db_setup: None) -> None:
    with server(QUICK, TAGGARR_TRUSTED_PROXIES="127.0.0.3") as address, ExitStack() as opened:
        half = [opened.enter_context(connect(address, HEAD, source="127.0.0.3")) for _ in range(150)]
        assert {connection.recv(65536)[:12] for connection in half} == {LATE}


def test_of_all_there_are_so_many_and_no_more(django_db_setup: None) -> None:
    with server("serve.CONNECTIONS = 8") as address, ExitStack() as opened:
        for number in range(8):
            opened.enter_context(connect(address, HEAD, source=f"127.0.0.{number + 2}"))
        assert answer_to(address, source="127.0.0.1").startswith(FULL)


def test_more_connections_than_descriptors_do_not_end_the_server(django_db_setup: None) -> None:
    few = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300)); {QUICK}"
    with server(few, TAGGARR_TRUSTED_PROXIES="127.0.0.3") as address, ExitStack() as opened:
        half = [opened.enter_context(connect(address, HEAD, source="127.0.0.3")) for _ in range(400)]
        ends = [connection.recv(65536)[:12] for connection in half]
        assert set(ends) == {LATE, FULL}
        assert answer_to(address, source="127.0.0.1").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "begun",
    [
        HEAD,
        POST % 2000,
        # The answer is there (405 or 413), the body is not.
        (POST % 2000).replace(b"POST /ping", b"POST /live") + b"x",
        POST % 10_000_000 + b"x" * 2000,
    ],
    ids=["head", "body", "body of an answered request", "refused body"],
)
def test_what_is_not_sent_to_its_end_is_closed(hasty: str, begun: bytes) -> None:
    assert rest(connect(hasty, begun)) is not None, "it comes to an end"


def test_a_second_request_has_its_time_too(hasty: str) -> None:
    connection = connect(hasty, HEAD + b"\r\n")
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.sendall(HEAD)
    assert LATE in rest(connection)


@pytest.mark.parametrize("begun", [HEAD + b"X-Long: ", POST % 2000], ids=["head", "body"])
def test_what_drips_is_closed(hasty: str, begun: bytes) -> None:
    with connect(hasty, begun) as connection, suppress(ConnectionResetError, BrokenPipeError):
        connection.settimeout(0.1)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            connection.sendall(b"x")
            with suppress(TimeoutError):
                connection.recv(65536)  # where it is closed, the next byte cannot be sent
        pytest.fail("it stands for ever")


def test_a_slow_body_that_goes_on_may_take_as_long_as_it_needs(hasty: str) -> None:
    connection = connect(hasty, (POST % 100_000).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    for _ in range(100):  # six seconds: three times as long as one may wait for nothing
        connection.sendall(b"x" * 1000)
        time.sleep(0.06)
    assert rest(connection).startswith(b"HTTP/1.1 403")


def test_who_takes_nothing_of_an_answer_is_let_go(django_db_setup: None) -> None:
    large = b"/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    page = b"GET " + large + b" HTTP/1.1\r\nHost: nas\r\n\r\n"
    cut = suppress(ConnectionResetError, BrokenPipeError)
    with server("serve.ANSWER_SECONDS = 1.0") as address, connect(address) as connection, cut:
        while True:  # none of the answers is read, until the server can send no more
            connection.sendall(100 * page)


@pytest.mark.parametrize(
    ("address", "share"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_household(address: str, share: str) -> None:
    assert share_of(address) == share


def test_one_client_behind_a_proxy_has_its_share_of_requests() -> None:
    told: list[str] = []

    async def flood() -> list[int]:
        leave = asyncio.Event()

        async def slow(_scope: object, _receive: object, send: object) -> None:
            await leave.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
            await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

        door = FrontDoor(slow, proxies=["10.0.0.2"], told=told.append)

        async def one(client: str) -> int:
            found = await ask(door, "/", client="10.0.0.2", headers={"x-forwarded-for": client})
            return found.status

        running = [asyncio.ensure_future(one("203.0.113.9")) for _ in range(PER_ADDRESS + 1)]
        other = asyncio.ensure_future(one("203.0.113.10"))
        refused = await asyncio.wait_for(running.pop(), PATIENCE)
        leave.set()
        return [refused, await other, *set(await asyncio.gather(*running)), await one("203.0.113.9")]

    assert async_to_sync(flood)() == [429, 200, 200, 200]
    assert told == ["203.0.113.9"]


def test_one_person_has_ten_streams_and_no_more(web: str) -> None:
    cookies = []
    for name in ("ada", "bob"):
        client = Client()
        client.force_login(User.objects.create_user(name))
        cookies.append({"taggarr_session": str(client.session.session_key)})

    def watch(who: int) -> requests.Response:
        return requests.get(f"{web}/api/v1/events", cookies=cookies[who], stream=True, timeout=PATIENCE)

    with ExitStack() as opened:
        streams = [opened.enter_context(watch(0)) for _ in range(PER_OWNER)]
        assert {answer.status_code for answer in streams} == {200}
        refused = opened.enter_context(watch(0))
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert refused.json()["detail"].startswith("10 streams of live events are open already")
        assert opened.enter_context(watch(1)).status_code == 200
        wait_until(lambda: refusals.recent().get("streams") == (PER_OWNER, "ada"))

        streams[0].close()
        wait_until(lambda: opened.enter_context(watch(0)).status_code == 200)


def test_a_place_whose_stream_never_began_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seats = Seats()
    kept = seats.take("user 1")
    assert kept is not None
    seats.begin(kept)
    while seats.take("user 1"):
        pass
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 11)
    assert [bool(seats.take("user 1")) for _ in range(PER_OWNER)] == [True] * (PER_OWNER - 1) + [False]
    assert sum(bool(seats.take(f"key {number}")) for number in range(2 * IN_ALL)) == IN_ALL - PER_OWNER


def test_health_tells_which_limit_was_reached_and_by_whom(hasty: str) -> None:
    with ExitStack() as opened:
        for _ in range(PER_ADDRESS + 5):
            opened.enter_context(connect(hasty, HEAD, source="127.0.0.4"))
        wait_until(lambda: refusals.recent().get("address") == (PER_ADDRESS, "127.0.0.4"))

    # The connections that were let in may be cut off as slow before they are closed here: that is told too.
    told = "127.0.0.4 reached the limit of 100 open connections"
    (issue,) = [found for found in programs.web_limits() if found.what.startswith(told)]
    assert "TAGGARR_TRUSTED_PROXIES" in issue.remedy


def test_the_process_takes_the_descriptors_it_may_have() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
        assert serve.raise_descriptors() == min(hard, serve.DESCRIPTORS)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(hard, serve.DESCRIPTORS), hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
