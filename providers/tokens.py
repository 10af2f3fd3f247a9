"""The token of a service that one signs in to: one for all processes, sealed, and renewed by one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from django.db.models import Q
from django.db.models.functions import Now

from connections.models import Connection
from core.errors import ConfigError, Later
from providers.models import Standing

PATIENCE = timedelta(seconds=60)
"""So long one process signs in; after that another may."""

SOON = 1.0
"""Seconds after which those come back that waited for it."""


class Tokens:
    """The token of one connection, which is for the secrets that it was given for, and for no others."""

    def __init__(self, connection: Connection, secrets: Mapping[str, str]) -> None:
        self._connection = connection
        told = json.dumps([connection.url, sorted(secrets.items())])
        self._secrets = sha256(told.encode()).hexdigest()

    def current(self) -> str:
        """The token, empty where there is none for these secrets."""
        standing = Standing.objects.filter(connection=self._connection).first()
        try:
            kept = json.loads(standing.token.reveal() or "{}") if standing else {}
        except ConfigError:  # sealed with a key that is gone: we sign in again
            return ""
        return str(kept["token"]) if kept.get("secrets") == self._secrets else ""

    def renew(self, refused: str, sign_in: Callable[[], str]) -> str:
        """A token other than the one that was refused: another process's, or what `sign_in` returns.

        Raises `Later` while another process signs in, and what `sign_in` raises.
        """
        standing, _ = Standing.objects.get_or_create(connection=self._connection)
        rows = Standing.objects.filter(pk=standing.pk)
        free = Q(renewing_until=None) | Q(renewing_until__lt=Now()) | Q(renewing_until__gt=Now() + PATIENCE)
        if not rows.filter(free).update(renewing_until=Now() + PATIENCE):
            raise Later(SOON)
        try:
            found = self.current()
            if not found or found == refused:
                found = sign_in()
                standing.token = json.dumps({"token": found, "secrets": self._secrets})
                standing.save(update_fields=["token"])
        finally:
            rows.update(renewing_until=None)
        return found
