"""Headers of proxies, the base path, and bodies that are too large."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from taggarr.front import FrontDoor

from .door import ask

PROXY = "10.0.0.2"
FORWARDED = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "taggarr.example.org",
    "remote-user": "ada",
}


async def mirror(scope: Any, receive: Any, send: Any) -> None:
    """Says what it was asked, after reading the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    seen = {
        "client": scope["client"][0],
        "scheme": scope["scheme"],
        "path": scope["path"],
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "size": size,
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


def seen(path="/", *, client=PROXY, headers=FORWARDED, **door):
    options = {"proxies": ["10.0.0.0/24"], "identity_header": "Remote-User", **door}
    answer = async_to_sync(ask)(FrontDoor(mirror, **options), path, client=client, headers=headers)
    return json.loads(answer.body)


@pytest.mark.parametrize("client", [PROXY, "::ffff:10.0.0.2"])
def test_a_listed_proxy_says_who_the_client_is_and_how_it_came(client):
    found = seen(client=client)

    assert (found["client"], found["scheme"]) == ("203.0.113.9", "https")
    assert found["headers"] == {"host": "taggarr.example.org", "remote-user": "ada"}


@pytest.mark.parametrize("client", ["192.0.2.7", "10.0.1.2", "::1", ""])
def test_of_everybody_else_such_headers_are_removed(client):
    found = seen(client=client)

    assert (found["client"], found["scheme"]) == (client, "http")
    assert found["headers"] == {"host": "nas"}


def test_without_listed_proxies_nobody_is_believed():
    assert seen(proxies=[])["headers"] == {"host": "nas"}


def test_a_header_with_an_underscore_is_no_other_way_to_say_it():
    assert "remote_user" not in seen(headers={"remote_user": "ada"})["headers"]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("203.0.113.9, 10.0.0.5", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("nonsense, 203.0.113.9, 10.0.0.5", "203.0.113.9"),
        ("203.0.113.9, nonsense", PROXY),
        ("10.0.0.7, 10.0.0.5", "10.0.0.7"),
        ("", PROXY),
    ],
)
def test_the_client_is_the_last_address_that_no_proxy_of_ours_has(chain, client):
    assert seen(headers={"x-forwarded-for": chain})["client"] == client


@pytest.mark.parametrize("proto", ["ftp", "https;x", ""])
def test_a_scheme_that_is_none_is_not_taken(proto):
    assert seen(headers={"x-forwarded-proto": proto})["scheme"] == "http"


@pytest.mark.parametrize("host", ["evil.example/path", "a b", "x\r\ny"])
def test_a_host_that_is_none_is_not_taken(host):
    assert seen(headers={"x-forwarded-host": host})["headers"]["host"] == "nas"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/taggarr/library", "/taggarr/library"),
        ("/library", "/taggarr/library"),
        ("/taggarr", "/taggarr/"),
        ("/taggarrx", "/taggarr/taggarrx"),
        ("/", "/taggarr/"),
    ],
)
def test_the_base_path_may_be_passed_on_or_stripped(asked, path):
    assert seen(asked, base_path="/taggarr")["path"] == path


@pytest.mark.parametrize(
    ("headers", "pieces"),
    [
        ({"content-length": "11"}, [b"x" * 11]),
        ({"content-length": "5"}, [b"x" * 6, b"x" * 6]),
        ({}, [b"x" * 6, b"x" * 6]),
    ],
)
@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/tags", "application/problem+json"), ("/", "text/plain")]
)
def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_itself(headers, pieces, path, kind):
    door = FrontDoor(mirror, largest_body=10)
    answer = async_to_sync(ask)(door, path, method="POST", headers=headers, body=pieces)

    assert answer.status == 413
    assert answer.header("content-type").startswith(kind)
    assert "larger than 10 bytes" in answer.text


def test_a_body_that_is_not_too_large_passes():
    answer = async_to_sync(ask)(FrontDoor(mirror, largest_body=10), "/", method="POST", body=[b"x" * 5] * 2)

    assert json.loads(answer.body)["size"] == 10


def test_django_sees_what_the_door_lets_through(knock, settings):
    answer = knock("/api/v1/system/status", method="POST", body=[b"x" * 2**20] * 3)

    assert answer.status == 413
