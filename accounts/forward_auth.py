"""Signing in whom a listed proxy names (Authelia, Authentik and the like).

The header has been removed from every request that comes from elsewhere: taggarr/front.py. Below /api/ and
/metrics, which proxies often let through without a login, it is not believed unless a setting asks for it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import RemoteUserBackend
from django.contrib.auth.middleware import RemoteUserMiddleware
from django.http import HttpRequest

from accounts.models import User

BACKEND = "accounts.forward_auth.ForwardAuthBackend"


def named_by_proxy(request: HttpRequest) -> User | None:
    """Return whom the proxy names, where that is somebody we know and who may sign in."""
    name = request.META.get(_header(), "") if settings.FORWARD_AUTH_HEADER and _counts(request) else ""
    user = _known(name) if name else None
    return user if user and user.is_active else None


class ForwardAuthMiddleware(RemoteUserMiddleware):
    """Signs in, and out again where the proxy names nobody any more."""

    @property
    def header(self) -> str:  # type: ignore[override]
        return _header()

    def process_request(self, request: HttpRequest) -> None:
        """Do neither where the header says nothing: a session goes on there as it was."""
        if _counts(request):
            super().process_request(request)


class ForwardAuthBackend(RemoteUserBackend):
    """Finds the user by name; who is not known is made a viewer, where the owner wants that."""

    @property
    def create_unknown_user(self) -> bool:  # type: ignore[override]
        return bool(settings.NEW_USERS)

    def clean_username(self, username: str) -> str:
        found = _known(username)
        return found.username if found else username.strip()

    def configure_user(self, request: Any, user: Any, created: bool = True) -> Any:
        if created:
            user.set_unusable_password()
            user.save()
        return super().configure_user(request, user, created)


def _counts(request: HttpRequest) -> bool:
    return settings.FORWARD_AUTH_API or not request.path_info.startswith(("/api/", "/metrics"))


def _header() -> str:
    return "HTTP_" + str(settings.FORWARD_AUTH_HEADER).upper().replace("-", "_")


def _known(name: str) -> User | None:
    return User.objects.filter(username__iexact=name.strip()).first()
