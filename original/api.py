"""Coming from the original Taggarr: its settings and its state, taken over or only shown."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import MANAGE
from api.contract import Api
from api.problems import Invalid
from api.resource import Answering
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from original.files import read_texts
from original.importing import Made, import_original
from system.configuration import DocumentError

_SETTINGS = """\
target_languages: [en]
instances:
  tv:
    type: sonarr
    url: http://nas:8989
    api_key: 0123456789abcdef0123456789abcdef
    root_path: /tv
"""


@example({}, {"settings": _SETTINGS, "state": "", "connect": True, "dry_run": True})
class ImportSerializer(Strict):
    """The files of the original, as text. No `${VARIABLE}` is filled in."""

    settings = serializers.CharField(
        trim_whitespace=False, help_text="The text of its taggarr.yaml, docker-compose.yml or .env."
    )
    state = serializers.CharField(
        trim_whitespace=False,
        allow_blank=True,
        default="",
        help_text="The text of its taggarr.json, which tells which tags are its own; empty: there is none.",
    )
    connect = serializers.BooleanField(default=True, help_text="Test the addresses and keys.")
    dry_run = serializers.BooleanField(default=False, help_text="Say what would be made, and make nothing.")


class MadeSerializer(Shown):
    """One thing of the settings, and what came of it."""

    of = Made
    outcome = serializers.ChoiceField(choices=["added", "changed", "same"])


class UnknownKeySerializer(serializers.Serializer[Any]):
    """A key that is no key of the original."""

    line = serializers.IntegerField()
    key = serializers.CharField()


@example(
    {
        "dry_run": True,
        "made": [{"what": "connections", "name": "tv", "outcome": "added"}],
        "labels": {"tv": ["dub", "semi-dub", "wrong-dub"]},
        "remembered": {"taggarr.json": {"dub": 12, "wrong-dub": 1}},
        "unknown": [{"line": 7, "key": "instances.tv.colour"}],
        "notes": [],
    }
)
class ImportReportSerializer(serializers.Serializer[Any]):
    """What was made, or would be; `labels` are the tags that are Taggarr's own from then on, by instance."""

    dry_run = serializers.BooleanField()
    made = MadeSerializer(many=True)
    labels = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    remembered = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="How many titles each state remembers, by tag.",
    )
    unknown = UnknownKeySerializer(many=True, help_text="What is not taken over.")
    notes = serializers.ListField(child=serializers.CharField())


class Import(Answering):
    """Taking over what the original was told."""

    change = MANAGE

    @extend_schema(
        operation_id="import_create", request=ImportSerializer, responses={200: ImportReportSerializer}
    )
    def post(self, request: Request) -> Response:
        """Take over the settings of the original Taggarr, or say what would be made of them (`dry_run`).

        All of it or nothing; twice is as good as once. 422 tells everything that is wrong, with its line.
        """
        wanted = ImportSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        found = read_texts(given["settings"], given["state"])
        try:
            report = import_original(found, connect=given["connect"], dry_run=given["dry_run"])
        except DocumentError as error:
            raise Invalid({"settings": [str(problem) for problem in error.problems]}) from None
        return Response(ImportReportSerializer(report.to_json()).data)


BRINGS = Api(paths=(path("import", Import.as_view(), name="import"),))
