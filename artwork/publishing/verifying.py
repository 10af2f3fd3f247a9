"""Whether what was published still stands there, and putting back what does not.

What was taken away is put back, as long as its video is there. What somebody changed is theirs from then on,
unless the library says that ours replaces it; another program that changes it again and again is told of, and
not fought for ever. An NFO is edited by many, our labels among them: its newest bytes are those put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from artwork.models import Adopt, ArtSettings, Candidate, Entity, PublishedFile, Source
from artwork.names import Kind
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import By, Opened, Wish, looking, publish, take_over
from artwork.publishing.plan import NFO, File, Found, PublicationError, make_plan
from core.words import Phrase
from storage import keeping

MOST_ROUNDS = 2
"""So often a file is put back in place of what another program made of it."""


@dataclass(slots=True)
class Verified:
    """What a look found: files that were looked at, put back, and left to whoever changed them.

    `away` is 1 where the video of the title is not there, so that nothing was put back.
    """

    looked: int = 0
    restored: int = 0
    left: int = 0
    away: int = 0


@dataclass(slots=True)
class _Compared:
    as_ours: list[File]
    missing: list[File]
    changed: list[PublishedFile]
    rotten: list[File]
    """Of the size and time that we left, and of other bytes: nobody wrote those."""


def verify(title: Entity, by: By, *, deep: bool = False) -> Verified:
    """Look at the files of a title and put back what is missing; with `deep` by their bytes.

    Nothing is opened where size and time of all of them are as they were. Raises as `publish`.
    """
    rows = list(title.files.all())
    verified = Verified(len(rows))
    try:
        with looking(title) as folder:
            if not deep and all(_is_as_left(folder, row) for row in rows):
                return verified
            rows = [row for row in rows if folder.has_video(_video_of(row.entity))]
    except PublicationError:
        rows = []  # the folder went with its title
    if not rows:
        verified.away = min(verified.looked, 1)
        return verified
    replaces = ArtSettings.of(title.connection).adopt == Adopt.REPLACE
    fought: list[str] = []

    def wish(opened: Opened) -> Wish:
        there = [row for row in opened.files.values() if row.pk in {one.pk for one in rows}]
        seen = opened.look((row.path for row in there), deep=deep)
        compared = _compare(there, seen)
        back = [row for row in compared.changed if replaces and row.art != NFO and row.restored < MOST_ROUNDS]
        left = [row for row in compared.changed if row not in back]
        fought.extend(row.path for row in left if row.restored >= MOST_ROUNDS)
        verified.left = len(left)
        _leave(opened, left, seen)
        take_over(opened, compared.as_ours, {})
        wanted = [*compared.missing, *compared.rotten, *map(_file, back)]
        return Wish(make_plan(wanted, seen, opened.ours), seen)

    publication = publish(title, wish, replace(by, restores=True))
    verified.restored = len(publication.steps) if publication else 0
    if fought:
        Entity.objects.filter(pk=title.pk).update(problem=Phrase("artwork.fought", paths=fought))
    return verified


def _video_of(entity: Entity) -> str:
    """The video without which its files are not put back; of what has many, any of the title."""
    return entity.stem if entity.kind == Kind.EPISODE or not entity.own_folder else ""


def _is_as_left(folder: TitleFolder, row: PublishedFile) -> bool:
    status = folder.status(row.path)
    return status is not None and (status.st_size, status.st_mtime_ns) == (row.size, row.mtime_ns)


def _compare(rows: Iterable[PublishedFile], found: Mapping[str, Found]) -> _Compared:
    compared = _Compared([], [], [], [])
    for row in rows:
        there = found.get(row.path)
        if there is None:
            compared.missing.append(_file(row))
        elif there.digest == row.digest:
            compared.as_ours.append(_file(row))
        elif (there.size, there.mtime_ns) == (row.size, row.mtime_ns):
            compared.rotten.append(_file(row))
        else:
            compared.changed.append(row)
    return compared


def _leave(opened: Opened, rows: Iterable[PublishedFile], found: Mapping[str, Found]) -> None:
    """Let files be whose they are now; an NFO stays ours, with what was written into it."""
    for row in rows:
        if row.art != NFO:
            # It is another picture now, which the next scan finds.
            Candidate.objects.filter(entity=row.entity_id, source=Source.LOCAL, address=row.path).delete()
            Entity.objects.filter(pk=opened.title.pk).update(stamp="")
            row.delete()
            del opened.files[row.path]
            continue
        with opened.folder.reading(row.path) as file:
            row.digest = keeping.keep_file(keeping.pieces_of(file)).digest
        take_over(opened, [replace(_file(row), digest=found[row.path].digest)], {})


def _file(row: PublishedFile) -> File:
    return File(row.path, row.digest, row.entity_id, row.art, row.rank)
