"""Which addresses Taggarr connects to. Those of a home network are fine; some never are what was meant."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from core.errors import ConfigError
from core.words import Phrase

LONGEST_URL = 500

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Services that hand out a cloud machine's credentials, where they are not link-local anyway: those of AWS by
# IPv6, Alibaba, Azure and Oracle.
_METADATA = {
    ipaddress.ip_address(one) for one in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
}
# Embedded IPv4 addresses: NAT64 (RFC 6052, 8215), translated (RFC 2765) and the old IPv4-compatible ones.
_LAST_32_BITS = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
]
# "This network" and what is reserved, broadcast among it.
_NO_MACHINE = [ipaddress.ip_network(net) for net in ("0.0.0.0/8", "240.0.0.0/4")]
_API_TAILS = ("/api/v3", "/api")


def clean_url(url: str) -> str:
    """Return the address in its one spelling: no slash at the end, no /api, host in lower case.

    Raises ConfigError where it cannot be the address of a Sonarr or Radarr.
    """
    url = url.strip()
    example = Phrase("address.example")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("address.invalid", example=example) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError("address.incomplete", example=example)
    if parts.username is not None or parts.password is not None:
        raise ConfigError("address.with-password")
    if parts.query or parts.fragment:
        raise ConfigError("address.with-query", example=example)
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise ConfigError("address.characters", example=example)
    refuse_literal(host)
    path = parts.path.rstrip("/")
    for tail in _API_TAILS:
        path = path.removesuffix(tail)
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{shown}:{port}" if port else shown, path, "", ""))


def refuse_literal(host: str) -> None:
    """Raise ConfigError where the host is an IP address that we never connect to."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    _refuse(host, address)


def refuse_resolved(url: str) -> None:
    """Raise ConfigError where the address's host has, among others, an IP address that we never connect to.

    A host that is not known here passes: the connection will say so better.
    """
    try:
        allowed_addresses(urlsplit(url).hostname or "")
    except (OSError, UnicodeError):
        return


def allowed_addresses(host: str) -> list[str]:
    """Return the IP addresses of a host, each once, in the order in which to try them.

    Raises ConfigError where one of them is refused: a name that has a good and a bad address is a trick.
    Raises OSError or UnicodeError where the name is not known.
    """
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    texts = list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in found))
    for text in texts:
        _refuse(host, ipaddress.ip_address(text.partition("%")[0]))
    return texts


def _refuse(host: str, address: _IPAddress) -> None:
    plain = _unwrapped(address)
    shown = host if host == str(plain) else f"{host} ({plain})"
    if plain.is_loopback:
        if settings.ALLOW_LOOPBACK:
            return
        raise ConfigError("address.loopback", address=shown)
    forbidden = plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA
    if forbidden or any(plain in network for network in _NO_MACHINE):
        raise ConfigError("address.never", address=shown)


def _unwrapped(address: _IPAddress) -> _IPAddress:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64), else itself."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in network for network in _LAST_32_BITS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
