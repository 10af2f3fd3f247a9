"""The list of the collection: which works an address means, a page of them, and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue import facets, scope, search, sorting
from catalogue.facets import Facets, Option
from catalogue.models import Contribution, Progress, Shows, Work
from catalogue.pages.names import KINDS, STATES
from catalogue.query import Query, parse
from catalogue.search import Chosen
from catalogue.values import CREATOR, Kind, State
from core.features import Text
from core.words import Phrase
from web.keyset import Key, Slice, cut
from web.lists import Filter, one_of, searched

PAGE = 60
MOST_MAKERS = 3
BY_TITLE = (Key("sort_title"), Key("pk"))
SORTS: Mapping[str, tuple[Key, ...]] = {
    "title": BY_TITLE,
    "-title": (Key("sort_title", descending=True), Key("pk", descending=True)),
    "-year": (Key("year", descending=True, nullable=True), *BY_TITLE),
    "year": (Key("year", nullable=True), *BY_TITLE),
    "-added": (Key("pk", descending=True),),
    "-rating": (Key(sorting.STARS, descending=True, nullable=True), *BY_TITLE),
    "-mine": (Key(sorting.MINE, descending=True, nullable=True), *BY_TITLE),
}
SORT_NAMES = {
    "title": _("By title"),
    "-title": _("By title, backwards"),
    "-year": _("Newest year first"),
    "year": _("Oldest year first"),
    "-added": _("Added last"),
    "-rating": _("Best rated first"),
    "-mine": _("Your favourites first"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
COLUMNS = {
    "by": _("By"),
    "kind": _("Kind"),
    "year": _("Year"),
    "series": _("In the series"),
    "format": _("Format"),
    "place": _("Place"),
    "copies": _("Copies"),
    "state": _("Your progress"),
    "mine": _("Your rating"),
    "rating": _("Rating"),
    "added": _("Added"),
}
USUAL = ("by", "year", "format", "place", "copies", "state", "added")
"""The columns of the table beside the title, and those that are shown unless somebody chooses."""

_FACETS: Mapping[str, tuple[Text, Text]] = {
    "genre": (_("Genre"), _("Any genre")),
    "format": (_("Format"), _("Any format")),
    "decade": (_("Years"), _("Any year")),
    "place": (_("Place"), _("Any place")),
    "state": (_("Your progress"), _("Begun or not")),
    "library": (_("Library"), _("Any library")),
}


_NOT_SHOWN = ("overview", "own", "origins", "locks", "folded", "plain")
"""What a list shows of no work, and what is large."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asks the collection for. `query` is what was understood of `q`."""

    q: str = ""
    query: Query = search.ALL
    chosen: Chosen = search.ANY
    sort: str = "title"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        q = searched(asked)
        sort = one_of(asked, "sort", SORTS) or "title"
        return cls(q, parse(q), Chosen.of({**asked, "kind": one_of(asked, "kind", KINDS)}), sort)

    @property
    def are_set(self) -> bool:
        return bool(self.q) or self.chosen != search.ANY


@dataclass(slots=True)
class Row:
    """A work of the list with what is shown of it: who made it, its copies, the digest of its cover."""

    work: Work
    makers: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    copies: int = 0
    cover: str = ""
    progress: Progress | None = None

    @property
    def mine(self) -> Decimal | None:
        """How somebody rates it themselves."""
        return self.progress.rating if self.progress else None

    @property
    def state(self) -> Text:
        return STATES[State(self.progress.state)] if self.progress and self.progress.state else ""


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """One page: its rows, the counts of kinds and facets, and the `at` of its neighbours.

    With `is_close` nothing fits, and the rows are only like what was asked for. `is_empty` says that there is
    no work at all.
    """

    rows: list[Row]
    kinds: list[tuple[str, Text, int]]
    facets: Facets
    total: int
    is_empty: bool
    fault: Phrase | None
    is_close: bool
    previous: str
    next: str


