"""Which titles are prepared next: those nobody asked about yet, and those of which there is something new.

What did not change at the providers costs no call: their lists of changes say which answers still hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now

from artwork.models import Entity
from artwork.names import Kind
from connections.models import Connection
from providers.connections import PROVIDERS, class_of
from providers.contract import Kind as Asked
from providers.models import Answer

AGAIN = timedelta(days=30)
"""After so long a title is looked at again, whatever the lists say: as a rule from kept answers."""


def asked_of() -> QuerySet[Connection]:
    """The providers that may be asked."""
    return Connection.objects.filter(kind__in=PROVIDERS, enabled=True)


def titles(connection: Connection | None = None, *, by_itself: bool = False) -> list[Entity]:
    """The titles that are due, new ones first; only where they are prepared `by_itself`, if that is asked.

    None where no provider is connected.
    """
    if not asked_of().exists():
        return []
    rows = Entity.objects.filter(title=None, media__isnull=False, missing_since=None)
    if connection is not None:
        rows = rows.filter(connection=connection)
    if by_itself:
        rows = rows.exclude(connection__artwork__prepare=False)
    new_video = Entity.objects.filter(title=OuterRef("pk"), kind=Kind.EPISODE, told={})
    is_due = Q(prepared_at=None) | Q(prepared_at__lt=Now() - AGAIN) | Q(Exists(new_video))
    known = rows.exclude(is_due)
    changed = set(_changed(known))
    found = rows.filter(is_due | Q(pk__in=changed)).order_by("prepared_at", "pk")
    return sorted(found, key=lambda one: one.prepared_at is not None)


def _changed(rows: QuerySet[Entity]) -> Iterator[int]:
    """The titles about which an answer does not hold any more."""
    # That there is no such title is asked again only where a list of what is new tells otherwise.
    is_news = Q(body__isnull=False) | Q(is_changed=True)
    stale = Answer.objects.filter(is_news, connection__in=asked_of(), stale_at__lte=Now())
    told = stale.exclude(subject="").values_list("connection__kind", "kind", "subject").distinct()
    subjects = {(kind, class_of(name).keys[Asked(kind)].value, subject) for name, kind, subject in told}
    if not subjects:
        return
    learned = KeyTransform("0", KeyTransform("ids", KeyTransform("", "told")))
    for pk, kind, ids, more in rows.values_list("pk", "kind", "ids", learned):
        if any((kind, source, id) in subjects for source, id in {**(more or {}), **ids}.items()):
            yield pk
