"""Whether what was published still stands there, and putting back what does not.

What was taken away is put back, as long as its video is there. What somebody changed is theirs from then on,
unless the library says that ours replaces it; another program that changes it again and again is told of, and
not fought for ever. An NFO is edited by many, our labels among them: its newest bytes are those put back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from artwork.models import Adopt, ArtSettings, Candidate, Entity, PublishedFile, Source
from artwork.names import ArtType, Kind
from artwork.publishing.folder import TitleFolder
from artwork.publishing.journal import By, publish
from artwork.publishing.opening import Opened, Wish, file_of, located, looking, take_over
from artwork.publishing.plan import NFO, File, Found, PublicationError, make_plan
from connections.models import Connection
from core.errors import StorageError
from core.words import Phrase
from library.models import Media
from library.roots import MediaRoots, shared_roots
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


def verify_all(
    titles: Collection[int],
    by: By,
    check: Callable[[], None],
    *,
    deep: bool = False,
    away: list[Entity] | None = None,
) -> Counter[str]:
    """Look at the files of some titles; return what `verify` says of them, added up.

    One title that is away keeps back no others, and is counted as failed; the only one raises as `publish`.
    Where there is a list for what is `away`, all go there, and neither is done.
    `check` is called between titles at which there is more to do than to ask for size and time.
    """
    done: Counter[str] = Counter()
    as_they_were = as_left(titles, check if deep else None)
    done["looked"] = sum(as_they_were.values())
    rows = Entity.objects.filter(pk__in=set(titles) - as_they_were.keys()).order_by("pk")
    for title in rows.select_related("connection", "media__connection"):
        check()
        try:
            done.update(asdict(_put_back(title, by, deep=deep)))
        except (PublicationError, StorageError):
            if away is not None:
                away.append(title)
            elif len(titles) == 1:
                raise
            else:
                done["failed"] += 1
    return done


def verify(title: Entity, by: By, *, deep: bool = False) -> Verified:
    """Look at the files of a title and put back what is missing; with `deep` by their bytes.

    Nothing is opened where size and time of all of them are as they were. Raises as `publish`.
    """
    as_it_was = as_left([title.pk], (lambda: None) if deep else None)
    return Verified(as_it_was[title.pk]) if as_it_was else _put_back(title, by, deep=deep)


def as_left(titles: Collection[int], check: Callable[[], None] | None = None) -> dict[int, int]:
    """Return how many files each of these titles has, where all have the size and time that we left.

    With a `check`, which is called between titles, where they also hold the bytes that we left.
    """
    files: dict[int, list[tuple[str, Found]]] = {title: [] for title in titles}
    columns = ("title_id", "path", "digest", "size", "mtime_ns")
    for pk, path, *found in PublishedFile.objects.filter(title__in=files).values_list(*columns):
        files[pk].append((path, Found(*found)))
    media = Media.objects.filter(art__in=files).values_list("art", "connection", "path").order_by("art")
    roots = _roots({connection for _, connection, _ in media})
    found = {}
    for pk, connection, path in media:
        if check:
            check()
        with (
            suppress(PublicationError, StorageError),
            TitleFolder(located(path, roots[connection](path))[1]) as folder,
        ):
            if all(folder.is_as(*file, deep=check is not None) for file in files[pk]):
                found[pk] = len(files[pk])
    return found


def _roots(connections: Collection[int]) -> Mapping[int, Callable[[str], MediaRoots]]:
    rows = Connection.objects.filter(pk__in=connections).prefetch_related("path_mappings")
    return {row.pk: shared_roots(row.path_mappings.all()) for row in rows}


def _put_back(title: Entity, by: By, *, deep: bool) -> Verified:
    rows = list(title.files.select_related("entity"))
    verified = Verified(len(rows))
    try:
        with looking(title) as folder:
            videos = {video: folder.has_video(video) for video in {_video_of(row.entity) for row in rows}}
            rows = [row for row in rows if videos[_video_of(row.entity)]]
    except PublicationError:
        rows = []  # the folder went with its title
    if not rows:
        verified.away = min(verified.looked, 1)
        return verified
    replaces = ArtSettings.of(title.connection).adopt == Adopt.REPLACE

    def wish(opened: Opened) -> Wish:
        there = [row for row in opened.files.values() if row.pk in {one.pk for one in rows}]
        seen = opened.look((row.path for row in there), deep=deep)
        compared = _compare(there, seen)
        back = [row for row in compared.changed if replaces and row.art != NFO and row.restored < MOST_ROUNDS]
        left = [row for row in compared.changed if row not in back]
        fought = [row.path for row in left if row.restored >= MOST_ROUNDS]
        verified.left = len(left)
        _leave(opened, left, seen)
        take_over(opened, compared.as_ours, {})
        wanted = [*compared.missing, *compared.rotten, *map(file_of, back)]
        problem = Phrase("artwork.fought", paths=fought) if fought else None
        return Wish(make_plan(wanted, seen, opened.ours), seen, problem=problem)

    publication = publish(title, wish, replace(by, restores=True))
    verified.restored = len(publication.steps) if publication else 0
    return verified


def _video_of(entity: Entity) -> str:
    """The video without which its files are not put back; of what has many, any of the title."""
    return entity.stem if entity.kind == Kind.EPISODE or not entity.own_folder else ""


def _compare(rows: Iterable[PublishedFile], found: Mapping[str, Found]) -> _Compared:
    compared = _Compared([], [], [], [])
    for row in rows:
        there = found.get(row.path)
        if there is None:
            compared.missing.append(file_of(row))
        elif there.digest == row.digest:
            compared.as_ours.append(file_of(row))
        elif (there.size, there.mtime_ns) == (row.size, row.mtime_ns):
            compared.rotten.append(file_of(row))
        else:
            compared.changed.append(row)
    return compared


def _leave(opened: Opened, rows: Iterable[PublishedFile], found: Mapping[str, Found]) -> None:
    """Let files be whose they are now; an NFO stays ours, with what was written into it."""
    for row in rows:
        if row.art != NFO:
            # It is another picture now, which the next scan finds. What is locked stays chosen.
            if not _is_held(row):
                of_file = Candidate.objects.filter(
                    entity=row.entity_id, source=Source.LOCAL, address=row.path
                )
                of_file.delete()
            Entity.objects.filter(pk=opened.title.pk).update(stamp="")
            row.delete()
            del opened.files[row.path]
            continue
        with opened.folder.reading(row.path) as file:
            row.digest = keeping.keep_file(keeping.pieces_of(file)).digest
        take_over(opened, [replace(file_of(row), digest=found[row.path].digest)], {})


def _is_held(row: PublishedFile) -> bool:
    """Whether a person chose the pictures that a file is one of, or locked them."""
    entity = Entity.objects.select_related("title").get(pk=row.entity_id)
    return entity.all_locks.of_slot(ArtType(row.art)) is not None
