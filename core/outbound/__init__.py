"""Connections to other machines: to checked addresses only, no redirect, answers of bounded size and time.

The check and the connection use one and the same resolved address, so a name cannot change in between (DNS
rebinding).
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.poolmanager import PoolManager

from core.errors import ConfigError
from core.outbound.addresses import allowed_addresses, refuse_literal

_PIECE = 64 * 1024
_checking: ContextVar[bool] = ContextVar("checking", default=False)
_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
"""The audit events of CPython that name where data goes: https://docs.python.org/3/library/audit_events.html"""

_watching = False


LARGEST = 4 * 2**20
TIMEOUT = 20.0
"""Bytes of an answer, and seconds for the connection and between two pieces, where the caller names none."""


class RefusedError(ConfigError, requests.exceptions.RequestException):
    """The address is one that we never connect to."""


class TooLargeError(requests.exceptions.RequestException):
    """An answer has more bytes than were asked for."""


def session(*, pool_connections: int = 4, pool_maxsize: int = 4) -> requests.Session:
    """Return a session that connects to allowed addresses only, and follows no redirect.

    A call raises RefusedError, with a sentence for a person, where the host is refused, and TooLargeError
    where an answer is that is not streamed. The session uses neither proxies nor .netrc of the machine: what
    is sent goes to the named host and nowhere else.
    """
    made = _CheckedSession()
    made.trust_env = False
    made.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    adapter = _CheckedAdapter(pool_connections=pool_connections, pool_maxsize=pool_maxsize, max_retries=0)
    for scheme in ("http://", "https://"):
        made.mount(scheme, adapter)
    return made


def read_whole(response: requests.Response, *, most: int, seconds: float) -> bytes:
    """Return the body of an answer that was asked for with `stream=True`, unpacked.

    Raises what `read_pieces` raises.
    """
    whole = bytearray()
    for piece in read_pieces(response, most=most, seconds=seconds):
        whole += piece
    return bytes(whole)


def read_pieces(response: requests.Response, *, most: int, seconds: float) -> Iterator[bytes]:
    """Yield the body of an answer that was asked for with `stream=True` as it comes in, unpacked.

    Raises TooLargeError above `most` bytes, requests' ReadTimeout where it is not there after so many
    seconds.
    """
    end = time.monotonic() + seconds
    length = 0
    for piece in _pieces(response):
        length += len(piece)
        if length > most:
            raise TooLargeError
        if time.monotonic() > end:
            raise requests.exceptions.ReadTimeout
        yield piece


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield the body as it comes in: requests' own way would wait until a whole piece is there."""
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from None
    except ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from None
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from None
    except SSLError as error:
        raise requests.exceptions.SSLError(error) from None


@contextmanager
def checked_connections() -> Iterator[None]:
    """Hold foreign code to the same addresses: within, every connection of this thread is checked.

    The check sits below all libraries, at the moment of the connection and on the address that is used. The
    code within gets a ConfigError out of its call.
    """
    global _watching  # noqa: PLW0603 - an audit hook cannot be taken away again, so there is one
    if not _watching:
        sys.addaudithook(_check_connection)
        _watching = True
    token = _checking.set(True)
    try:
        yield
    finally:
        _checking.reset(token)


def _check_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _CONNECTS or not _checking.get():
        return
    address = arguments[1]
    if address is None:  # to where the socket is connected already
        return
    if not isinstance(address, tuple):
        raise ConfigError("service.local-file")
    host = str(address[0])
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        allowed_addresses(host)
    else:
        refuse_literal(host)


class _CheckedSession(requests.Session):
    """Hands a redirect to the caller as the answer that it is, and bounds time and size of every answer."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request; the answer is read to its end unless the caller streams it."""
        streamed = kwargs.get("stream", False)
        timeout = kwargs.get("timeout") or TIMEOUT
        try:
            response = super().send(request, **{**kwargs, "stream": True, "timeout": timeout})
        except ConfigError as error:
            raise RefusedError(str(error)) from None
        if not streamed:
            with response:
                response._content = read_whole(response, most=LARGEST, seconds=2 * TIMEOUT)
                response._content_consumed = True  # type: ignore[attr-defined]
        return response


def _connect(connection: Any, connect: Any) -> socket.socket:
    """Connect to one of the allowed addresses of the connection's host.

    A refused one raises ConfigError and not its kin of requests, which is an OSError: urllib3 would take that
    for a connection that failed.
    """
    name = connection.host
    try:
        addresses = allowed_addresses(name)
    except (socket.gaierror, UnicodeError) as error:
        failed = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(name, connection, failed) from error
    last: Exception | None = None
    for address in addresses:
        # For this one step; the certificate is then checked against the name.
        connection.host = address
        try:
            made: socket.socket = connect()
        except (NewConnectionError, ConnectTimeoutError) as error:
            last = error
        else:
            return made
        finally:
            connection.host = name
    raise last or NameResolutionError(name, connection, socket.gaierror("no address"))


class _CheckedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _CheckedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, super()._new_conn)


class _CheckedPool(HTTPConnectionPool):
    ConnectionCls = _CheckedConnection


class _CheckedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTlsConnection


class _CheckedAdapter(HTTPAdapter):
    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _CheckedPool, "https": _CheckedTlsPool}
