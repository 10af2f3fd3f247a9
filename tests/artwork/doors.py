"""Titles with pictures that are kept, for the pages and the API."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from artwork.models import Candidate, Entity

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
