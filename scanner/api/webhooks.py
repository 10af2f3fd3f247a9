"""`POST /api/v1/webhook/{instance}`: what Sonarr and Radarr call (Settings → Connect → Webhook)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from api.hooks import TOKEN, Called, token_of
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from library.models import Source
from library.webhooks import Handed, hand_out, token_fits

REFUSED = "The webhook token does not fit this instance: make a new one and put it into the application."
LARGEST_ID = 2**31 - 1


class _Named(Strict):
    id = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)


class SeriesNamedSerializer(_Named):
    """The series that an event is about."""


class MovieNamedSerializer(_Named):
    """The movie that an event is about."""


@example({}, {"eventType": "Download", "series": {"id": 3}, "episodeFile": {"id": 21}})
class WebhookSerializer(Strict):
    """An event as the applications send it; what else they send is not looked at."""

    eventType = serializers.CharField(max_length=100)  # noqa: N815  (the applications' own name)
    series = SeriesNamedSerializer(required=False, allow_null=True)
    movie = MovieNamedSerializer(required=False, allow_null=True)

    @property
    def named(self) -> dict[str, int | None]:
        """The application's ids of what the event is about."""
        return {name: (self.validated_data.get(name) or {}).get("id") for name in ("series", "movie")}


@example({"receivers": 1, "failed": 0})
class HandedSerializer(Shown):
    """To how many parts of Taggarr an event was handed, and how many of them failed to take it."""

    of = Handed


class Webhook(Called):
    """Receives events of one instance, which brings a token of its own."""

    realm = "Taggarr webhook"

    @extend_schema(
        operation_id="webhook",
        request=WebhookSerializer,
        responses={200: HandedSerializer, 401: None},
        parameters=[TOKEN],
    )
    def post(self, request: Request, instance: int, token: str = "") -> Response:
        """Receive an event of Sonarr or Radarr.

        It is answered at once; the application is asked afterwards, by a job. Events that ask for nothing,
        and unknown ones, do nothing.
        """
        found = Source.objects.select_related("connection").filter(pk=instance).first()
        # An instance that is not there answers as a wrong token does, in the same time.
        fits = token_fits(found or Source(), token or token_of(request))
        if found is None or not fits:
            raise AuthenticationFailed(REFUSED)
        event = WebhookSerializer(data=request.data)
        event.is_valid(raise_exception=True)
        handed = hand_out(found.connection, event.validated_data["eventType"], event.named)
        return Response(HandedSerializer(handed).data)


class WebhookByPath(Webhook):
    """The same for applications that can send neither header nor password: the token ends the address."""

    schema = None
