"""The titles of the artwork list: which ones an address means, a page of them, and how each stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from artwork.finding import (
    STANDINGS,
    STATE_NAMES,
    TITLE_STATES,
    USUAL,
    Pictures,
    Standing,
    lacks,
    standing,
    titles,
)
from artwork.models import UNPUBLISHED, Candidate, Entity
from artwork.names import SLOTS, ArtType, Kind
from connections.models import Connection
from core.numbers import number_in
from core.words import Phrase
from web.contract import TitleColumn, TitleLine
from web.keyset import Key, cut
from web.lists import Filter, one_of, searched

PAGE = 60
KINDS = {Kind.SERIES: _("Series"), Kind.MOVIE: _("Movies")}
BY_TITLE = (Key("media__sort_title"), Key("pk"))
SORTS: Mapping[str, tuple[Key, ...]] = {
    "title": BY_TITLE,
    "-title": (Key("media__sort_title", descending=True), Key("pk", descending=True)),
    "-year": (Key("year", descending=True, nullable=True), *BY_TITLE),
    "year": (Key("year", nullable=True), *BY_TITLE),
    "published": (Key("published_at", descending=True, nullable=True), Key("pk", descending=True)),
}
SORT_NAMES = {
    "title": _("By title"),
    "-title": _("By title, backwards"),
    "-year": _("Newest year first"),
    "year": _("Oldest year first"),
    "published": _("Published last"),
}
COLUMNS = {
    "state": _("State"),
    "pictures": _("Pictures"),
    "missing": _("Missing"),
    "locked": _("Locked"),
    "instance": _("Instance"),
    "year": _("Year"),
    "published": _("Published"),
}
USUAL_COLUMNS = ("state", "pictures", "missing", "instance", "published")
"""The columns of the table beside the title, and those that are shown unless somebody chooses."""

TYPES = tuple(dict.fromkeys((*SLOTS[Kind.MOVIE], *SLOTS[Kind.SERIES])))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asks the list for; empty means whatever it is. Wrong values are taken as empty."""

    q: str = ""
    kind: str = ""
    instance: str = ""
    state: str = ""
    lacks: str = ""
    sort: str = "title"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        return cls(
            q=searched(asked),
            kind=one_of(asked, "kind", KINDS),
            instance=asked.get("instance", "") if asked.get("instance", "").isdecimal() else "",
            state=one_of(asked, "state", TITLE_STATES),
            lacks=one_of(asked, "lacks", TYPES),
            sort=one_of(asked, "sort", SORTS) or "title",
        )

    @property
    def are_set(self) -> bool:
        return replace(self, sort="title") != Filters()


@dataclass(frozen=True, slots=True)
class Row:
    """A title with the pictures that it shows itself; `unpublished` counts what of it is not published."""

    entity: Entity
    pictures: Mapping[str, Candidate]
    unpublished: int

    @property
    def poster(self) -> str:
        """The digest of its poster; empty where it has none."""
        return self.pictures[ArtType.POSTER].digest if ArtType.POSTER in self.pictures else ""

    @property
    def names(self) -> list[Phrase]:
        """The types of its pictures."""
        return [Phrase(f"art.{art}") for art in TYPES if art in self.pictures]

    @property
    def missing(self) -> list[Phrase]:
        """The types of pictures that every player shows and that it has not."""
        return [Phrase(f"art.{art}") for art in USUAL[Kind(self.entity.kind)] if art not in self.pictures]

    @property
    def standing(self) -> Standing:
        return standing(self.entity, self.unpublished)

    @property
    def state(self) -> object:
        """How it stands, in words."""
        return STANDINGS[self.standing]


@dataclass(frozen=True, slots=True)
class TitlePage:
    """One page: its titles, how many there are of each state, and the `at` of its neighbours."""

    rows: list[Row]
    counts: dict[str, int]
    total: int
    previous: str
    next: str


def find(filters: Filters, *, any_state: bool = False) -> QuerySet[Entity]:
    """The titles that fit, in no order; with `any_state` as if that filter were not set."""
    rows = titles().order_by()
    if filters.q:
        rows = rows.filter(name__icontains=filters.q)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.instance:
        number = number_in(filters.instance)
        rows = rows.filter(connection=number) if number is not None else rows.none()
    if filters.lacks:
        able = [kind for kind, types in SLOTS.items() if filters.lacks in types]
        rows = rows.filter(lacks(filters.lacks), kind__in=able)
    return rows.filter(TITLE_STATES[filters.state]()) if filters.state and not any_state else rows


def title_page(filters: Filters, at: str = "") -> TitlePage:
    """The page that `at` names. Five queries, however many titles there are."""
    # Not by their own names: one of them is that of a column.
    states = {f"in_{name}": Count("pk", filter=state()) for name, state in TITLE_STATES.items()}
    counted = find(filters, any_state=True).aggregate(in_everything=Count("pk"), **states)
    counts = {name.removeprefix("in_"): number for name, number in counted.items()}
    found = cut(find(filters), SORTS[filters.sort], at, PAGE)
    entities = Entity.objects.select_related("connection").in_bulk(found.ids)
    pictures = Pictures.of_entities(found.ids)
    unpublished = _unpublished_parts(found.ids)
    rows = [_row(entities[pk], pictures, unpublished.get(pk, 0)) for pk in found.ids if pk in entities]
    total = counts[filters.state or "everything"]
    return TitlePage(rows, counts, total, found.previous, found.next)


def _cells(media_ids: Collection[int]) -> Mapping[int, TitleLine]:
    entities = list(titles().filter(media__in=media_ids))
    unpublished = _unpublished_parts([one.pk for one in entities])
    return {
        one.media_id: TitleLine(
            STANDINGS[standing(one, unpublished.get(one.pk, 0))],
            reverse("media_artwork", args=[one.media_id]),
        )
        for one in entities
        if one.media_id is not None
    }


def _media_in(state: str) -> QuerySet[Any]:
    return titles().filter(TITLE_STATES[state]()).order_by().values("media")


COLUMN = TitleColumn(
    name="artwork",
    text=_("Artwork"),
    place=30,
    either=_("Any state of artwork"),
    states=STATE_NAMES,
    cells=_cells,
    media_in=_media_in,
)


def _unpublished_parts(ids: Collection[int]) -> dict[int, int]:
    """How many parts of titles are not published yet, by their ids; those of which all are, are left out."""
    parts = Entity.objects.filter(UNPUBLISHED, title__in=ids).order_by()
    return dict(parts.values_list("title").annotate(Count("pk")))


def _row(entity: Entity, pictures: Pictures, unpublished: int) -> Row:
    chosen = ((art, pictures.of(entity, art)) for art in SLOTS[Kind(entity.kind)])
    own = int(entity.wanted != entity.published)
    return Row(entity, {art: found[0] for art, found in chosen if found}, unpublished + own)


def filters_shown(filters: Filters) -> list[Filter]:
    """What the list can be filtered by and sorted, as its toolbar shows it; takes a query."""
    sources = Connection.objects.filter(source__isnull=False)
    types = [(str(art), gettext("%s missing") % Phrase(f"art.{art}").told) for art in TYPES]
    return [
        Filter.of_connections(number_in(filters.instance), sources),
        Filter("kind", _("Kind"), [("", _("Series and movies")), *KINDS.items()], filters.kind),
        Filter("lacks", _("Missing"), [("", _("Missing or not")), *types], filters.lacks),
        Filter("state", _("State"), [("", _("Any state")), *STATE_NAMES.items()], filters.state),
        Filter("sort", _("Sort"), [*SORT_NAMES.items()], filters.sort, as_chip=False),
    ]
