"""System: status, health, tasks and about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Connection
from core.errors import ConfigError
from jobs.models import Schedule
from jobs.schedules import next_starts, run_now, save_schedule
from system.about import about as about_all
from system.health import find_issues
from system.status import system_status
from web.access import action, admin_page, page, user_of
from web.forms import ScheduleForm
from web.parts import errors_shown


@page
def system(request: HttpRequest) -> HttpResponse:
    """Show what Taggarr is and runs on; health follows as a part of its own, because it takes longer."""
    context = {
        "status": system_status(),
        "instances": Connection.objects.filter(source__isnull=False).select_related("source"),
    }
    return render(request, "web/system.html", context)


@page
def health(request: HttpRequest) -> HttpResponse:
    """Show all that is wrong now, asking workers and disks too, as a part of the status page."""
    return render(request, "web/health.html", {"issues": find_issues()})


@page
def tasks(request: HttpRequest) -> HttpResponse:
    schedules = list(Schedule.objects.select_related("connection", "last_job"))
    context = {
        "schedules": schedules,
        "next": next_starts(schedules),
        "now": timezone.now(),
        "instances": Connection.objects.filter(scan_settings__isnull=False).select_related("scan_settings"),
    }
    return render(request, "web/tasks.html", context)


@page
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "web/about.html", {"about": about_all()})


@admin_page
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Schedule.objects.select_related("connection"), pk=pk)
    form = ScheduleForm(request.POST or None, schedule=found)
    if request.method == "POST" and form.is_valid():
        form.apply_to(found)
        try:
            save_schedule(found)
        except ConfigError as error:
            form.add_error(None, error.told)
        else:
            messages.success(request, _("Saved."))
            return redirect("tasks")
    return render(request, "web/schedule.html", {"schedule": found, "form": form})


@action
def schedule_run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Schedule.objects.select_related("connection"), pk=pk)
    with errors_shown(request):
        job, _started = run_now(found, user=user_of(request))
        return redirect("job", job.pk)
    return redirect("tasks")
