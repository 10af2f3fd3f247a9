"""Taking the collection along: as a table, as an archive, and what of it cost something."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalogue import archiving, scope, sending
from catalogue.insurance import insurance
from core.errors import ConfigError, StorageError
from web.access import looker_download, own_action, page, user_of
from web.parts import done, errors_shown


@page
def collection_export(request: HttpRequest) -> HttpResponse:
    """Show what the collection can be exported as."""
    user = user_of(request)
    context = {
        "works": scope.works(user).count(),
        "pictures": scope.pictures(user).count(),
        "is_large": archiving.is_large(user),
        "warning": archiving.warning(user),
        "last": archiving.last(user),
    }
    return render(request, "catalogue/export.html", context)


@own_action
def collection_archive(request: HttpRequest) -> HttpResponse:
    """Have the archive made."""
    with errors_shown(request):
        archiving.start(user_of(request))
        done(request, _("The archive is being made: look here again in a few minutes."))
    return redirect("collection_export")


@page
def collection_insurance(request: HttpRequest) -> HttpResponse:
    """Show what copies cost, by place: to be printed."""
    return render(request, "catalogue/insurance.html", {"insurance": insurance(user_of(request))})


@looker_download
def collection_export_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send all that the visitor sees as a file."""
    if form not in sending.FORMS:
        raise Http404
    try:
        return sending.FORMS[form](user_of(request), head=request.method == "HEAD")
    except (ConfigError, StorageError) as error:
        messages.error(request, str(error))
        return redirect("collection_export")
