"""The titles that wait for a person: no provider knows them for certain, or something would be published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from artwork.finding import titles
from artwork.models import UNIDENTIFIED, UNPUBLISHED, Entity
from core.live import inbox_changed

NOT_NOW = timedelta(days=7)
BEING_PUBLISHED = timedelta(hours=1)
"""At most: when the job has ended, it is asked about what was not published."""


def unidentified() -> QuerySet[Entity]:
    return _asked_about().filter(UNIDENTIFIED)


def to_review() -> QuerySet[Entity]:
    """The titles for which something was chosen that is not published, where nothing does so by itself."""
    return _asked_about().filter(_to_review())


def waiting() -> QuerySet[Entity]:
    """All of them together, the newest first."""
    rows = _asked_about().filter(UNIDENTIFIED | _to_review())
    return rows.order_by(F("prepared_at").desc(nulls_last=True), "pk")


def _to_review() -> Q:
    changed = Entity.objects.filter(UNPUBLISHED).values(of=Coalesce("title", "pk"))
    by_hand = Q(connection__artwork=None) | Q(connection__artwork__publish=False)
    return by_hand & Q(matches=[], prepared_at__isnull=False, pk__in=changed)


def _asked_about() -> QuerySet[Entity]:
    rows = titles().filter(connection__enabled=True, missing_since=None)
    return rows.filter(Q(put_off_until=None) | Q(put_off_until__lte=Now()))


def put_off(rows: QuerySet[Entity], how_long: timedelta = NOT_NOW) -> None:
    """Ask nobody about these titles for so long."""
    rows.order_by().update(put_off_until=Now() + how_long)
    inbox_changed()


def ask_again(ids: Collection[int]) -> None:
    """Ask about titles that were put off."""
    Entity.objects.filter(pk__in=ids, put_off_until__isnull=False).update(put_off_until=None)
    inbox_changed()
