"""Posters of media: fetched from the application once, kept in TAGGARR_DATA.

Browsers get them from here, so the application's key stays with us.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import caches

from connections.models import Breaker
from core.errors import ApiError
from library.clients import client_class
from library.models import Media, is_folder

logger = logging.getLogger(__name__)

KEPT = 30 * 24 * 3600
"""Seconds that a poster is kept before it is fetched anew."""

KEPT_NONE = 24 * 3600
"""Seconds until a title without a poster is asked for again."""

KEPT_BY_BROWSERS = 24 * 3600
PAUSE = 60
"""Seconds in which an instance that did not answer is not asked."""

TIMEOUT = 5.0
LARGEST = 2 * 2**20
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


def poster_of(media: Media) -> bytes | None:
    """Return the poster of a title, None where it has none or its instance does not answer.

    `instance` should be loaded with it. Asking tells the breaker nothing: posters are not worth a pause.
    """
    if is_folder(media.connection):
        return None
    path = settings.TAGGARR_DATA / "posters" / f"{media.connection_id}-{media.arr_id}"
    kept = _kept(path)
    if kept is None:
        kept = _fetch(media)
        if kept is None:
            return None
        _keep(path, kept)
    return kept or None


def picture_type(data: bytes) -> str:
    """Return the media type of a picture by its first bytes; empty where it is none that we pass on."""
    return next((kind for start, kind in SIGNATURES.items() if data.startswith(start)), "")


def _kept(path: Path) -> bytes | None:
    """What is kept and not too old; empty bytes say that there is no poster."""
    try:
        age = time.time() - path.stat().st_mtime
        data = path.read_bytes()
    except OSError:
        return None
    return data if age < (KEPT if data else KEPT_NONE) else None


def _fetch(media: Media) -> bytes | None:
    """The poster as the application has it, empty where it has none; None where it cannot be asked now."""
    connection = media.connection
    pause = f"library.posters.{connection.pk}"
    if not connection.enabled or connection.breaker != Breaker.CLOSED or caches["process"].get(pause):
        return None
    client = client_class(connection.kind)(
        connection.url, connection.reveal("api_key"), timeout=TIMEOUT, tries=1
    )
    try:
        data = client.poster(media.arr_id)
    except ApiError as error:
        if error.status is None:
            caches["process"].set(pause, True, PAUSE)
            return None
        return b""
    return data if len(data) <= LARGEST and picture_type(data) else b""


def _keep(path: Path, data: bytes) -> None:
    """Write the file whole or not at all; a full disk costs the poster, not the page."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        logger.warning("the poster %s could not be kept: %s", path, error)
