"""Sonarr and Radarr write pictures and NFO files themselves, where their consumers of metadata are on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from connections.models import Connection
from core.errors import TaggarrError
from library.clients import app_client_for
from library.contract import Writer, Writers
from library.models import Kind

logger = logging.getLogger(__name__)
ASKED = (Kind.SONARR.value, Kind.RADARR.value)


def consumers_of(connection: Connection) -> Iterator[tuple[Connection, Sequence[Writer] | None]]:
    if connection.kind not in ASKED:
        return
    try:
        found = app_client_for(connection, read_only=True).metadata_consumers()
    except TaggarrError as error:
        logger.info("%s was not asked what else writes metadata: %s", connection, error)
        yield connection, None
    else:
        yield connection, [Writer(name) for name in found]


BRINGS = Writers(consumers_of)
