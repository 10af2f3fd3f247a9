"""What of artwork waits for a person: the first publication that nobody asked for, titles that no provider
knows for certain, and pictures to review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from artwork import care, reviewing
from artwork.choosing import foreseen
from artwork.models import ArtSettings, Entity
from artwork.pages.review import Change, changes, undo_of
from artwork.pages.slots import Match, planned
from connections.models import Connection
from core import sql
from core.words import told
from web.access import action, user_of
from web.contract import InboxEntry, InboxKind
from web.parts import done, errors_shown

SHOWN = 4
"""So many pictures of one title stand in the inbox itself."""


def _held() -> QuerySet[ArtSettings]:
    return ArtSettings.objects.filter(held_since__isnull=False, connection__enabled=True)


def _count(_user: User) -> int:
    return int(sql.fetch(*_counting())[0][0])


@cache
def _counting() -> tuple[str, sql.Parameters]:
    waiting = (_held(), reviewing.unidentified(), reviewing.to_review())
    return sql.counting(*(rows.values("pk") for rows in waiting))


def _entries(_user: User, most: int) -> Sequence[InboxEntry]:
    held = [
        InboxEntry(
            f"{row.connection}: {told(row.held_reason)}",
            row.held_since,
            f"{reverse('artwork')}?state=unpublished&instance={row.pk}",
            "artwork/inbox_held.html",
            {"connection": row.connection},
        )
        for row in _held().select_related("connection").order_by("-held_since")[:most]
    ]
    rows = reviewing.waiting().select_related("connection", "media__connection")
    titles = list(rows[: most - len(held)])
    to_review = _changes([title for title in titles if not title.matches])
    return [*held, *(_entry(title, *to_review.get(title.pk, ((), False))) for title in titles)]


def _changes(titles: list[Entity]) -> dict[int, tuple[list[Change], bool]]:
    """The pictures that would change of titles, and whether any file would. Few queries, none without any."""
    if not titles:
        return {}
    previews = foreseen(titles)
    title_of = {entity: pk for pk, preview in previews.items() for entity in preview.entities}
    found: dict[int, list[Change]] = defaultdict(list)
    for change in changes(one for preview in previews.values() for one in planned(preview)):
        found[title_of[change.entity]].append(change)
    return {pk: (found[pk], bool(preview.writes)) for pk, preview in previews.items()}


def _entry(title: Entity, of_title: Sequence[Change], writes: bool) -> InboxEntry:
    if title.matches:
        return InboxEntry(
            _("%s: which one is it?") % title,
            title.prepared_at,
            reverse("media_artwork", args=[title.media_id]),
            "artwork/inbox_identify.html",
            {"title": title, "matches": [Match.of(one) for one in title.matches]},
        )
    return InboxEntry(
        _question(len(of_title), writes=writes) % {"title": title, "number": len(of_title)},
        title.prepared_at,
        f"{reverse('art_review')}?after={title.pk - 1}",
        "artwork/inbox_review.html",
        {"title": title, "changes": of_title[:SHOWN], "more": max(len(of_title) - SHOWN, 0)},
    )


def _question(pictures: int, *, writes: bool) -> str:
    if pictures:
        return ngettext(
            "%(title)s: publish this picture?", "%(title)s: publish these %(number)d pictures?", pictures
        )
    return _("%(title)s: publish its NFO files?") if writes else _("%(title)s: keep what stands there?")


@action
def art_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish what waits, and hold nothing more."""
    connection = get_object_or_404(Connection, pk=pk)
    with errors_shown(request):
        care.release(connection, user_of(request))
        done(request, _("The artwork of %s is being published.") % connection)
    return redirect("inbox")


@action
def art_publish_all(request: HttpRequest) -> HttpResponse:
    """Publish every title that is waiting for a review."""
    with errors_shown(request):
        job, number = care.publish(reviewing.to_review(), user_of(request))
        text = ngettext("%d title is being published.", "%d titles are being published.", number) % number
        done(request, text, undo=undo_of(job, "inbox"))
    return redirect("inbox")


INBOX = (
    InboxKind(
        "artwork",
        gettext_lazy("Artwork"),
        "picture",
        30,
        _count,
        _entries,
        at_once="artwork/inbox_at_once.html",
    ),
)
"""One kind, for every page counts it in one query."""
