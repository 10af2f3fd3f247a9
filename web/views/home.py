"""The home page: cards that apps bring."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import StorageError
from core.features import brought
from jobs.listing import list_jobs
from system.backup.services import list_backups
from system.health import kept_issues
from web.access import page, user_of
from web.contract import Card, Nav, every, waiting

RUNNING = 5
"""The most running jobs that are shown."""

ISSUES = 3
"""The most of what is wrong that is shown; the rest stands under System."""


@page
def home(request: HttpRequest) -> HttpResponse:
    """Show the cards; an admin whose set-up is not done yet is led through it."""
    if user_of(request).is_admin:
        for _, nav in brought(Nav):
            if step := nav.first_step():
                return redirect(step)
    columns: dict[str, list[dict[str, Any]]] = {"top": [], "wide": [], "left": [], "right": []}
    for card in every("cards"):
        filled = card.context(request)
        if filled is not None:
            columns[card.column].append({"of": card, "card": filled})
    return render(request, "web/home.html", columns)


@page
def home_card(request: HttpRequest, name: str) -> HttpResponse:
    found: Card | None = next((card for card in every("cards") if name and card.name == name), None)
    if found is None:
        raise Http404
    return render(request, found.template, {"card": found.context(request)})


def health_card(_request: HttpRequest) -> dict[str, Any]:
    issues = kept_issues()
    return {"issues": issues[:ISSUES], "number": len(issues), "more": max(0, len(issues) - ISSUES)}


def waiting_card(request: HttpRequest) -> dict[str, Any]:
    found = {kind: number for kind, number in waiting(request).items() if number}
    return {"kinds": found, "number": sum(found.values())}


def jobs_card(_request: HttpRequest) -> dict[str, Any]:
    return {"jobs": list_jobs(live=True, limit=RUNNING)}


def backup_card(_request: HttpRequest) -> dict[str, Any] | None:
    """The newest backup; nothing where the folder cannot be read, which is a matter of health."""
    try:
        return {"backup": next(iter(list_backups()), None)}
    except StorageError:
        return None
