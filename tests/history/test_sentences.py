"""History in the language of a page: what is stored beside an event makes its sentence anew."""

from __future__ import annotations

import pytest
from django.utils import translation

from history.models import Event, EventKind
from history.sentences import sentence_of
from library.models import Instance

ENGLISH = "what was stored"


def event(kind: str, before=None, after=None, instance: str = "Anime") -> Event:
    where = Instance(name=instance) if instance else None
    return Event(kind=kind, title="Lantern", text=ENGLISH, before=before, after=after, instance=where)


@pytest.mark.parametrize(
    ("kind", "before", "after", "german"),
    [
        (EventKind.MEDIA_ADDED, None, None, "Lantern ist neu in Anime"),
        (EventKind.MEDIA_REMOVED, None, None, "Lantern ist aus Anime verschwunden"),
        (EventKind.TAGS, ["own"], ["dub", "own"], "Lantern: dub gesetzt in Anime"),
        (EventKind.TAGS, ["dub"], [], "Lantern: dub entfernt in Anime"),
        (EventKind.TAGS, ["dub"], ["semi-dub"], "Lantern: semi-dub gesetzt und dub entfernt in Anime"),
    ],
)
def test_what_is_stored_beside_it_makes_the_sentence(kind, before, after, german):
    with translation.override("de"):
        assert sentence_of(event(kind, before, after)) == german
    assert sentence_of(event(kind, before, after)) == ENGLISH


@pytest.mark.parametrize(
    "other",
    [
        event(EventKind.SETTINGS),
        event(EventKind.TAGS, ["dub"], ["dub"]),
        event(EventKind.TAGS, None, ["dub"]),
        event(EventKind.MEDIA_ADDED, instance=""),
    ],
    ids=["of another kind", "no change", "not known before", "an instance that is gone"],
)
def test_where_that_does_not_suffice_the_stored_text_serves(other):
    with translation.override("de"):
        assert sentence_of(other) == ENGLISH
