"""What the scanner adds to the page of a connection: scans, the brake, tags, and whether files are seen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.models import Connection
from core.errors import TaggarrError
from library.clients import client_for
from library.models import is_folder
from library.path_mappings import SeenFile, check_files, mapping_problems
from scanner.models import ManagedLabel, ScanSettings
from scanner.scan.starting import MODES, ScanParams, adopt, release, start_scan
from web.access import action, admin_page, user_of
from web.contract import Panel
from web.parts import errors_shown


@action
def instance_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a scan of an instance in the mode that was chosen."""
    found = get_object_or_404(Connection, pk=pk)
    mode = request.POST.get("mode", "update")
    params = ScanParams(mode=mode if mode in MODES else "update", dry_run="dry_run" in request.POST)
    with errors_shown(request):
        job, started = start_scan(found, params, user=user_of(request))
        if started:
            messages.success(request, _("The scan of %s has started.") % found.name)
        else:
            messages.info(request, _("A scan of this instance is running already: here it is."))
        return redirect("job", job.pk)
    return redirect("connection", pk)


@action
def instance_release(request: HttpRequest, pk: int) -> HttpResponse:
    with errors_shown(request):
        release(get_object_or_404(Connection, pk=pk), user=user_of(request))
        messages.success(request, _("Released: what was held back is being written."))
    return redirect("connection", pk)


@action
def instance_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Connection, pk=pk)
    with errors_shown(request):
        adopt(found, [request.POST.get("label", "")], user=user_of(request))
        messages.success(request, _("Adopted: the tag is ours now, and is written where it is due."))
    return redirect("connection", pk)


@admin_page
def instance_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whether a few files of an instance are seen here: a part of its page, and a step of the set-up."""
    found = get_object_or_404(Connection, pk=pk, scan_settings__isnull=False)
    seen, trouble = _files_seen(found)
    context = {"instance": found, "seen": seen, "trouble": trouble, "problems": mapping_problems(found)}
    template = (
        "scanner/files_seen.html" if request.headers.get("HX-Request") else "scanner/instance_files.html"
    )
    return render(request, template, context)


def _files_seen(found: Connection) -> tuple[list[SeenFile], str]:
    """Return what we see of a few files of an instance, and why we could not look."""
    try:
        return check_files(found, client_for(found, read_only=True, interactive=True)), ""
    except TaggarrError as error:
        return [], error.told


def _waiting(connection: Connection) -> dict[str, Any] | None:
    """What waits for a person: the brake, and tags that stood there before."""
    if not hasattr(connection, "scan_settings"):
        return None
    found = ManagedLabel.objects.filter(connection=connection, found=True)
    return {"instance": connection, "found_labels": found}


def _scans(connection: Connection) -> dict[str, Any] | None:
    if not hasattr(connection, "scan_settings"):
        return None
    return {
        "instance": connection,
        "is_folder": is_folder(connection),
        "media_count": connection.media.count(),
    }


def connection_lines() -> dict[int, str]:
    """The policy of each instance, how many titles it has, and whether the brake holds it."""
    rows = ScanSettings.objects.annotate(media=Count("connection__media"))
    found = {}
    for pk, policy, held_since, media in rows.values_list("pk", "policy__name", "held_since", "media"):
        titles = ngettext("%d title", "%d titles", media) % media
        held = [_("held by the brake")] if held_since else []
        found[pk] = " · ".join([policy, titles, *held])
    return found


PANELS = (
    Panel("scanner/panel_waiting.html", 10, _waiting, "top"),
    Panel("scanner/panel_scans.html", 10, _scans),
    Panel("scanner/panel_files.html", 20, lambda one: _scans(one) and {"instance": one}),
)
