"""The titles of a player: which ones a query means, a page of them, and all that is known of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from connections.models import Connection
from core.numbers import number_in
from core.words import Phrase
from players.clients.contract import POSTER, Present, Value, same
from players.connections import client_for
from players.explain import Explanation
from players.links import marks_of
from players.models import Cause, Link, PlayerSettings, Route
from players.pace import Pacer
from players.pages.rows import PARTS
from players.rules.difference import Mark, Mode
from players.rules.matching import Grade
from web.lists import one_of, searched

PAGE = 50
SHOWN_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked of a player's titles; empty means whatever it is. Wrong values are taken as empty."""

    q: str = ""
    state: str = ""
    cause: str = ""
    grade: str = ""
    player: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        return cls(
            q=searched(asked),
            state=one_of(asked, "state", PARTS),
            cause=one_of(asked, "cause", Cause.values),
            grade=one_of(asked, "grade", [str(int(grade)) for grade in Grade]),
            player=asked.get("player", "") if number_in(asked.get("player", "")) is not None else "",
        )

    @property
    def are_set(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One page: its links, how many of each list fit, and behind which link the next page begins."""

    links: list[Link]
    counts: dict[str, int]
    total: int
    next: int | None


PLACELESS = ("not_there", "ambiguous")
"""The lists of titles that have no place in a player."""


def find(player: Connection | None, filters: Filters) -> QuerySet[Link]:
    """The links of a player that fit, in no order; without one, those of all that have no place there."""
    found = (Link.objects.filter(player=player) if player else _placeless(filters)).order_by()
    if filters.q:
        found = found.filter(subject__title__icontains=filters.q)
    if filters.cause:
        found = found.filter(cause=filters.cause)
    if filters.grade:
        found = found.filter(grade=int(filters.grade))
    return found.filter(PARTS[filters.state]) if filters.state else found


def _placeless(filters: Filters) -> QuerySet[Link]:
    found = Link.objects.filter(PARTS["not_there"] | PARTS["ambiguous"], player__enabled=True)
    return found.filter(player=int(filters.player)) if filters.player else found


def link_page(player: Connection | None, filters: Filters, after: int = 0) -> LinkPage:
    """The page behind a link, by title. Three queries."""
    counts = find(player, replace(filters, state="")).aggregate(
        everything=Count("pk"), **{name: Count("pk", filter=which) for name, which in PARTS.items()}
    )
    rows = find(player, filters).select_related("subject", "player").order_by("subject__title", "pk")
    last = Link.objects.filter(pk=after).values_list("subject__title", flat=True).first()
    if last is not None:
        rows = rows.filter(Q(subject__title__gt=last) | Q(subject__title=last, pk__gt=after))
    found = list(rows.defer("candidates")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    return LinkPage(found[:PAGE], counts, counts[filters.state or "everything"], more)


# One title in one player


@dataclass(frozen=True, slots=True)
class Wish:
    """One label or field: what it should be, and what stands there as far as somebody has just looked.

    `wanted` is empty where it should not be there. `held` and `fought`: somebody else made something else of
    it, or keeps undoing it.
    """

    key: str
    what: str
    wanted: str
    there: str | None
    is_ours: bool
    is_held: bool
    is_fought: bool

    @property
    def may_be_taken_back(self) -> bool:
        return self.is_fought or (self.is_held and ":" not in self.key)


def route_of(link: Link) -> Route | None:
    return Route.objects.filter(source=link.subject.source_id, player=link.player_id).first()


def labels_of(link: Link, route: Route | None) -> list[str]:
    """The labels that should stand there, as they are written; none where they are not known."""
    if route is None or link.subject.gone or not route.takes(link.subject.kind):
        return []
    return [route.spelt(label) for label in link.subject.state.get("labels") or ()]


def wishes(link: Link, route: Route | None, present: Present | None = None) -> list[Wish]:
    """What should stand in the item of a link, with what is known of each label and field."""
    marks = dict(pair for of_item in marks_of(link).values() for pair in of_item.items())
    labels = labels_of(link, route)
    keys = {key.partition(":")[2]: key for key in marks if ":" in key}
    wanted = {keys.get(same(label), f":{same(label)}"): label for label in labels}
    modes = route.fields if route else {}
    for name, value in link.subject.state.get("fields", {}).items():
        if modes.get(name, Mode.OFF) != Mode.OFF:
            wanted[name] = _("the cover of its source") if name == POSTER else shown(value)
    return [
        Wish(
            key,
            Phrase(f"detail.{'label' if ':' in key else key}").told,
            wanted.get(key, ""),
            _there(key, wanted.get(key) or key.partition(":")[2], present),
            bool((mark := marks.get(key, Mark())).ours),
            bool(mark.held),
            mark.fights,
        )
        for key in dict.fromkeys([*wanted, *marks])
    ]


def _there(key: str, label: str, present: Present | None) -> str | None:
    """What an item shows of a label or field; None where nobody has looked."""
    if present is None:
        return None
    if key == POSTER:
        return _("a picture") if present.fields.get(key) else ""
    if ":" not in key:
        return shown(present.fields.get(key, ""))
    every = (one for labels in present.labels.values() for one in labels)
    return next((one for one in every if same(one) == same(label)), "")


def look(link: Link) -> Present | None:
    """What stands in the item of a link now. Raises ApiError where the player does not answer."""
    pacer = Pacer(link.player, interactive=True)
    found = client_for(link.player, read_only=True, pacer=pacer).look(link.item_ids[:1])
    return next(iter(found.values()), None)


def shown(value: Value | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def candidates_of(link: Link, explanation: Explanation | None) -> list[dict[str, Any]]:
    """What a title may be, the likeliest first: by the index, else as it was when last looked for."""
    graded = explanation.found.graded[:SHOWN_CANDIDATES] if explanation else ()
    now = [
        {
            "id": one.item.id,
            "title": one.item.title,
            "year": one.item.year,
            "library": one.item.library,
            "path": next(iter(one.item.paths), ""),
            "grade": int(one.grade),
        }
        for one in graded
    ]
    return [with_reason(one) for one in now or link.candidates]


def with_reason(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """A candidate as a link keeps it, and in words why it is one."""
    return {**candidate, "why": Phrase(f"grade.{candidate['grade']}")}


def web_address(player: Connection, settings: PlayerSettings, remote_id: str) -> str:
    """The page of an item in the player's own pages; empty where it has none."""
    base = player.url.rstrip("/")
    match player.kind:
        case "plex" if settings.server:
            key = f"%2Flibrary%2Fmetadata%2F{remote_id}"
            return f"{base}/web/index.html#!/server/{settings.server}/details?key={key}"
        case "jellyfin":
            return f"{base}/web/#/details?id={remote_id}"
        case "emby" if settings.server:
            return f"{base}/web/index.html#!/item?id={remote_id}&serverId={settings.server}"
    return ""
