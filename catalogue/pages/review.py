"""Rows in doubt: a person says of which work each is, one after the other, or in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import ADD
from catalogue import scope, search
from catalogue.imports import reviewing
from catalogue.imports.result import evidence
from catalogue.models import ImportRow
from catalogue.pages.collection_rows import Row, rows_of
from catalogue.pages.import_rows import Told, told_of_stored
from catalogue.query import parse
from core.numbers import number_in
from web.access import member_action, member_page, user_of
from web.contract import InboxEntry, InboxKind
from web.lists import searched
from web.parts import done, errors_shown, number_of

MOST_FOUND = 9
"""So many works are offered: each has a key."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A work that a row may be of: how sure that is in percent, and why; `number` is its key."""

    number: int
    row: Row
    score: int | None
    why: list[str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row in doubt, with what it may be."""

    row: ImportRow
    told: Told
    offered: list[Offered]


@member_page
def collection_review(request: HttpRequest) -> HttpResponse:
    """Show one row in doubt: the one that is asked for, or the first; `q` looks for other works."""
    user = user_of(request)
    waiting = reviewing.waiting(user)
    row = waiting.filter(pk=number_of(request, "row", 0)).first() or waiting.first()
    q = searched(request.GET.dict())
    context: dict[str, Any] = {"number": waiting.count(), "q": q}
    if row is not None:
        context |= {
            "doubt": _doubts(user, [row])[0],
            "found": _found(user, row, q) if q else [],
            "next": waiting.filter(pk__gt=row.pk).values_list("pk", flat=True).first(),
            "previous": waiting.filter(pk__lt=row.pk).order_by("-pk").values_list("pk", flat=True).first(),
        }
    return render(request, "catalogue/review.html", context)


@member_action
def collection_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of a row in doubt that it is the best match, another work, a new one, or not wanted."""
    user = user_of(request)
    row = get_object_or_404(ImportRow.objects.select_related("of"), pk=pk, of__in=scope.imports(user))
    title = told_of_stored(row).title
    with errors_shown(request):
        match request.POST.get("do", ""):
            case "accept":
                reviewing.accept(row)
                done(request, _("%s: it is the one that is here.") % title)
            case "keep":
                reviewing.keep_as_new(row)
                done(request, _("%s: added as new.") % title)
            case "skip":
                reviewing.skip(row)
                done(request, _("%s: left out.") % title)
            case _:
                reviewing.choose(row, number_in(request.POST.get("work", "")) or 0, user)
                done(request, _("%s: it is the one that is here.") % title)
    if request.POST.get("back") == "inbox":
        return redirect("inbox")
    following = reviewing.waiting(user).filter(pk__gt=pk).values_list("pk", flat=True).first()
    return redirect(f"{reverse('collection_review')}{f'?row={following}' if following else ''}")


def _doubts(user: User, rows: Sequence[ImportRow]) -> list[Doubt]:
    candidates = {row.pk: list(row.candidates.all()[:MOST_FOUND]) for row in rows}
    works = {one.work_id for some in candidates.values() for one in some}
    shown = {row.work.pk: row for row in rows_of(user, sorted(works))}
    doubts = []
    for row in rows:
        offered = [
            Offered(number, shown[one.work_id], round(100 * one.score), list(evidence(one.parts)))
            for number, one in enumerate((one for one in candidates[row.pk] if one.work_id in shown), 1)
        ]
        doubts.append(Doubt(row, told_of_stored(row), offered))
    return doubts


def _found(user: User, row: ImportRow, q: str) -> list[Offered]:
    """The works of the row's library that fit a search."""
    query = parse(q)
    rows = search.find(user, query).filter(library=reviewing.library_for(row)).order_by("sort_title", "pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_FOUND]) or search.closely(user, query)[:MOST_FOUND]
    return [Offered(0, one, None, []) for one in rows_of(user, ids)]


def _count(user: User) -> int:
    return reviewing.waiting(user).count()


def _entries(user: User, most: int) -> Sequence[InboxEntry]:
    rows = reviewing.waiting(user).prefetch_related("candidates")[:most]
    page = reverse("collection_review")
    return [
        InboxEntry(
            _("%(title)s, from %(list)s: do you have it already?")
            % {"title": doubt.told.title or _("Without a title"), "list": doubt.row.of.name},
            doubt.row.of.finished_at,
            f"{page}?row={doubt.row.pk}",
            "catalogue/inbox_review.html",
            {"doubt": doubt},
        )
        for doubt in _doubts(user, list(rows))
    ]


INBOX = (InboxKind("collection", gettext_lazy("Collection"), "collection", 40, _count, _entries, ADD),)
