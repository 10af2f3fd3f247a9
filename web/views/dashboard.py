"""The dashboard."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jobs.listing import list_jobs
from library.models import Verdict
from system.health import find_issues
from web.access import page, user_of
from web.queries import dashboard as queries

LANGUAGES = 8


@page
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how the library stands; where nothing is connected yet, an admin is led through the set-up."""
    coverage = queries.coverage()
    if not coverage and user_of(request).is_admin:
        return redirect("setup_instance")
    verdicts = _total(coverage)
    languages = queries.languages()
    return render(
        request,
        "web/dashboard.html",
        {
            "media": verdicts.total(),
            "verdicts": _by_verdict(verdicts),
            "shares": queries.shares(verdicts),
            "coverage": coverage,
            "languages": languages[:LANGUAGES],
            "most_files": max([1, *(one.files for one in languages)]),
            "week": queries.week(),
            "acting": queries.worth_acting(),
            "jobs": list_jobs(live=True, limit=5),
        },
    )


@page
def dashboard_tiles(request: HttpRequest) -> HttpResponse:
    """Show how many media have which verdict, as a part of the dashboard."""
    return render(request, "web/dashboard_tiles.html", {"verdicts": _by_verdict(_total(queries.coverage()))})


@page
def dashboard_jobs(request: HttpRequest) -> HttpResponse:
    """Show the running jobs, as a part of the dashboard."""
    return render(request, "web/dashboard_jobs.html", {"jobs": list_jobs(live=True, limit=5)})


@page
def health_summary(request: HttpRequest) -> HttpResponse:
    """Show what is wrong, as far as the database knows, as a part of the dashboard."""
    return render(request, "web/health.html", {"issues": find_issues(live=False)})


def _total(coverage: list[queries.Coverage]) -> Counter[str]:
    return sum((one.verdicts for one in coverage), Counter())


def _by_verdict(verdicts: Counter[str]) -> list[tuple[str, int]]:
    return [(value, verdicts[value]) for value in Verdict.values]
