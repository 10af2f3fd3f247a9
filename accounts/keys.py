"""API keys: making them, and finding the one that a request brings."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ApiKey, Scope, User
from core import live
from core.errors import FieldError
from core.servers import is_listed

PREFIX = "tgr_"
"""What every key begins with, so that people and secret scanners recognise one."""

SHOWN = 10
"""How many characters of a key stay visible; 37 remain secret."""

LIFE = timedelta(days=365)
"""How long a key lives where nobody says otherwise."""

USED_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: a widget that polls need not write at every request."""

KEPT_EXPIRED = timedelta(days=7)
"""So long an expired key is still listed, so that its owner sees why a program is refused."""


def create_key(
    owner: User,
    name: str,
    *,
    scopes: Iterable[str] = (),
    networks: Iterable[str] = (),
    expires_at: datetime | None,
) -> tuple[ApiKey, str]:
    """Make a key for a user; return it and its text, which cannot be had again.

    Every key may look. Without `expires_at` it lives until it is deleted. Raises FieldError where the date
    has passed, the key could do more than its owner, or a network is none.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise FieldError("expires_at", "key.expired")
    chosen = {Scope.READ, *scopes}
    if chosen != {Scope.READ} and not owner.may_add:
        raise FieldError("scopes", "key.viewer-scope", owner=owner)
    if Scope.SETTINGS in chosen and not owner.is_admin:
        raise FieldError("scopes", "key.settings-scope", owner=owner)
    wanted = ApiKey(
        owner=owner,
        name=name,
        scopes=[scope for scope in Scope.values if scope in chosen],
        networks=[_network(text) for text in networks],
        expires_at=expires_at,
    )
    text = PREFIX + secrets.token_urlsafe(32)
    wanted.prefix, wanted.digest = text[:SHOWN], digest_of(text)
    wanted.save()
    return wanted, text


def default_expiry() -> datetime:
    return timezone.now() + LIFE


def delete_key(key: ApiKey) -> None:
    """Take a key back: from now on it opens nothing, and what it opened is closed."""
    key.delete()
    live.rights_changed()


def delete_expired() -> int:
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


def may_come_from(key: ApiKey, address: str) -> bool:
    return not key.networks or is_listed(address, map(ipaddress.ip_network, key.networks))


def note_use(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).filter(
        Q(last_used_at=None) | Q(last_used_at__lt=Now() - USED_EVERY)
    ).update(last_used_at=Now())


def digest_of(text: str) -> str:
    """The SHA-256 of a key in hexadecimal. A key has 256 random bits, so it needs neither salt nor rounds."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _valid() -> QuerySet[ApiKey]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=Now())
    return ApiKey.objects.select_related("owner").filter(unexpired, owner__is_active=True)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise FieldError("networks", "key.network", text=text) from None
