"""The page of a work: its editions and copies, who made it, how one stands to it, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from catalogue import boxes, linking, merging, own_fields, scope
from catalogue.codes import Scheme
from catalogue.models import Change, Copy, Edition, Identifier, Progress, SetMember, Shows, SourceLink, Work
from catalogue.pages.forms import MineForm
from catalogue.pages.names import ROLES, SCHEMES, STATES, TERMS
from catalogue.values import CREATOR, Kind, Role, State, TermKind
from core.features import Text
from core.subjects import address_of
from library.contract import Fact, facts_of
from library.models import Media
from web.access import page, user_of

MOST_CHANGES = 20
MOST_OF_SERIES = 60

Number = tuple[Text, str]


@dataclass(frozen=True, slots=True)
class Named:
    """A name that leads to all works that have it."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Filed:
    """A series or movie of the library that the work is too: its page, and what apps know of it."""

    media: Media
    link: str
    facts: list[Fact]


@dataclass(slots=True)
class Shown:
    """An edition with its numbers, its copies, and what is in it where it is a box."""

    edition: Edition
    numbers: list[Number] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    members: list[SetMember] = field(default_factory=list)

    @property
    def facts(self) -> list[str]:
        """What is told of it in one line."""
        one = self.edition
        told = [
            one.publisher,
            date_format(one.published_on, "SHORT_DATE_FORMAT") if one.published_on else "",
            ngettext("%(number)s page", "%(number)s pages", one.pages) % {"number": one.pages}
            if one.pages
            else "",
            ngettext("%(number)s disc", "%(number)s discs", one.discs) % {"number": one.discs}
            if one.discs
            else "",
            one.resolution,
            _("region %(region)s") % {"region": one.region} if one.region else "",
        ]
        return list(filter(None, told))


