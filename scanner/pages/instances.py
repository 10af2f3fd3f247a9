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
from library.models import is_folder
from scanner.models import ScanSettings
from scanner.pages.setup import roots_of
from scanner.scan import answers
from scanner.scan.starting import MODES, ScanParams, start_scan
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


@admin_page
def instance_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whether the titles of every root folder lie here, as a part of the page of an instance."""
    found = get_object_or_404(Connection, pk=pk, scan_settings__isnull=False)
    if not request.headers.get("HX-Request"):
        return redirect("setup_folders", pk)
    return render(request, "scanner/roots.html", {**roots_of(request, found), "as_part": True})


def _waiting(connection: Connection) -> dict[str, Any] | None:
    """What waits for a person: the brake, and tags that stood there before."""
    if not hasattr(connection, "scan_settings"):
        return None
    found = list(connection.managed_labels.filter(found=True).order_by("label"))
    return {
        "instance": connection,
        "found_labels": [row for row in found if not row.left_alone],
        "declined": answers.declined(connection).count(),
        "left_alone": [row for row in found if row.left_alone],
    }


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
