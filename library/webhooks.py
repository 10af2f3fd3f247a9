"""The token by which an instance's calls to us are known."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from connections.models import Connection
from library.models import Source


def make_token(connection: Connection) -> str:
    """Give an instance a new webhook token and return it: it cannot be had again, and the old one ends."""
    token = secrets.token_urlsafe(32)
    connection.source.webhook_token = _digest(token)
    connection.source.save(update_fields=["webhook_token"])
    return token


def token_fits(source: Source, token: str) -> bool:
    """Whether this is the token of the instance, in a time that does not depend on the token."""
    fits = hmac.compare_digest(_digest(token), source.webhook_token or _digest(""))
    return fits and bool(source.webhook_token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
