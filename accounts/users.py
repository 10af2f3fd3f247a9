"""Users: adding, changing and deleting them. There is always an admin left."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Role, User
from core import live
from core.errors import FieldError

EDITABLE = frozenset({"username", "role", "is_active", "email", "first_name", "last_name"})


@transaction.atomic
def add_user(username: str, password: str, **fields: Any) -> User:
    """Add a user and return it. Raises FieldError for a name that is taken or a password that is too weak."""
    user = User(username=username, **_editable(fields))
    _check_name(user)
    _set_password(user, password)
    user.save()
    return user


@transaction.atomic
def edit_user(user: User, *, password: str = "", **fields: Any) -> User:
    """Change a user and return it; what is not given stays. A new password ends the user's sessions.

    Raises FieldError; also where it would leave no admin who can sign in.
    """
    for name, value in _editable(fields).items():
        setattr(user, name, value)
    if "username" in fields:
        _check_name(user)
    if not (user.is_active and user.role == Role.ADMIN):
        _keep_an_admin(user)
    if password:
        _set_password(user, password)
    user.save()
    return user


@transaction.atomic
def delete_user(user: User) -> None:
    """Delete a user with their API keys; what they did stays in history. Raises FieldError for the last
    admin.
    """
    _keep_an_admin(user)
    # First, so that what is written about their end may still name the user who goes with them.
    user.api_keys.all().delete()
    user.delete()
    live.rights_changed()


def choose_language(user: User, language: str) -> None:
    User.objects.filter(pk=user.pk).update(language=language)


def _editable(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"a user has no field {', '.join(sorted(unknown))}")
    return fields


def _check_name(user: User) -> None:
    user.username = user.username.strip()
    try:
        User._meta.get_field("username").clean(user.username, user)
    except ValidationError as error:
        raise FieldError("username", " ".join(error.messages)) from None
    if User.objects.filter(username__iexact=user.username).exclude(pk=user.pk).exists():
        raise FieldError("username", "user.name-taken", name=user.username)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise FieldError("password", " ".join(error.messages)) from None
    user.set_password(password)


def _keep_an_admin(user: User) -> None:
    """Raise FieldError where nobody else could administrate. Locks the admins: two must not go at once."""
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    ids = set(admins.values_list("pk", flat=True))
    if ids == {user.pk}:
        raise FieldError("role", "user.only-admin", name=user)
