"""What of players waits for a person: the brake, matches in doubt, edits of others, proposed folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core import sql
from core.words import told
from players.ends import name_of
from players.links import held_names
from players.models import Link, LinkState, PlayerSettings
from players.pages.link_rows import with_reason
from players.pages.players import held_titles
from web.contract import InboxEntry, InboxKind

IN_INBOX = 10
"""So many titles of one kind stand in the inbox itself."""

HELD = Q(held_since__isnull=False)
PROPOSED = ~Q(proposed=[])
AMBIGUOUS = Q(state=LinkState.AMBIGUOUS)
EDITED = Q(conflict=True)


def _waiting() -> QuerySet[PlayerSettings]:
    of_player = Link.objects.filter(player=OuterRef("pk"))
    found = PlayerSettings.objects.filter(connection__enabled=True)
    return found.annotate(
        ambiguous=Exists(of_player.filter(AMBIGUOUS)), edited=Exists(of_player.filter(EDITED))
    )


def _count(_user: User) -> int:
    return int(sql.fetch(*_counting())[0][0])


@cache
def _counting() -> tuple[str, sql.Parameters]:
    """Each player counts once for each reason."""
    reasons = (HELD, PROPOSED, Q(ambiguous=True), Q(edited=True))
    return sql.counting(*(_waiting().filter(which).values("pk") for which in reasons))


def _entries(_user: User, most: int) -> Sequence[InboxEntry]:
    rows = _waiting().filter(HELD | PROPOSED | Q(ambiguous=True) | Q(edited=True))
    found = [
        entry
        for settings in rows.select_related("connection").order_by("connection__name")[:most]
        for entry in _of(settings)
    ]
    return found[:most]


def _of(settings: PlayerSettings) -> Iterator[InboxEntry]:
    player = settings.connection
    if settings.held_since:
        yield InboxEntry(
            f"{player}: {told(settings.held_reason)}",
            settings.held_since,
            reverse("player_held", args=[player.pk]),
            "players/inbox_held.html",
            {"settings": settings, **held_titles(settings, IN_INBOX)},
        )
    if settings.proposed:
        yield InboxEntry(
            _("%s calls your folders by other names: take these over?") % player,
            settings.indexed_at,
            reverse("player", args=[player.pk]),
            "players/inbox_folders.html",
            {"settings": settings},
        )
    titles = f"{reverse('player_titles', args=[player.pk])}?state="
    if settings.ambiguous:  # type: ignore[attr-defined]
        links, number = _some(settings, AMBIGUOUS)
        text = ngettext(
            "%(player)s: which one is this title?",
            "%(player)s: which ones are these %(number)d titles?",
            number,
        )
        yield InboxEntry(
            text % {"player": player, "number": number},
            None,
            f"{titles}ambiguous",
            "players/inbox_ambiguous.html",
            {
                "links": [(link, [with_reason(one) for one in link.candidates]) for link in links],
                "more": number - len(links),
            },
        )
    if settings.edited:  # type: ignore[attr-defined]
        links, number = _some(settings, EDITED)
        text = ngettext(
            "%(player)s: somebody else changed what Taggarr wrote in one title.",
            "%(player)s: somebody else changed what Taggarr wrote in %(number)s titles.",
            number,
        )
        yield InboxEntry(
            text % {"player": player, "number": number},
            max((link.synced_at for link in links if link.synced_at), default=None),
            f"{titles}edited",
            "players/inbox_edited.html",
            {
                "links": [(link, [told(name_of(key)) for key in sorted(held_names(link))]) for link in links],
                "more": number - len(links),
            },
        )


def _some(settings: PlayerSettings, which: Q) -> tuple[list[Link], int]:
    found = Link.objects.filter(which, player=settings.pk).select_related("subject")
    links = list(found.order_by("subject__title", "pk")[:IN_INBOX])
    return links, found.count() if len(links) == IN_INBOX else len(links)


INBOX = (InboxKind("players", gettext_lazy("Players"), "player", 20, _count, _entries),)
"""One kind, for every page counts it in one query."""
