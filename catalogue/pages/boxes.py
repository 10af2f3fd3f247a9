"""What is in a box: works that are here, or what somebody calls them, in their order."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from catalogue import boxes, scope, search
from catalogue.boxes import Inside
from catalogue.models import Edition, SetMember
from catalogue.pages.collection_rows import Row, rows_of
from catalogue.query import parse
from core.numbers import number_in
from web.access import member_action, member_page, user_of
from web.lists import searched
from web.parts import done, errors_shown

MOST_FOUND = 9


@member_page
def edition_box(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is in a box, look by `q` for what goes into it, and put it in."""
    user = user_of(request)
    box = _box(user, pk)
    if request.method == "POST":
        with errors_shown(request):
            work = number_in(request.POST.get("work", ""))
            boxes.put_in(box, user, Inside(work, "" if work else request.POST.get("note", "")))
            done(request, _("It is in the box."))
        return redirect("edition_box", pk)
    q = searched(request.GET.dict())
    members = list(boxes.members(user, [pk]))
    context = {
        "box": box,
        "work": box.work,
        "members": members,
        "q": q,
        "found": _found(user, box, q, {one.work_id for one in members}) if q else [],
    }
    return render(request, "catalogue/box.html", context)


@member_action
def box_member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a thing out of its box."""
    member = _member(request, pk)
    with errors_shown(request):
        boxes.take_out(member, user_of(request))
        done(request, _("%s is no longer in the box.") % (member.work or member.note))
    return redirect("edition_box", member.box_id)


@member_action
def box_member_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a thing stand one place before."""
    member = _member(request, pk)
    with errors_shown(request):
        boxes.move_up(member, user_of(request))
    return redirect("edition_box", member.box_id)


def _box(user: User, pk: int) -> Edition:
    rows = scope.editions(user).filter(work__in=scope.changeable_works(user)).select_related("work")
    return get_object_or_404(rows, pk=pk)


def _member(request: HttpRequest, pk: int) -> SetMember:
    user = user_of(request)
    member = get_object_or_404(SetMember.objects.select_related("box__work", "work"), pk=pk)
    _box(user, member.box_id)
    return get_object_or_404(boxes.members(user, [member.box_id]).select_related("box__work"), pk=pk)


def _found(user: User, box: Edition, q: str, inside: set[int | None]) -> list[Row]:
    """The works of the library that fit a search and are not in the box yet."""
    query = parse(q)
    rows = search.find(user, query).filter(library=box.work.library_id).exclude(pk=box.work_id)
    ids = list(rows.order_by("sort_title", "pk").values_list("pk", flat=True)[: MOST_FOUND + len(inside)])
    ids = ids or search.closely(user, query)[:MOST_FOUND]
    return rows_of(user, [pk for pk in ids if pk not in inside and pk != box.work_id][:MOST_FOUND])
