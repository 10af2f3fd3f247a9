"""Users and API keys, for admins."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys, users
from accounts.models import ApiKey, Role, Scope, User
from accounts.rights import IN_PERSON, MANAGE
from api.auth import user_of
from api.filters import Filters, Ordering, Switch
from api.problems import Conflict
from api.resource import Editable, Readable
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

    username = serializers.CharField(max_length=150)
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
        try:
            users.delete_user(instance)
        except FieldError as error:
            raise Conflict(str(error)) from None


_KEY = {
    "id": 2,
    "name": "Homepage",
    "owner": "admin",
    "scopes": ["read"],
    "networks": ["192.168.1.0/24"],
    "prefix": "tgr_Xy12ab",
    "created_at": "2026-01-15T12:00:00Z",
    "expires_at": "2027-01-15T12:00:00Z",
    "last_used_at": "2026-01-15T12:00:00Z",
}


@example(_KEY, {"name": "Homepage", "scopes": ["read"], "expires_at": "2027-01-01T00:00:00Z"})
class ApiKeySerializer(Strict, serializers.ModelSerializer[ApiKey]):
    """An API key, by its first characters."""

    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices),
        default=[Scope.READ],
        max_length=len(Scope),
        help_text="What it is for; every key may read.",
    )
    networks = serializers.ListField(
        child=serializers.CharField(max_length=50),
        default=list,
        max_length=20,
        help_text="Addresses and networks it may be used from; none: from anywhere.",
    )
    expires_at = serializers.DateTimeField(
        default=keys.default_expiry, allow_null=True, help_text="A year from now; null: never."
    )
    owner = serializers.SlugRelatedField(
        slug_field="username",
        queryset=User.objects.all(),
        required=False,
        help_text="Without it, the user who makes the key. A key can never do more than its owner.",
    )

    class Meta:
        model = ApiKey
        fields = tuple(_KEY)
        read_only_fields = ("id", "prefix", "created_at", "last_used_at")


@example({**_KEY, "key": "tgr_Xy12ab…"})
class NewApiKeySerializer(ApiKeySerializer):
    """An API key as it was made: the key itself is shown this once."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiKeySerializer.Meta):
        fields = (*_KEY, "key")


class ApiKeyFilters(Filters):
    owner = django_filters.CharFilter(field_name="owner__username")
    scope = django_filters.ChoiceFilter(choices=Scope.choices, method="with_scope")
    ordering = Ordering({"name": "name", "created_at": "created_at", "last_used_at": "last_used_at"})

    def with_scope(self, found: QuerySet[ApiKey], _name: str, scope: str) -> QuerySet[ApiKey]:
        return found.filter(scopes__contains=[scope])


class ApiKeys(mixins.DestroyModelMixin, Readable):
    """The keys by which programs are known."""

    nouns = ("an API key", "API keys")
    look, change = MANAGE, IN_PERSON
    queryset = ApiKey.objects.select_related("owner")
    serializer_class = ApiKeySerializer
    filterset_class = ApiKeyFilters

    @extend_schema(request=ApiKeySerializer, responses={201: NewApiKeySerializer})
    def create(self, request: Request) -> Response:
        """Make an API key, which is shown this once."""
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given: dict[str, Any] = {"owner": user_of(request), **wanted.validated_data}
        key, text = keys.create_key(**given)
        return Response({**self.get_serializer(key).data, "key": text}, status.HTTP_201_CREATED)

    def perform_destroy(self, instance: ApiKey) -> None:
        keys.delete_key(instance)
