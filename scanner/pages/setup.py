"""The first steps: an instance with its policy, its files, a dry run, and then for real."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from connections.models import Connection
from core.errors import ConfigError, FieldError, TaggarrError
from jobs.models import Job
from scanner.joining import add_with_languages
from scanner.languages.names import language_choices, understood
from scanner.pages.forms import SetupInstanceForm
from scanner.pages.instances import tell_answer
from scanner.scan.params import ScanParams
from scanner.scan.report import report_of
from scanner.scan.starting import start_scan
from web.access import action, admin_page, page, user_of
from web.forms import show_error


@admin_page
def setup_instance(request: HttpRequest) -> HttpResponse:
    form = SetupInstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            data = dict(form.cleaned_data)
            languages = [understood(text) for text in data.pop("languages").split(",")]
            added = add_with_languages(languages, **data)
        except FieldError as error:
            show_error(form, error)
        except ConfigError as error:
            form.add_error("languages", error.told)
        else:
            tell_answer(request, added)
            return redirect("instance_paths", added.pk)
    return render(request, "scanner/setup_instance.html", {"form": form, "languages": language_choices()})


@action
def setup_dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    try:
        job, _started = start_scan(found, ScanParams(dry_run=True), user=user_of(request))
    except TaggarrError as error:
        messages.error(request, error.told)
        return redirect("instance", pk)
    return redirect("setup_result", job.pk)


@page
def setup_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a dry run is, and in the end what it would write."""
    job = get_object_or_404(Job.objects.select_related("connection"), pk=pk, name="scan")
    template = (
        "scanner/setup_result_live.html" if request.headers.get("HX-Request") else "scanner/setup_result.html"
    )
    return render(request, template, {"job": job, "report": report_of(job)})
