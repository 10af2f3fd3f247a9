"""A plain folder as what Sonarr and Radarr are to the rest: it lists titles, files and tags, and takes tags.

What is in it say names and NFOs (`library.folder`). Its tags stand in our rows: `Media.tags` is the truth.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from connections.models import Connection
from core.errors import ApiPermanentError, StorageError
from library.folder.episodes import parse_episodes
from library.folder.listing import Listed, list_one, list_titles
from library.folder.names import TitleName
from library.folder.nfo import NOTHING, read_title_nfo
from library.models import Media, Tag, holds_series
from library.paths import shown
from library.root_folders import why_offline
from library.roots import MediaRoots

from .base import Apply
from .wire import RemoteFile, RemoteMedia, RemoteSeason


@dataclass(frozen=True, slots=True)
class FolderMedia(RemoteMedia):
    """A series or movie of a folder. Its fingerprint is the stamp of what was listed."""

    stamp: str = ""

    @property
    def fingerprint(self) -> str:
        return self.stamp


class FolderClient:
    """One plain folder. Its methods raise StorageError where it is missing, empty or unreadable now."""

    def __init__(self, connection: Connection, *, read_only: bool = False) -> None:
        self._connection = connection
        self._read_only = read_only
        self._series = holds_series(connection)
        self._root = connection.url

    def media(self) -> list[RemoteMedia]:
        """Return every series or movie in it. NFOs are read of those alone that have something new."""
        listed = {
            shown(one.path): one
            for one in list_titles(self._root, series=self._series, may_enter=self._may_enter)
        }
        rows = list(self._rows())
        known = {row.path: row for row in rows}
        labels = self._tag_ids()
        moved = _Moved(row for path, row in known.items() if path not in listed)
        new = max((row.arr_id for row in rows), default=0) + 1
        found: list[RemoteMedia] = []
        for path, one in listed.items():
            if row := known.get(path):
                found.append(self._as_known(one, row, labels) or self._read(one, row.arr_id, row, labels))
            elif not one.unread:
                read = self._read(one, new, None, labels)
                if row := moved.take(read):
                    read = self._read(one, row.arr_id, row, labels)
                else:
                    new += 1
                found.append(read)
        return found

    def one_media(self, arr_id: int) -> RemoteMedia | None:
        """Return one series or movie, None where there is none of this number any more."""
        row = self._rows([arr_id]).first()
        one = self._list_one(row.path) if row else None
        if row is None or one is None:
            return None
        labels = self._tag_ids()
        return self._as_known(one, row, labels) or self._read(one, arr_id, row, labels)

    def files(self, arr_id: int) -> list[RemoteFile]:
        """Return the video files of one series or movie, with the episodes that their names tell."""
        row = self._rows([arr_id]).first()
        one = self._list_one(row.path) if row else None
        if one is None or one.unread:
            raise StorageError("folder.unread", folder=row.path if row else arr_id)
        return [self._file(one, video) for video in one.videos]

    def tags(self) -> dict[int, str]:
        return dict(Tag.objects.filter(connection=self._connection).values_list("arr_id", "label"))

    def create_tag(self, label: str) -> int:
        """Return the number for a tag with this label; whoever asks stores it."""
        self._refuse_if_read_only()
        known = self._tag_ids()
        return known.get(label) or max(known.values(), default=0) + 1

    def edit_tags(
        self,
        arr_ids: Sequence[int],
        tag_ids: Sequence[int],
        apply: Apply,
        *,
        patient: bool = False,  # noqa: ARG002
    ) -> dict[int, list[int]]:
        """Return the tags of these titles with, or without, the given ones; whoever asks stores them."""
        self._refuse_if_read_only()
        numbers, given = self._tag_ids(), set(tag_ids)
        found = {}
        for arr_id, labels in self._rows(arr_ids).values_list("arr_id", "tags"):
            has = {numbers[label] for label in labels if label in numbers}
            found[arr_id] = sorted(has | given if apply == "add" else has - given)
        return found

    def command(self, name: str, arr_id: int) -> None:
        """Nobody has to be told to look at a folder again."""

    def _rows(self, arr_ids: Collection[int] | None = None) -> QuerySet[Media]:
        """Our rows of its titles, of these numbers where they are given."""
        rows = Media.objects.filter(connection=self._connection)
        return rows if arr_ids is None else rows.filter(arr_id__in=arr_ids)

    def _refuse_if_read_only(self) -> None:
        if self._read_only:
            raise ApiPermanentError("folder.dry-run", name=self._connection.name)

    def _may_enter(self, path: str) -> bool:
        """Whether a link to a folder stays where media may lie."""
        try:
            MediaRoots(f"{self._root}/any", []).check(path)
        except StorageError:
            return False
        return True

    def _list_one(self, path: str) -> Listed | None:
        one = list_one(path, series=self._series, may_enter=self._may_enter)
        if one is None and (sentence := why_offline(self._root, [])):
            raise StorageError(sentence)
        return one

    def _tag_ids(self) -> dict[str, int]:
        return {label: number for number, label in self.tags().items()}

    def _as_known(self, one: Listed, row: Media, labels: Mapping[str, int]) -> FolderMedia | None:
        """The title as its row has it, where it has nothing new or cannot be read now."""
        if not (one.unread or one.stamp == row.arr_fingerprint):
            return None
        file = self._movie_file(one)
        if one.unread and not self._series and (kept := row.files.exclude(arr_file_id=None).first()):
            file = RemoteFile(kept.arr_file_id or 0, kept.path, kept.size)
        return FolderMedia(
            arr_id=row.arr_id,
            title=row.title,
            sort_title=row.sort_title,
            year=row.year,
            path=row.path,
            original_language=row.original_language,
            genres=tuple(row.genres),
            overview=row.overview,
            tvdb_id=row.tvdb_id,
            tmdb_id=row.tmdb_id,
            imdb_id=row.imdb_id,
            seasons=tuple(RemoteSeason(number, True) for number in row.monitored_seasons),
            tag_ids=_numbers(row, labels),
            file_count=row.arr_file_count,
            movie_file=file,
            stamp=row.arr_fingerprint,
        )

    def _read(self, one: Listed, arr_id: int, row: Media | None, labels: Mapping[str, int]) -> FolderMedia:
        """The title as its name and its NFO tell it; what the NFO says goes before the name."""
        nfo = read_title_nfo(one.nfo, "series" if self._series else "movie") if one.nfo else NOTHING
        title = nfo.title or one.name.title or shown(one.path)
        return FolderMedia(
            arr_id=arr_id,
            title=title,
            sort_title=TitleName(title).sort_title,
            year=nfo.year or one.name.year,
            path=shown(one.path),
            original_language=nfo.original_language,
            genres=nfo.genres,
            overview=nfo.overview,
            tvdb_id=nfo.tvdb_id or one.name.tvdb_id,
            tmdb_id=nfo.tmdb_id or one.name.tmdb_id,
            imdb_id=nfo.imdb_id or one.name.imdb_id,
            seasons=tuple(RemoteSeason(number, True) for number in self._seasons(one)),
            tag_ids=_numbers(row, labels) if row else (),
            file_count=len(one.videos),
            movie_file=self._movie_file(one),
            stamp=one.stamp,
        )

    def _seasons(self, one: Listed) -> list[int]:
        if not self._series:
            return []
        found = {parse_episodes(video).season for video in one.videos}
        return sorted(season for season in found if season is not None and season < 2**31)

    def _movie_file(self, one: Listed) -> RemoteFile | None:
        return None if self._series or not one.videos else self._file(one, one.videos[0])

    def _file(self, one: Listed, video: str) -> RemoteFile:
        told = parse_episodes(video) if self._series else None
        return RemoteFile(
            arr_file_id=_file_number(video),
            path=shown(one.path_of(video)),
            size=one.sizes.get(video, 0),
            season=told.season if told else None,
            episodes=told.episodes if told else (),
        )


class _Moved:
    """Titles whose folder is gone: one that came elsewhere and has an id of theirs is the same, renamed."""

    def __init__(self, rows: Iterable[Media]) -> None:
        self._rows = {key: row for row in rows for key in _ids(row)}

    def take(self, found: RemoteMedia) -> Media | None:
        """The row of a title that was found, which is then no other's."""
        row = next((self._rows[key] for key in _ids(found) if key in self._rows), None)
        if row is not None:
            self._rows = {key: one for key, one in self._rows.items() if one is not row}
        return row


def _ids(one: Media | RemoteMedia) -> Iterator[tuple[str, int | str]]:
    for name in ("tmdb_id", "tvdb_id", "imdb_id"):
        if value := getattr(one, name):
            yield name, value


def _numbers(row: Media, labels: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sorted(labels[label] for label in row.tags if label in labels))


def _file_number(video: str) -> int:
    """A number of a file that lasts: another name is another file."""
    digest = hashlib.blake2s(video.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return int.from_bytes(digest) >> 1 or 1
