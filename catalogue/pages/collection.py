"""Collection: all works that somebody sees, as a wall or as a table, searched as one types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalogue import search
from catalogue.pages.collection_rows import COLUMNS, LETTERS, PAGE, Filters, collection_page, filters_shown
from catalogue.query import FIELDS
from web.access import page, user_of
from web.lists import Toolbar, columns_of, opened_with

VIEWS = ("grid", "table")


@page
def collection(request: HttpRequest) -> HttpResponse:
    """Show the works that fit the address; without a query the view that the visitor opens it with.

    A number that one work has opens that work.
    """
    if usual := opened_with(request, "collection"):
        return redirect(usual)
    user = user_of(request)
    filters = Filters.of(request.GET.dict())
    # Who types on has not asked for anything yet.
    if not request.headers.get("HX-Request") and len(known := search.known_by(user, filters.q)) == 1:
        return redirect("work", known[0])
    wanted = request.GET.get("view", "")
    if wanted in VIEWS and request.session.get("collection_view") != wanted:
        request.session["collection_view"] = wanted
    view = wanted if wanted in VIEWS else request.session.get("collection_view", "grid")
    found = collection_page(user, filters, request.GET.get("at", ""))
    shown = columns_of(user, "collection") if view == "table" else []
    toolbar = Toolbar.of(
        request,
        "collection",
        label=_("Title, person, ISBN, or year:1990..1999"),
        q=filters.q,
        filters=filters_shown(filters, found.facets),
        kept={"view": view, "kind": filters.chosen.kind},
        columns=[(name, text, name in shown) for name, text in COLUMNS.items()] if shown else [],
        follows="results",
    )
    context = {
        "filters": filters,
        "found": found,
        "toolbar": toolbar,
        "view": view,
        "columns": shown,
        "fields": FIELDS,
        "letters": LETTERS if filters.sort == "title" and found.total > PAGE else "",
    }
    return render(request, "catalogue/collection.html", context)
