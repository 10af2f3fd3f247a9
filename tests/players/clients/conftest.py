"""The stand-in players, each with a small library, and a client of each."""

from __future__ import annotations

import pytest

from demo.players.process import StandIn
from players.clients.contract import Edit, Form, Kind, Present
from players.clients.plex import PlexClient
from tests.demo.players.conftest import (  # noqa: F401
    emby,
    emby_process,
    jellyfin,
    jellyfin_process,
    kodi,
    kodi_process,
    plex,
    plex_process,
    stash,
    stash_process,
)

DEVICE = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture
def plex_client(plex: StandIn) -> PlexClient:  # noqa: F811
    return PlexClient(plex.url, plex.api_key, device=DEVICE, name="Living room", tries=1)


def titled(client, title: str, kind: Kind = Kind.MOVIE):
    """The first item of a title and kind."""
    for library in client.libraries():
        if kind in library.kinds:
            for page in client.items(library, kind):
                for item in page:
                    if item.title == title:
                        return item
    raise KeyError(title)


def seen(client, title: str, kind: Kind = Kind.MOVIE) -> Present:
    item = titled(client, title, kind)
    found: Present = client.look([item.id])[item.id]
    return found


def labelled(client, title: str, *labels: str, form: Form = Form.LABEL, kind: Kind = Kind.MOVIE) -> Edit:
    return Edit(seen(client, title, kind), add={form: labels})
