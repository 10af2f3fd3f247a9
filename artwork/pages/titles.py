"""Artwork: all titles with their pictures, as a wall or as a table, and what is done to many of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from artwork import care, jobs
from artwork.finding import STATE_NAMES, titles
from artwork.models import Entity
from artwork.pages.title_rows import COLUMNS, Filters, filters_shown, find, title_page
from connections.models import Connection
from core.numbers import number_in
from library.models import Media
from web.access import action, page, user_of
from web.lists import Toolbar, columns_of, opened_with
from web.parts import done, errors_shown

VIEWS = ("grid", "table")
LACKING = ("missing", "unidentified")
"""The states of titles that stand under Wanted."""


@page
def artwork(request: HttpRequest) -> HttpResponse:
    """Show the titles that fit the address; without a query the view that the visitor opens it with."""
    if usual := opened_with(request, "artwork"):
        return redirect(usual)
    return _shown(request, Filters.of(request.GET.dict()))


@page
def wanted_pictures(request: HttpRequest) -> HttpResponse:
    """Show the titles that lack pictures, or of which nobody knows what they are."""
    return _shown(request, _lacking(Filters.of(request.GET.dict())), LACKING)


def _lacking(filters: Filters) -> Filters:
    """What is asked of the list under Wanted: it has no titles that lack nothing."""
    if filters.state in LACKING:
        return filters
    return replace(filters, state="" if filters.lacks else LACKING[0])


def _shown(request: HttpRequest, filters: Filters, lacking: Collection[str] = ()) -> HttpResponse:
    """The list; with the states of those that are `lacking` something it is the one under Wanted."""
    wanted = request.GET.get("view", "")
    if wanted in VIEWS and request.session.get("artwork_view") != wanted:
        request.session["artwork_view"] = wanted
    view = wanted if wanted in VIEWS else request.session.get("artwork_view", "grid")
    found = title_page(filters, request.GET.get("at", ""))
    shown = columns_of(user_of(request), "artwork") if view == "table" else []
    # Under Wanted the state is no choice among others, and nobody keeps views of it.
    kept = {"view": view} | ({"state": filters.state} if lacking and filters.state != LACKING[0] else {})
    toolbar = Toolbar.of(
        request,
        "" if lacking else "artwork",
        label=_("Title"),
        q=filters.q,
        filters=[one for one in filters_shown(filters) if not lacking or one.name != "state"],
        kept=kept,
        columns=[(name, text, name in shown) for name, text in COLUMNS.items()] if shown else [],
    )
    context = {
        "is_wanted": bool(lacking),
        "filters": filters,
        "are_set": replace(filters, state="").are_set if lacking else filters.are_set,
        "found": found,
        "toolbar": toolbar,
        "states": [(name, STATE_NAMES[name], found.counts[name]) for name in lacking or STATE_NAMES],
        "view": view,
        "columns": shown,
        "is_connected": bool(found.rows) or Connection.objects.filter(source__isnull=False).exists(),
    }
    return render(request, "artwork/titles.html", context)


@action
def artwork_look(request: HttpRequest) -> HttpResponse:
    """See what lies beside all titles now."""
    if not Media.objects.exists():
        messages.warning(request, _("No series or movie is known yet: the first scan fetches them."))
        return redirect("artwork")
    with errors_shown(request):
        jobs.start(jobs.SCAN, user=user_of(request))
        done(request, _("The folders of all titles are being looked at."))
    return redirect("artwork")


@action
def artwork_change(request: HttpRequest) -> HttpResponse:
    """Publish, check, discard or lock the chosen titles, or all that fit the filters."""
    query = request.POST.get("query", "")
    with errors_shown(request):
        if told := _do(request, _chosen(request, query)):
            done(request, told)
        else:
            messages.warning(request, _("Nothing was selected."))
    back = "wanted_pictures" if _is_from_wanted(request) else "artwork"
    return redirect(f"{reverse(back)}?{query}" if query else back)


def _is_from_wanted(request: HttpRequest) -> bool:
    return request.POST.get("from") == "wanted"


def _chosen(request: HttpRequest, query: str) -> QuerySet[Entity]:
    if request.POST.get("scope") == "all":
        filters = Filters.of(QueryDict(query).dict())
        found = find(_lacking(filters) if _is_from_wanted(request) else filters)
        return Entity.objects.filter(pk__in=found.values("pk"))
    # Those of other pages come as one field: a form has a limit of fields.
    elsewhere = request.POST.get("elsewhere", "").split(",")
    ids = [number_in(pk) for pk in (*request.POST.getlist("title"), *elsewhere)]
    return titles().filter(pk__in=[pk for pk in ids if pk is not None])


def _do(request: HttpRequest, rows: QuerySet[Entity]) -> str:
    """Do what was asked and say what was done; empty where that is not known, or nothing was chosen."""
    if not rows.exists():
        return ""
    user = user_of(request)
    match request.POST.get("do", ""):
        case "publish":
            _job, number = care.publish(rows, user)
            text = ngettext("%d title is being published.", "%d titles are being published.", number)
        case "prepare":
            _job, number = care.prepare(rows, user)
            text = ngettext(
                "The providers are asked about %d title.", "The providers are asked about %d titles.", number
            )
        case "verify":
            _job, number = care.verify(rows, user)
            text = ngettext("%d title is being checked.", "%d titles are being checked.", number)
        case "discard":
            number = care.discard(rows, user)
            text = ngettext(
                "%d title is back to what was published.", "%d titles are back to what was published.", number
            )
        case "lock":
            number = care.lock_many(rows, locked=True, user=user)
            text = ngettext("%d title is locked.", "%d titles are locked.", number)
        case "unlock":
            number = care.lock_many(rows, locked=False, user=user)
            text = ngettext("%d title is unlocked.", "%d titles are unlocked.", number)
        case _:
            return ""
    return text % number
