"""The client of an instance, wired to its connection's breaker, rate and metrics."""

from __future__ import annotations

from connections.calls import Recorder, slot_for
from connections.models import Connection
from library.models import Kind

from .base import ArrClient
from .radarr import RadarrClient
from .sonarr import SonarrClient

_CLASSES: dict[str, type[ArrClient]] = {Kind.SONARR: SonarrClient, Kind.RADARR: RadarrClient}


def client_class(kind: str) -> type[ArrClient]:
    """Return the client class of a kind (`sonarr` or `radarr`)."""
    return _CLASSES[kind]


def client_for(connection: Connection, *, read_only: bool = False, interactive: bool = False) -> ArrClient:
    """Return a client of an instance that tells its connection how every call went.

    With `read_only` it refuses whatever would change something; `interactive` says that somebody waits. Call
    it outside transactions: the breaker's counting should not be rolled back with them.
    """
    return client_class(connection.kind)(
        connection.url,
        connection.reveal("api_key"),
        name=connection.name,
        read_only=read_only,
        on_result=Recorder(connection),
        before_call=slot_for(connection, interactive=interactive),
    )
