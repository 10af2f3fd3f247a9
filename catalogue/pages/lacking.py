"""Wanted: seasons and numbered series that are not complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from catalogue import lacking
from catalogue.lacking import Gap, Span
from catalogue.models import Season
from web.access import page, user_of

MOST = 500
"""Rows at most; the next ones follow as these are completed."""
MOST_SPANS = 12
LONGEST = 80
"""Of the name of a series, in a search for it."""


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    link: str
    kind: str
    owned: int
    expected: int
    missing: str


@page
def wanted_volumes(request: HttpRequest) -> HttpResponse:
    rows = sorted(_rows(user_of(request)), key=lambda row: row.title.casefold())
    return render(request, "catalogue/lacking.html", {"rows": rows[:MOST], "total": len(rows), "most": MOST})


def _rows(user: User) -> Iterator[Row]:
    for season in lacking.begun(user).select_related("work").order_by("work__sort_title", "work", "number"):
        yield _of_season(season)
    for gap in lacking.gaps(user):
        yield _of_series(gap)


def _of_season(season: Season) -> Row:
    number = season.expected - season.available
    name = season.name or _("Season %(number)s") % {"number": season.number}
    missing = ngettext("%(number)d episode", "%(number)d episodes", number) % {"number": number}
    work = season.work
    link = resolve_url("work", work.pk)
    return Row(f"{work.title}: {name}", link, work.kind, season.available, season.expected, missing)


def _of_series(gap: Gap) -> Row:
    numbers = [_told(span) for span in gap.missing[:MOST_SPANS]]
    if len(gap.missing) > MOST_SPANS:
        numbers.append("…")
    name = gap.series.replace('"', " ")[:LONGEST]
    said = urlencode({"q": f'series:"{name}"'})
    link = f"{resolve_url('collection')}?{said}"
    missing = _("No. %(numbers)s") % {"numbers": ", ".join(numbers)}
    return Row(gap.series, link, gap.kind, gap.owned, gap.owned + gap.number, missing)


def _told(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"
