"""Adding to the collection by hand, changing what is there, and the trash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from catalogue import adding, editing, libraries, places, scope, trash
from catalogue.imports.result import evidence_of
from catalogue.models import Library, Work
from catalogue.pages.collection_rows import rows_of
from catalogue.pages.forms import AddForm, CopyForm, EditionForm, MineForm, WorkForm
from catalogue.pages.review import Offered
from core.numbers import number_in
from web.access import member_action, member_page, own_action, user_of
from web.forms import errors_at
from web.keyset import NEWEST_FIRST, rows_page
from web.parts import done, errors_shown


@member_page
def collection_add(request: HttpRequest) -> HttpResponse:
    """Add what was entered; where it may be here already, ask first."""
    user = user_of(request)
    initial = {"title": request.GET.get("title", "")[:200]}
    form = AddForm(request.POST or None, initial=initial, libraries=_libraries(user))
    context: dict[str, Any] = {"form": form, "places": _places()}
    if form.is_valid():
        with errors_at(form):
            entry, library = form.entry(), form.library
            to = number_in(request.POST.get("to", ""))
            found = [] if "anew" in request.POST or to else adding.alike(entry, user, library)
            if not found:
                work, copy = adding.add(entry, user, library, to=to)
                _told_added(request, work, is_copy=to is not None and copy is not None)
                return redirect("work", work.pk)
            rows = {row.work.pk: row for row in rows_of(user, [one.work.pk for one in found])}
            context["alike"] = [
                Offered(
                    number,
                    rows[one.work.pk],
                    round(100 * one.match.score),
                    evidence_of(one.match),
                )
                for number, one in enumerate(found, 1)
            ]
    return render(request, "catalogue/add.html", context)


@member_page
def work_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is told of a work."""
    user = user_of(request)
    work = get_object_or_404(scope.changeable_works(user), pk=pk)
    form = WorkForm(request.POST or None, work=work, libraries=_libraries(user))

    @transaction.atomic
    def save() -> None:
        edited = editing.edit_work(work, user, form.changes())
        if form.library:
            libraries.move(edited, form.library, user)

    return _form_page(request, form, work, _("Edit %s") % work, save)


@member_page
def edition_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an edition."""
    user = user_of(request)
    works = scope.changeable_works(user)
    edition = get_object_or_404(scope.editions(user).filter(work__in=works).select_related("work"), pk=pk)
    form = EditionForm(request.POST or None, edition=edition)

    def save() -> None:
        editing.edit_edition(edition, user, form.changes())

    return _form_page(request, form, edition.work, _("Edition of %s") % edition.work, save)


@member_page
def copy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a copy."""
    user = user_of(request)
    rows = scope.changeable_copies(user).select_related("edition__work", "location")
    copy = get_object_or_404(rows, pk=pk)
    form = CopyForm(request.POST or None, copy=copy)

    def save() -> None:
        editing.edit_copy(copy, user, form.changes())

    work, title = copy.edition.work, _("Copy %(number)s of %(work)s")
    told = {"number": copy.number, "work": work}
    return _form_page(request, form, work, title % told, save, places=_places(), copy=copy)


@own_action
def work_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how the visitor stands to a work."""
    user = user_of(request)
    work = get_object_or_404(scope.works(user), pk=pk)
    form = MineForm(request.POST, progress=None)
    if form.is_valid():
        finished_on = form.cleaned_data.pop("finished_on")
        with errors_shown(request):
            editing.note_progress(work, user, form.cleaned_data, finished_on)
            done(request, _("Noted."))
    else:
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("work", pk)


@member_action
def work_trash(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a work into the trash."""
    user = user_of(request)
    work = get_object_or_404(scope.changeable_works(user), pk=pk)
    editing.trash_works(Work.objects.filter(pk=pk), user)
    done(request, _("%s is in the trash.") % work, undo=reverse("work_restore", args=[pk]))
    return redirect("collection")


@member_action
def work_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a work out of the trash."""
    user = user_of(request)
    work = get_object_or_404(scope.works(user, in_trash=True), pk=pk)
    editing.restore_works(Work.objects.filter(pk=pk), user)
    done(request, _("%s is back.") % work)
    return redirect("work", pk)


@member_action
def copy_trash(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a copy into the trash."""
    user = user_of(request)
    copy = get_object_or_404(scope.changeable_copies(user).select_related("edition"), pk=pk)
    editing.trash_copy(copy, user)
    done(request, _("Copy %s is in the trash.") % copy.number, undo=reverse("copy_restore", args=[pk]))
    return redirect("work", copy.edition.work_id)


@member_action
def copy_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a copy out of the trash."""
    user = user_of(request)
    rows = scope.changeable_copies(user, in_trash=True).select_related("edition")
    copy = get_object_or_404(rows, pk=pk)
    editing.restore_copy(copy, user)
    done(request, _("Copy %s is back.") % copy.number)
    return redirect("work", copy.edition.work_id)


@member_action
def work_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a work that is in the trash."""
    user = user_of(request)
    work = get_object_or_404(trash.works(user), pk=pk)
    with errors_shown(request):
        trash.delete_work(user, work)
        done(request, _("%s is deleted.") % work)
    return redirect("collection_trash")


@member_action
def copy_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a copy that is in the trash."""
    user = user_of(request)
    copy = get_object_or_404(trash.copies(user), pk=pk)
    with errors_shown(request):
        trash.delete_copy(user, copy)
        done(request, _("Copy %s is deleted.") % copy.number)
    return redirect("collection_trash")


@member_action
def trash_empty(request: HttpRequest) -> HttpResponse:
    """Delete all that the visitor may take out of the trash."""
    with errors_shown(request):
        trash.empty(user_of(request))
        done(request, _("The trash is empty."))
    return redirect("collection_trash")


@member_page
def collection_trash(request: HttpRequest) -> HttpResponse:
    """Show what somebody may take out of the trash."""
    user = user_of(request)
    works = trash.works(user).select_related("added_by")
    copies = trash.copies(user).select_related("edition__work", "location")
    context = {
        "found": rows_page(works, NEWEST_FIRST, request.GET.get("at", "")),
        "copies": copies.order_by("-deleted_at")[:200],
    }
    return render(request, "catalogue/trash.html", context)


def _form_page(
    request: HttpRequest, form: forms.Form, work: Work, title: str, save: Callable[[], None], **more: Any
) -> HttpResponse:
    """Show a form of something of a work; what was posted is saved, and leads back to the work."""
    if form.is_valid():
        with errors_at(form):
            save()
            done(request, _("Saved."))
            return redirect("work", work.pk)
    return render(request, "catalogue/edit.html", {"form": form, "work": work, "title": title, **more})


def _told_added(request: HttpRequest, work: Work, *, is_copy: bool) -> None:
    if is_copy:
        done(request, _("Another copy of %s is in your collection.") % work)
    else:
        done(request, _("%s is in your collection.") % work, undo=reverse("work_trash", args=[work.pk]))


def _libraries(user: User) -> list[Library]:
    """Those into which somebody may put something."""
    return list(scope.libraries(user).filter(archived_at=None))


def _places() -> list[str]:
    return list(places.paths().values())
