"""Settings → Instances: adding, testing, changing, scanning and deleting them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from connections import services
from connections.models import Connection
from core.errors import FieldError, TaggarrError
from library.clients import client_for
from library.models import is_folder
from library.path_mappings import SeenFile, check_files, mapping_problems, set_path_mappings
from scanner import instance_settings
from scanner.instance_settings import SETTINGS
from scanner.models import ManagedLabel
from scanner.pages.forms import InstanceForm, PathMappingFormSet
from scanner.scan.adopting import adopt
from scanner.scan.params import MODES, ScanParams
from scanner.scan.starting import release, start_scan
from web.access import action, admin_page, user_of
from web.forms import show_error


@admin_page
def instances(request: HttpRequest) -> HttpResponse:
    found = (
        Connection.objects.filter(scan_settings__isnull=False)
        .select_related("scan_settings__policy")
        .annotate(media_count=Count("media"))
    )
    return render(request, "scanner/instances.html", {"instances": found})


@admin_page
def instance_add(request: HttpRequest) -> HttpResponse:
    form = InstanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = instance_settings.add(**form.cleaned_data)
        except FieldError as error:
            show_error(form, error)
        else:
            messages.success(
                request,
                _("%(name)s %(version)s answers.") % {"name": added.name, "version": added.version}
                if added.version
                else _("%s is added.") % added.name,
            )
            return redirect("instance", added.pk)
    return render(request, "scanner/instance_add.html", {"form": form})


@admin_page
def instance(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection.objects.select_related("scan_settings__policy"), pk=pk)
    initial = {name: getattr(found, name) for name in ("name", "url", "enabled")}
    initial |= {name: getattr(found.scan_settings, name) for name in SETTINGS}
    form = InstanceForm(request.POST or None, initial=initial, known=found)
    if request.method == "POST" and form.is_valid():
        try:
            instance_settings.edit(found, user=user_of(request), **form.cleaned_data)
        except FieldError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("instance", pk)
    return render(request, "scanner/instance.html", _instance_context(found, form))


@action
def instance_test(request: HttpRequest, pk: int) -> HttpResponse:
    tell_answer(request, get_object_or_404(Connection, pk=pk))
    return redirect("instance", pk)


@action
def instance_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a scan of an instance in the mode that was chosen."""
    found = get_object_or_404(Connection, pk=pk)
    mode = request.POST.get("mode", "update")
    params = ScanParams(mode=mode if mode in MODES else "update", dry_run="dry_run" in request.POST)
    try:
        job, started = start_scan(found, params, user=user_of(request))
    except TaggarrError as error:
        messages.error(request, error.told)
        return redirect("instance", pk)
    if not started:
        messages.info(request, _("A scan of this instance is running already: here it is."))
    return redirect("job", job.pk)


@action
def instance_release(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    try:
        release(found, user=user_of(request))
    except TaggarrError as error:
        messages.error(request, error.told)
    else:
        messages.success(request, _("Released: what was held back is being written."))
    return redirect("instance", pk)


@action
def instance_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    try:
        adopt(found, [request.POST.get("label", "")], user=user_of(request))
    except TaggarrError as error:
        messages.error(request, error.told)
    else:
        messages.success(request, _("Adopted: the tag is ours now, and is written where it is due."))
    return redirect("instance", pk)


@action
def instance_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    instance_settings.delete(found)
    messages.success(request, _("%s is deleted. Its history stays.") % found.name)
    return redirect("instances")


@admin_page
def instance_paths(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    initial = list(found.path_mappings.order_by("remote_prefix").values("remote_prefix", "local_prefix"))
    formset = PathMappingFormSet(request.POST or None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        rows = [(row.get("remote_prefix", ""), row.get("local_prefix", "")) for row in formset.cleaned_data]
        try:
            set_path_mappings(found, [row for row in rows if any(row)])
        except FieldError as error:
            messages.error(request, error.told)
        else:
            messages.success(request, _("Saved."))
            return redirect("instance_paths", pk)
    seen, trouble = files_seen(found)
    context = {"instance": found, "formset": formset, "seen": seen, "trouble": trouble}
    return render(request, "scanner/instance_paths.html", {**context, "problems": mapping_problems(found)})


def tell_answer(request: HttpRequest, found: Connection) -> None:
    """Connect to an instance and tell the visitor what answered: kind, version, titles, root folders."""
    try:
        answer = services.test(found)
        titles = len(client_for(found, interactive=True).media())
    except TaggarrError as error:
        messages.error(request, error.told)
        return
    if is_folder(found):
        messages.success(
            request, _("%(titles)d titles are in %(folder)s.") % {"titles": titles, "folder": found.url}
        )
        return
    told = {
        "app": answer.app_name,
        "version": answer.version,
        "titles": titles,
        "folders": ", ".join(answer.folders),
    }
    messages.success(request, _("%(app)s %(version)s answers: %(titles)d titles in %(folders)s.") % told)


def files_seen(found: Connection) -> tuple[list[SeenFile], str]:
    """Return what we see of a few files of an instance, and why we could not look."""
    try:
        return check_files(found, client_for(found, read_only=True, interactive=True)), ""
    except TaggarrError as error:
        return [], error.told


def _instance_context(found: Connection, form: InstanceForm) -> dict[str, Any]:
    return {
        "instance": found,
        "form": form,
        "is_folder": is_folder(found),
        "found_labels": ManagedLabel.objects.filter(connection=found, found=True),
        "mappings": found.path_mappings.order_by("remote_prefix"),
        "media_count": found.media.count(),
    }
