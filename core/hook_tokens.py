"""The tokens by which programs that call us show who they are. Kept as digests: they are shown once."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def fits(token: str, *digests: str) -> bool:
    """Whether a token is one of these, of which some may be empty: in a time that depends on neither."""
    given, none = digest(token), digest("")
    outcomes = [hmac.compare_digest(given, one or none) and bool(one) for one in digests]
    return any(outcomes)
