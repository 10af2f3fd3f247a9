"""Preparing a title: what providers tell and offer of it is fetched and kept, and its pictures are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models.functions import Now

from artwork import choosing
from artwork.fetching import connected, fetch
from artwork.models import ArtSettings, Entity
from artwork.offering import keep_offered
from artwork.picking import Picking
from artwork.telling import keep_told


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

    Raises Later, ApiTransientError and StorageError where that may help later, ApiPermanentError where a
    provider refused after all others were asked, ConfigError where there is no provider.
    """
    settings = ArtSettings.of(title.connection)
    fetched = fetch(title, settings, interactive=interactive)
    told = keep_told(title, fetched, settings)
    offered = keep_offered(title, fetched)
    picked = Picking(title, settings, connected(settings), fetched.original).pick()
    choosing.refresh([title])
    if fetched.refused is not None:
        raise fetched.refused
    Entity.objects.filter(pk=title.pk).update(prepared_at=Now())
    return Prepared(1, told, offered, picked.fetched, picked.changed, picked.missing, bool(fetched.matches))
