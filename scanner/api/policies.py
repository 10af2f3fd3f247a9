"""Policies: what the owner wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Ordering
from api.resource import Editable
from api.schema import example
from api.strict import Strict
from core.errors import ConfigError
from jobs.models import Job
from scanner import policies
from scanner.models import (
    ExtraLanguages,
    LanguageLabels,
    LanguageRule,
    NativeTitles,
    Policy,
    PolicyVersion,
    Verdict,
)
from scanner.models.policy import clean_languages, clean_undetermined, valid_label, valid_label_pattern

Value = TypeVar("Value")

_POLICY = {
    "name": "English dub",
    "target_languages": ["eng"],
    "label_dub": "dub",
    "label_semi_dub": "semi-dub",
    "label_wrong_dub": "wrong-dub",
    "language_labels": "off",
    "language_label_pattern": "audio-{language}",
    "language_label_rule": "every",
    "label_sub_only": "",
    "label_unknown_audio": "",
    "undetermined": "original",
    "extra_languages": "tolerate",
    "native_titles": "dub",
    "include_specials": False,
    "only_monitored": False,
    "quick": False,
    "genres": [],
    "exclude_tags": [],
    "exclude_genres": [],
    "exclude_paths": ["/tv/kids/*"],
    "untag_excluded": False,
    "write_nfo": False,
    "dub_genre": False,
    "allow_search": False,
    "allow_unmonitor": False,
    "dry_run": False,
}


def _texts() -> serializers.ListField:
    child = serializers.CharField(max_length=500)
    return serializers.ListField(child=child, required=False, max_length=200)


def _label() -> serializers.CharField:
    return serializers.CharField(max_length=50, required=False, validators=[valid_label])


def _optional_label(help_text: str) -> serializers.CharField:
    return serializers.CharField(
        max_length=50, required=False, allow_blank=True, validators=[valid_label], help_text=help_text
    )


@example(
    {
        "id": 1,
        **_POLICY,
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-15T12:00:00Z",
        "job": 7,
    },
    _POLICY,
)
class PolicySerializer(Strict, serializers.ModelSerializer[Policy]):
    """Target languages, labels and options."""

    started: Job | None = None
    target_languages = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=20,
        help_text="Names or codes, such as English or pt-BR; read as ISO 639-3 codes.",
    )
    undetermined = serializers.CharField(
        max_length=100,
        required=False,
        help_text="What the first track without a language is: original, ignore, or a language.",
    )
    label_dub = _label()
    label_semi_dub = _label()
    label_wrong_dub = _label()
    language_labels = serializers.ChoiceField(
        choices=LanguageLabels.choices,
        required=False,
        help_text="For which languages that are heard there is a label each.",
    )
    language_label_pattern = serializers.CharField(
        max_length=40,
        required=False,
        validators=[valid_label_pattern],
        help_text="What such a label looks like; {language} is the code, such as en or pt-br.",
    )
    language_label_rule = serializers.ChoiceField(
        choices=LanguageRule.choices,
        required=False,
        help_text="In which files of a series a language must be heard.",
    )
    label_sub_only = _optional_label(
        "The label of originals with subtitles in a language you want; empty: none."
    )
    label_unknown_audio = _optional_label(
        "The label of media of whose tracks none names a language; empty: none."
    )
    extra_languages = serializers.ChoiceField(choices=ExtraLanguages.choices, required=False)
    native_titles = serializers.ChoiceField(choices=NativeTitles.choices, required=False)
    genres = _texts()
    exclude_tags = _texts()
    exclude_genres = _texts()
    exclude_paths = _texts()
    job = serializers.SerializerMethodField(
        help_text="In the answer to a change: the job that decides its media anew, null where it has none."
    )

    class Meta:
        model = Policy
        fields = ("id", *_POLICY, "created_at", "updated_at", "job")
        read_only_fields = ("id", "created_at", "updated_at")

    def get_job(self, _policy: Policy) -> int | None:
        return self.started.pk if self.started else None

    def validate_target_languages(self, texts: list[str]) -> list[str]:
        return _cleaned(lambda: clean_languages(texts))

    def validate_undetermined(self, text: str) -> str:
        return _cleaned(lambda: clean_undetermined(text))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        self.changed = Policy.objects.get(pk=self.instance.pk) if self.instance else Policy()
        for name, value in attrs.items():
            setattr(self.changed, name, value)
        self.changed.clean()
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Policy:  # noqa: ARG002
        return self._save()

    def update(self, instance: Policy, validated_data: dict[str, Any]) -> Policy:  # noqa: ARG002
        return self._save()

    def _save(self) -> Policy:
        self.started = policies.save_policy(self.changed, user=user_of(self.context["request"]))
        return self.changed


def _cleaned(clean: Callable[[], Value]) -> Value:
    try:
        return clean()
    except ConfigError as error:
        raise serializers.ValidationError(str(error)) from None


class PolicyChangeSerializer(serializers.Serializer[Any]):
    """How many media would go from one verdict to another."""

    before = serializers.ChoiceField(choices=Verdict.choices)
    after = serializers.ChoiceField(choices=Verdict.choices)
    count = serializers.IntegerField()


class PolicyExampleSerializer(serializers.Serializer[Any]):
    """One title that would change."""

    title = serializers.CharField()
    before = serializers.ChoiceField(choices=Verdict.choices)
    after = serializers.ChoiceField(choices=Verdict.choices)


class LabelChangeSerializer(serializers.Serializer[Any]):
    """How many media would gain and lose one label beside the verdict's."""

    label = serializers.CharField()  # type: ignore[assignment]
    added = serializers.IntegerField()
    removed = serializers.IntegerField()


