"""API keys, for admins."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.models import ApiKey, Role, User

from .auth import AdminOnly, user_of
from .filters import Filters, Ordering
from .resource import Readable
from .schema import example
from .strict import Strict

_KEY = {
    "id": 2,
    "name": "Homepage",
    "owner": "admin",
    "role": "viewer",
    "prefix": "tgr_Xy12ab",
    "created_at": "2026-01-15T12:00:00Z",
    "expires_at": None,
    "last_used_at": "2026-01-15T12:00:00Z",
}


@example(_KEY, {"name": "Homepage", "role": "viewer", "expires_at": "2027-01-01T00:00:00Z"})
class ApiKeySerializer(Strict, serializers.ModelSerializer[ApiKey]):
    """An API key, by its first characters."""

    role = serializers.ChoiceField(choices=Role.choices, default=Role.VIEWER)
    owner = serializers.SlugRelatedField(
        slug_field="username",
        queryset=User.objects.all(),
        required=False,
        help_text="Without it, the user who makes the key. A key can never do more than its owner.",
    )

    class Meta:
        """What is shown and what may be written."""

        model = ApiKey
        fields = tuple(_KEY)
        read_only_fields = ("id", "prefix", "created_at", "last_used_at")


@example({**_KEY, "key": "tgr_Xy12ab…"})
class NewApiKeySerializer(ApiKeySerializer):
    """An API key as it was made: the key itself is shown this once."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiKeySerializer.Meta):
        """With the key."""

        fields = (*_KEY, "key")


class ApiKeyFilters(Filters):
    """How keys can be found."""

    owner = django_filters.CharFilter(field_name="owner__username")
    role = django_filters.ChoiceFilter(choices=Role.choices)
    ordering = Ordering({"name": "name", "created_at": "created_at", "last_used_at": "last_used_at"})


class ApiKeys(mixins.DestroyModelMixin, Readable):
    """The keys by which programs are known."""

    nouns = ("an API key", "API keys")
    permission_classes = [AdminOnly]
    queryset = ApiKey.objects.select_related("owner")
    serializer_class = ApiKeySerializer
    filterset_class = ApiKeyFilters

    @extend_schema(request=ApiKeySerializer, responses={201: NewApiKeySerializer})
    def create(self, request: Request) -> Response:
        """Make an API key, which is shown this once."""
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given: dict[str, Any] = {"owner": user_of(request), **wanted.validated_data}
        key, text = keys.create_key(**given, actor=user_of(request))
        return Response({**self.get_serializer(key).data, "key": text}, status.HTTP_201_CREATED)

    def perform_destroy(self, instance: ApiKey) -> None:
        """It opens nothing from now on."""
        keys.delete_key(instance, actor=user_of(self.request))
