"""Writing history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from core import features, sql
from core.subjects import Known
from core.words import Phrase

from .models import Event


def record(kind: str, text: str, **fields: Any) -> Event:
    """Write one event and return it. `fields` are those of `Event`; a `subject` sets title and connection."""
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


def search(text: str) -> Q:
    """The events whose title, instance or kind holds a text; kinds are called as in the active language."""
    text = text.replace("\0", "").strip()[:100]
    kinds = [kind for kind, name in features.words("events").items() if text.lower() in str(name).lower()]
    return Q(title__icontains=text) | Q(connection__name__icontains=text) | Q(kind__in=kinds)


def _event(kind: str, text: str, **fields: Any) -> Event:
    subject: Known | None = fields.pop("subject", None)
    if subject is not None:
        fields["subject_kind"], fields["subject_id"] = subject.subject
        fields.setdefault("title", str(subject))
        fields.setdefault("connection_id", subject.connection_id)
    phrase = Phrase.of(text)
    return Event(kind=kind, code=phrase.code, params=phrase.params, **fields)
