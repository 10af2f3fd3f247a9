"""Which addresses an instance may have."""

from __future__ import annotations

import socket

import pytest

from core import outbound
from core.errors import ConfigError
from core.outbound.addresses import clean_url, refuse_resolved


def test_foreign_code_reaches_no_local_socket_and_no_name_of_a_refused_address(tmp_path, settings):
    settings.ALLOW_LOOPBACK = False
    local, first, second = socket.socket(socket.AF_UNIX), *socket.socketpair(type=socket.SOCK_DGRAM)
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with local, first, second, plain, outbound.checked_connections():
        with pytest.raises(ConfigError, match="through a file on this machine"):
            local.connect(str(tmp_path / "docker.sock"))
        with pytest.raises(ConfigError, match="TAGGARR_ALLOW_LOOPBACK"):
            plain.connect(("localhost", 80))
        first.sendmsg([b"what is connected already is not asked again"])
        assert second.recv(7) == b"what is"


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("http://nas:8989", "http://nas:8989"),
        ("  http://nas:8989/  ", "http://nas:8989"),
        ("HTTP://NAS:8989/Sonarr//", "http://nas:8989/Sonarr"),
        ("https://example.lan/sonarr", "https://example.lan/sonarr"),
        ("http://nas:8989/api/v3/", "http://nas:8989"),
        ("http://nas:8989/sonarr/api", "http://nas:8989/sonarr"),
        ("http://192.168.1.5:7878", "http://192.168.1.5:7878"),
        ("http://[fd00::5]:7878/x", "http://[fd00::5]:7878/x"),
        ("http://127.0.0.1:8989", "http://127.0.0.1:8989"),
    ],
)
def test_an_address_has_one_spelling(given, clean):
    assert clean_url(given) == clean
    assert clean_url(clean) == clean


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "begins with http"),
        ("nas:8989", "begins with http"),
        ("ftp://nas", "begins with http"),
        ("http://", "begins with http"),
        ("file:///etc/passwd", "begins with http"),
        ("http://nas:port", "not a valid address"),
        ("http://nas:99999", "not a valid address"),
        ("http://[::1", "not a valid address"),
        ("http://user:word@nas", "username and password"),
        ("http://nas/?apikey=1", "Leave out everything from"),
        ("http://nas/#/x", "Leave out everything from"),
        ("http://nas/a b", "spaces"),
        ("http://nas/\u202e", "spaces"),
        ("http://nas/" + "x" * 600, "too long"),
    ],
)
def test_what_cannot_be_an_address_is_refused(url, words):
    with pytest.raises(ConfigError, match=words):
        clean_url(url)


FORBIDDEN = [
    "169.254.169.254",
    "169.254.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "[::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[ff02::1]",
    "[fd00:ec2::254]",
    "[::ffff:169.254.169.254]",
    "[2002:a9fe:a9fe::]",
    "[64:ff9b::a9fe:a9fe]",
    "168.63.129.16",
    "192.0.0.192",
    "[::ffff:0:169.254.169.254]",
    "[2002:a83f:8110::1]",
    "[64:ff9b::168.63.129.16]",
]


@pytest.mark.parametrize("host", FORBIDDEN)
def test_addresses_that_are_never_an_instance_are_refused(host):
    with pytest.raises(ConfigError, match="Taggarr never connects to"):
        clean_url(f"http://{host}:80")


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "169.254.43518"])
def test_other_spellings_of_a_refused_address_are_found_when_it_is_resolved(host):
    with pytest.raises(ConfigError, match=r"169\.254\.169\.254"):
        refuse_resolved(f"http://{host}/")


def test_a_name_with_a_refused_address_among_others_is_refused(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("192.168.1.5", "169.254.169.254")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConfigError, match=r"innocent\.lan \(169\.254\.169\.254\)"):
        refuse_resolved("http://innocent.lan:8989")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://no-such-host.invalid", "http://" + "x" * 70 + ".lan"]
)
def test_other_hosts_pass_and_unknown_ones_are_left_to_the_connection(url):
    refuse_resolved(url)
