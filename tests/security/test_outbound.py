"""Where Taggarr connects to: the address that was checked, no redirect, no endless answer."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from core import outbound
from core.errors import ApiPermanentError, ConfigError
from core.outbound import addresses
from library.clients import client_class
from tests.connections.build import make_connection

METADATA = "169.254.169.254"


class Server:
    """An HTTP server on loopback; `answer` writes the answer, `hosts` are the names it was called by."""

    def __init__(self, answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> None:
        hosts: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hosts.append(self.headers["Host"])
                answer(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.hosts = hosts
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(answer: Callable[[Any], None]) -> Server:
        made.append(Server(answer))
        return made[-1]

    yield start
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def fine(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"{}")


def redirect_to(where: str) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", where)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def name(monkeypatch) -> list[str]:
    """What the name `library.lan` resolves to, call after call; the last answer stays."""
    answers = ["127.0.0.1"]
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **options: Any) -> Any:
        if host != "library.lan":
            return real(host, *rest, **options)
        ip = answers.pop(0) if len(answers) > 1 else answers[0]
        return real(ip, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(serve, name):
    server = serve(fine)

    assert outbound.session().get(f"http://library.lan:{server.port}/").json() == {}
    assert server.hosts == [f"library.lan:{server.port}"]


def test_a_name_that_changes_after_it_was_saved_leads_nowhere(serve, name):
    server = serve(fine)
    name[:] = ["127.0.0.1", METADATA]
    addresses.refuse_resolved("http://library.lan/")

    with pytest.raises(outbound.RefusedError, match=r"library\.lan \(169\.254\.169\.254\)"):
        outbound.session().get(f"http://library.lan:{server.port}/")


def test_a_name_is_asked_for_once_a_connection_so_there_is_nothing_to_change(serve, name):
    server = serve(fine)
    name[:] = ["127.0.0.1", METADATA, METADATA]

    assert outbound.session().get(f"http://library.lan:{server.port}/").ok


@pytest.mark.parametrize(
    "host",
    [
        METADATA,
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[::ffff:0:169.254.169.254]",
        "[::ffff:0:a83f:8110]",
        "168.63.129.16",
        "192.0.0.192",
        "[::169.254.169.254]",
        "[2001:0:a9fe:a9fe::5601:5601]",
        "[fe80::1]",
        "0.0.0.0",
        "0.1.2.3",
        "[::]",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
        "240.0.0.1",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
    ],
)
def test_addresses_that_no_other_program_has_are_never_connected_to(host):
    with pytest.raises(outbound.RefusedError):
        outbound.session().get(f"http://{host}:9/", timeout=2)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]
)
def test_this_machine_itself_is_connected_to_only_where_a_setting_allows_it(host, settings):
    settings.ALLOW_LOOPBACK = False
    with pytest.raises(outbound.RefusedError, match="TAGGARR_ALLOW_LOOPBACK"):
        outbound.session().get(f"http://{host}:9/", timeout=2)

    settings.ALLOW_LOOPBACK = True
    with pytest.raises(requests.ConnectionError):
        outbound.session().get(f"http://{host}:9/", timeout=2)


@pytest.mark.parametrize("host", ["192.168.1.5", "10.0.0.1", "[fd00::5]", "172.16.0.9"])
def test_addresses_of_a_home_network_are_fine(host):
    addresses.refuse_resolved(f"http://{host}:8989/")


def test_no_redirect_is_followed_whatever_the_caller_asks_for(serve):
    target = serve(fine)
    server = serve(redirect_to(f"http://127.0.0.1:{target.port}/"))

    answer = outbound.session().get(f"http://127.0.0.1:{server.port}/", allow_redirects=True)

    assert answer.status_code == 302
    assert target.hosts == []


def test_an_answer_without_end_is_cut_off(serve, monkeypatch):
    monkeypatch.setattr(outbound, "LARGEST", 100_000)

    def flood(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    with pytest.raises(outbound.TooLargeError):
        outbound.session().get(f"http://127.0.0.1:{serve(flood).port}/")


def test_an_answer_that_drips_is_cut_off(serve):
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x")
                dripped.append(1)
                time.sleep(0.02)
        except OSError:
            return

    dripped: list[int] = []
    answer = outbound.session().get(f"http://127.0.0.1:{serve(drip).port}/", stream=True)
    with pytest.raises(requests.ReadTimeout):
        outbound.read_whole(answer, most=1_000_000, seconds=0.2)
    assert len(dripped) < 1000


def test_an_instance_at_a_refused_address_says_so_and_its_key_is_sent_nowhere(name):
    name[:] = [METADATA]
    client = client_class("sonarr")("http://library.lan:9", "k" * 32, tries=1)

    with pytest.raises(ApiPermanentError, match="never connects to"):
        client.status()


def test_an_instance_that_redirects_does_not_get_its_key_carried_elsewhere(serve):
    target = serve(fine)
    server = serve(redirect_to(f"http://127.0.0.1:{target.port}/"))
    client = client_class("sonarr")(f"http://127.0.0.1:{server.port}", "k" * 32, tries=1)

    with pytest.raises(ApiPermanentError):
        client.status()
    assert target.hosts == []


def test_testing_an_instance_tells_nothing_of_what_is_forbidden(as_admin_api, plain):
    address = {"url": f"http://{METADATA}/latest/meta-data", "values": {"api_key": "k" * 32}}
    answer = as_admin_api.patch(f"/api/v1/connections/{plain.pk}", address, format="json")

    assert answer.status_code == 422
    assert "never connects to" in answer.content.decode()


def channel(address: str, kind: str = "apprise") -> Any:
    from notify.models import Channel

    return Channel(name="Test", kind=kind, address=address, topics=[])


def message() -> Any:
    from django.utils import timezone

    from notify.models import Message

    return Message(pk=1, topic="scan_completed", title="Title", text="Text", created_at=timezone.now())


@pytest.mark.parametrize("kind", ["webhook", "apprise"])
def test_a_channel_is_held_to_the_same_addresses_at_the_moment_of_the_connection(kind, name, serve):
    from notify.sending import send

    server = serve(fine)
    where = {"webhook": "http", "apprise": "json"}[kind]
    name[:] = ["127.0.0.1"]
    send(channel(f"{where}://library.lan:{server.port}/", kind), message())
    name[:] = [METADATA]

    with pytest.raises(ConfigError, match=r"169\.254\.169\.254"):
        send(channel(f"{where}://library.lan:{server.port}/", kind), message())


@pytest.mark.parametrize(
    "address",
    [
        "mailto://library.lan:25?to=a@b.example&from=c@d.example",
        "rsyslog://169.254.169.254:514",
    ],
)
def test_services_that_speak_no_http_are_held_to_them_too(address, name):
    from notify.sending import send

    name[:] = [METADATA]
    with pytest.raises(ConfigError, match=r"169\.254\.169\.254"):
        send(channel(address), message())


def test_a_redirect_of_a_service_is_not_followed_to_another_machine(serve):
    from core.errors import ApiTransientError
    from notify.sending import send

    target = serve(fine)
    server = serve(redirect_to(f"http://127.0.0.1:{target.port}/"))

    with pytest.raises(ApiTransientError):
        send(channel(f"json://127.0.0.1:{server.port}/"), message())
    assert target.hosts == []


def test_other_threads_and_later_connections_are_not_held(name):
    with outbound.checked_connections():
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.connect((METADATA, 9))


@pytest.mark.parametrize(
    "address",
    [
        "fcm://project/token?keyfile=/config/secret_key",
        "mailto://a:b@mail.example.org?pgppub=/config/encryption_keys",
        "discord://1234567890/abcdefghijk?template=/config/encryption_keys",
        "discord://1234567890/abcdefghijk?template=..%2F..%2Fconfig%2Fencryption_keys",
        "discord://1234567890/abcdefghijk?template=%252Fconfig%252Fencryption_keys",
        "vapid://a@b.example/a@b.example?subfile=x.json",
    ],
)
def test_no_address_has_a_file_of_this_machine_sent_out(address):
    from notify.sending import check_address, send

    with pytest.raises(ConfigError, match="name a file of this machine"):
        check_address("apprise", address)
    with pytest.raises(ConfigError, match="name a file of this machine"):
        send(channel(address), message())


@pytest.fixture
def plain(db: None) -> Any:
    from scanner.models import Policy

    policy = Policy.objects.create(name="German", target_languages=["deu"])
    return make_connection(
        name="Shelf", kind="sonarr", url="http://127.0.0.1:9", api_key="k" * 32, policy=policy
    )


@pytest.fixture
def as_admin_api(admin: Any) -> Any:
    from tests.api.conftest import SCOPES, with_key

    return with_key(admin, *SCOPES)
