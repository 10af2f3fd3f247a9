"""Writing history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import sql
from core.sentences import told_of

from .models import Event


def record(kind: str, text: str, **fields: Any) -> Event:
    """Write one event and return it. `fields` are those of `Event`; media bring their title and instance.

    Of a `Sentence` is kept what it was made of, for pages in other languages.
    """
    event = _event(kind, text, **fields)
    event.save()
    return event


def record_many(events: Iterable[dict[str, Any]]) -> int:
    """Write many events in few statements; return how many.

    Each dict holds the arguments of `record`.
    """
    rows = [_event(**fields) for fields in events]
    sql.insert(rows)
    return len(rows)


def _event(kind: str, text: str, **fields: Any) -> Event:
    media = fields.get("media")
    if media is not None:
        fields.setdefault("title", str(media))
        fields.setdefault("connection_id", media.connection_id)
    return Event(kind=kind, text=str(text), made_of=told_of(text), **fields)
