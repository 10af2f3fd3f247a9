"""The pictures that are never taken of any title, and taking them off that list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from artwork import by_hand
from artwork.models import Rejected, Source
from artwork.pages.slots import SOURCES
from storage.models import Stored
from web.access import action, page, user_of
from web.keyset import NEWEST_FIRST, rows_page
from web.parts import done, errors_shown

PAGE = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A picture of the list; `digest` is empty where it is not kept."""

    rejected: Rejected
    digest: str
    is_see_through: bool

    @property
    def source(self) -> Any:
        return SOURCES[Source(self.rejected.source)]


@page
def art_blacklist(request: HttpRequest) -> HttpResponse:
    """Show the pictures that are never taken, the newest first."""
    found = rows_page(Rejected.objects.select_related("user"), NEWEST_FIRST, request.GET.get("at", ""), PAGE)
    digests = {row.digest for row in found.rows}
    pictures = Stored.objects.filter(digest__in=digests, width__isnull=False)
    kept = dict(pictures.values_list("digest", "alpha"))
    rows = [
        Row(row, row.digest if row.digest in kept else "", kept.get(row.digest, False)) for row in found.rows
    ]
    return render(request, "artwork/blacklist.html", {"rows": rows, "found": found})


@action
def art_take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a picture be one like the others again."""
    rejected = get_object_or_404(Rejected, pk=pk)
    with errors_shown(request):
        by_hand.unblock(rejected, user_of(request))
        done(request, _("The picture may be taken again, the next time that its titles are prepared."))
    return redirect("art_blacklist")
