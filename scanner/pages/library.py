"""The library: all media, filtered, sorted, and changed many at once."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.numbers import number_in
from library.models import Media
from scanner import bulk
from scanner.models import Policy, Verdict
from scanner.pages.library_rows import (
    LETTERS,
    Filters,
    choices,
    filters_shown,
    find,
    library_page,
    others,
)
from web.access import action, page, user_of
from web.lists import Toolbar, columns_of, list_page, opened_with

VIEWS = ("grid", "table")


@page
def library(request: HttpRequest) -> HttpResponse:
    """Show the titles that fit the address; without a query the view that the visitor opens it with."""
    if usual := opened_with(request, "library"):
        return redirect(usual)
    user = user_of(request)
    filters = Filters.of(request.GET.dict())
    wanted = request.GET.get("view", "")
    if wanted in VIEWS and request.session.get("library_view") != wanted:
        request.session["library_view"] = wanted
    view = wanted if wanted in VIEWS else request.session.get("library_view", "grid")
    found, known = library_page(filters, request.GET.get("at", "")), choices()
    shown = columns_of(user, "library") if view == "table" else []
    columns = list_page("library").columns
    return render(
        request,
        "scanner/library.html",
        {
            "filters": filters,
            "found": found,
            "choices": known,
            "toolbar": Toolbar.of(
                request,
                "library",
                label=_("Title"),
                q=filters.q,
                filters=filters_shown(filters, known),
                kept={"verdict": filters.verdict, "view": view},
                columns=[(name, text, name in shown) for name, text in columns.items()] if shown else [],
            ),
            "verdicts": [(value, found.verdicts.get(value, 0)) for value in Verdict.values],
            "everything": sum(found.verdicts.values()),
            "view": view,
            "columns": shown,
            "elsewhere": {
                one.name: (one.text, one.cells([title.pk for title in found.media]))
                for one in others()
                if one.name in shown
            },
            "letters": LETTERS if filters.sort == "title" and (found.previous or found.next) else "",
            "policies": Policy.objects.only("name") if user.is_admin else [],
        },
    )


@action
def change_many(request: HttpRequest) -> HttpResponse:
    """Scan, exclude or give a policy to the chosen media, or to all that fit the filters."""
    query = request.POST.get("query", "")
    media = _chosen(request, query)
    told = _do(request, media)
    messages.add_message(
        request, messages.SUCCESS if told else messages.WARNING, told or _("Nothing was selected.")
    )
    return redirect(f"{reverse('library')}?{query}" if query else "library")


def _chosen(request: HttpRequest, query: str) -> QuerySet[Media]:
    if request.POST.get("scope") == "all":
        return find(Filters.of(QueryDict(query).dict()))
    # Those of other pages come as one field: a form has a limit of fields.
    elsewhere = request.POST.get("elsewhere", "").split(",")
    ids = [number_in(pk) for pk in (*request.POST.getlist("media"), *elsewhere)]
    return Media.objects.filter(pk__in=[pk for pk in ids if pk is not None])


def _do(request: HttpRequest, media: QuerySet[Media]) -> str:
    """Do what was asked and say what was done; empty where that is not known, or nothing was chosen."""
    if not media.exists():
        return ""
    user, what = user_of(request), request.POST.get("do", "")
    if what == "scan":
        count = bulk.scan_many(media, user=user)
        return ngettext("%d title will be scanned.", "%d titles will be scanned.", count) % count
    if what in ("exclude", "include"):
        count = bulk.exclude_many(media, excluded=what == "exclude", user=user)
        if what == "exclude":
            return ngettext("%d title is now excluded.", "%d titles are now excluded.", count) % count
        return ngettext("%d title is no longer excluded.", "%d titles are no longer excluded.", count) % count
    if what == "policy":
        number = number_in(request.POST.get("policy", ""))
        policy = Policy.objects.filter(pk=number).first() if number else None
        count = bulk.set_policy_many(media, policy, user=user)
        return (
            ngettext("%d title has another policy now.", "%d titles have another policy now.", count) % count
        )
    return ""
