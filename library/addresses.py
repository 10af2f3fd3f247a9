"""Which addresses instances may have. Those of a home network are fine; some are never a Sonarr or Radarr."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit, urlunsplit

from library.errors import ConfigError

LONGEST_URL = 500

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Services that hand out a cloud machine's credentials, where they are not link-local anyway.
_METADATA = {ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_API_TAILS = ("/api/v3", "/api")


def clean_url(url: str) -> str:
    """Return the address in its one spelling: no slash at the end, no /api, host in lower case.

    Raises ConfigError where it cannot be the address of a Sonarr or Radarr.
    """
    url = url.strip()
    example = "write it like http://nas:8989 or https://example.lan/sonarr"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(f"This is no valid address: {example}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(f"The address must begin with http:// or https:// and name a host: {example}.")
    if parts.username is not None or parts.password is not None:
        raise ConfigError("The address must not hold a user name or password: the API key is enough.")
    if parts.query or parts.fragment:
        raise ConfigError(f"The address must end before ? and #: {example}.")
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise ConfigError(f"The address holds spaces or control characters, or is too long: {example}.")
    refuse_literal(host)
    path = parts.path.rstrip("/")
    for tail in _API_TAILS:
        path = path.removesuffix(tail)
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{shown}:{port}" if port else shown, path, "", ""))


def refuse_literal(host: str) -> None:
    """Raise ConfigError where the host is an IP address that no instance may have."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    _refuse(host, address)


def refuse_resolved(url: str) -> None:
    """Raise ConfigError where the address's host has, among others, an IP address that no instance may have.

    A host that is not known here passes: the connection will say so better.
    """
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_, socket_address in found:
        _refuse(host, ipaddress.ip_address(str(socket_address[0]).partition("%")[0]))


def _refuse(host: str, address: _IPAddress) -> None:
    plain = _unwrapped(address)
    forbidden = plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA
    if forbidden or str(plain) == "255.255.255.255":
        shown = host if host == str(plain) else f"{host} ({plain})"
        raise ConfigError(f"{shown} is no address that Sonarr or Radarr can have: give that of its machine.")


def _unwrapped(address: _IPAddress) -> _IPAddress:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4 or NAT64), else the address itself."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
