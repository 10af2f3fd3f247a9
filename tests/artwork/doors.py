"""Titles with pictures that are kept, for the pages and the API."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from artwork.models import Candidate, Entity
    from library.models import Media

SIZES = {"poster": (100, 150), "fanart": (160, 90), "thumb": (160, 90), "clearlogo": (80, 31)}


def a_picture(art: str = "poster", colour: str = "navy") -> bytes:
    """A picture as bytes; another colour makes another one."""
    kept = io.BytesIO()
    Image.new("RGB", SIZES.get(art, (100, 100)), colour).save(kept, "JPEG")
    return kept.getvalue()


def add_candidate(
    entity: Entity, art: str = "poster", colour: str = "navy", *, rank: int | None = None, name: str = ""
) -> Candidate:
    """A picture in the folder of a title, which is kept."""
    from artwork.models import Candidate
    from storage.keeping import keep_picture

    content = a_picture(art, colour)
    digest = keep_picture([content]).digest
    address = name or f"{art}-{colour}.jpg"
    media = entity.root.media
    if media is not None and Path(media.path).is_dir():
        (Path(media.path) / address).write_bytes(content)
    return Candidate.objects.create(
        entity=entity,
        art=art,
        source="local",
        address=address,
        digest=digest,
        rank=rank,
        chosen_by="adopted" if rank is not None else "",
    )


def add_held_title(media: Media) -> dict[str, int]:
    """A title with a candidate and a publication that failed, of a connection that is held; their ids."""
    from django.utils import timezone

    from artwork.models import ArtSettings, Candidate, Entity, Publication, Rejected
    from system import switches

    switches.switch("artwork", True)
    ArtSettings.objects.create(connection=media.connection, publish=True, held_since=timezone.now())
    about: dict[str, Any] = {"connection": media.connection, "kind": "series", "name": "Lantern"}
    entity = Entity.objects.create(media=media, **about)
    candidate = Candidate.objects.create(entity=entity, art="poster", source="local", address="poster.jpg")
    failed = Publication.objects.create(title=entity, state="failed", steps=[])
    never = Rejected.objects.create(source="tmdb", address="https://image.tmdb.org/never.jpg")
    return {
        "entities": entity.pk,
        "candidates": candidate.pk,
        "publications": failed.pk,
        "blacklist": never.pk,
    }
