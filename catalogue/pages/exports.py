"""Taking the collection along: as a table, as an archive, and what of it cost something."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from catalogue import scope, sending
from catalogue.insurance import insurance
from web.access import looker_download, page, user_of


@page
def collection_export(request: HttpRequest) -> HttpResponse:
    """Show what the collection can be exported as."""
    user = user_of(request)
    context = {"works": scope.works(user).count(), "pictures": scope.pictures(user).count()}
    return render(request, "catalogue/export.html", context)


@page
def collection_insurance(request: HttpRequest) -> HttpResponse:
    """Show what copies cost, by place: to be printed."""
    return render(request, "catalogue/insurance.html", {"insurance": insurance(user_of(request))})


@looker_download
def collection_export_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send all that the visitor sees as a file."""
    if form not in sending.FORMS:
        raise Http404
    return sending.FORMS[form](user_of(request), head=request.method == "HEAD")
