"""Routes: what of a source goes to a player, and as what."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.rights import MANAGE
from api.auth import user_of
from api.filters import Filters, Number, Ordering, Switch
from api.resource import Editable
from api.schema import example
from api.strict import Strict
from connections.models import Connection
from players import routes
from players.clients.contract import Form
from players.models import Route
from players.rules.difference import Mode

_ROUTE = {
    "source": 1,
    "player": 4,
    "enabled": True,
    "form": "label",
    "pattern": "{label}",
    "seasons": True,
    "scan_new": False,
    "fields": {"summary": "keep"},
    "clear": [],
}


@example(
    {"id": 2, **_ROUTE, "titles_due": 0},
    {"source": 1, "player": 4, "pattern": "Audio: {label}", "fields": {"summary": "keep"}},
)
class RouteSerializer(Strict, serializers.ModelSerializer[Route]):
    """What goes from a source to a player. Source and player stay as they are once it is there.

    `fields` says what is done with each: `fill` writes it while it is empty, `keep` leaves what people made
    of it, `overwrite` does not; what is not named is `off`. Those in `clear` are emptied where the source
    has nothing any more.
    """

    source: Any = serializers.PrimaryKeyRelatedField(queryset=Connection.objects.all())
    player = serializers.PrimaryKeyRelatedField(queryset=Connection.objects.all())
    enabled = serializers.BooleanField(required=False)
    form = serializers.ChoiceField(
        choices=list(Form), required=False, allow_blank=True, help_text="Empty: the player's usual one."
    )
    pattern = serializers.CharField(
        max_length=routes.LONGEST_PATTERN,
        required=False,
        help_text="What a label looks like there; {label} stands for the label itself.",
    )
    seasons = serializers.BooleanField(required=False, help_text="Whether seasons get theirs too.")
    scan_new = serializers.BooleanField(
        required=False, help_text="Whether the player is to look at files that are new or changed."
    )
    # The metaclass takes it out of the class: what it consists of is not hidden.
    fields: Any = serializers.DictField(child=serializers.ChoiceField(choices=list(Mode)), required=False)
    clear = serializers.ListField(child=serializers.CharField(max_length=30), max_length=50, required=False)
    titles_due = serializers.SerializerMethodField(
        help_text="In the answer to a change: how many titles it makes due."
    )
    due = 0

    class Meta:
        model = Route
        fields = ("id", *_ROUTE, "titles_due")

    def get_titles_due(self, _route: Route) -> int:
        """The number of them."""
        return self.due

    def create(self, validated_data: dict[str, Any]) -> Route:
        source, player = validated_data.pop("source"), validated_data.pop("player")
        route, self.due = routes.add_route(source, player, validated_data, user_of(self.context["request"]))
        return route

    def update(self, instance: Route, validated_data: dict[str, Any]) -> Route:
        for name in ("source", "player"):
            given = validated_data.pop(name, None)
            if given is not None and given.pk != getattr(instance, f"{name}_id"):
                raise serializers.ValidationError({name: "It stays as it is: add another route."})
        route, self.due = routes.change_route(instance, validated_data, user_of(self.context["request"]))
        return route


class RouteFilters(Filters):
    source = Number(field_name="source_id")
    player = Number(field_name="player_id")
    enabled = Switch()
    ordering = Ordering({"id": "pk"})


class Routes(Editable):
    """What of a source goes to a player, and as what."""

    nouns = ("a route", "routes")
    queryset = Route.objects.select_related("source", "player").order_by("pk")
    change = MANAGE
    serializer_class = RouteSerializer
    filterset_class = RouteFilters

    def perform_destroy(self, instance: Route) -> None:
        """Send nothing by it any more; labels of ours are taken off."""
        routes.delete_route(instance, user_of(self.request))
