"""Status, health, tasks and about."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_celery_beat.models import PeriodicTask

from library.models import Instance
from system.health import find_issues
from system.status import system_status
from web.access import page


@page
def system(request: HttpRequest) -> HttpResponse:
    """Show what Taggarr is and runs on; health follows as a part of its own, because it takes longer."""
    context = {
        "status": system_status(),
        "data": settings.TAGGARR_DATA,
        "instances": Instance.objects.defer("api_key"),
    }
    return render(request, "web/system.html", context)


@page
def health(request: HttpRequest) -> HttpResponse:
    """Show all that is wrong now, asking workers and disks too, as a part of the status page."""
    return render(request, "web/health.html", {"issues": find_issues(), "in_full": True})


@page
def tasks(request: HttpRequest) -> HttpResponse:
    """Show what runs on a schedule, and the scans that can be started."""
    context = {
        "tasks": PeriodicTask.objects.select_related("interval", "crontab").order_by("name"),
        "instances": Instance.objects.defer("api_key"),
    }
    return render(request, "web/tasks.html", context)
