"""Imports: a file is uploaded, looked at, imported, and taken back where that was a mistake."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from catalogue import scope, sending
from catalogue.formats.ours import COLUMNS, write_template
from catalogue.imports import services, undoing
from catalogue.imports.foreseeing import foreseen
from catalogue.imports.result import evidence, result_name, write_result
from catalogue.models import Import, Location, Mode, Outcome
from catalogue.pages.import_rows import doing, first_of, outcomes, told_of, told_of_stored
from catalogue.pages.names import PROGRAMS
from core.errors import ConfigError, StorageError
from core.numbers import number_in
from web.access import member_action, member_download, member_page, user_of
from web.keyset import AS_MADE, NEWEST_FIRST, rows_page
from web.lists import one_of
from web.parts import errors_shown, live_part

MOST_TOUCHED = 20
"""So many works are named that stay because somebody touched them."""


@member_page
def collection_imports(request: HttpRequest) -> HttpResponse:
    """Show what was imported, and a form for the next file."""
    user = user_of(request)
    rows = scope.imports(user).select_related("made_by")
    context = {
        "found": rows_page(rows, NEWEST_FIRST, request.GET.get("at", "")),
        "programs": [name for key, name in PROGRAMS.items() if key != "manual"],
        "most": services.MOST_OF_ADMINS if user.is_admin else services.MOST,
    }
    return render(request, "catalogue/imports.html", context)


@member_action
def collection_upload(request: HttpRequest) -> HttpResponse:
    """Take in a file; nothing is imported yet."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        messages.error(request, _("Choose a file first."))
        return redirect("collection_imports")
    with errors_shown(request):
        of = services.upload(file.chunks(), user_of(request), name=file.name or "")
        return redirect("collection_import", of.pk)
    return redirect("collection_imports")


@member_page
def collection_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would become before it is imported, how far that is, and what became of each row."""
    of = _import(request, pk)
    if of.started_at is None:
        return _preview(request, of)
    outcome = one_of(request.GET, "outcome", Outcome.values)
    rows = of.rows.select_related("work")
    found = rows_page(rows.filter(outcome=outcome) if outcome else rows, AS_MADE, request.GET.get("at", ""))
    context = {
        "of": of,
        "doing": doing(of),
        "outcomes": outcomes(of.counts),
        "outcome": outcome,
        "found": found,
        "rows": [(row, told_of_stored(row), list(evidence(row.reasons))) for row in found.rows],
        "here": sum(of.counts.get(one, 0) for one in (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)),
        "waiting": of.counts.get(Outcome.REVIEW, 0),
    }
    return render(request, "catalogue/import.html", context)


@member_page
def collection_import_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an import is, as a part of its page; in the end the whole page is loaded anew."""
    of = _import(request, pk)
    now = doing(of)
    return live_part(request, "catalogue/import_live.html", {"of": of, "doing": now}, ended=now is None)


@member_action
def collection_import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a file as it was chosen; with `look` only keep the choices, and show the file anew."""
    of = _import(request, pk)
    with errors_shown(request):
        services.configure(of, **_settings(request, of))
        if "look" not in request.POST:
            services.start(of)
    return redirect("collection_import", pk)


@member_page
def collection_import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what taking an import back would do; posted to, do that."""
    of = _import(request, pk)
    try:
        services.may_be_undone(of)
    except ConfigError as error:
        messages.error(request, error.told)
        return redirect("collection_import", pk)
    if request.method == "POST":
        with errors_shown(request):
            services.undo(of, user_of(request))
        return redirect("collection_import", pk)
    shown = undoing.foreseen(of)
    touched = scope.works(user_of(request)).filter(pk__in=shown.touched[:MOST_TOUCHED])
    return render(request, "catalogue/import_undo.html", {"of": of, "undoing": shown, "touched": touched})


@member_download
def collection_import_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what became of each row, as a table."""
    of = _import(request, pk)
    return sending.table(partial(write_result, of), result_name(of))


@member_download
def collection_import_template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Send an empty table to fill in."""
    return sending.table(write_template, sending.TEMPLATE)


def _preview(request: HttpRequest, of: Import) -> HttpResponse:
    context: dict[str, Any] = {
        "of": of,
        "modes": Mode.choices,
        "libraries": scope.libraries(user_of(request)).filter(archived_at=None),
        "places": Location.objects.order_by("name"),
        "before": services.before(of),
        "columns": [(name, of.mapping.get(name, "")) for name in of.columns],
        "known": COLUMNS,
    }
    try:
        shown = services.preview(of)
    except StorageError as error:
        messages.error(request, error.told)
        return redirect("collection_imports")
    if shown.format:
        context["first"] = first_of(foreseen(of, shown.format, shown.first))
    else:
        context["fault"] = told_of(shown.first[0]).fault
    context["preview"] = shown
    return render(request, "catalogue/import_preview.html", context)


def _settings(request: HttpRequest, of: Import) -> dict[str, Any]:
    """What was chosen in the form of a preview."""
    asked = request.POST
    found: dict[str, Any] = {
        "mode": asked.get("mode", of.mode),
        "with_progress": "with_progress" in asked,
        "location": _chosen(Location.objects.all(), asked.get("place", "")),
    }
    library = _chosen(scope.libraries(user_of(request)), asked.get("library", ""))
    if library is not None:
        found["library"] = library
    if of.columns:
        names = (asked.get(f"column-{number}", "").strip() for number in range(1, len(of.columns) + 1))
        found["mapping"] = dict(zip(of.columns, names, strict=True))
    return found


def _chosen(rows: Any, text: str) -> Any:
    number = number_in(text)
    return None if number is None else rows.filter(pk=number).first()


def _import(request: HttpRequest, pk: int) -> Import:
    rows = scope.imports(user_of(request)).select_related("library", "location", "job", "made_by")
    return get_object_or_404(rows, pk=pk)
