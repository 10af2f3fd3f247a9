"""Asking Sonarr or Radarr to watch no longer for what has the wrong audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from history.models import EventKind
from history.services import record
from library.clients import client_for
from library.errors import ConfigError
from library.models import File, Media, Verdict

if TYPE_CHECKING:
    from accounts.models import User


def can_unmonitor(media: Media, file: File | None) -> bool:
    """Return whether the policy lets a person unmonitor this file, and its verdict is a reason to."""
    policy = media.policy
    return policy.allow_unmonitor and not policy.dry_run and _is_wrong(media, file)


def stop_monitoring(media: Media, file: File | None = None, *, user: User | None = None) -> str:
    """Have the application watch no longer for a movie, or for the episodes in one file of a series.

    Return one sentence that says what was done. The file stays; to watch for it again is up to the
    application. Raises ConfigError where the policy does not allow it or the file has no wrong dub, ApiError
    where the application does not do it.
    """
    instance, policy = media.instance, media.policy
    if not policy.allow_unmonitor:
        raise ConfigError(
            f"The policy {policy.name} does not allow it: switch on allow_unmonitor there first."
        )
    if policy.dry_run:
        raise ConfigError(f"The policy {policy.name} is a dry run, which writes nothing.")
    if not instance.enabled:
        raise ConfigError(f"{instance.name} is disabled: enable it first.")
    if not _is_wrong(media, file):
        raise ConfigError("Only what has a wrong dub can be unmonitored here.")
    if instance.is_sonarr and (file is None or not file.episode_ids):
        raise ConfigError("Sonarr does not say which episodes this file holds: scan the series first.")
    client_for(instance).unmonitor(media.arr_id, file.episode_ids if file else [])
    if not instance.is_sonarr:
        Media.objects.filter(pk=media.pk).update(monitored=False)
    what = f"{media} ({file})" if instance.is_sonarr and file else str(media)
    told = f"{instance.name} no longer watches for {what}."
    record(EventKind.JOB, told, media=media, actor=user)
    return told


def _is_wrong(media: Media, file: File | None) -> bool:
    verdict = media.verdict if file is None else file.verdict
    return verdict == Verdict.WRONG_DUB
