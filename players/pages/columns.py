"""How titles stand in the players, for the list of series and movies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import compress
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from players.models import Link, LinkState
from players.pages.rows import PART_NAMES, PARTS
from web.contract import TitleColumn, TitleLine

STATES = ("needed", "edited", "waiting", "not_there", "in_sync")
"""How a title as a whole stands: in the first of these that one of its links is in."""

_LINKS = Link.objects.filter(subject__media_id__isnull=False).exclude(state=LinkState.EXCLUDED).order_by()


def _cells(media_ids: Collection[int]) -> Mapping[int, TitleLine]:
    counts = {name: Count("pk", filter=PARTS[name]) for name in STATES}
    links = _LINKS.filter(subject__media_id__in=media_ids).values("subject__media_id").annotate(**counts)
    cells = {}
    for media_id, *numbers in links.values_list("subject__media_id", *STATES):
        name = next(compress(STATES, numbers), None)
        if media_id and name:
            cells[media_id] = TitleLine(PART_NAMES[name], reverse("media_players", args=[media_id]))
    return cells


def _media_in(state: str) -> QuerySet[Any]:
    before = Q(pk__in=[])
    for name in STATES[: STATES.index(state)]:
        before |= PARTS[name]
    other = _LINKS.filter(before).values("subject__media_id")
    return _LINKS.filter(PARTS[state]).exclude(subject__media_id__in=other).values("subject__media_id")


COLUMN = TitleColumn(
    name="players",
    text=_("Players"),
    place=20,
    either=_("Any state in players"),
    states={name: PART_NAMES[name] for name in STATES},
    cells=_cells,
    media_in=_media_in,
)
