"""System → Backups: making, checking, keeping a copy, and restoring at the next start."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import ConfigError
from core.words import told
from jobs.models import LIVE_JOB, Job, Schedule
from system import retention
from system.backup import services
from system.backup.job import start_backup
from system.backup.services import check_backup, known_checks
from system.downloads import send_file
from web.access import action, admin_page, download, personal_page, user_of
from web.parts import errors_shown, live_part

TABLES = {
    "connections_connection": gettext_lazy("Instances"),
    "scanner_policy": gettext_lazy("Policies"),
    "library_media": gettext_lazy("Media"),
    "library_file": gettext_lazy("Files"),
    "history_event": gettext_lazy("Lines of history"),
    "accounts_user": gettext_lazy("Users"),
    "notify_channel": gettext_lazy("Channels"),
}
"""The tables whose rows a person counts."""


@admin_page
def backups(request: HttpRequest) -> HttpResponse:
    found: list[services.Backup] = []
    with errors_shown(request):
        found = services.list_backups()
    checks = known_checks(found)
    context: dict[str, Any] = {
        "backups": [(backup, services.kind_of(backup.name), checks.get(backup.name)) for backup in found],
        "live": _live(),
        "staged": services.staged(),
        "aside": services.put_aside(),
        "kept": retention.current(),
        "schedule": Schedule.objects.filter(job="backup", connection=None).first(),
        "folder": services.folder_path(),
    }
    return render(request, "web/backups.html", context)


@admin_page
def backups_live(request: HttpRequest) -> HttpResponse:
    """Show that a backup is being made, as a part of the page; in the end the whole page is loaded anew."""
    live = _live()
    return live_part(request, "web/backups_live.html", {"live": live}, ended=live is None)


@action
def backup_make(request: HttpRequest) -> HttpResponse:
    with errors_shown(request):
        start_backup(user=user_of(request))
    return redirect("backups")


@action
def backup_upload(request: HttpRequest) -> HttpResponse:
    """Take in a backup from elsewhere, after reading all of it."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        messages.error(request, _("Choose a backup file first."))
        return redirect("backups")
    with errors_shown(request):
        kept = services.take_in(file.chunks())
        check_backup(kept.name)
        messages.success(request, _("The backup is intact and kept as %s.") % kept.name)
    return redirect("backups")


@action
def backup_check(request: HttpRequest, name: str) -> HttpResponse:
    _known(name)
    found = check_backup(name)
    if found.trouble:
        messages.error(request, told(found.trouble))
    else:
        messages.success(request, _("%s is intact and can be restored here.") % name)
    return redirect("backups")


@download
def backup_download(request: HttpRequest, name: str) -> StreamingHttpResponse:
    _known(name)
    return send_file(services.path_of(name), "application/zip", kind="backup", head=request.method == "HEAD")


@personal_page
def backup_restore(request: HttpRequest, name: str) -> HttpResponse:
    """Say what a restore would do; posted to, have it done when Taggarr starts the next time."""
    _known(name)
    with errors_shown(request):
        if request.method != "POST":
            about = _told(services.about(name))
            return render(request, "web/backup_restore.html", {"about": about, "name": name})
        drop = "drop_secrets" in request.POST
        services.stage(services.path_of(name), drop_secrets=drop)
        messages.success(request, _("It will be restored the next time Taggarr starts."))
    return redirect("backups")


@action
def backup_unstage(request: HttpRequest) -> HttpResponse:
    if services.unstage():
        messages.success(request, _("Cancelled: nothing will be restored."))
    return redirect("backups")


@action
def backup_delete(request: HttpRequest, name: str) -> HttpResponse:
    _known(name)
    services.delete_backup(name)
    messages.success(request, _("%s is deleted.") % name)
    return redirect("backups")


def _told(about: dict[str, Any]) -> dict[str, Any]:
    """What a backup says of itself, with the counts that mean something to people."""
    counts = [(label, about["rows"].get(table, 0)) for table, label in TABLES.items()]
    return {**about, "made": parse_datetime(about["created_at"]), "counts": counts}


def _live() -> Job | None:
    return Job.objects.filter(name="backup", state__in=LIVE_JOB).first()


def _known(name: str) -> None:
    """Raise Http404 for anything that is no name of a backup we have."""
    try:
        services.path_of(name)
    except ConfigError as error:
        raise Http404(str(error)) from None
