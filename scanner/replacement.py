"""Asking Sonarr or Radarr to look for a better release of what has the wrong audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from history.models import EventKind
from history.services import record
from library.clients import client_for
from library.errors import ConfigError
from library.models import File, Media

if TYPE_CHECKING:
    from accounts.models import User


def search_replacement(media: Media, file: File | None = None, *, user: User | None = None) -> str:
    """Have the application search for releases of a movie, or of the episodes in one file of a series.

    Return one sentence that says what was asked. What the application finds it judges by its own profiles,
    and replaces the file only by what these rate higher. Raises ConfigError where nothing can be searched
    for, ApiError where the application does not take the command.
    """
    instance = media.instance
    if not instance.enabled:
        raise ConfigError(f"{instance.name} is disabled: enable it first.")
    if instance.is_sonarr and (file is None or not file.episode_ids):
        raise ConfigError("Sonarr does not say which episodes this file holds: scan the series first.")
    client_for(instance).search(media.arr_id, file.episode_ids if file else [])
    what = f"{media} ({file})" if instance.is_sonarr and file else str(media)
    told = f"Asked {instance.name} to search for a replacement of {what}."
    record(EventKind.JOB, told, media=media, actor=user)
    return told
