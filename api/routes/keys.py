"""API keys, for admins."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.models import ApiKey, Scope, User
from accounts.rights import IN_PERSON, MANAGE
from api.auth import user_of
from api.filters import Filters, Ordering
from api.resource import Readable
from api.schema import example
from api.strict import Strict

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