@example(
    {
        "media": 812,
        "changed": 40,
        "changes": [{"before": "dub", "after": "semi-dub", "count": 40}],
        "examples": [{"title": "Lantern Harbour (2020)", "before": "dub", "after": "semi-dub"}],
        "labels": [{"label": "audio-en", "added": 772, "removed": 0}],
        "retagged": 40,
        "left_out": 0,
        "taken_in": 0,
        "brakes": [],
    }
)
class PreviewSerializer(serializers.Serializer[Any]):
    """What saving a policy would do: the media it decides, and those that would change."""

    media = serializers.IntegerField()
    changed = serializers.IntegerField()
    changes = PolicyChangeSerializer(many=True)
    examples = PolicyExampleSerializer(many=True, help_text="The first of them.")
    labels = LabelChangeSerializer(many=True, help_text="Labels beside those of the verdicts.")
    retagged = serializers.IntegerField(help_text="Titles that would end up with other tags.")
    left_out = serializers.IntegerField(help_text="Titles that its rules would newly exclude.")
    taken_in = serializers.IntegerField(help_text="Titles that its rules would exclude no more.")
    brakes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Instances whose brake would hold the tags until somebody releases them.",
    )


@example(
    {
        "id": 4,
        "saved_at": "2026-01-15T12:00:00Z",
        "saved_by": "ada",
        "values": {"target_languages": ["eng"], "quick": False},
    }
)
class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """What a policy was like before."""

    saved_by: Any = serializers.SlugRelatedField(slug_field="username", read_only=True)
    values: Any = serializers.DictField(read_only=True)

    class Meta:
        model = PolicyVersion
        fields = ("id", "saved_at", "saved_by", "values")
        read_only_fields = fields


@example({}, {"version": 4})
class RevertSerializer(Strict, serializers.Serializer[Any]):
    """Which version to go back to."""

    version = serializers.IntegerField(
        required=False, help_text="The `id` of one of its versions; without one the last is meant."
    )


class PolicyFilters(Filters):
    ordering = Ordering({"name": "name", "updated_at": "updated_at"})


class Policies(Editable):
    """What the owner wants, for instances and for single media."""

    nouns = ("a policy", "policies")
    queryset = Policy.objects.all()
    serializer_class = PolicySerializer
    filterset_class = PolicyFilters

    def perform_destroy(self, instance: Policy) -> None:
        policies.delete_policy(instance)

    @extend_schema(request=PolicySerializer(partial=True), responses=PreviewSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def preview(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Preview a change of a policy without saving it.

        Nothing is written; the answer comes from stored facts.
        """
        context = self.get_serializer_context()
        wanted = PolicySerializer(self.get_object(), data=request.data, partial=True, context=context)
        wanted.is_valid(raise_exception=True)
        found = policies.preview_policy(wanted.changed)
        body = {
            "media": found.media,
            "changed": found.changed,
            "changes": [
                {"before": before, "after": after, "count": count}
                for (before, after), count in found.changes.most_common()
            ],
            "examples": [
                {"title": t, "before": before, "after": after} for t, before, after in found.examples
            ],
            "labels": [
                {"label": label, "added": added, "removed": removed} for label, added, removed in found.labels
            ],
            "retagged": found.retagged,
            "left_out": found.left_out,
            "taken_in": found.taken_in,
            "brakes": found.brakes,
        }
        return Response(body)

    @extend_schema(responses=PolicyVersionSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def versions(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List what a policy was like before, the last version first.

        Twenty are kept. Send the values of one to `preview` to see what going back would do.
        """
        return Response(PolicyVersionSerializer(policies.former_versions(self.get_object()), many=True).data)

    @extend_schema(request=RevertSerializer, responses=PolicySerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def revert(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Go back to a former version of a policy.

        The answer names the job that decides its titles anew. 422 where there is no such version.
        """
        wanted = RevertSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        found, number = self.get_object(), wanted.validated_data.get("version")
        job = policies.go_back(found, number, user=user_of(request))
        found.refresh_from_db()
        answer = PolicySerializer(found, context=self.get_serializer_context())
        answer.started = job
        return Response(answer.data)
