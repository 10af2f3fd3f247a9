"""Files: the video files of all media, with their tracks."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers

from api.filters import Filters, Number, Ordering, several
from api.resource import Readable
from api.schema import example
from api.shown import Shown
from library.models import File
from scanner.models import FileProblem, Verdict
from scanner.probe.tracks import Track

_TRACK = {
    "kind": "audio",
    "index": 0,
    "language": "jpn",
    "region": None,
    "title": "",
    "default": True,
    "forced": False,
    "commentary": False,
    "descriptive": False,
    "original": None,
    "codec": "AAC",
    "channels": 2,
    "hearing_impaired": False,
    "enabled": True,
}


class TrackSerializer(Shown):
    """One audio or subtitle track, as the file tells it."""

    of = Track
    kind = serializers.ChoiceField(choices=["audio", "text"])
    language = serializers.CharField(allow_null=True, help_text="ISO 639-3.")
    # Facts that were stored before these were read do not have them.
    hearing_impaired = serializers.BooleanField(default=False)
    enabled = serializers.BooleanField(default=True)


@example(
    {
        "id": 100,
        "media": 12,
        "season": 1,
        "episodes": [1],
        "path": "/tv/Lantern Harbour/Season 01/S01E01.mkv",
        "size": 734003200,
        "languages": ["jpn"],
        "tracks": [_TRACK],
        "verdict": "original",
        "engine": "matroska",
        "partial": False,
        "stale": False,
        "counted": True,
        "problem": "",
        "error": "",
        "note": "",
        "probed_at": "2026-01-15T12:00:00Z",
    }
)
class FileSerializer(serializers.ModelSerializer[File]):
    """One video file of a media. `path` is as the application names it, `size` in bytes."""

    season = serializers.IntegerField(source="season.number", allow_null=True, default=None, read_only=True)
    languages = serializers.ListField(
        source="scan_state.languages", child=serializers.CharField(max_length=10), read_only=True
    )
    tracks = TrackSerializer(source="scan_state.tracks", many=True)
    verdict = serializers.ChoiceField(source="scan_state.verdict", choices=Verdict.choices)
    engine = serializers.CharField(source="scan_state.engine", read_only=True)
    partial: Any = serializers.BooleanField(source="scan_state.partial", read_only=True)
    stale = serializers.BooleanField(source="scan_state.stale", read_only=True)
    counted = serializers.BooleanField(source="scan_state.counted", read_only=True)
    problem = serializers.ChoiceField(source="scan_state.problem", choices=FileProblem.choices)
    error = serializers.CharField(source="scan_state.error", read_only=True)
    note = serializers.CharField(source="scan_state.note", read_only=True)
    probed_at = serializers.DateTimeField(source="scan_state.probed_at", allow_null=True, read_only=True)

    class Meta:
        model = File
        fields = (
            "id",
            "media",
            "season",
            "episodes",
            "path",
            "size",
            "languages",
            "tracks",
            "verdict",
            "engine",
            "partial",
            "stale",
            "counted",
            "problem",
            "error",
            "note",
            "probed_at",
        )
        read_only_fields = fields


class FileFilters(Filters):
    media = Number(field_name="media_id")
    instance = Number(field_name="media__connection_id")
    verdict = several(Verdict.choices, field_name="scan_state__verdict")
    problem = several(
        [choice for choice in FileProblem.choices if choice[0]], field_name="scan_state__problem"
    )
    search = django_filters.CharFilter(
        field_name="path", lookup_expr="icontains", help_text="A part of the path."
    )
    ordering = Ordering({"path": "path", "size": "size", "probed_at": "scan_state__probed_at", "id": "pk"})


class Files(Readable):
    """The video files of all media."""

    nouns = ("a file", "files")
    queryset = File.objects.select_related("season", "scan_state").order_by("pk")
    serializer_class = FileSerializer
    filterset_class = FileFilters
