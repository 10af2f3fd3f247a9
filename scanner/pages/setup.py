"""The first steps: an instance with its policy, its files, a dry run, and then for real."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from connections.models import Connection
from jobs.models import Job
from scanner.forms import SetupInstanceForm
from scanner.joining import join
from scanner.languages.names import language_choices
from scanner.scan.report import report_of
from scanner.scan.starting import ScanParams, start_scan
from web.access import action, admin_page, page, user_of
from web.forms import errors_at
from web.parts import errors_shown
from web.views.connections import tell_answer


@admin_page
def setup_instance(request: HttpRequest) -> HttpResponse:
    form = SetupInstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            added, _found = join(user=user_of(request), **form.given())
            tell_answer(request, added)
            return redirect("instance_files", added.pk)
    return render(request, "scanner/setup_instance.html", {"form": form, "languages": language_choices()})


@action
def setup_dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    with errors_shown(request):
        job, _started = start_scan(found, ScanParams(dry_run=True), user=user_of(request))
        return redirect("setup_result", job.pk)
    return redirect("connection", pk)


@page
def setup_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a dry run is, and in the end what it would write."""
    job = get_object_or_404(Job.objects.select_related("connection"), pk=pk, name="scan")
    template = (
        "scanner/setup_result_live.html" if request.headers.get("HX-Request") else "scanner/setup_result.html"
    )
    return render(request, template, {"job": job, "report": report_of(job)})
