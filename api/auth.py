"""Who asks: an API key in a header, or the session of a browser; and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey, User

if TYPE_CHECKING:
    from rest_framework.views import APIView

WRONG_KEY = "The API key is unknown or has expired: make a new one."
MOST_CHARACTERS = 200
"""A longer text is no key of ours."""


class KeyAuthentication(BaseAuthentication):
    """`X-Api-Key: KEY` or `Authorization: Bearer KEY`.

    A key in the query is not looked at: addresses stand in the logs of proxies.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the owner and the key, None where the request brings none. Raises AuthenticationFailed."""
        text = _key_of(request)
        if text is None:
            return None
        key = keys.find_key(text) if len(text) <= MOST_CHARACTERS else None
        if key is None:
            raise AuthenticationFailed(WRONG_KEY)
        keys.note_use(key)
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a 401 names as the way to sign in (RFC 6750)."""
        return 'Bearer realm="Taggarr"'


def _key_of(request: Request) -> str | None:
    given = request.headers.get("X-Api-Key")
    if given is not None:
        return given.strip()
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else None


def is_admin(request: Request) -> bool:
    """Whether whoever asks may change anything. A key can do less than its owner."""
    if isinstance(request.auth, ApiKey):
        return request.auth.is_admin
    return bool(getattr(request.user, "is_admin", False))


def user_of(request: Request) -> User:
    """The user in whose name the request is made."""
    assert isinstance(request.user, User)  # noqa: S101  (the permissions of every view see to it)
    return request.user


class LookOrAdmin(BasePermission):
    """Everybody who is signed in may look, an admin may change."""

    message = "This needs the role admin."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether the request may go on."""
        if not request.user.is_authenticated:
            return False
        return request.method in SAFE_METHODS or is_admin(request)


class AdminOnly(LookOrAdmin):
    """An admin may look and change, nobody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the request may go on."""
        return super().has_permission(request, view) and is_admin(request)
