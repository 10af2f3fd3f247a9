"""How django-allauth behaves here: nobody signs up by themselves, and its secrets are kept as ours are."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import Session

from accounts import origins, password_resets
from accounts.models import Role, User
from accounts.sessions import SIGNED_IN_AT
from accounts.users import edit_user
from core import outbound
from core.errors import ConfigError, FieldError
from core.secrets import seal, unseal

logger = logging.getLogger(__name__)

PLACE = "second factor"
"""What the secrets of second factors are sealed for: allauth does not say whose one is."""

GROUPS = "groups"
"""The claim in which OIDC providers name somebody's groups; by custom, no standard says so."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        """Answer who has signed in; their browser is known from now on."""
        response: HttpResponse = super().post_login(request, user, **told)
        origins.remember(request, response, user.username)
        return response

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How somebody can show anew who they are; by the OIDC provider too, where they came from there."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [*methods, *_ways_outside(user)]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # As the original, but for the host name: whoever guesses may send another one each time.
        name = str(credentials.get("username", "")).lower()
        return f"{name}\n{origins.budget(request, name)}"


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Only where the owner wants accounts made for people we do not know."""
        return bool(settings.NEW_USERS)

    def get_requests_session(self) -> Session:
        return outbound.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Make somebody whom we know an admin, or one no more, as the provider's groups say; keep when they
        signed in there.
        """
        # OpenID Connect Core 1.0, section 2: the time of the authentication, in seconds of Unix time.
        id_token = sociallogin.account.extra_data.get("id_token")
        at = id_token.get("auth_time") if isinstance(id_token, dict) else None
        if isinstance(at, int):
            setattr(request, SIGNED_IN_AT, at)
        admin = _is_admin(sociallogin)
        user = sociallogin.user
        if admin is None or user is None or user.pk is None or user.is_admin == admin:
            return
        try:
            edit_user(user, role=Role.ADMIN if admin else Role.VIEWER)
        except FieldError as error:  # the last admin stays one
            logger.warning("the role of %s stays as it is: %s", user, error)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Save somebody new: a viewer, unless the provider's groups say otherwise."""
        sociallogin.user.role = Role.ADMIN if _is_admin(sociallogin) else Role.VIEWER
        saved: User = super().save_user(request, sociallogin, form)
        return saved

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """Log why it failed: the page tells the visitor no more than that it did."""
        logger.warning("the OIDC login failed: %s %s", told.get("error"), told.get("exception"))
        super().on_authentication_error(request, provider, **told)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets stand encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text, PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        """The plain text. Raises ConfigError where no key of the list decrypts it."""
        try:
            return unseal(encrypted_text, PLACE)
        except ConfigError:
            raise ConfigError("second-factor.sealed") from None


def _ways_outside(user: Any) -> list[dict[str, Any]]:
    """The OIDC provider to whom somebody is known; it is told to ask (section 3.1.2.1, `prompt`)."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    names = {app["provider_id"]: app["name"] for app in apps}
    if not names or not user.is_authenticated:
        return []
    known = SocialAccount.objects.filter(user_id=user.pk, provider__in=names)
    query = urlencode({"process": "login", "auth_params": "prompt=login"})
    return [
        {
            "id": provider,
            "description": _("Sign in with %(name)s") % {"name": names[provider]},
            "url": f"{reverse('openid_connect_login', kwargs={'provider_id': provider})}?{query}",
        }
        for provider in known.values_list("provider", flat=True)
    ]


def _is_admin(sociallogin: SocialLogin) -> bool | None:
    """Whether the provider's groups make an admin; None where roles are given here alone."""
    if not settings.OIDC_ADMIN_GROUP:
        return None
    found: set[str] = set()
    for part in ("userinfo", "id_token"):
        claims = sociallogin.account.extra_data.get(part)
        groups = claims.get(GROUPS) if isinstance(claims, dict) else None
        found.update([groups] if isinstance(groups, str) else map(str, groups or ()))
    return settings.OIDC_ADMIN_GROUP in found


class _NoEmptyPromise:
    """Takes off the link to a reset by mail where there is no mail server, and labels within fields."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            if not settings.MAIL and "href" in str(field.help_text):
                field.help_text = ""


class LoginForm(_NoEmptyPromise, forms.LoginForm):  # type: ignore[misc]
    """Name and password."""


class ReauthenticateForm(_NoEmptyPromise, forms.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class ChangePasswordForm(_NoEmptyPromise, forms.ChangePasswordForm):  # type: ignore[misc]
    """The old and the new password."""


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]
    """The mail address to which a link is sent, if an account has it: nothing here looks whether one has."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **_: Any) -> str:  # noqa: ARG002
        address: str = self.cleaned_data["email"]
        password_resets.ask(address)
        return address
