"""Tags: those of the instances, as the last sync saw them."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers

from api.filters import Filters, Number, Ordering, Switch
from api.resource import Readable
from api.schema import example
from library.models import Tag
from scanner.models import ManagedLabel


@example({"id": 5, "instance": 1, "arr_id": 2, "label": "semi-dub"})
class TagSerializer(serializers.ModelSerializer[Tag]):
    """One tag of an instance. `arr_id` is the application's own id, which may change."""

    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True)

    class Meta:
        model = Tag
        fields = ("id", "instance", "arr_id", "label")
        read_only_fields = fields


@example(
    {
        "id": 3,
        "instance": 1,
        "label": "semi-dub",
        "found": False,
        "left_alone": False,
        "created_at": "2026-01-15T12:00:00Z",
    }
)
class LabelSerializer(serializers.ModelSerializer[ManagedLabel]):
    """A label that Taggarr writes; with `found` it stood there before and waits to be adopted, or was
    `left_alone`.
    """

    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True)

    class Meta:
        model = ManagedLabel
        fields = ("id", "instance", "label", "found", "left_alone", "created_at")
        read_only_fields = fields


class TagFilters(Filters):
    instance = Number(field_name="connection_id")
    search = django_filters.CharFilter(
        field_name="label", lookup_expr="icontains", help_text="A part of the label."
    )
    ordering = Ordering({"label": "label", "id": "pk"})


class LabelFilters(TagFilters):
    found = Switch(help_text="Whether it waits to be adopted.")


class Tags(Readable):
    """The tags of the instances."""

    nouns = ("a tag", "tags")
    queryset = Tag.objects.order_by("label", "pk")
    serializer_class = TagSerializer
    filterset_class = TagFilters


class Labels(Readable):
    """The labels that Taggarr writes, or once wrote."""

    nouns = ("a label of ours", "the labels of ours")
    queryset = ManagedLabel.objects.order_by("label", "pk")
    serializer_class = LabelSerializer
    filterset_class = LabelFilters
