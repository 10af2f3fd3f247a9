"""Pictures that an archive brings: taken in like uploads, for works and copies that it made or changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from django.db import transaction

from accounts.models import User
from catalogue import pictures, snapshots
from catalogue.formats import archive
from catalogue.formats.archived import ARCHIVED, Pictured
from catalogue.formats.archived import pictures as pictures_in
from catalogue.imports import reading
from catalogue.models import Copy, Footprint, Import, ImportRow, Outcome, Picture, Work
from core.errors import ConfigError, StorageError
from jobs.runner import ItemRun
from storage import keeping, uploads
from storage.heads import PictureError
from storage.models import Stored

TOGETHER = 500
ADDED, LEFT = "pictures", "pictures_left_out"


def bring(of: Import, run: ItemRun) -> Counter[str]:
    """Bring the pictures of an import's rows; return how many, and how many were left out.

    Whatever is killed, those that are there already are not brought twice, and taking the import back takes
    them back too.
    """
    counts: Counter[str] = Counter()
    if of.format != ARCHIVED.key or of.made_by is None:
        return counts
    with reading.opened(of) as file:
        named = _named(file)
        while some := list(islice(named, TOGETHER)):
            rows = ImportRow.objects.filter(
                of=of,
                number__in={one.number for one in some},
                outcome__in=(Outcome.CREATED, Outcome.UPDATED),
                work__isnull=False,
            )
            by_number = {row.number: row for row in rows.select_related("work", "copy__edition")}
            wanted = [(by_number[one.number], one) for one in some if one.number in by_number]
            opened = archive.members(file, *{one.member for _, one in wanted})
            for row, one in wanted:
                run.check()
                source = opened.get(one.member)
                is_there = source is not None and _bring(of, of.made_by, row, one, source)
                counts[ADDED if is_there else LEFT] += 1
    return counts


def _named(file: BinaryIO) -> Iterator[Pictured]:
    try:
        yield from pictures_in(file)
    except archive.DamagedError:
        return


def _bring(of: Import, user: User, row: ImportRow, one: Pictured, source: BinaryIO) -> bool:
    thing: Work | Copy | None = row.copy if one.of_copy else row.work
    if thing is None:
        return False
    try:
        source.seek(0)
        digest = hashlib.sha256()
        for piece in keeping.pieces_of(source):
            digest.update(piece)
        # The same picture was never lost where it is exported from and comes back to.
        if Picture.objects.filter(work=row.work, digest=digest.hexdigest()).exists():
            return True
        pictures.check(thing, user, one.shows)
        source.seek(0)
        pieces = keeping.pieces_of(source)
        stored = uploads.take(pieces, user, announced=None, most=pictures.MOST, longest=pictures.LONGEST)
        with transaction.atomic():
            _attach(of, user, thing, one.shows, stored)
    except (archive.DamagedError, ConfigError, PictureError, StorageError):
        return False
    return True


def _attach(of: Import, user: User, thing: Work | Copy, shows: str, stored: Stored) -> None:
    """Attach a picture; as long as nobody else touched the work, the import still can be taken back whole."""
    work = thing.edition.work_id if isinstance(thing, Copy) else thing.pk
    Work.objects.select_for_update().get(pk=work)
    footprint = Footprint.objects.filter(of=of, work_id=work).first()
    untouched = footprint is not None and snapshots.digests([work]).get(work) == footprint.digest
    pictures.attach(thing, user, shows, stored)
    if footprint is not None and untouched:
        footprint.digest = snapshots.digests([work])[work]
        footprint.save(update_fields=["digest"])
