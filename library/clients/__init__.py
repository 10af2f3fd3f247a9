"""The clients of Sonarr, Radarr and plain folders."""

from __future__ import annotations

from connections.calls import Recorder, slot_for
from connections.models import Connection
from core.errors import ConfigError
from library.models import Kind, is_folder

from .base import Apply, ArrClient, LibraryClient
from .folder import FolderClient
from .radarr import RadarrClient
from .sonarr import SonarrClient
from .wire import RemoteFile, RemoteMedia, RemoteSeason, Status

__all__ = [
    "Apply",
    "ArrClient",
    "LibraryClient",
    "RadarrClient",
    "RemoteFile",
    "RemoteMedia",
    "RemoteSeason",
    "SonarrClient",
    "Status",
    "app_client_for",
    "client_class",
    "client_for",
]

_CLASSES: dict[str, type[ArrClient]] = {Kind.SONARR: SonarrClient, Kind.RADARR: RadarrClient}


def client_class(kind: str) -> type[ArrClient]:
    return _CLASSES[kind]


def client_for(
    connection: Connection, *, read_only: bool = False, interactive: bool = False
) -> LibraryClient:
    """Return what lists the titles of a connection and takes their tags: a client of its app, or its folder.

    With `read_only` it refuses whatever would change something; `interactive` says that somebody waits. Call
    it outside transactions: the breaker's counting should not be rolled back with them.
    """
    if is_folder(connection):
        return FolderClient(connection, read_only=read_only)
    return app_client_for(connection, read_only=read_only, interactive=interactive)


def app_client_for(
    connection: Connection, *, read_only: bool = False, interactive: bool = False
) -> ArrClient:
    """Return a client of the connection's app that tells the connection how every call went.

    Raises ConfigError for a plain folder, which has none.
    """
    if is_folder(connection):
        raise ConfigError("folder.no-app", name=connection.name)
    return client_class(connection.kind)(
        connection.url,
        connection.reveal("api_key"),
        name=connection.name,
        read_only=read_only,
        on_result=Recorder(connection),
        before_call=slot_for(connection, interactive=interactive),
    )
