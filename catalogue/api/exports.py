"""The collection as a file: a table, an archive with pictures, for Tellico, or what of it cost something."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import OWN
from api.auth import user_of
from api.problems import Invalid
from api.resource import Answering
from api.routes.jobs import JobSerializer, accepted
from catalogue import archiving, sending

FORMS = ("table", "archive", "tellico", "insurance")


class Export(Answering):
    """The collection as a file."""

    parameters = {"get": ("as",)}
    change = OWN

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "as",
                str,
                enum=FORMS,
                description="`table` (CSV, the usual one), `archive` (ZIP with pictures), `tellico` (ZIP "
                "with a collection of Tellico for each kind), or `insurance`: what copies cost, by place.",
            )
        ],
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, examples=[OpenApiExample("Table", value="title,media_type,year\\r\\n…")]
            ),
            (200, "application/zip"): OpenApiResponse(
                OpenApiTypes.BINARY, examples=[OpenApiExample("Archive", value="PK…")]
            ),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Export all that one sees, with how one stands to it.

        All but the last can be imported again. Prices that the caller does not see are left out. An archive
        of more than 2,000 works, or 64 MiB of pictures, has to be made first: POST here.
        """
        form = request.query_params.get("as", "table")
        if form not in FORMS:
            raise Invalid({"as": [f"There is no such form; there are: {', '.join(FORMS)}."]})
        return sending.FORMS[form](user_of(request), head=request.method == "HEAD")

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request) -> Response:
        """Have the archive made; when the job is done, GET sends it for two days."""
        return accepted(archiving.start(user_of(request)))
