"""The rows of a title's files, kept equal to what the application lists.

A row is that of one file: it stays when the file is renamed, and goes with what others know of it when
another file takes its place. Which file is meant the application says by its id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import transaction

from core import sql
from core.errors import StorageError
from library import changes as outbox
from library.clients import LibraryClient, RemoteFile
from library.models import File, Media, Season, What

_LISTED = (
    "season_id",
    "arr_file_id",
    "path",
    "size",
    "arr_languages",
    "arr_audio_streams",
    "episode_ids",
    "episodes",
    "monitored",
)
_LOCK = f"SELECT {sql.NO_DISK} FROM library_media WHERE id = %s FOR NO KEY UPDATE"  # noqa: S608
_NEW_KEYS = """
    SELECT nextval(pg_get_serial_sequence('library_file', 'id')) FROM generate_series(1, %s)
    WHERE NOT EXISTS (SELECT FROM library_file WHERE media_id = %s)
"""


@dataclass(slots=True)
class _Changes:
    """What to write: rows to delete, to change, and to make."""

    gone: list[int] = field(default_factory=list)
    changed: list[File] = field(default_factory=list)
    new: list[File] = field(default_factory=list)
    media: set[int] = field(default_factory=set)

    def write(self) -> None:
        """Write all in few statements; rows that go make way for those that take their paths."""
        if self.gone:
            File.objects.filter(pk__in=self.gone).delete()
        sql.update(self.changed, _LISTED)
        sql.insert(self.new)


def fetch_files(media: Media, client: LibraryClient) -> list[RemoteFile]:
    """Return the files that the application lists for a title now. Raises `ApiError`."""
    return client.files(media.arr_id)


def list_files(
    media: Media, remote: Sequence[RemoteFile], rows: Sequence[File], seasons: Mapping[int, int]
) -> list[File]:
    """Return the rows of a title's files by path, made equal to `remote`; `rows` are those that it has, and
    `seasons` the ids of its seasons by number.

    Where no file of the media was known, they are new and not stored yet: `number_new_files` begins that,
    once there is something to tell of them. All else is written at once.
    """
    if any(file.season is not None and file.season not in seasons for file in remote):
        return save_files(media, remote)
    changes = _compare({media.pk: remote}, rows, seasons)
    if not rows:
        return sorted(changes.new, key=attrgetter("path"))
    # The rows that were compared have been changed, and were read without a lock.
    return save_files(media, remote) if changes.media else list(rows)


def number_new_files(media_id: int, files: Sequence[File]) -> list[File]:
    """Give those of a title's files that `list_files` returned as new their keys, and return them.

    The caller has locked the media, and inserts them. Raises StorageError where another scan has stored files
    of it meanwhile: what that one was told may be newer, so the next attempt compares.
    """
    new = [file for file in files if file.pk is None]
    keys = sql.fetch(_NEW_KEYS, [len(new), media_id]) if new else []
    if len(keys) < len(new):
        raise StorageError("files.listed-twice")
    for file, (key,) in zip(new, keys, strict=True):
        file.pk = key
        file._state.adding = False
    return new


@transaction.atomic
def save_files(media: Media, remote_files: Iterable[RemoteFile]) -> list[File]:
    """Make the rows of a title's files equal to `remote_files`, and return them by path.

    Seasons are made as needed. Rows of files that the application never named stay while it names none.
    Raises Media.DoesNotExist where the media was deleted meanwhile.
    """
    # Two scans of one title must not both make the same row.
    if not lock_media(media.pk):
        raise Media.DoesNotExist
    remote = list(remote_files)
    seasons = _seasons_of(media, {file.season for file in remote if file.season is not None})
    changes = _compare({media.pk: remote}, _rows(File.objects.filter(media=media)), seasons)
    changes.write()
    outbox.record(outbox.of(media, What.FILES) for _ in changes.media)
    # Sorted here, so that the order is the same whatever the database's collation.
    return sorted(_rows(File.objects.filter(media=media)), key=attrgetter("path"))


def save_movie_files(movies: Mapping[int, RemoteFile | None]) -> set[int]:
    """Make the rows of many movies equal to what the application lists; return the media whose rows changed.

    `movies` maps a title's id to its file. Runs in the caller's transaction.
    """
    rows = _rows(File.objects.filter(media__in=movies)) if movies else []
    remote = {media_id: [file] if file else [] for media_id, file in movies.items()}
    changes = _compare(remote, rows, {})
    changes.write()
    return changes.media


def _rows(files: Any) -> list[File]:
    return list(files.order_by("pk"))


def _seasons_of(media: Media, numbers: Collection[int]) -> dict[int, int]:
    """The ids of a title's seasons by number; those that are missing are made."""
    known = dict(Season.objects.filter(media=media).values_list("number", "pk"))
    missing = sorted(set(numbers) - set(known))
    if not missing:
        return known
    made = [Season(media=media, number=number) for number in missing]
    sql.insert(made, unique=("media", "number"))
    return known | {season.number: season.pk for season in made}


def _compare(
    remote: Mapping[int, Sequence[RemoteFile]], rows: Sequence[File], seasons: Mapping[int, int]
) -> _Changes:
    rows_of: dict[int, list[File]] = {}
    for row in rows:
        rows_of.setdefault(row.media_id, []).append(row)
    changes = _Changes()
    for media_id, files in remote.items():
        _compare_media(media_id, files, rows_of.get(media_id, []), seasons, changes)
    return changes


def _compare_media(
    media_id: int,
    files: Sequence[RemoteFile],
    rows: Sequence[File],
    seasons: Mapping[int, int],
    changes: _Changes,
) -> None:
    by_path = {row.path: row for row in rows}
    listed = {file.path: file for file in files}
    # A renamed file is found by its id, unless another came to its old path: then it is read anew.
    by_id = {row.arr_file_id: row for row in rows if row.arr_file_id and row.path not in listed}
    kept = set()
    before = len(changes.gone) + len(changes.changed) + len(changes.new)
    for file in listed.values():
        wanted = _wanted(file, seasons)
        row = by_path.get(file.path)
        if row is None or row.arr_file_id not in (None, file.arr_file_id):
            row = by_id.get(file.arr_file_id)
        if row is None:
            changes.new.append(File(media_id=media_id, **wanted))
            continue
        kept.add(row.pk)
        _compare_row(row, wanted, changes)
    # What was found on disk stays as long as the application has no file of its own.
    changes.gone += [row.pk for row in rows if row.pk not in kept and (listed or row.arr_file_id)]
    if len(changes.gone) + len(changes.changed) + len(changes.new) > before:
        changes.media.add(media_id)


def _wanted(file: RemoteFile, seasons: Mapping[int, int]) -> dict[str, Any]:
    return {
        "season_id": None if file.season is None else seasons[file.season],
        "arr_file_id": file.arr_file_id,
        "path": file.path,
        "size": file.size,
        "arr_languages": file.arr_languages,
        "arr_audio_streams": file.arr_audio_streams,
        "episode_ids": list(file.episode_ids),
        "episodes": list(file.episodes),
        "monitored": file.monitored,
    }


def _compare_row(row: File, wanted: dict[str, Any], changes: _Changes) -> None:
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(row, name, value)
    changes.changed.append(row)


def lock_media(media_id: int) -> bool:
    """Hold the row of a title until the transaction ends, whose commit does not wait for the disk
    (`sql.NO_DISK`); return whether there is such a title.
    """
    return bool(sql.fetch(_LOCK, [media_id]))
