"""Media: the series and movies of all instances, with their seasons and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Number, Ordering, Switch, several
from api.problems import Invalid
from api.resource import Readable
from api.routes.jobs import JobItemSerializer
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from core.errors import ConfigError
from jobs.models import Trigger
from library.models import Kind, Media, Season
from scanner import media_search, media_settings
from scanner.acting import search_replacement, stop_monitoring
from scanner.api.files import FileSerializer
from scanner.explain import ExplainedFile, ExplainedTrack, Explanation, explain, why
from scanner.models import Policy, Verdict
from scanner.scan import starting
from scanner.scan.starting import ScanParams

from .scans import ScanOptions

_MEDIA = {
    "id": 12,
    "instance": 1,
    "arr_id": 3,
    "title": "Lantern Harbour",
    "sort_title": "lantern harbour",
    "year": 2020,
    "path": "/tv/Lantern Harbour",
    "original_language": "Japanese",
    "original_language_override": "",
    "genres": ["Drama"],
    "tvdb_id": 70001,
    "tmdb_id": None,
    "imdb_id": "",
    "monitored": True,
    "needs_attention": False,
    "excluded": False,
    "excluded_by": "",
    "policy_override": None,
    "verdict": "semi-dub",
    "verdict_at": "2026-01-15T12:00:00Z",
    "why": "2 of 24 files have no English.",
    "tags": ["semi-dub"],
    "dirty": False,
    "scanned_at": "2026-01-15T12:00:00Z",
    "scan_error": "",
    "reconcile_error": "",
}
_FILE_EXAMPLE = {
    "path": "/tv/Lantern Harbour/Season 01/S01E01.mkv",
    "season": 1,
    "episodes": [1],
    "verdict": "original",
    "rule": "original",
    "sentence": "English is missing.",
    "languages": ["Japanese"],
    "missing": ["English"],
    "extra": [],
    "tracks": [],
    "left_out": "",
    "engine": "matroska",
    "note": "",
    "problem": "",
    "probed_at": "2026-01-15T12:00:00Z",
}


@example(_MEDIA, {"policy_override": 2, "excluded": False, "original_language_override": "Japanese"})
class MediaSerializer(Strict, serializers.ModelSerializer[Media]):
    """One series or movie. What a person decides of it can be set: policy, exclusion, original language."""

    verdict = serializers.ChoiceField(source="scan_state.verdict", choices=Verdict.choices, read_only=True)
    verdict_at = serializers.DateTimeField(source="scan_state.verdict_at", read_only=True, allow_null=True)
    dirty = serializers.BooleanField(source="scan_state.dirty", read_only=True)
    scanned_at = serializers.DateTimeField(source="scan_state.scanned_at", read_only=True, allow_null=True)
    scan_error = serializers.CharField(source="scan_state.scan_error", read_only=True)
    reconcile_error = serializers.CharField(source="scan_state.reconcile_error", read_only=True)
    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True)
    why = serializers.SerializerMethodField(help_text="Why it has its verdict, in one sentence.")
    original_language_override = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="A name or a code; empty: the app's."
    )
    policy_override = serializers.PrimaryKeyRelatedField(
        source="scan_state.policy_override",
        queryset=Policy.objects.all(),
        required=False,
        allow_null=True,
        help_text="Null: the instance's.",
    )
    excluded = serializers.BooleanField(required=False, help_text="Neither scan nor tag it.")
    needs_attention = serializers.BooleanField(
        source="scan_state.needs_attention",
        required=False,
        help_text="Have it on the list of what a person wants to see to.",
    )

    class Meta:
        model = Media
        fields = tuple(_MEDIA)
        read_only_fields = tuple(name for name in _MEDIA if name not in media_settings.SETTABLE)

    def get_why(self, media: Media) -> str:
        return why(media)

    def update(self, instance: Media, validated_data: dict[str, Any]) -> Media:
        of_state = validated_data.pop("scan_state", {})
        user = user_of(self.context["request"])
        return media_settings.change(instance, user=user, **validated_data, **of_state)


@example({"id": 4, "number": 1, "monitored": True, "verdict": "dub", "counts": {"dub": 12}})
class SeasonSerializer(serializers.ModelSerializer[Season]):
    """One season; `counts` are its files by verdict."""

    verdict = serializers.ChoiceField(source="scan_state.verdict", choices=Verdict.choices)
    counts = serializers.DictField(source="scan_state.counts", child=serializers.IntegerField())

    class Meta:
        model = Season
        fields = ("id", "number", "monitored", "verdict", "counts")


class ExplainedTrackSerializer(Shown):
    """One track; `counts_as` is empty where it does not count, and `why` says why."""

    of = ExplainedTrack


class ExplainedFileSerializer(Shown):
    """One file with the rule that decided it."""

    of = ExplainedFile
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    tracks = ExplainedTrackSerializer(many=True)


@example(
    {
        "media": 12,
        "title": "Lantern Harbour (2020)",
        "instance": "Sonarr",
        "verdict": "semi-dub",
        "rule": "mixed",
        "sentence": "2 of 24 files have no English.",
        "policy": "English dub",
        "targets": ["English"],
        "original_language": "Japanese",
        "original_language_by": "Sonarr",
        "labels": ["audio-ja", "semi-dub"],
        "label_reasons": {"audio-ja": "Japanese is heard in all 24 files."},
        "tags": ["semi-dub"],
        "waiting": "",
        "verdict_at": "2026-01-15T12:00:00Z",
        "scanned_at": "2026-01-15T12:00:00Z",
        "files": [_FILE_EXAMPLE],
    }
)
class ExplanationSerializer(Shown):
    """Why a title has its verdict: every file, its tracks, and the rule that decided."""

    of = Explanation
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    label_reasons = serializers.DictField(
        child=serializers.CharField(), help_text="Why it should carry each label beside the verdict's."
    )
    files = ExplainedFileSerializer(many=True)


@example({}, {"file": 96, "confirm": True})
class ActionSerializer(Strict, serializers.Serializer[Any]):
    """Which file of a series is meant (none for a movie), and that it is meant."""

    file = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="The number of a file of it."
    )
    confirm = serializers.BooleanField(help_text="Must be true: the application acts at once.")

    def validate_confirm(self, confirm: bool) -> bool:
        if not confirm:
            raise serializers.ValidationError("Confirm it: the application acts at once.")
        return confirm


@example({"done": "Asked Sonarr to search for a replacement of Lantern Harbour (2020) (S01E01.mkv)."})
class DoneSerializer(serializers.Serializer[Any]):
    """What was asked of the application, in one sentence."""

    done = serializers.CharField()


def _by_language(
    find: Callable[[QuerySet[Media], str], QuerySet[Media]],
) -> Callable[[Any, QuerySet[Media], str, str], QuerySet[Media]]:
    def method(_filters: Any, media: QuerySet[Media], name: str, language: str) -> QuerySet[Media]:
        try:
            return find(media, language)
        except ConfigError as error:
            raise Invalid({name: [str(error)]}) from None

    return method


class MediaFilters(Filters):
    instance = Number(field_name="connection_id")
    kind = django_filters.ChoiceFilter(field_name="connection__kind", choices=Kind.choices)
    verdict = several(Verdict.choices, field_name="scan_state__verdict")
    language = django_filters.CharFilter(
        method="with_language", help_text="Some file has an audio track in this language (name or code)."
    )
    missing_language = django_filters.CharFilter(
        method="without_language", help_text="Some file has no audio track in this language (name or code)."
    )
    genre = django_filters.CharFilter(
        method="with_genre", help_text="One of its genres, as the app writes it."
    )
    tag = django_filters.CharFilter(method="with_tag", help_text="One of its tags in the app.")
    monitored = Switch()
    excluded = Switch(method="that_is_excluded", help_text="By hand or by a rule.")
    failed = Switch(
        method="that_failed",
        help_text="A file of it could not be read, or it could not be scanned or written.",
    )
    needs_attention = Switch(
        field_name="scan_state__needs_attention", help_text="On the list of what needs attention."
    )
    dirty = Switch(field_name="scan_state__dirty", help_text="Something waits to be written.")
    search = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", help_text="A part of the title."
    )
    ordering = Ordering(
        {
            "title": "sort_title",
            "year": "year",
            "verdict": "scan_state__verdict",
            "verdict_at": "scan_state__verdict_at",
            "scanned_at": "scan_state__scanned_at",
            "id": "pk",
        },
        times=("scan_state__verdict_at", "scan_state__scanned_at"),
    )

    def filter_queryset(self, queryset: QuerySet[Media]) -> QuerySet[Media]:
        found: QuerySet[Media] = super().filter_queryset(queryset)
        # Each has a state: with an inner join its index of changes serves, without any join they are counted.
        return found.filter(scan_state__isnull=False) if self.form.cleaned_data["ordering"] else found

    with_language = _by_language(media_search.with_language)
    without_language = _by_language(media_search.without_language)

    def with_genre(self, media: QuerySet[Media], _name: str, genre: str) -> QuerySet[Media]:
        return media.filter(genres__contains=[genre])

    def with_tag(self, media: QuerySet[Media], _name: str, tag: str) -> QuerySet[Media]:
        return media.filter(tags__contains=[tag])

    def that_is_excluded(self, media: QuerySet[Media], _name: str, excluded: bool) -> QuerySet[Media]:
        return media_search.that_is_excluded(media, so=excluded)

    def that_failed(self, media: QuerySet[Media], _name: str, failed: bool) -> QuerySet[Media]:
        return media_search.that_failed(media, failed=failed)


class AllMedia(mixins.UpdateModelMixin, Readable):
    """The series and movies of all instances."""

    nouns = ("one title", "titles")
    queryset = Media.objects.select_related(
        "connection__scan_settings__policy", "scan_state__policy_override"
    )
    serializer_class = MediaSerializer
    filterset_class = MediaFilters
    http_method_names = ["get", "patch", "post", "head", "options"]

    @extend_schema(responses=SeasonSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def seasons(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List the seasons of a series."""
        return Response(
            SeasonSerializer(self.get_object().seasons.select_related("scan_state"), many=True).data
        )

    @extend_schema(responses=FileSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def files(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List the files of a title with their tracks."""
        files = self.get_object().files.select_related("season", "scan_state")
        return Response(FileSerializer(files.order_by("season__number", "path"), many=True).data)

    @extend_schema(responses=ExplanationSerializer, filters=False)
    @action(detail=True, filterset_class=None)
    def explain(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Explain why a title has its verdict."""
        return Response(ExplanationSerializer(explain(self.get_object())).data)

    @extend_schema(request=ScanOptions, responses={202: JobItemSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def scan(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Scan one title soon.

        A request that meets a scan of this title under way joins it; nothing asked for is dropped.
        """
        options = ScanOptions(data=request.data)
        options.is_valid(raise_exception=True)
        params = ScanParams(**options.validated_data)
        media = self.get_object()
        item = starting.start_media_scan(media, params, trigger=Trigger.API, user=user_of(request))
        return Response(JobItemSerializer(item).data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=ActionSerializer, responses=DoneSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def search(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have the application search for a replacement of a movie, or of one file's episodes.

        The policy must allow it (`allow_search`).
        """
        return self._asked(request, search_replacement)

    @extend_schema(request=ActionSerializer, responses=DoneSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def unmonitor(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have the application watch no longer for a wrong dub: a movie, or one file's episodes.

        The policy must allow it (`allow_unmonitor`).
        """
        return self._asked(request, stop_monitoring)

    def _asked(self, request: Request, ask: Callable[..., str]) -> Response:
        wanted = ActionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        media, number = self.get_object(), wanted.validated_data["file"]
        file = (
            media.files.select_related("season", "scan_state").filter(pk=number).first() if number else None
        )
        if number and file is None:
            raise Invalid({"file": ["It is no file of this title."]})
        return Response({"done": ask(media, file, user=user_of(request))})
