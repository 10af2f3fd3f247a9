"""The forms with a password. What to do about a forgotten one is offered only where there is a way."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from django.conf import settings
from django.http import HttpRequest

from accounts import password_resets


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
        """Leave the rest to a worker."""
        address: str = self.cleaned_data["email"]
        password_resets.ask(address)
        return address
