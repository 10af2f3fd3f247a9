"""What other rules would change, before they are saved."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.resource import Answering
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from api.strict import Strict
from artwork import care
from connections.models import Connection


@example({"type": "poster", "rule": "languages de en"})
class ArtRuleSerializer(Strict):
    """How pictures of one type are chosen, as on the page of the connection."""

    type = serializers.CharField(max_length=20)
    rule = serializers.CharField(max_length=500)


@example(
    {},
    {"art_languages": "de, en, none", "art_rules": [{"type": "poster", "rule": "min_width 1000"}]},
)
class ArtRulesSerializer(Strict):
    """Settings of a connection that a choice depends on; those that are left out stay as they are."""

    art_languages = serializers.CharField(max_length=500, required=False)
    art_providers = serializers.CharField(max_length=500, required=False)
    art_rules: Any = ArtRuleSerializer(many=True, required=False)
    art_fall_back = serializers.BooleanField(required=False)
    art_adopt = serializers.ChoiceField(choices=["keep", "lock", "replace"], required=False)


class RulesPreview(Answering):
    """What other rules would change in the whole library of a connection."""

    @extend_schema(
        operation_id="artwork_rules_preview", request=ArtRulesSerializer, responses={202: JobSerializer}
    )
    def post(self, request: Request, connection_id: int) -> Response:
        """Have a job say which pictures other rules would choose; nothing is changed.

        Its `summary` has the `titles` that were looked at, those that `changed`, how many `pictures` of each
        type, and `examples`.
        """
        wanted = ArtRulesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        of = get_object_or_404(Connection, pk=connection_id, source__isnull=False)
        return accepted(care.foresee(of, dict(wanted.validated_data), user_of(request)))
