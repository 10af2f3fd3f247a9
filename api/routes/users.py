"""Users, for admins."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers

from accounts import users
from accounts.models import Role, User
from accounts.rights import IN_PERSON, MANAGE
from api.filters import Filters, Ordering, Switch
from api.problems import Conflict
from api.resource import Editable
from api.schema import example
from api.strict import Strict
from core.errors import FieldError

_USER = {
    "username": "alex",
    "role": "viewer",
    "is_active": True,
    "email": "",
    "first_name": "",
    "last_name": "",
}


@example(
    {"id": 2, **_USER, "last_login": None, "date_joined": "2026-01-15T12:00:00Z"},
    {**_USER, "password": "a long phrase of your own"},
)
class UserSerializer(Strict, serializers.ModelSerializer[User]):
    """A person who signs in."""

    username = serializers.CharField(max_length=150, validators=[UnicodeUsernameValidator()])
    role = serializers.ChoiceField(choices=Role.choices, default=Role.VIEWER)
    is_active = serializers.BooleanField(default=True)
    password = serializers.CharField(
        write_only=True,
        required=False,
        max_length=200,
        trim_whitespace=False,
        help_text="For a new user, or to change it.",
    )

    class Meta:
        model = User
        fields = ("id", *_USER, "password", "last_login", "date_joined")
        read_only_fields = ("id", "last_login", "date_joined")

    def create(self, validated_data: dict[str, Any]) -> User:
        return users.add_user(**{"password": "", **validated_data})

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        return users.edit_user(instance, **validated_data)


class UserFilters(Filters):
    role = django_filters.ChoiceFilter(choices=Role.choices)
    is_active = Switch()
    ordering = Ordering({"username": "username", "last_login": "last_login"})


class Users(Editable):
    """The people who sign in."""

    nouns = ("a user", "users")
    look, change = MANAGE, IN_PERSON
    queryset = User.objects.order_by("username")
    serializer_class = UserSerializer
    filterset_class = UserFilters

    def perform_destroy(self, instance: User) -> None:
        """With their API keys; what they did stays in the history."""
        try:
            users.delete_user(instance)
        except FieldError as error:
            raise Conflict(str(error)) from None
