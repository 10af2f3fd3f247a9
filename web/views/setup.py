"""The first steps: an account, an instance with its policy, its files, a dry run, and then for real."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from accounts import first_admin
from accounts.users import UserError
from history.sentences import shown
from jobs.models import Job
from library.errors import ConfigError, TaggarrError
from library.instances import InstanceError
from library.models import Instance
from scanner.first_instance import add_with_languages
from scanner.language_names import language_choices, understood
from scanner.requests import start_scan
from scanner.scan_params import ScanParams
from scanner.scan_report import report_of
from web.access import action, admin_page, page, user_of
from web.forms import FirstAdminForm, SetupInstanceForm, show_error
from web.views.instances import tell_answer


@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """Make the first account; only where there is none."""
    if not first_admin.is_needed():
        return redirect("dashboard")
    if refused := ratelimit.consume_or_429(request, action="setup"):
        answer: HttpResponse = refused
        return answer
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = first_admin.create(data["token"], data["username"], data["password"])
        except UserError as error:
            show_error(form, error)
        else:
            login(request, user)
            return redirect("setup_instance")
    return render(request, "web/setup.html", {"form": form})


@admin_page
def setup_instance(request: HttpRequest) -> HttpResponse:
    """Connect the first instance, with the languages that are wanted."""
    form = SetupInstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            data = dict(form.cleaned_data)
            languages = [understood(text) for text in data.pop("languages").split(",")]
            added = add_with_languages(languages, user=user_of(request), **data)
        except InstanceError as error:
            show_error(form, error)
        except ConfigError as error:
            form.add_error("languages", shown(error.sentence))
        else:
            tell_answer(request, added)
            return redirect("instance_paths", added.pk)
    return render(request, "web/setup_instance.html", {"form": form, "languages": language_choices()})


@action
def setup_dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a dry run of an instance and show it."""
    found = get_object_or_404(Instance, pk=pk)
    try:
        job, _started = start_scan(found, ScanParams(dry_run=True), user=user_of(request))
    except TaggarrError as error:
        messages.error(request, shown(error.sentence))
        return redirect("instance", pk)
    return redirect("setup_result", job.pk)


@page
def setup_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a dry run is, and in the end what it would write."""
    job = get_object_or_404(Job.objects.select_related("instance"), pk=pk, name="scan")
    template = "web/setup_result_live.html" if request.headers.get("HX-Request") else "web/setup_result.html"
    return render(request, template, {"job": job, "report": report_of(job)})
