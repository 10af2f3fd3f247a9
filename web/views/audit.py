"""System → Audit: who changed what."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import features
from history.audit import keeps
from web.access import admin_page
from web.lists import Filter, Toolbar
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
    actors, nouns = queries.actors(), features.words("audited")
    called = [(kind, nouns.get(kind, kind)) for kind in queries.kinds()]
    choices = [
        Filter("actor", _("Who"), [("", _("Anyone")), *zip(actors, actors, strict=True)], filters.actor),
        Filter("action", _("Action"), [("", _("Any action")), *ACTIONS.items()], filters.action),
        Filter("kind", _("Kind"), [("", _("Any kind")), *called], filters.kind),
        Filter("since", _("from"), value=filters.since.isoformat() if filters.since else ""),
        Filter("until", _("to"), value=filters.until.isoformat() if filters.until else ""),
    ]
    context = {
        "found": queries.audit_entries(filters, request.GET.get("at", "")),
        "toolbar": Toolbar(label=_("Find by name"), q=filters.text, filters=choices),
        "kept": keeps("changed"),
    }
    return render(request, "web/audit.html", context)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 9000 else None
