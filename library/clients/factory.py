"""The client of an instance, wired to its breaker."""

from __future__ import annotations

from collections.abc import Callable

from library import breaker
from library.errors import ApiError
from library.models import Instance, Kind

from .base import ArrClient
from .radarr import RadarrClient
from .sonarr import SonarrClient
from .transport import OnResult

_CLASSES: dict[str, type[ArrClient]] = {Kind.SONARR: SonarrClient, Kind.RADARR: RadarrClient}


Listener = Callable[[int, ApiError | None], object]
_listeners: list[Listener] = []


def on_call(listener: Listener) -> None:
    """Have `listener(instance_id, error or None)` hear of every call. It must be quick and never raise."""
    _listeners.append(listener)


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
        on_result=_told_to_all(instance),
    )


def _told_to_all(instance: Instance) -> OnResult:
    note = breaker.Recorder(instance)
    pk = instance.pk

    def tell(error: ApiError | None) -> None:
        for listener in _listeners:
            listener(pk, error)
        note(error)

    return tell
