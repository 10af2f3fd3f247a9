"""Writing history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import sql
from core.sentences import told_of
from core.subjects import Known

from .models import Event


def record(kind: str, text: str, **fields: Any) -> Event:
    """Write one event and return it. `fields` are those of `Event`; a `subject` brings title and connection.

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
    subject: Known | None = fields.pop("subject", None)
    if subject is not None:
        fields["subject_kind"], fields["subject_id"] = subject.subject
        fields.setdefault("title", str(subject))
        fields.setdefault("connection_id", subject.connection_id)
    return Event(kind=kind, text=str(text), made_of=told_of(text), **fields)
