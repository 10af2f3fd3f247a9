"""The dashboard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from jobs.listing import list_jobs
from library.models import Verdict
from scanner.statistics import statistics
from system.health import find_issues
from web.access import page, user_of
from web.queries import dashboard as queries

LANGUAGES = 8


@page
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how the library stands; where nothing is connected yet, an admin is led through the set-up."""
    found = statistics()
    if not found.instances and user_of(request).is_admin:
        return redirect("setup_instance")
    return render(
        request,
        "web/dashboard.html",
        {
            "statistics": found,
            "verdicts": [(value, found.verdicts.get(value, 0)) for value in Verdict.values],
            "shares": queries.shares(found.verdicts),
            "coverage": queries.coverage(found),
            "languages": found.languages[:LANGUAGES],
            "most_files": max([1, *(one.files for one in found.languages)]),
            "week": queries.week(),
            "acting": queries.worth_acting(),
            "jobs": list_jobs(live=True, limit=5),
        },
    )


@page
def dashboard_jobs(request: HttpRequest) -> HttpResponse:
    """Show the running jobs, as a part of the dashboard."""
    return render(request, "web/dashboard_jobs.html", {"jobs": list_jobs(live=True, limit=5)})


@page
def health_summary(request: HttpRequest) -> HttpResponse:
    """Show what is wrong, as far as the database knows, as a part of the dashboard."""
    return render(request, "web/health.html", {"issues": find_issues(live=False)})
