"""Players and Stash as kinds of connections."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connections.calls import Recorder
from connections.kinds import ConnectionKind, Connections
from connections.models import Connection
from players.clients.contract import PlayerClient
from players.clients.plex import PlexClient
from players.models import Device
from players.settings import BESIDE, PLAYERS

__all__ = ["BRINGS", "PLAYERS", "client_for"]


def client_for(connection: Connection) -> PlayerClient:
    return PlexClient(connection.url, connection.reveal("token"), device=Device.ours(), name=connection.name, on_result=Recorder(connection))


BRINGS = Connections(
    kinds=(
        ConnectionKind(slug="plex", title="Plex", address_help=_("x"), test=lambda t: None, ping=lambda c: client_for(c).ping()),
    ),
    beside=(BESIDE,),
)
