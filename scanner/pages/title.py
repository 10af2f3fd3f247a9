"""One series or movie: its matrix, why it has its verdict, its history, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import gettext as _

from core.errors import TaggarrError
from core.numbers import number_in
from core.words import told
from history.models import Event
from jobs.models import LIVE_ITEM, JobItem
from library import posters
from library.models import MEDIA, File, Media, holds_series
from scanner import media_settings
from scanner.acting import can_search, can_unmonitor, is_unmonitored, search_replacement, stop_monitoring
from scanner.explain import explain, explain_file
from scanner.forms import MediaForm
from scanner.languages.names import language_choices
from scanner.models import Policy
from scanner.pages.matrix import matrix
from scanner.scan.starting import start_media_scan
from web.access import action, admin_page, page, picture, user_of
from web.keyset import NEWEST_FIRST, rows_page
from web.parts import live_part, number_of


@page
def media(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one title; `file` in the query opens one of its files."""
    found = _media(pk)
    opened = _file(found, number_of(request, "file", 0))
    rows = matrix(found)
    # A movie has one file, as a rule: there is nothing to choose from, so it is open.
    alone = not holds_series(found.connection) and len(rows) == 1 and len(rows[0].cells) == 1
    if alone:
        opened = _file(found, rows[0].cells[0].file)
    return render(
        request,
        "scanner/title.html",
        {
            "media": found,
            "explanation": explain(found, with_files=False),
            "rows": rows,
            "alone": alone,
            "tab": "languages",
            "scan": _live_scan(found),
            **_file_context(found, opened),
        },
    )


@page
def media_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that is known to have happened to a title, the newest first."""
    found = _media(pk)
    events = Event.objects.filter(subject_kind=MEDIA, subject_id=pk)
    part = rows_page(events.select_related("actor"), NEWEST_FIRST, request.GET.get("at", ""))
    context = {"media": found, "tab": "history", "found": part}
    return render(request, "scanner/title_history.html", context)


@page
def media_file(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """Show the tracks of one file, as a part of the media's page."""
    found = _media(pk)
    file = get_object_or_404(found.files.select_related("season", "scan_state"), pk=file_id)
    return render(request, "scanner/title_file.html", {"media": found, **_file_context(found, file)})


@page
def media_scan_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whether a scan of a title is under way; when it ends, the whole page is loaded anew."""
    found = _media(pk)
    scan = _live_scan(found)
    return live_part(request, "scanner/title_scan.html", {"media": found, "scan": scan}, ended=scan is None)


@picture
def poster(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001
    """Answer with the poster of a title, with nothing (204) where there is none."""
    found = get_object_or_404(Media.objects.select_related("connection"), pk=pk)
    data = posters.poster_of(found)
    kept = f"private, max-age={posters.KEPT_BY_BROWSERS}"
    if data is None:
        return HttpResponse(status=204, headers={"Cache-Control": kept})
    return HttpResponse(data, content_type=posters.picture_type(data), headers={"Cache-Control": kept})


@action
def scan_media(request: HttpRequest, pk: int) -> HttpResponse:
    found = _media(pk)
    try:
        start_media_scan(found, user=user_of(request))
        messages.success(request, _("%s will be scanned now.") % found.title)
    except TaggarrError as error:
        messages.error(request, error.told)
    return redirect("media", pk)


@action
def replace_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the application search for a replacement of a movie or of one file's episodes."""
    return _asked(request, pk, search_replacement)


@action
def unmonitor_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the application watch no longer for a wrong dub: a movie or one file's episodes."""
    return _asked(request, pk, stop_monitoring)


def _asked(request: HttpRequest, pk: int, ask: Callable[..., str]) -> HttpResponse:
    found = _media(pk)
    file = _file(found, number_in(request.POST.get("file", "")))
    try:
        messages.success(request, told(ask(found, file, user=user_of(request))))
    except TaggarrError as error:
        messages.error(request, error.told)
    # The file that this is about stays open.
    return redirect(resolve_url("media", pk) + (f"?file={file.pk}" if file else ""))


@admin_page
def media_options(request: HttpRequest, pk: int) -> HttpResponse:
    """Exclude a title, or give it an original language or a policy of its own."""
    found = _media(pk)
    form = MediaForm(request.POST or None, instance=Media.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        media_settings.change(found, user=user_of(request), **form.cleaned_data)
        messages.success(request, _("%s: saved, and decided again.") % found.title)
        return redirect("media", pk)
    context: dict[str, Any] = {"media": found, "form": form, "languages": language_choices()}
    context["policies"] = Policy.objects.only("name")
    return render(request, "scanner/title_options.html", context)


def _media(pk: int) -> Media:
    return get_object_or_404(
        Media.objects.select_related("connection__scan_settings__policy", "scan_state__policy_override"),
        pk=pk,
    )


def _file(found: Media, pk: int | None) -> File | None:
    return found.files.select_related("season", "scan_state").filter(pk=pk).first() if pk else None


def _file_context(found: Media, file: File | None) -> dict[str, Any]:
    return {
        "file": file,
        "explained": explain_file(found, file) if file else None,
        "can_search": can_search(found),
        "can_unmonitor": file is not None and can_unmonitor(found, file),
        "is_unmonitored": file is not None and is_unmonitored(found, file),
    }


def _live_scan(found: Media) -> JobItem | None:
    items = JobItem.objects.filter(subject_kind=MEDIA, subject_id=found.pk, state__in=LIVE_ITEM)
    return items.filter(job__name="scan").select_related("job").order_by("-pk").first()
