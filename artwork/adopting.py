"""Taking in the pictures that stand beside a title: they are kept, guarded, and may be chosen.

What a library locks nothing takes the place of. From then on they are put back where an upgrade deletes them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.db.models import Q

from artwork import choosing
from artwork.models import Adopt, ArtSettings, Candidate, Entity, PublishedFile, Source
from artwork.publishing.folder import TitleFolder
from artwork.publishing.opening import opened_folder
from artwork.publishing.plan import PublicationError
from core import sql
from storage import keeping
from storage.heads import PictureError


@dataclass(slots=True)
class Adopted:
    """How many pictures were kept, and how many are none or cannot be read."""

    kept: int = 0
    refused: int = 0


def waiting(title: Entity) -> list[Candidate]:
    """The pictures beside a title that are not kept yet."""
    of_title = Q(entity=title) | Q(entity__title=title)
    rows = Candidate.objects.filter(of_title, source=Source.LOCAL, digest="", refused="")
    return list(rows.select_related("entity").order_by("pk"))


def adopt(title: Entity) -> Adopted:
    """Keep the pictures beside a title. Raises PublicationError and StorageError where they are away."""
    done = Adopted()
    files = []
    pictures = waiting(title)
    with opened_folder(title) as opened:
        for one in pictures:
            row = _keep(opened.folder, title, one)
            files += [row] if row else []
        sql.update(pictures, ("digest", "refused", "rank", "chosen_by"))
        sql.upsert(
            files,
            unique=("title", "path"),
            fields=("entity", "art", "rank", "digest", "size", "mtime_ns", "restored"),
        )
        if ArtSettings.of(title.connection).adopt == Adopt.LOCK:
            _lock([one for one in pictures if one.rank is not None])
        choosing.refresh([title])
    done.kept, done.refused = len(files), len(pictures) - len(files)
    return done


def _keep(folder: TitleFolder, title: Entity, one: Candidate) -> PublishedFile | None:
    """Keep one picture; a file that is none is never chosen."""
    try:
        with folder.reading(one.address) as file:
            status = os.fstat(file.fileno())
            one.digest = keeping.keep_picture(keeping.pieces_of(file)).digest
    except (PictureError, PublicationError) as error:
        one.refused, one.rank, one.chosen_by = error.phrase, None, ""
        return None
    return PublishedFile(
        title=title,
        entity=one.entity,
        path=one.address,
        art=one.art,
        rank=one.rank or 0,
        digest=one.digest,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
    )


def _lock(pictures: list[Candidate]) -> None:
    entities = {one.entity_id: one.entity for one in pictures}
    for one in pictures:
        locks = entities[one.entity_id].locks
        locks += [mark for mark in (f"art:{one.art}",) if mark not in locks]
    sql.update(list(entities.values()), ("locks",))
