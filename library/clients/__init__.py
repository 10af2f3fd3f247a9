"""The clients of Sonarr and Radarr."""

from __future__ import annotations

from .base import Apply, ArrClient
from .factory import client_class, client_for
from .radarr import RadarrClient
from .sonarr import SonarrClient
from .wire import RemoteFile, RemoteMedia, RemoteSeason, RootFolder, Status

__all__ = [
    "Apply",
    "ArrClient",
    "RadarrClient",
    "RemoteFile",
    "RemoteMedia",
    "RemoteSeason",
    "RootFolder",
    "SonarrClient",
    "Status",
    "client_class",
    "client_for",
]
