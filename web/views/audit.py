"""System → Audit: who changed what."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from history.audit import keeps
from web.access import admin_page
from web.parts import number_of
from web.queries import audit as queries
from web.words import ACTIONS


@admin_page
def audit(request: HttpRequest) -> HttpResponse:
    asked = {
        name: request.GET.get(name, "").replace("\0", "").strip()[:150] for name in ("actor", "kind", "q")
    }
    action = request.GET.get("action", "")
    filters = queries.AuditFilters(
        actor=asked["actor"],
        action=action if action in ACTIONS else "",
        kind=asked["kind"],
        text=asked["q"],
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
    )
    context = {
        "found": queries.audit_entries(filters, number_of(request, "page")),
        "filters": filters,
        "actions": ACTIONS,
        "actors": queries.actors(),
        "kinds": queries.kinds(),
        "kept": keeps("changed"),
    }
    return render(request, "web/audit.html", context)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 9000 else None
