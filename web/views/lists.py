"""Views of lists that people keep, and the columns that they see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _

from core.errors import ConfigError
from web import lists
from web.access import own_action, user_of
from web.models import SavedView
from web.parts import done, errors_shown


@own_action
def view_save(request: HttpRequest, page: str) -> HttpResponse:
    query = request.POST.get("query", "")
    with errors_shown(request):
        is_default = "is_default" in request.POST
        name = request.POST.get("name", "")
        view = lists.save_view(user_of(request), page, name, query, is_default=is_default)
        done(request, _("%s is kept.") % view.name)
        query = view.query
    return _back(page, query)


@own_action
def view_delete(request: HttpRequest, page: str, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, page=page, owner=user_of(request))
    view.delete()
    done(request, _("%s is no longer kept.") % view.name)
    return _back(page, request.POST.get("query", ""))


@own_action
def columns_choose(request: HttpRequest, page: str) -> HttpResponse:
    with errors_shown(request):
        lists.choose_columns(user_of(request), page, request.POST.getlist("column"))
    return _back(page, request.POST.get("query", ""))


def _back(page: str, query: str) -> HttpResponse:
    """To the list; with a query, so that a default view does not take its place."""
    try:
        lists.list_page(page)
    except ConfigError:
        return redirect("home")
    return redirect(f"{resolve_url(page)}?{lists.what_is_shown(query) or 'all=1'}")
