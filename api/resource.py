"""What all resources have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import django_filters
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers, set_response_etag
from django.utils.decorators import method_decorator
from django.utils.http import parse_etags
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.rights import CHANGE, LOOK, Need

from .auth import MayDo
from .filters import Ordering
from .problems import Changed, Invalid, TooLarge

PAGE_PARAMETERS = ("page", "page_size")
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of what you read: where it is not that any more, nothing is changed.",
)
takes_if_match = extend_schema_view(partial_update=extend_schema(parameters=[IF_MATCH]))
"""Of a viewset whose `perform_update` is done `unchanged`."""


@method_decorator(conditional_page, name="dispatch")
class Answering(APIView):
    """A view whose answers carry an ETag, are not shared by caches, and whose parameters are on a list.

    `parameters` names the query parameters of each method or action; others are refused, so that a filter
    that is spelled wrong does not look like one that finds everything. `largest_body` is in bytes.

    What it takes is declared: `look` for GET, `change` for all else, `needs` for single actions.
    """

    permission_classes = [MayDo]
    look: ClassVar[Need] = LOOK
    change: ClassVar[Need] = CHANGE
    needs: ClassVar[Mapping[str, Need]] = {}
    parameters: ClassVar[dict[str, tuple[str, ...]]] = {}
    largest_body: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._check_size(request)
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            # No such method here: that is told next.
            return
        if empty := sorted(name for name in self.no_texts() if "" in request.query_params.getlist(name)):
            raise Invalid({name: ["Give a value, or leave the parameter out."] for name in empty})
        if nul := sorted(name for name, texts in request.query_params.lists() if "\0" in "".join(texts)):
            raise Invalid({name: ["Leave out the NUL character."] for name in nul})
        unknown = sorted(request.query_params.keys() - self.known_parameters())
        if unknown:
            known = ", ".join(sorted(self.known_parameters())) or "none"
            raise Invalid(
                {name: [f"There is no such parameter here; there are: {known}."] for name in unknown}
            )

    def _check_size(self, request: Request) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > self.largest_body:
            raise TooLarge(self.largest_body)

    def known_parameters(self) -> set[str]:
        action = getattr(self, "action", None) or (self.request.method or "").lower()
        return set(self.parameters.get(action, ()))

    def no_texts(self) -> set[str]:
        return self.known_parameters()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say who may keep the answer: the client itself, and it asks again each time."""
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["X-Api-Key", "Authorization", "Cookie"])
        return response


class Resource(Answering, GenericViewSet[Any]):
    """A resource; lists take the filters of its class.

    `nouns` are what one of it, with its article, and many are called.
    """

    nouns: ClassVar[tuple[str, str]]
    filterset_class: Any = None
    lookup_value_converter = "int"

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if getattr(self, "action", None) == "list":
            filters = self.filterset_class.base_filters if self.filterset_class else {}
            known |= {*filters, *PAGE_PARAMETERS}
        return known

    def no_texts(self) -> set[str]:
        filters = self.filterset_class.base_filters if self.filterset_class else {}
        may_be_empty = {
            name
            for name, one in filters.items()
            if type(one) is django_filters.CharFilter or isinstance(one, Ordering)
        }
        return super().no_texts() - may_be_empty


class Readable(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource):
    """A resource that is listed and shown."""


class Editable(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, Readable):
    """A resource that can be added, changed and deleted too."""


@contextmanager
def unchanged(view: Resource, row: Model) -> Iterator[None]:
    """Do within what changes a row, alone, if it is what `If-Match` says. Raises Changed."""
    wanted = parse_etags(view.request.headers.get("If-Match", ""))
    with transaction.atomic():
        if wanted:
            type(row)._default_manager.select_for_update().get(pk=row.pk)
            now = HttpResponse(JSONRenderer().render(view.get_serializer(view.get_object()).data))
            # What is sent compressed has a weak tag, of the same text.
            known = {tag.removeprefix("W/") for tag in wanted}
            if not known & {"*", set_response_etag(now)["ETag"]}:
                raise Changed
        yield
