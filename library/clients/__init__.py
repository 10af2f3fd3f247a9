"""The clients of Sonarr, Radarr and plain folders."""

from __future__ import annotations

from .base import Apply, ArrClient, LibraryClient
from .factory import app_client_for, client_class, client_for
from .radarr import RadarrClient
from .sonarr import SonarrClient
from .wire import RemoteFile, RemoteMedia, RemoteSeason, RootFolder, Status

__all__ = [
    "Apply",
    "ArrClient",
    "LibraryClient",
    "RadarrClient",
    "RemoteFile",
    "RemoteMedia",
    "RemoteSeason",
    "RootFolder",
    "SonarrClient",
    "Status",
    "app_client_for",
    "client_class",
    "client_for",
]
