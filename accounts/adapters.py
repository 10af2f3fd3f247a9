"""How django-allauth behaves here: nobody signs up by themselves, and its secrets are kept as ours are."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from requests import Session

from accounts.models import Role, User
from accounts.users import UserError, edit_user
from library import outbound, secrets
from library.errors import ConfigError
from library.fields import cipher

logger = logging.getLogger(__name__)

GROUPS = "groups"
"""The claim in which OIDC providers name somebody's groups; by custom, no standard says so."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts: an admin makes them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail where there is a mail server."""
        if settings.MAIL:
            super().send_mail(template_prefix, email, context)

    def format_email_subject(self, subject: str) -> str:
        """The subject, without the host name that the request gave."""
        return f"[Taggarr] {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The mailed link: below the address that the owner set, whatever host the request named."""
        address = super().get_reset_password_from_key_url(key)
        path = "/" + address.partition("://")[2].partition("/")[2]
        inside = path.removeprefix(get_script_prefix().rstrip("/"))
        return f"{settings.PUBLIC_URL}{inside}"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        # As the original, but for the host name: whoever guesses may send another one each time.
        return str(credentials.get("username", "")).lower()


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People who come from the OIDC provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Only where the owner wants accounts made for people we do not know."""
        return bool(settings.NEW_USERS)

    def get_requests_session(self) -> Session:
        """A session that connects to allowed addresses only."""
        return outbound.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:  # noqa: ARG002
        """Give somebody whom we know the role that the provider's groups ask for."""
        role = _role_of(sociallogin)
        user = sociallogin.user
        if role is None or user is None or user.pk is None or user.role == role:
            return
        try:
            edit_user(user, role=role)
        except UserError as error:  # the last admin stays one
            logger.warning("the role of %s stays as it is: %s", user, error)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Save somebody new: a viewer, unless the provider's groups say otherwise."""
        sociallogin.user.role = _role_of(sociallogin) or Role.VIEWER
        saved: User = super().save_user(request, sociallogin, form)
        return saved

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """Log why it failed: the page tells the visitor no more than that it did."""
        logger.warning("the OIDC login failed: %s %s", told.get("error"), told.get("exception"))
        super().on_authentication_error(request, provider, **told)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        """The token to store."""
        secrets.remember(text)
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The plain text. Raises ConfigError where no key of the list decrypts it."""
        try:
            text = cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ConfigError(
                "A second factor does not decrypt with TAGGARR_ENCRYPTION_KEYS: put the key it was encrypted "
                "with back into the list, or take the factor off with manage.py remove_second_factor."
            ) from None
        secrets.remember(text)
        return text


def _role_of(sociallogin: SocialLogin) -> Role | None:
    """The role that the provider's groups ask for; None where roles are given here."""
    if not settings.OIDC_ADMIN_GROUP:
        return None
    found: set[str] = set()
    for part in ("userinfo", "id_token"):
        claims = sociallogin.account.extra_data.get(part)
        groups = claims.get(GROUPS) if isinstance(claims, dict) else None
        found.update([groups] if isinstance(groups, str) else map(str, groups or ()))
    return Role.ADMIN if settings.OIDC_ADMIN_GROUP in found else Role.VIEWER
