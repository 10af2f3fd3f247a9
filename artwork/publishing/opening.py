"""The folder of a title, open: what stands there, what of it is ours, and what is wished for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from artwork.models import Entity, Publication, PublishedFile, State
from artwork.names import Kind, Place
from artwork.publishing.folder import TitleFolder, changed_meanwhile
from artwork.publishing.plan import NFO, File, Found, Plan, PublicationError, check_names, make_plan
from artwork.publishing.shadowing import shadowed
from core import sql
from core.errors import StorageError
from library.folder.videos import is_video
from library.folder_lock import folder_lock
from library.models import PathMapping
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots

_PLACE = ("kind", "stem", "own_folder", "season", "folder")
_FILES = "SELECT {columns} FROM artwork_publishedfile AS file WHERE file.title_id = %s"
_MAPPINGS = "SELECT {columns} FROM library_pathmapping AS mapping WHERE mapping.connection_id = %s"
_STILL = "SELECT 1 FROM artwork_publication WHERE id = %s AND state = %s FOR UPDATE"
_ROW = ("entity", "art", "rank", "digest", "told", "size", "mtime_ns", "restored")


@dataclass(slots=True)
class Opened:
    """A title whose folder is open, with what is ours there by path. Nobody else of us writes in it.

    `is_planned` says whether the publication that it was opened for has not ended yet.
    """

    title: Entity
    folder: TitleFolder
    files: dict[str, PublishedFile]
    is_planned: bool = False

    def wish_for(
        self,
        wanted: Sequence[File],
        gone: Collection[str] = (),
        digests: Mapping[int, str] | None = None,
        *,
        seen: Mapping[str, Found] | None = None,
        problem: str = "",
        places: Sequence[Place] | None = None,
    ) -> Wish:
        """What to write so that these files stand there, and those that are ours and gone do not.

        `seen` is what some of them are made of: what another makes of those meanwhile is not lost. `places`
        are those of the title and its parts, where the caller knows them.
        """
        check_names([file.path for file in wanted])
        found = self.look({*(file.path for file in wanted), *gone} - (seen or {}).keys()) | dict(seen or {})
        plan = make_plan(wanted, found, self.ours, gone)
        return Wish(plan, found, digests or {}, problem or self._shadowed(wanted, gone, places))

    def look(self, paths: Iterable[str], *, deep: bool = False) -> dict[str, Found]:
        """What stands at these paths; what is as we left it is not read, unless `deep`."""
        found = {path: self.folder.look(path, None if deep else self._known(path)) for path in paths}
        return {path: there for path, there in found.items() if there}

    def _shadowed(self, wanted: Sequence[File], gone: Collection[str], places: Sequence[Place] | None) -> str:
        """What a player shows in place of a wanted picture, as a phrase; empty where it shows ours."""
        planned = {file.path: file.digest for file in wanted if file.art != NFO}
        if not planned:
            return ""
        if places is None:
            parts = Entity.objects.filter(Q(pk=self.title.pk) | Q(title=self.title))
            places = [Place(Kind(kind), *rest) for kind, *rest in parts.values_list(*_PLACE)]
        folders = {"", *(path.rpartition("/")[0] for path in planned), *(place.folder for place in places)}
        standing = {path for folder in folders for path in self.folder.names(folder)} - set(gone)
        others = {name: self.files[name].digest if name in self.files else "" for name in standing}
        return next(iter(shadowed(others, planned, places)), "")

    @property
    def ours(self) -> dict[str, File]:
        return {path: file_of(row) for path, row in self.files.items()}

    def _known(self, path: str) -> Found | None:
        row = self.files.get(path)
        return Found(row.digest, row.size, row.mtime_ns) if row else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be written, what stands there already, and which entities thereby have what they should.

    `found` is what the plan was made by. `problem` is what there is to tell though all was written; where it
    is None, what an earlier publication told so still holds.
    """

    plan: Plan
    found: Mapping[str, Found]
    wanted: Mapping[int, str] = field(default_factory=dict)
    problem: str | None = None


@contextmanager
def looking(title: Entity) -> Iterator[TitleFolder]:
    """The folder of a title, open to be looked at while others may write there. Raises as `publish`."""
    with TitleFolder(_located(title)[1]) as folder:
        yield folder


@contextmanager
def opened_folder(title: Entity, publication: Publication | None = None) -> Iterator[Opened]:
    """The folder of a title, open and locked, in one transaction that is committed at the end."""
    local, path = _located(title)
    with folder_lock(local, durable=True), TitleFolder(path) as folder:
        # Not from `title`, which may have been loaded a while ago. In one round trip.
        rows, still = sql.fetch_all(
            (_FILES.format(columns=sql.columns(PublishedFile, "file")), [title.pk]),
            (_STILL, [publication.pk if publication else None, State.PLANNED]),
        )
        files = (sql.build(PublishedFile, row) for row in rows)
        yield Opened(title, folder, {row.path: row for row in files}, bool(still))


def _located(title: Entity) -> tuple[str, str]:
    """Where a title lies here, and the folder that its files are in."""
    media = title.media
    if media is None:
        raise PublicationError("artwork.no-title", title=str(title))
    rows = sql.fetch(_MAPPINGS.format(columns=sql.columns(PathMapping, "mapping")), [media.connection_id])
    return located(media.path, MediaRoots(media.path, [sql.build(PathMapping, row) for row in rows]))


def located(remote: str, roots: MediaRoots) -> tuple[str, str]:
    """Where a title lies here, by its path in its app, and the folder that its files are in: a movie may be a
    file among others. Raises StorageError where that is closed or away, PublicationError where it is gone.
    """
    local = roots.local(remote)
    path = os.path.dirname(local) if is_video(local) and not os.path.isdir(local) else local  # noqa: PTH112, PTH120
    if not os.path.isdir(path):  # noqa: PTH112
        if sentence := why_offline(parent_of(remote), roots.mappings):
            raise StorageError(sentence)
        raise PublicationError("artwork.folder-gone", path=path)
    return local, path


def take_over(opened: Opened, files: Iterable[File], rounds: Mapping[str, int] | None = None) -> None:
    """Know these files as ours, as they stand there now; `rounds` are those that are put back, by path."""
    rows = []
    files = list(files)
    # What was undone may be of an episode that is forgotten by now.
    known, named = {opened.title.pk}, {file.entity for file in files}
    if named - known:
        known.update(Entity.objects.filter(pk__in=named).values_list("pk", flat=True))
    for file in files:
        status = opened.folder.status(file.path)
        if status is None:
            raise changed_meanwhile(file.path)
        row = opened.files.get(file.path) or PublishedFile(title=opened.title, path=file.path)
        values: dict[str, Any] = {
            "entity_id": file.entity if file.entity in known else opened.title.pk,
            "art": file.art,
            "rank": file.rank,
            "digest": file.digest,
            "told": file.told,
            "size": status.st_size,
            "mtime_ns": status.st_mtime_ns,
            "restored": 0 if rounds is None else row.restored + rounds.get(file.path, 0),
        }
        if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            rows.append(row)
    sql.upsert(rows, unique=("title", "path"), fields=_ROW)


def file_of(row: PublishedFile) -> File:
    """A file as we left it."""
    return File(row.path, row.digest, row.entity_id, row.art, row.rank, row.told)
