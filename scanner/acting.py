"""What an admin may ask of Sonarr and Radarr about a file: search for another release, watch no longer.

Each is off until the policy of the media allows it, and none is ever done by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from library.clients import app_client_for
from library.models import File, Media, holds_series, is_folder
from scanner.models import Verdict

if TYPE_CHECKING:
    from accounts.models import User


def can_search(media: Media) -> bool:
    policy = media.scan_state.policy
    return policy.allow_search and not policy.dry_run and not is_folder(media.connection)


def can_unmonitor(media: Media, file: File | None) -> bool:
    """Return whether the policy lets a person unmonitor this file, its verdict is a reason to, and the
    application watches for it yet.
    """
    return _may_unmonitor(media, file) and _is_watched(media, file)


def is_unmonitored(media: Media, file: File | None) -> bool:
    """Return whether a file that could be unmonitored is so already, as far as the last scan knows."""
    return _may_unmonitor(media, file) and not _is_watched(media, file)


def search_replacement(media: Media, file: File | None = None, *, user: User | None = None) -> str:
    """Have the application search for releases of a movie, or of the episodes in one file of a series.

    Return one sentence that says what was asked. What the application finds it judges by its own profiles,
    and replaces the file only by what these rate higher. Raises ConfigError where the policy does not allow
    it or nothing can be searched for, ApiError where the application does not take the command.
    """
    _need_leave(media, "allow_search")
    _need_target(media, file)
    connection = media.connection
    app_client_for(connection).search(media.arr_id, file.episode_ids if file else [])
    told = Phrase("hand.search", instance=connection.name, title=_named(media, file))
    record(EventKind.BY_HAND, told, subject=media, actor=user)
    return told


def stop_monitoring(media: Media, file: File | None = None, *, user: User | None = None) -> str:
    """Have the application watch no longer for a movie, or for the episodes in one file of a series.

    Return one sentence that says what was done. The file stays; to watch for it again is up to the
    application. Raises ConfigError where the policy does not allow it or the file has no wrong dub, ApiError
    where the application does not do it.
    """
    _need_leave(media, "allow_unmonitor")
    if not _is_wrong(media, file):
        raise ConfigError("hand.not-wrong")
    _need_target(media, file)
    connection = media.connection
    app_client_for(connection).unmonitor(media.arr_id, file.episode_ids if file else [])
    if holds_series(connection) and file is not None:
        File.objects.filter(pk=file.pk).update(monitored=False)
    else:
        Media.objects.filter(pk=media.pk).update(monitored=False)
    told = Phrase("hand.unmonitored", instance=connection.name, title=_named(media, file))
    record(EventKind.BY_HAND, told, subject=media, actor=user)
    return told


def _need_leave(media: Media, option: str) -> None:
    policy = media.scan_state.policy
    if not getattr(policy, option):
        raise ConfigError("policy.forbids", name=policy.name, option=option)
    if policy.dry_run:
        raise ConfigError("policy.dry-run", name=policy.name)


def _need_target(media: Media, file: File | None) -> None:
    connection = media.connection
    if not connection.enabled:
        raise ConfigError("connection.disabled", name=connection.name)
    if holds_series(connection) and (file is None or not file.episode_ids):
        raise ConfigError("file.episodes-unknown")


def _may_unmonitor(media: Media, file: File | None) -> bool:
    policy = media.scan_state.policy
    may = policy.allow_unmonitor and not policy.dry_run and not is_folder(media.connection)
    return may and _is_wrong(media, file)


def _is_watched(media: Media, file: File | None) -> bool:
    return file.monitored if holds_series(media.connection) and file else media.monitored


def _is_wrong(media: Media, file: File | None) -> bool:
    verdict = (media if file is None else file).scan_state.verdict
    return verdict == Verdict.WRONG_DUB


def _named(media: Media, file: File | None) -> str:
    return f"{media} ({file})" if holds_series(media.connection) and file else str(media)
