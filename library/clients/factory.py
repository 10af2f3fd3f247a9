"""The client of an instance, wired to its breaker."""

from __future__ import annotations

from library import breaker
from library.models import Instance, Kind

from .base import ArrClient
from .radarr import RadarrClient
from .sonarr import SonarrClient

_CLASSES: dict[str, type[ArrClient]] = {Kind.SONARR: SonarrClient, Kind.RADARR: RadarrClient}


def client_class(kind: str) -> type[ArrClient]:
    """Return the client class of a kind (`sonarr` or `radarr`)."""
    return _CLASSES[kind]


def client_for(instance: Instance, *, read_only: bool = False) -> ArrClient:
    """Return a client of an instance that tells its breaker how every call went.

    With `read_only` it refuses whatever would change something. Call it outside transactions: the breaker's
    counting should not be rolled back with them.
    """
    return client_class(instance.kind)(
        instance.url,
        instance.api_key,
        name=instance.name,
        read_only=read_only,
        on_result=breaker.Recorder(instance),
    )