@page
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a work; one that became part of another leads there."""
    user = user_of(request)
    links = SourceLink.objects.filter(work=OuterRef("pk")).order_by("source").values("source").distinct()
    rows = scope.works(user).select_related("library", "added_by").annotate(sources=ArraySubquery(links))
    found = rows.filter(pk=pk).first()
    if found is None:
        kept = merging.leads_to(pk)
        if kept == pk or not scope.works(user).filter(pk=kept).exists():
            raise Http404
        return redirect("work", kept)
    numbers = list(Identifier.objects.filter(Q(work=pk) | Q(edition__work=pk)).order_by("pk"))
    people, editions = _people(found), _editions(user, found, numbers)
    changeable = {copy.pk for one in editions for copy in one.copies if scope.may_change(user, copy)}
    progress = scope.progress(user, [found.pk]).select_related("season").prefetch_related("plays")
    copies = [copy for one in editions for copy in one.copies]
    pictures = list(scope.pictures(user, [found.pk]).select_related("copy").order_by("place", "pk"))
    by_season = {one.season_id: (one, _state(one)) for one in progress}
    context = {
        "work": found,
        "makers": people.get(CREATOR[Kind(found.kind)], []),
        "people": [(ROLES[role], people[role]) for role in ROLES if role in people],
        "terms": _terms(found),
        "editions": editions,
        "copies": sum(copy.quantity for copy in copies),
        "numbers": _numbers(one for one in numbers if one.work_id),
        "boxes": _boxes(user, found),
        "seasons": [(one, by_season.get(one.pk)) for one in found.seasons.all()],
        "takes_seasons": found.kind == Kind.TV and scope.may_change(user, found),
        "states": STATES.items(),
        "series": _series(user, found),
        "mine": by_season.get(None),
        "mine_form": MineForm(None, progress=by_season[None][0] if None in by_season else None),
        "filed": _filed(numbers),
        "pictures": pictures,
        "cover": next((one for one in pictures if one.shows == Shows.COVER), None),
        "may_change": scope.may_change(user, found),
        "changeable": changeable,
        "may_add": user.may_add,
        "merged": merging.undoable(user).filter(kept=found).select_related("gone").first(),
        "own": _own(found),
        "sources": found.sources,
        "changes": _changes(user, found),
        "priced": {copy.pk for copy in copies if scope.may_see_price(user, copy)},
    }
    return render(request, "catalogue/work.html", context)


def _own(work: Work) -> list[tuple[str, str, str, bool]]:
    """What only this household knows of it: a name, what it says, where it leads, and whether elsewhere."""
    away = own_fields.links(work.kind, work.own) if work.own else set()
    return [
        (name, text, text if name in away else searching(q=f'own:"{name}={text}"'), name in away)
        for name, text in work.own.items()
    ]


def _changes(user: User, work: Work) -> list[Change]:
    """What was changed last of a work, and of those that became part of it."""
    parts = Work.objects.filter(Q(pk=work.pk) | Q(merged_into=work))
    rows = scope.changes(user, parts.order_by().values("pk")).select_related("actor", "copy")[:MOST_CHANGES]
    return list(scope.without_prices(user, rows))


def searching(**asked: str) -> str:
    """The address of the list with what is asked for."""
    return f"{reverse('collection')}?{urlencode(asked)}"


def _people(work: Work) -> dict[Role, list[Named]]:
    """Who did what."""
    found: dict[Role, list[Named]] = {}
    for made in work.contributions.select_related("person"):
        link = searching(q=f'by:"{made.person.name}"')
        found.setdefault(Role(made.role), []).append(Named(made.person.name, link))
    return found


def _terms(work: Work) -> list[tuple[Text, list[Named]]]:
    """Of what sort it is."""
    found: dict[TermKind, list[Named]] = {}
    for row in work.terms.select_related("term"):
        kind, name = TermKind(row.term.kind), row.term.name
        link = searching(genre=name) if kind is TermKind.GENRE else searching(q=f'{kind}:"{name}"')
        found.setdefault(kind, []).append(Named(name, link))
    return [(TERMS[kind], found[kind]) for kind in TERMS if kind in found]


def _editions(user: User, work: Work, numbers: list[Identifier]) -> list[Shown]:
    rows = scope.editions(user, [work.pk]).order_by("pk")
    shown = {one.pk: Shown(one) for one in rows}
    for pk, one in shown.items():
        one.numbers = _numbers(number for number in numbers if number.edition_id == pk)
    copies = (
        scope.copies(user, [work.pk])
        .filter(edition__in=shown)
        .select_related("location", "owner")
        .order_by("pk")
    )
    for copy in copies:
        shown[copy.edition_id].copies.append(copy)
    if any(one.edition.is_set for one in shown.values()):
        for member in boxes.members(user, list(shown)):
            shown[member.box_id].members.append(member)
    return list(shown.values())


def _filed(numbers: list[Identifier]) -> list[Filed]:
    """What it is in the library, where that has it."""
    titles = linking.titles_of(numbers)
    facts = facts_of([one.pk for one in titles])
    return [Filed(one, address_of(one.subject), facts.get(one.pk, [])) for one in titles]


def _numbers(rows: Iterable[Identifier]) -> list[Number]:
    return [(SCHEMES[Scheme(row.scheme)], row.value) for row in rows]


def _boxes(user: User, work: Work) -> list[tuple[Work, bool]]:
    """The works whose boxes this one is in, and whether there is a copy of the box."""
    holding = scope.editions(user).filter(members__work=work).exclude(work=work)
    owned = boxes.owned(user).filter(work=work, box__work=OuterRef("pk"))
    rows = scope.works(user).filter(editions__in=holding).annotate(is_owned=Exists(owned)).distinct()
    return [(box, box.is_owned) for box in rows]


def _series(user: User, work: Work) -> list[Work]:
    """The other works of its series, in their order."""
    if not work.series:
        return []
    rows = scope.works(user).filter(series=work.series).exclude(pk=work.pk).order_by("pk")[:MOST_OF_SERIES]
    return sorted(rows, key=lambda one: (_place(one.position), one.sort_title))


def _place(position: str) -> float:
    """Where in its series something stands; what is no number stands last."""
    try:
        return float(position.replace(",", "."))
    except ValueError:
        return float("inf")


def _state(progress: Progress) -> Text:
    return STATES[State(progress.state)] if progress.state else ""
