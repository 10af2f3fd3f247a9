"""Who asks: an API key in a header, or the session of a browser; and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey, User
from accounts.rights import Need, Refusal, refusal
from accounts.sessions import signed_in_recently

if TYPE_CHECKING:
    from rest_framework.views import APIView

WRONG_KEY = "The API key is unknown or has expired: make a new one."
MOST_CHARACTERS = 200
"""A longer text is no key of ours."""


class RecentSignInRequired(PermissionDenied):
    """Whoever is signed in has to show once more who they are; `sign_in` in the problem is where."""

    default_detail = "This needs a recent sign-in: sign in once more, then ask again."

    def __init__(self) -> None:
        super().__init__()
        self.members = {"type": "recent-sign-in-required", "sign_in": reverse("account_reauthenticate")}


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
        address = str(request.META.get("REMOTE_ADDR", ""))
        if not keys.may_come_from(key, address):
            raise AuthenticationFailed(f"The API key may not be used from {address}: see its networks.")
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


def may(request: Request, need: Need) -> bool:
    return refusal_of(request, need) is None


def refusal_of(request: Request, need: Need) -> Refusal | None:
    key = request.auth if isinstance(request.auth, ApiKey) else None
    recent = need.in_person and key is None and request.user.is_authenticated and signed_in_recently(request)
    return refusal(need, request.user, key=key, recent=recent)


def user_of(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (the permissions of every view see to it)
    return request.user


def need_of(view: Any, method: str) -> Need:
    """What an operation needs: as the view names it for the action, else for looking or for changing."""
    found: Need | None = view.needs.get(getattr(view, "action", None) or method.lower())
    return found or (view.look if method in SAFE_METHODS else view.change)


class MayDo(BasePermission):
    """Lets in who has what the operation needs, which every view declares (`api.resource.Answering`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        need = need_of(view, request.method or "")
        match refusal_of(request, need):
            case None:
                return True
            case Refusal.STRANGER:
                return False
            case Refusal.ROLE:
                raise PermissionDenied(f"This needs the role {need.role}.")
            case Refusal.SCOPE:
                raise PermissionDenied(f"This needs a key with the scope {need.scope}.")
            case Refusal.KEY:
                raise PermissionDenied("No API key opens this: sign in with a browser.")
            case Refusal.OLD_SIGN_IN:
                raise RecentSignInRequired
