"""The home page: cards that apps bring."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.features import brought
from jobs.listing import list_jobs
from system.health import find_issues
from web.access import page, user_of
from web.contract import Card, Nav, every

RUNNING = 5
"""The most running jobs that are shown."""


@page
def home(request: HttpRequest) -> HttpResponse:
    """Show the cards; an admin whose set-up is not done yet is led through it."""
    if user_of(request).is_admin:
        for _, nav in brought(Nav):
            if step := nav.first_step():
                return redirect(step)
    columns: dict[str, list[dict[str, Any]]] = {"wide": [], "left": [], "right": []}
    for card in every("cards"):
        columns[card.column].append(_filled(card, request))
    return render(request, "web/home.html", columns)


def _filled(card: Card, request: HttpRequest) -> dict[str, Any]:
    return {"template": card.template, "card": card.context(request)}


@page
def running_jobs(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home_jobs.html", {"card": jobs_card(request)})


@page
def health_summary(request: HttpRequest) -> HttpResponse:
    return render(request, "web/health.html", {"issues": find_issues(live=False)})


def jobs_card(_request: HttpRequest) -> dict[str, Any]:
    return {"jobs": list_jobs(live=True, limit=RUNNING)}
