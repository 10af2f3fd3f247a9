"""Whether this machine sees the files of an instance, tried on a few of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from connections.models import Connection
from library.clients import LibraryClient
from library.models import File
from library.paths import local_path

TRIED = 3
ASKED = 20
"""So many media are asked for their files before it is taken that there are none."""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """One file as the application names it, where it should lie here, and whether it does."""

    remote: str
    local: str
    visible: bool


def check_files(connection: Connection, client: LibraryClient) -> list[SeenFile]:
    """Return what this machine sees of up to three files of an instance; empty where it has none.

    Files that are known are taken from the database, else the application is asked. Raises ApiError.
    """
    mappings = list(connection.path_mappings.all())
    known = (
        File.objects.filter(media__connection=connection).order_by("media_id", "path").distinct("media_id")
    )
    paths = list(known.values_list("path", flat=True)[:TRIED]) or list(islice(_listed(client), TRIED))
    return [_seen(path, local_path(path, mappings)) for path in paths]


def _listed(client: LibraryClient) -> Iterator[str]:
    """The path of one file of each title that the application lists."""
    for media in client.media()[:ASKED]:
        for file in client.files(media.arr_id)[:1]:
            yield file.path


def _seen(remote: str, local: str) -> SeenFile:
    try:
        visible = os.access(local, os.R_OK)
    except ValueError:  # a NUL character
        visible = False
    return SeenFile(remote, local, visible)
