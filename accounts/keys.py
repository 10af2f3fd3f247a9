"""API keys: making them, and finding the one that a request brings."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ApiKey, User
from history.models import EventKind
from history.services import record
from library.errors import ConfigError
from library.sentences import say

PREFIX = "tgr_"
"""What every key begins with, so that people and secret scanners recognise one."""

SHOWN = 10
"""How many characters of a key stay visible; 37 remain secret."""

USED_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: a widget that polls need not write at every request."""

KEPT_EXPIRED = timedelta(days=7)
"""So long an expired key is still listed, so that its owner sees why a program is refused."""


def create_key(
    owner: User, name: str, *, role: str, expires_at: datetime | None = None, actor: User | None = None
) -> tuple[ApiKey, str]:
    """Make a key for a user; return it and its text, which cannot be had again.

    Raises ConfigError where the date has passed, or the key would have more rights than its owner.
    """
    wanted = ApiKey(owner=owner, name=name, role=role, expires_at=expires_at)
    if expires_at is not None and expires_at <= timezone.now():
        raise ConfigError(say("The key would have expired already: choose a time to come."))
    if role != owner.role and not owner.is_admin:
        raise ConfigError(
            say(
                "%(owner)s is a viewer, so a key of theirs can only look: choose the role viewer.",
                owner=owner,
            )
        )
    text = PREFIX + secrets.token_urlsafe(32)
    wanted.prefix, wanted.digest = text[:SHOWN], digest_of(text)
    wanted.save()
    record(
        EventKind.SETTINGS,
        say(
            "Made the API key %(name)s (%(prefix)s…) for %(owner)s",
            name=name,
            prefix=wanted.prefix,
            owner=owner,
        ),
        actor=actor,
    )
    return wanted, text


def delete_key(key: ApiKey, *, actor: User | None = None) -> None:
    """Take a key back: from now on it opens nothing."""
    key.delete()
    record(
        EventKind.SETTINGS,
        say("Deleted the API key %(name)s (%(prefix)s…)", name=key.name, prefix=key.prefix),
        actor=actor,
    )


def delete_expired() -> int:
    """Delete the keys that expired more than a week ago; return how many."""
    deleted, _ = ApiKey.objects.filter(expires_at__lt=Now() - KEPT_EXPIRED).delete()
    return deleted


def find_key(text: str) -> ApiKey | None:
    """Return the key with this text, with its owner; None where it is unknown, expired or its owner inactive.

    It is looked up by its digest, so the time that takes tells nothing about any key.
    """
    return _valid().filter(digest=digest_of(text)).first()


def valid_key(key_id: int) -> ApiKey | None:
    """Return a key that was valid once, None where it no longer is."""
    return _valid().filter(pk=key_id).first()


def note_use(key: ApiKey) -> None:
    """Remember that a key was used, to the minute."""
    ApiKey.objects.filter(pk=key.pk).filter(
        Q(last_used_at=None) | Q(last_used_at__lt=Now() - USED_EVERY)
    ).update(last_used_at=Now())


def digest_of(text: str) -> str:
    """The SHA-256 of a key in hexadecimal. A key has 256 random bits, so it needs neither salt nor rounds."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _valid() -> QuerySet[ApiKey]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=Now())
    return ApiKey.objects.select_related("owner").filter(unexpired, owner__is_active=True)
