"""What our own archive brings beside its rows: boxes, and pictures.

Boxes and pictures are brought for works and copies that the import made or changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import BinaryIO

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from catalogue import boxes, pictures, snapshots
from catalogue.entries import entry_of
from catalogue.fitting import fitting
from catalogue.formats import archive
from catalogue.formats.archived import ARCHIVED, Pictured
from catalogue.formats.archived import pictures as pictures_in
from catalogue.imports import reading
from catalogue.models import (
    Copy,
    Footprint,
    Import,
    ImportRow,
    Outcome,
    Picture,
    SourceLink,
    Work,
)
from core.errors import ConfigError, StorageError
from storage import keeping, uploads
from storage.heads import PictureError

TOGETHER = 500
ADDED, LEFT = "pictures", "pictures_left_out"


def bring_decided(of: Import, going_on: Callable[[], object]) -> Counter[str]:
    """Bring what an archive has beside the rows that people decided since: for all of them in one pass.

    What is decided meanwhile is brought by the next one. Of two at once each brings all, and nothing twice.
    """
    decided = list(of.rows.filter(is_due=True).order_by("number"))
    if not decided:
        return Counter()
    for row in decided:
        fill_boxes(of, going_on, row)
    counts = bring(of, going_on, {row.number for row in decided})
    ImportRow.objects.filter(pk__in=[row.pk for row in decided]).update(is_due=False)
    return counts


def bring(of: Import, going_on: Callable[[], object], decided: Collection[int] | None = None) -> Counter[str]:
    """Bring the pictures of an import's rows; return how many, and how many were left out.

    Whatever is killed, those that are there already are not brought twice, and taking the import back takes
    them back too. Of rows with numbers that people `decided` since, theirs are brought alone.
    """
    counts: Counter[str] = Counter()
    if of.format != ARCHIVED.key or of.made_by is None:
        return counts
    done = ImportRow.objects.filter(of=of, outcome__in=(Outcome.CREATED, Outcome.UPDATED), work__isnull=False)
    with suppress(archive.DamagedError), reading.opened(of) as file:
        packed, named = archive.Archive(file), _named(file, decided)
        while some := list(islice(named, TOGETHER)):
            rows = done.filter(number__in={one.number for one in some})
            by_number = {row.number: row for row in rows.select_related("work", "copy__edition")}
            for one in some:
                if row := by_number.get(one.number):
                    going_on()
                    counts[ADDED if _bring(of, of.made_by, row, one, packed) else LEFT] += 1
    return counts


def fill_boxes(of: Import, going_on: Callable[[], object], decided: ImportRow | None = None) -> None:
    """Put works into the boxes of an archive, now that all are here. A box that is filled stays so.

    With a row that a person `decided` since, its own box alone is filled, and it is put into those that this
    import filled without it.
    """
    if of.format != ARCHIVED.key or of.made_by is None:
        return
    rows = ImportRow.objects.filter(of=of, work__isnull=False)
    boxed = rows.filter(outcome__in=(Outcome.CREATED, Outcome.UPDATED), entry__kept__box__isnull=False)
    if decided is not None:
        name = decided.entry.get("kept", {}).get("work", "")
        boxed = boxed.filter(Q(pk=decided.pk) | Q(entry__kept__box__contains=[{"work": name}]))
    seen: set[str] = set()
    for row in boxed.iterator(chunk_size=TOGETHER):
        going_on()
        kept = fitting(entry_of(row.entry)).kept
        link = (
            SourceLink.objects.filter(
                user=of.made_by,
                source=of.format,
                known_as=row.known_as,
                work=row.work_id,
                edition__isnull=False,
            )
            .select_related("edition__work")
            .first()
        )
        if row.known_as in seen or kept is None or link is None or link.edition is None:
            continue
        seen.add(row.known_as)
        names = [one.work for one in kept.box if one.work]
        works = dict(rows.filter(entry__kept__work__in=names).values_list("entry__kept__work", "work"))
        inside = [boxes.Inside(works.get(one.work), one.note) for one in kept.box]
        late = decided.work_id if decided and decided.pk != row.pk else None
        with transaction.atomic(), _of_import(of, {row.work_id or 0, *works.values()}):
            boxes.bring(link.edition, of.made_by, inside, late)


@contextmanager
def _of_import(of: Import, works: Iterable[int]) -> Iterator[None]:
    """Change works that nobody else touched since the import: then it can still be taken back whole."""
    held = list(
        Work.objects.select_for_update().filter(pk__in=works).order_by("pk").values_list("pk", flat=True)
    )
    now = snapshots.digests(held)
    footprints = Footprint.objects.filter(of=of, work_id__in=held)
    untouched = [one for one in footprints if now.get(one.work_id) == one.digest]
    yield
    then = snapshots.digests([one.work_id for one in untouched])
    for one in untouched:
        one.digest = then[one.work_id]
    Footprint.objects.bulk_update(untouched, ["digest"])


def _named(file: BinaryIO, decided: Collection[int] | None) -> Iterator[Pictured]:
    with suppress(archive.DamagedError):
        for one in pictures_in(file):
            if decided is None or one.number in decided:
                yield one
            elif one.number > max(decided):
                return


def _bring(of: Import, user: User, row: ImportRow, one: Pictured, packed: archive.Archive) -> bool:
    thing: Work | Copy | None = row.copy if one.of_copy else row.work
    if thing is None:
        return False
    try:
        source = packed.members(one.member).get(one.member)
        if source is None:
            return False
        with source, keeping.drafted(keeping.pieces_of(source), most=pictures.MOST) as draft:
            # The same picture was never lost where it is exported from and comes back to.
            if _has(row, draft.digest):
                return True
            pictures.check(thing, user, one.shows)
            draft.file.seek(0)
            pieces = keeping.pieces_of(draft.file)
            stored = uploads.take(pieces, user, announced=None, most=pictures.MOST, longest=pictures.LONGEST)
        work = thing.edition.work_id if isinstance(thing, Copy) else thing.pk
        with transaction.atomic(), _of_import(of, [work]):
            # Somebody else may bring the same meanwhile.
            if not _has(row, stored.digest):
                pictures.attach(thing, user, one.shows, stored)
    except (archive.DamagedError, ConfigError, PictureError, StorageError):
        return False
    return True


def _has(row: ImportRow, digest: str) -> bool:
    return Picture.objects.filter(work=row.work, digest=digest).exists()
