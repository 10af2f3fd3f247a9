"""Whether something is here already: asked with what stands on its back, before anybody adds it."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import LOOK
from api.auth import user_of
from api.filters import LARGEST_NUMBER
from api.resource import Answering
from api.schema import example
from api.strict import Strict
from catalogue import adding, editing, scope
from catalogue.imports.result import evidence_of
from catalogue.matching import Basis, How, State, What
from core.errors import ConfigError

from .work_filters import KINDS


class EnteredSerializer(Strict):
    """A thing in as few words as one likes: a title, or the number on its back."""

    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    code = serializers.CharField(max_length=50, required=False, default="", allow_blank=True)
    creators = serializers.ListField(
        child=serializers.CharField(max_length=1000),
        max_length=editing.MOST_NAMES,
        required=False,
        default=list,
    )
    year = serializers.IntegerField(required=False, allow_null=True, default=None)
    library = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER)


@example({}, {"kind": "book", "code": "9780441013593"})
class LookupSerializer(EnteredSerializer):
    """A thing in as few words as one likes: a title, or the number on its back; in a `library` or in all."""


class EvidenceSerializer(serializers.Serializer[Any]):
    """One piece of evidence: `detail` is the value that both have, or how alike two titles are."""

    what = serializers.ChoiceField(choices=[(one.value, one.value) for one in What])
    how = serializers.ChoiceField(choices=[(one.value, one.value) for one in How])
    detail = serializers.CharField()


class AlikeSerializer(serializers.Serializer[Any]):
    """A work that it may be, with how many copies of it one sees; `why` are the `parts` in words."""

    work = serializers.IntegerField(source="work.pk")
    library = serializers.IntegerField(source="work.library_id")
    kind = serializers.ChoiceField(choices=KINDS, source="work.kind")
    title = serializers.CharField(source="work.title")
    year = serializers.IntegerField(source="work.year", allow_null=True)
    copies = serializers.SerializerMethodField()
    score = serializers.FloatField(source="match.score")
    basis = serializers.ChoiceField(
        choices=[(one.value, one.value) for one in Basis], source="match.basis.value"
    )
    why = serializers.SerializerMethodField()
    parts = EvidenceSerializer(many=True, source="match.parts")

    def get_copies(self, one: adding.Alike) -> int:
        copies: dict[int, int] = self.context["copies"]
        return copies.get(one.work.pk, 0)

    def get_why(self, one: adding.Alike) -> list[str]:
        return evidence_of(one.match)


@example(
    {
        "state": "link",
        "alike": [
            {
                "work": 12,
                "library": 1,
                "kind": "book",
                "title": "Dune",
                "year": 1965,
                "copies": 1,
                "score": 0.97,
                "basis": "matched_by_identifier",
                "why": ["same number (isbn13 9780441013593)"],
                "parts": [{"what": "code", "how": "equal", "detail": "isbn13 9780441013593"}],
            }
        ],
    }
)
class LookedUpSerializer(serializers.Serializer[Any]):
    """What an import would do with it: `link` it to the first of `alike`, ask (`review`), or add it (`new`).

    A score of 0.92 that is 0.05 ahead of the next one links.
    """

    state = serializers.ChoiceField(choices=[(one.value, one.value) for one in State])
    alike = AlikeSerializer(many=True)


class Lookup(Answering):
    """Whether something is here already."""

    change = LOOK

    @extend_schema(request=LookupSerializer, responses=LookedUpSerializer)
    def post(self, request: Request) -> Response:
        """Look whether something is here already, by its number or title; nobody else is asked."""
        wanted = LookupSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given, user = wanted.validated_data, user_of(request)
        libraries = scope.libraries(user)
        if "library" in given and not (libraries := libraries.filter(pk=given["library"])):
            raise ConfigError("catalogue.no-library")
        entry = adding.entered(**{name: given[name] for name in given.keys() - {"library"}})
        found = adding.looked_up(entry, user, libraries)
        rows = scope.copies(user, [one.work.pk for one in found.alike]).values_list("edition__work")
        copies = dict(rows.annotate(sum=Sum("quantity")).values_list("edition__work", "sum"))
        return Response(LookedUpSerializer(found, context={"copies": copies}).data)