def collection_page(user: User, filters: Filters, at: str = "") -> CollectionPage:
    """Return one page of what fits: what `web.keyset` says of `at`, or from a letter on (`letter.k`)."""
    query, chosen = filters.query, filters.chosen
    matches = facets.matches(user, query, chosen)
    kinds = matches.kinds
    total = kinds.get(chosen.kind, 0) if chosen.kind else sum(kinds.values())
    is_empty = not total and facets.newest(user) is None
    close = search.closely(user, query, chosen) if not (total or is_empty) else []
    found = Slice(close, "", "") if close else _cut(matches.rows, user, filters.sort, at)
    return CollectionPage(
        rows_of(user, found.ids),
        [(kind.value, name, kinds[kind]) for kind, name in KINDS.items() if kinds.get(kind)],
        {} if is_empty else facets.offered(user, query, chosen, matches.ids),
        len(close) or total,
        is_empty,
        query.faults[0] if query.faults else None,
        bool(close),
        found.previous,
        found.next,
    )


def rows_of(user: User, ids: Sequence[int]) -> list[Row]:
    """The works with these ids that somebody sees, in this order, each with what a list shows of it."""
    works = scope.works(user).defer(*_NOT_SHOWN).in_bulk(list(ids))
    rows = {pk: Row(works[pk]) for pk in ids if pk in works}
    seen = list(rows)
    made = Contribution.objects.filter(work__in=seen)
    for pk, role, name in made.values_list("work", "role", "person__name"):
        row = rows[pk]
        if role == CREATOR[Kind(row.work.kind)] and len(row.makers) < MOST_MAKERS:
            row.makers.append(name)
    for pk, form in scope.editions(user, seen).order_by("pk").values_list("work", "format"):
        _once(rows[pk].formats, form)
    copies = scope.copies(user, seen).order_by("pk")
    for pk, quantity, place in copies.values_list("edition__work", "quantity", "location__name"):
        rows[pk].copies += quantity
        _once(rows[pk].places, place or "")
    for pk, digest in covers(user, seen).items():
        rows[pk].cover = digest
    for progress in scope.progress(user, seen).filter(season=None):
        rows[progress.work_id].progress = progress
    return list(rows.values())


def covers(user: User, works: Sequence[int]) -> dict[int, str]:
    """The digests of the covers that are shown, by the works that have one."""
    rows = scope.pictures(user, works).filter(shows=Shows.COVER).order_by("work", "place", "pk")
    return dict(rows.distinct("work").values_list("work", "digest"))


def filters_shown(filters: Filters, known: Facets) -> list[Filter]:
    """What the list can be filtered by and sorted, as its toolbar shows it."""
    shown = []
    for name, (label, usual) in _FACETS.items():
        options, value = known.get(name, []), getattr(filters.chosen, name)
        # One library is no choice; what was chosen can be taken back, also where nothing has it.
        if len(options) > (name == "library") or value:
            told = [(one.value, _told(name, one)) for one in options]
            if value and value not in dict(told):
                told.append((value, _told(name, Option(value, value))))
            shown.append(Filter(name, label, [("", usual), *told], value))
    sort = Filter("sort", _("Sort"), [*SORT_NAMES.items()], filters.sort, as_chip=False)
    return [*shown, sort]


def _told(facet: str, option: Option) -> Text:
    name: Text = option.name
    if facet == "state" and option.value in list(State):
        name = STATES[State(option.value)]
    elif facet == "decade":
        name = gettext("%ss") % option.value
    return name if option.number is None else f"{name} ({option.number})"


def _cut(rows: QuerySet[Work], user: User, sort: str, at: str) -> Slice:
    letter = at.removeprefix("letter.") if sort == "title" else ""
    start = Q(sort_title__gte=letter) if letter and letter in LETTERS else None
    keys = SORTS[sort]
    return cut(sorting.told(rows, user, keys), keys, at, PAGE, start=start)


def _once(names: list[str], name: str) -> None:
    if name and name not in names:
        names.append(name)
