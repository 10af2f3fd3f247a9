"""The first run, step by step: app, folders, tags that stand there, languages, dry run, result."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from jobs.models import Job
from library.root_check import map_roots
from scanner import joining, root_asking
from scanner.forms import SetupInstanceForm, SetupLanguageForm
from scanner.languages.names import language_choices
from scanner.pages.answers import adoption
from scanner.scan.report import report_of
from scanner.scan.starting import ScanParams, start_scan
from web.access import action, admin_page, page, user_of
from web.contract import every
from web.forms import errors_at
from web.parts import errors_shown, live_part
from web.views.connections import tell_answer

STEPS = (
    ("setup_instance", _("App")),
    ("setup_folders", _("Folders")),
    ("setup_tags", _("Tags")),
    ("setup_language", _("Languages")),
    ("setup_dry_run", _("Dry run")),
    ("setup_result", _("Result")),
)
LINKED = ("setup_folders", "setup_tags", "setup_language")
"""The steps that one can go back to."""


@admin_page
def setup_instance(request: HttpRequest) -> HttpResponse:
    form = SetupInstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            added = joining.begin(user=user_of(request), **form.given())
            # The next step shows its folders.
            tell_answer(request, added, with_folders=False)
            with errors_shown(request):
                joining.look(added)
            return redirect("setup_folders", added.pk)
    return _step(request, "setup_instance", {"form": form, "beginnings": every("beginnings")})


@admin_page
def setup_folders(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every root folder of an instance with whether a worker sees its titles; take where they lie."""
    found = _instance(pk)
    if request.method == "POST":
        with errors_shown(request):
            if "look" in request.POST:
                joining.look(found)
            remotes, folders = request.POST.getlist("remote"), request.POST.getlist("local")
            map_roots(found, dict(zip(remotes, folders, strict=False)))
            root_asking.asked(found, user=user_of(request), anew=True)
            stays = {"look", "check"} & set(request.POST) or not found.scan_settings.in_setup
            return redirect("setup_folders" if stays else "setup_tags", pk)
        return redirect("setup_folders", pk)
    context = {**roots_of(request, found), "address": reverse("setup_roots", args=[pk])}
    return _step(request, "setup_folders", context)


@admin_page
def setup_roots(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a worker says of the root folders, as a part of the page."""
    return render(request, "scanner/roots.html", roots_of(request, _instance(pk)))


@admin_page
def setup_tags(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is to become of tags that stand there already."""
    return _step(request, "setup_tags", {**adoption(request, _instance(pk)), "back": "setup"})


@admin_page
def setup_language(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the languages, and start the dry run."""
    found = _instance(pk)
    form = SetupLanguageForm(request.POST or None, current=found.scan_settings.policy)
    if request.method == "POST" and form.is_valid():
        with errors_at(form):
            joining.choose(found, user=user_of(request), **form.cleaned_data)
            return _dry_run(request, _instance(pk))
    context = {"form": form, "instance": found, "languages": language_choices()}
    return _step(request, "setup_language", context)


@action
def setup_dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    return _dry_run(request, _instance(pk))


@page
def setup_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a dry run is, and in the end, as another step, what it would write."""
    job = get_object_or_404(Job.objects.select_related("connection"), pk=pk, name="scan")
    context = {"job": job, "report": report_of(job), "instance": job.connection}
    if request.headers.get("HX-Request"):
        return live_part(request, "scanner/setup_result_live.html", context, ended=not job.is_live)
    return _step(request, "setup_dry_run" if job.is_live else "setup_result", context, "setup_result")


@action
def setup_write(request: HttpRequest, pk: int) -> HttpResponse:
    """End the first run: what the dry run said is done."""
    with errors_shown(request):
        return redirect("job", joining.finish(_instance(pk), user=user_of(request)).pk)
    return redirect("connection", pk)


def roots_of(request: HttpRequest, found: Connection) -> dict[str, Any]:
    """The root folders of an instance as a worker sees them, for `scanner/roots.html`."""
    job = root_asking.asked(found, user=user_of(request))
    roots = root_asking.answer_of(job)
    return {
        "instance": found,
        "job": job,
        "roots": roots,
        "unseen": joining.unseen(found, roots),
        "nobody": root_asking.nobody_answers(job),
        "address": request.path,
    }


def _dry_run(request: HttpRequest, found: Connection) -> HttpResponse:
    with errors_shown(request):
        job, _started = start_scan(found, ScanParams(dry_run=True), user=user_of(request))
        return redirect("setup_result", job.pk)
    return redirect("connection", found.pk)


def _step(request: HttpRequest, step: str, context: dict[str, Any], template: str = "") -> HttpResponse:
    here = [name for name, _title in STEPS].index(step)
    instance = context.get("instance")
    steps = [
        {
            "title": title,
            "state": "done" if place < here else "here" if place == here else "",
            "view": name if place < here and name in LINKED and instance else "",
        }
        for place, (name, title) in enumerate(STEPS)
    ]
    return render(request, f"scanner/{template or step}.html", {**context, "steps": steps})


def _instance(pk: int) -> Connection:
    rows = Connection.objects.filter(scan_settings__isnull=False)
    return get_object_or_404(rows.select_related("scan_settings__policy", "source"), pk=pk)
