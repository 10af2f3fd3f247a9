"""Preparing a title: what providers tell and offer of it is fetched and kept, and its pictures are chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from artwork import choosing
from artwork.fetching import connections_of, fetch
from artwork.metadata import told_of
from artwork.models import ArtSettings, Entity
from artwork.names import Kind
from artwork.offering import forget_refusals, keep_offered
from artwork.picking import Picking, Slot, parts_of
from artwork.telling import keep_told
from core import sql
from core.words import Phrase

_PREPARED = "UPDATE artwork_entity SET prepared_at = statement_timestamp() WHERE id = %s"


@dataclass(slots=True)
class Prepared:
    """What came of it: entities of which other things are told, candidates that are new, pictures that came,
    slots in which another picture was chosen, and those that still lack one. A person has to say which title
    those are that are `unknown`.
    """

    titles: int = 1
    told: int = 0
    offered: int = 0
    fetched: int = 0
    changed: int = 0
    missing: int = 0
    unknown: int = 0


def prepare(title: Entity, *, interactive: bool = False) -> Prepared:
    """Prepare a movie or series. Call it outside transactions; what it keeps stays, wherever it stops.

    Where somebody waits for it (`interactive`), pictures that were refused once are tried again.
    Raises Later, ApiTransientError and StorageError where that may help later, ApiPermanentError where a
    provider refused after all others were asked, ConfigError where there is no provider.
    """
    settings = ArtSettings.of(title.connection)
    fetched = fetch(title, settings, interactive=interactive)
    told = keep_told(title, fetched, settings)
    offered = keep_offered(title, fetched)
    if interactive:
        forget_refusals(title)
    picked = Picking(title, settings, fetched.connections, fetched.original).pick()
    choosing.refresh([title])
    if fetched.refused is not None:
        raise fetched.refused
    sql.change(_PREPARED, [title.pk])
    return Prepared(1, told, offered, picked.fetched, picked.changed, picked.missing, bool(fetched.matches))


def would_change(title: Entity) -> list[Phrase]:
    """What would be chosen otherwise of the pictures that are known, by the settings as they are; and why."""
    settings = ArtSettings.of(title.connection)
    told = told_of(title).get("original_language")
    picking = Picking(title, settings, connections_of(settings), told.value if told else "")
    picking.choose(fetch=False)
    return [one for slot in picking.slots for one in changes_of(slot)]


def changes_of(slot: Slot) -> Iterator[Phrase]:
    """What would be chosen otherwise of a slot."""
    if not slot.is_other:
        return
    what = _slot(slot)
    if not slot.selection.chosen:
        yield Phrase("artwork.would-drop", what=what)
    by_key = {one.candidate.key: one for one in slot.selection.ranking}
    for source, address in slot.selection.chosen:
        scored = by_key.get((source, address))
        score = score_words(scored.score, parts_of(scored)) if scored else Phrase("artwork.of-series")
        yield Phrase("artwork.would-choose", what=what, source=source, address=address, score=score)


def _slot(slot: Slot) -> Phrase:
    entity = slot.entity
    if entity.kind == Kind.SEASON:
        return Phrase("artwork.of-season", art=slot.art.value, season=entity.season or 0)
    if entity.kind == Kind.EPISODE:
        return Phrase("artwork.of-episode", art=slot.art.value, name=entity.name)
    return Phrase(slot.art.value)


def score_words(score: float, parts: Mapping[str, float]) -> Phrase:
    """A score and what it is made of, as a person is told."""
    names = ("resolution", "votes", "language", "provider")
    told = [Phrase(f"artwork.part-{name}", percent=round(100 * parts[name])) for name in names]
    return Phrase("artwork.score", points=round(score, 1), parts=told)
