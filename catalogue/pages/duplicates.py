"""Works that may be one: shown side by side, made one by a person, or said to be two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import ADD
from catalogue import duplicates
from catalogue.duplicates import JOB
from catalogue.imports.result import evidence
from catalogue.models import Duplicate
from catalogue.pages.collection_rows import Row, rows_of
from jobs import services
from jobs.models import LIVE_JOB, Job
from web.access import member_action, member_page, user_of
from web.contract import InboxEntry, InboxKind
from web.parts import done, errors_shown

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works that may be one: how sure that is in percent, and why."""

    duplicate: Duplicate
    sides: tuple[Row, Row]
    score: int
    why: list[str]


@member_page
def collection_duplicates(request: HttpRequest) -> HttpResponse:
    """Show the likeliest pairs."""
    user = user_of(request)
    rows = duplicates.proposed(user)
    context: dict[str, Any] = {
        "pairs": pairs_of(user, rows[:SHOWN]),
        "number": rows.count(),
        "looking": Job.objects.filter(name=JOB, state__in=LIVE_JOB).exists(),
    }
    return render(request, "catalogue/duplicates.html", context)


@member_action
def duplicates_look(request: HttpRequest) -> HttpResponse:
    """Look for works that may be one, now."""
    with errors_shown(request):
        services.start(JOB, user=user_of(request), dedupe_key=JOB)
        done(request, _("Works are compared: look here again in a minute."))
    return redirect("collection_duplicates")


@member_action
def duplicate_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that two works are two."""
    duplicate = get_object_or_404(Duplicate.objects.select_related("one", "other"), pk=pk)
    with errors_shown(request):
        duplicates.dismiss(duplicate, user_of(request))
        named = {"one": duplicate.one, "other": duplicate.other}
        done(
            request,
            _("%(one)s and %(other)s are two: you are not asked again.") % named,
            undo=reverse("duplicate_ask", args=[pk]),
        )
    return redirect("inbox" if request.POST.get("back") == "inbox" else "collection_duplicates")


@member_action
def duplicate_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that two works are two."""
    with errors_shown(request):
        duplicates.ask_again(get_object_or_404(Duplicate, pk=pk), user_of(request))
        done(request, _("The two are proposed again."))
    return redirect("collection_duplicates")


def pairs_of(user: User, rows: Iterable[Duplicate]) -> list[Pair]:
    found = list(rows)
    works = {pk for one in found for pk in (one.one_id, one.other_id)}
    shown = {row.work.pk: row for row in rows_of(user, sorted(works))}
    return [
        Pair(one, (shown[one.one_id], shown[one.other_id]), round(100 * one.score), list(evidence(one.parts)))
        for one in found
        if one.one_id in shown and one.other_id in shown
    ]


def _count(user: User) -> int:
    return duplicates.proposed(user).count() if user.may_add else 0


def _entries(user: User, most: int) -> Sequence[InboxEntry]:
    page = reverse("collection_duplicates")
    rows = duplicates.proposed(user).select_related("one", "other")[:most]
    return [
        InboxEntry(
            _("%(one)s and %(other)s: are they one?") % {"one": one.one, "other": one.other},
            None,
            page,
            "catalogue/inbox_duplicate.html",
            {"pair": one, "score": round(100 * one.score), "why": list(evidence(one.parts))},
        )
        for one in rows
    ]


INBOX = InboxKind("doubles", gettext_lazy("Perhaps twice"), "collection", 41, _count, _entries, ADD)
