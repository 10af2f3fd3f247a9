"""The brake: the first publication that nobody asked for waits for a person where it would write much."""

from __future__ import annotations

from django.db.models.functions import Coalesce, Now

from artwork.choosing import foreseen
from artwork.models import UNPUBLISHED, ArtSettings, Entity
from connections.models import Connection
from core.live import inbox_changed
from core.words import Phrase

FEW = 10
"""So many titles may always be published."""

TOGETHER = 100


def unpublished(connection: Connection | None = None) -> list[int]:
    """The titles beside which something else stands than should, of a connection or all."""
    rows = Entity.objects.filter(UNPUBLISHED)
    if connection is not None:
        rows = rows.filter(connection=connection)
    ids = {title or pk for pk, title in rows.values_list("pk", "title")}
    known = Entity.objects.filter(pk__in=ids, media__isnull=False).order_by("pk")
    return list(known.values_list("pk", flat=True))


def too_much(connection: Connection) -> Phrase | None:
    """Why artwork is not published unasked; None where it may be. The disk is not asked."""
    if ArtSettings.of(connection).released:
        return None
    titles = unpublished(connection)
    if len(titles) <= FEW:
        return None
    files = replaced = 0
    for first in range(0, len(titles), TOGETHER):
        rows = Entity.objects.filter(pk__in=titles[first : first + TOGETHER]).select_related("connection")
        for preview in foreseen(rows).values():
            files += len(preview.writes)
            replaced += sum(one.before is not None and not one.was for one in preview.writes)
    return Phrase("artwork.held", files=files, titles=len(titles), replaced=replaced)


def hold(connection: Connection, reason: Phrase) -> None:
    """Publish nothing of a connection unasked until a person says so."""
    row = ArtSettings.objects.filter(connection=connection)
    row.update(held_since=Coalesce("held_since", Now()), held_reason=reason)
    inbox_changed()


def let_go(connection: Connection, *, for_good: bool) -> bool:
    """Take the brake off, `for_good` where a person did; return whether anything was held."""
    row = ArtSettings.objects.filter(connection=connection, held_since__isnull=False)
    was_held = bool(row.update(held_since=None, held_reason="", **({"released": True} if for_good else {})))
    if was_held:
        inbox_changed()
    return was_held
