"""Apps that write pictures and NFO files themselves: what stands there then depends on who wrote last."""

from __future__ import annotations

import logging

from artwork.models import ArtSettings
from connections.models import Connection
from core.errors import TaggarrError
from library.clients import app_client_for
from library.models import Kind

logger = logging.getLogger(__name__)
ASKED = (Kind.SONARR.value, Kind.RADARR.value)


def look(connection: Connection) -> None:
    """Note which of its consumers of metadata an app has switched on; what is known stays if it is away."""
    if connection.kind not in ASKED:
        return
    try:
        found = app_client_for(connection, read_only=True).metadata_consumers()
    except TaggarrError as error:
        logger.info("%s was not asked what else writes metadata: %s", connection, error)
        return
    if found != ArtSettings.of(connection).writers:
        ArtSettings.objects.update_or_create(connection=connection, defaults={"writers": found})
