"""Making one of two works: the other is looked for, both stand side by side, and what differs is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalogue import merging, scope, search
from catalogue.models import Work
from catalogue.pages.collection_rows import Row, rows_of
from catalogue.pages.forms import WorkForm
from catalogue.pages.names import KIND
from catalogue.query import parse
from catalogue.values import Kind
from core.features import Text
from core.numbers import number_in
from web.access import member_action, member_page, user_of
from web.lists import searched
from web.parts import done, errors_shown, number_of

MOST_FOUND = 9
_NAMES: Mapping[str, Text] = {"community_rating": gettext_lazy("Rating")}
_FIELD = "field_"


@member_page
def work_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the other work by `q`, show it beside this one, and make one of them."""
    user = user_of(request)
    mine = scope.changeable_works(user)
    work = get_object_or_404(mine, pk=pk)
    number = number_in(request.POST.get("other", "")) or number_of(request, "other", 0)
    other = mine.filter(pk=number, library=work.library_id).exclude(pk=pk).first()
    if request.method == "POST" and other:
        kept, gone = (other, work) if request.POST.get("kept") == str(other.pk) else (work, other)
        taken = [name for name in merging.FIELDS if request.POST.get(_FIELD + name) == str(gone.pk)]
        with errors_shown(request):
            of = merging.merge(kept, gone, user, taken=taken)
            undo = reverse("work_unmerge", args=[kept.pk])
            done(request, _("%(gone)s is part of %(kept)s.") % {"gone": of.gone, "kept": of.kept}, undo=undo)
            return redirect("work", kept.pk)
    q = searched(request.GET.dict())
    context: dict[str, Any] = {"work": work, "q": q, "found": _found(user, work, q) if q else []}
    if other:
        context |= {"sides": rows_of(user, [pk, other.pk]), "differing": _differing(work, other)}
    return render(request, "catalogue/merge.html", context)


@member_action
def work_unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    """Make two works again of what was made one last."""
    user = user_of(request)
    with errors_shown(request):
        of = merging.undo(merging.last_into(user, pk), user)
        done(request, _("%s is a work of its own again.") % of.gone)
    return redirect("work", pk)


def _found(user: User, work: Work, q: str) -> list[Row]:
    """The other works of its library that fit a search, and that somebody may change."""
    query = parse(q)
    fits = search.find(user, query).filter(library=work.library_id).order_by("sort_title", "pk")
    ids = list(fits.values_list("pk", flat=True)[:MOST_FOUND]) or search.closely(user, query)[:MOST_FOUND]
    mine = scope.changeable_works(user).filter(pk__in=ids, library=work.library_id).exclude(pk=work.pk)
    may = set(mine.values_list("pk", flat=True))
    return rows_of(user, [one for one in ids if one in may])


def _differing(work: Work, other: Work) -> list[tuple[str, Text, list[tuple[int, Any]]]]:
    """The fields of which one is chosen: what each is sent as, its name, and what it is of each work."""
    return [
        (
            _FIELD + name,
            _NAMES.get(name) or str(WorkForm.base_fields[name].label),
            [(one.pk, _value(name, getattr(one, name))) for one in (work, other)],
        )
        for name in merging.differing(work, other)
    ]


def _value(name: str, value: Any) -> Any:
    return KIND[Kind(value)] if name == "kind" else value
