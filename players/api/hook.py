"""`POST /api/v1/players/hook/{source}`: what our plugin in Stash calls."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import IN_PERSON
from api.hooks import TOKEN, Called, token_of
from api.problems import Invalid
from api.resource import Answering
from api.schema import example
from connections.call_counts import count
from connections.models import Connection
from core.errors import ConfigError
from players.stash import hook, noting

REFUSED = "The token does not fit this source: create the plugin for Stash again and reload the plugins."
LARGEST_ID = 2**31 - 1
MOST = 1000
LARGEST = 256 * 1024


class ContextSerializer(serializers.Serializer[Any]):
    """What changed, as Stash tells its plugins."""

    id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)
    type = serializers.CharField(max_length=100)


class ArgsSerializer(serializers.Serializer[Any]):
    """The arguments that Stash gives a plugin."""

    hookContext = ContextSerializer()  # noqa: N815  (Stash's own name)


@example({}, {"args": {"hookContext": {"id": 17, "type": "Scene.Update.Post"}}})
class HookSerializer(serializers.Serializer[Any]):
    """What Stash gives its plugins; or an id with its type, or the ids of scenes. What else comes is not
    looked at.
    """

    args = ArgsSerializer(required=False)
    id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID, required=False)
    type = serializers.CharField(max_length=100, required=False)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST_ID), max_length=MOST, required=False
    )


READER = HookSerializer()
"""To make its fields anew for each hook takes longer than to look at what is told."""


@example({"taken": True})
class HeardSerializer(serializers.Serializer[Any]):
    """Whether what was told concerns the players."""

    taken = serializers.BooleanField()


class Hook(Called):
    """Receives what changed in one Stash."""

    realm = "Taggarr hook"
    largest_body = LARGEST

    @extend_schema(
        operation_id="player_hook",
        request=HookSerializer,
        responses={200: HeardSerializer, 202: HeardSerializer, 401: None},
        parameters=[TOKEN],
    )
    def post(self, request: Request, source: int, token: str = "") -> Response:
        """Receive a change in Stash.

        It is answered at once (202), and read when it is sent to the players, seconds later. What concerns no
        scene does nothing (200).
        """
        # A source that is not there answers as a wrong token does, in the same time.
        if not hook.opened_by(source, token or token_of(request)):
            raise AuthenticationFailed(REFUSED)
        try:
            taken = self._heard(request, source)
        except (Invalid, ValidationError, ConfigError):
            count(hook.HOOKS, source, "body")
            raise
        count(hook.HOOKS, source, "accepted" if taken else "ignored")
        code = status.HTTP_202_ACCEPTED if taken else status.HTTP_200_OK
        return Response({"taken": taken}, status=code)

    def _heard(self, request: Request, source: int) -> bool:
        """Note what is told. Return whether it concerns us; raise ConfigError where nothing is told."""
        try:
            given = READER.run_validation(request.data)
        except ParseError as error:
            raise Invalid([str(error.detail)]) from None
        if "ids" in given:
            noting.note(source, [str(id) for id in given["ids"]], by_hook=True)
            return True
        told = given["args"]["hookContext"] if "args" in given else given
        if "id" not in told or "type" not in told:
            raise ConfigError("hook.empty")
        return hook.hear(source, told["type"], str(told["id"]))


@example({"token": "kQ2…", "url": "http://taggarr:8484/api/v1/players/hook/5"})
class HookTokenSerializer(serializers.Serializer[Any]):
    """A token for the hook, shown this once, and the address to call with it."""

    token = serializers.CharField()
    url = serializers.URLField()


class HookToken(Answering):
    """Makes tokens for the hook of a Stash."""

    change = IN_PERSON

    @extend_schema(operation_id="player_hook_token", request=None, responses={200: HookTokenSerializer})
    def post(self, request: Request, source: int) -> Response:
        """Make a new token for the hook of a Stash.

        It is shown this once; the one before opens the hook for a day more.
        """
        stash = get_object_or_404(Connection, pk=source, stash__isnull=False)
        address = reverse("player-hook", args=[stash.pk])
        return Response({"token": hook.make_token(stash), "url": request.build_absolute_uri(address)})


class HookByPath(Hook):
    """The same for programs that can send neither header nor password: the token ends the address."""

    schema = None
