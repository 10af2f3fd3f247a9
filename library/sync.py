"""What an instance holds now, brought into our rows: media, seasons, tags and the files of movies.

Two requests for a whole instance; then one transaction of few statements that writes only what differs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from connections.models import Connection
from core import sql
from core.errors import ConfigError
from core.words import Phrase
from library import changes
from library.clients import LibraryClient, RemoteMedia
from library.files import save_movie_files
from library.models import Change, Media, Season, Source, Tag, What, holds_series, is_folder

FIELDS = (
    "title",
    "sort_title",
    "title_slug",
    "year",
    "path",
    "original_language",
    "genres",
    "overview",
    "tvdb_id",
    "tmdb_id",
    "imdb_id",
    "monitored",
    "monitored_seasons",
    "arr_fingerprint",
    "arr_file_count",
    "movie_file_id",
    "tags",
)
"""The fields of a title that are the application's. All others are ours, and no sync touches them."""

_WHAT = {"arr_fingerprint": What.FILES, "tags": What.LABELS}
"""What has changed where one of these fields has; where another has, details."""

_UNTOLD = ("arr_file_count", "movie_file_id", "overview")
"""The first two change with the fingerprint alone; what the app tells of a title decides nothing."""


@dataclass(slots=True)
class SyncResult:
    """What a sync found. `held` is the sentence of the brake, empty where nothing was held back.

    `added`, `gone` and `reset` are titles: a reset media is now another series or movie under the same id
    of the application, and so stands in all three lists. `changed` are the ids of the media whose row,
    seasons or file changed, new ones included. `orphans` are the media, by the application's ids,
    that the brake kept from being forgotten.
    """

    total: int = 0
    added: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    reset: list[str] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    held: str = ""
    orphans: list[int] = field(default_factory=list)


Seen = Mapping[int, list[str]]
"""The tags of each title, by the application's id, as our rows had them before the application was asked."""


def sync_instance(
    connection: Connection, client: LibraryClient, *, forget_up_to: int | None = None
) -> SyncResult:
    """Bring all media of an instance up to date with one GET of the media and one of the tags.

    Media that the application no longer lists are forgotten, unless they are several and more than
    `forget_up_to` percent (None: any number), or the list is empty though we hold some: then they stay, and
    `held` says so. Raises `ApiError`, `ConfigError` where the instance was deleted meanwhile; then
    nothing has changed.
    """
    seen = dict(Media.objects.filter(connection=connection).values_list("arr_id", "tags"))
    remote = client.media()
    labels = client.tags()
    with transaction.atomic():
        # One sync of an instance at a time: of two, the rows must be those of one, not a mixture.
        locked = Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
        if locked is None:
            raise ConfigError("instance.deleted", name=connection.name)
        return _Sync(locked, labels, seen).all(remote, forget_up_to)


def sync_media(media: Media, client: LibraryClient) -> bool:
    """Bring one title up to date; return whether the application still has it.

    False also where its id now belongs to another series or movie. Nothing is forgotten here: that is for a
    sync of the whole instance, whose list shows what else is gone. Raises `ApiError`.
    """
    seen = dict(Media.objects.filter(pk=media.pk).values_list("arr_id", "tags"))
    found = client.one_media(media.arr_id)
    if found is None or _is_another(media.connection, media, found):
        return False
    labels = client.tags()
    with transaction.atomic():
        _Sync(media.connection, labels, seen).some([found])
    return True


def add_media(connection: Connection, arr_id: int, client: LibraryClient) -> Media | None:
    """Bring a title that may be new up to date; return it, None where the application has no such media.

    Raises `ApiError`.
    """
    known = Media.objects.filter(connection=connection, arr_id=arr_id).first()
    if known is not None:
        return known if sync_media(known, client) else None
    found = client.one_media(arr_id)
    if found is None:
        return None
    labels = client.tags()
    with transaction.atomic():
        _Sync(connection, labels, {}).some([found])
    return Media.objects.get(connection=connection, arr_id=arr_id)


class _Sync:
    def __init__(self, connection: Connection, labels: dict[int, str], seen: Seen) -> None:
        self.connection = connection
        self.labels = labels
        self.seen = seen
        self.result = SyncResult()
        self.changes: list[Change] = []

    def all(self, remote: list[RemoteMedia], forget_up_to: int | None) -> SyncResult:
        """Take `remote` as all that the instance holds."""
        self.result.total = len(remote)
        known = self._known(Media.objects.filter(connection=self.connection))
        listed = {media.arr_id for media in remote}
        others = [
            media.arr_id
            for media in remote
            if media.arr_id in known and _is_another(self.connection, known[media.arr_id], media)
        ]
        orphans = [*(arr_id for arr_id in known if arr_id not in listed), *others]
        if orphans and self._must_hold(orphans, len(known), remote, forget_up_to):
            # Neither forgotten nor overwritten: all stay as they are until somebody has looked.
            remote = [media for media in remote if media.arr_id not in set(others)]
        elif orphans:
            self._forget(orphans, known)
            self.result.reset = [known.pop(arr_id).title for arr_id in others]
        self._write(remote, known)
        self._note_synced()
        changes.record(self.changes)
        return self.result

    def some(self, remote: list[RemoteMedia]) -> SyncResult:
        """Take `remote` as the present state of these media alone."""
        rows = Media.objects.filter(connection=self.connection, arr_id__in=[media.arr_id for media in remote])
        self._write(remote, self._known(rows))
        changes.record(self.changes)
        return self.result

    def _known(self, rows: Any) -> dict[int, Media]:
        return {row.arr_id: row for row in rows.order_by("pk").only("pk", "arr_id", *FIELDS)}

    def _must_hold(
        self, orphans: list[int], known: int, remote: Collection[RemoteMedia], forget_up_to: int | None
    ) -> bool:
        number = len(orphans)
        released = number <= self.connection.source.orphans_released
        # A single one is no mass change: of five series, one may be deleted.
        too_many = forget_up_to is not None and number > 1 and number * 100 > known * forget_up_to
        # What a person was asked about waits for the answer, however few are left of it.
        waits = not set(orphans).isdisjoint(self.connection.source.orphans_held)
        if released or not (too_many or waits or not remote):
            return False
        counts = {"known": known, "orphans": number, "limit": forget_up_to or 0}
        self.result.orphans = orphans
        if remote and not too_many:
            self.result.held = Phrase("sync.not-forgotten", seen=Phrase("sync.still-fewer", **counts))
        else:
            self.result.held = _held_sentence(self.connection, counts, whole_library=not remote)
        return True

    def _forget(self, arr_ids: Collection[int], known: Mapping[int, Media]) -> None:
        self.result.gone = [known[arr_id].title for arr_id in arr_ids]
        self.changes += [self._change(known[arr_id].pk, known[arr_id].path, What.GONE) for arr_id in arr_ids]
        Media.objects.filter(pk__in=[known[arr_id].pk for arr_id in arr_ids]).delete()

    def _write(self, remote: list[RemoteMedia], known: Mapping[int, Media]) -> None:
        self._write_tags()
        wanted = {media.arr_id: self._fields(media, known.get(media.arr_id)) for media in remote}
        different = [arr_id for arr_id, fields in wanted.items() if _differs(known.get(arr_id), fields)]
        ids = {row.arr_id: row.pk for row in known.values()} | self._upsert(different, wanted)
        self.result.added = [wanted[arr_id]["title"] for arr_id in different if arr_id not in known]
        changed = {ids[arr_id] for arr_id in different}
        if holds_series(self.connection):
            changed |= _write_seasons({ids[media.arr_id]: media for media in remote})
        else:
            changed |= save_movie_files({ids[media.arr_id]: media.movie_file for media in remote})
        self.result.changed = sorted(changed)
        self.changes += [
            self._change(ids[arr_id], wanted[arr_id]["path"], what)
            for arr_id in different
            for what in _what(known.get(arr_id), wanted[arr_id])
        ]

    def _change(self, media_id: int, folder: str, what: What) -> Change:
        return Change(media_id=media_id, connection_id=self.connection.pk, folder=folder, what=what)

    def _fields(self, media: RemoteMedia, row: Media | None) -> dict[str, Any]:
        file = media.movie_file
        fields = {name: getattr(media, name) for name in FIELDS if hasattr(media, name)}
        return {
            **fields,
            "genres": list(media.genres),
            "monitored_seasons": sorted(season.number for season in media.seasons if season.monitored),
            "arr_fingerprint": media.fingerprint,
            "arr_file_count": media.file_count,
            "movie_file_id": file.arr_file_id if file else None,
            "tags": self._tags(media, row),
        }

    def _tags(self, media: RemoteMedia, row: Media | None) -> list[str]:
        """The labels of a title.

        What was written to it since the application was asked is newer than its answer.
        """
        if row is not None and row.tags != self.seen.get(media.arr_id, row.tags):
            return row.tags
        return sorted({self.labels[tag_id] for tag_id in media.tag_ids if self.labels.get(tag_id)})

    def _upsert(self, arr_ids: Iterable[int], wanted: Mapping[int, dict[str, Any]]) -> dict[int, int]:
        rows = [Media(connection=self.connection, arr_id=arr_id, **wanted[arr_id]) for arr_id in arr_ids]
        sql.upsert(rows, unique=("connection", "arr_id"), fields=(*FIELDS, "updated_at"))
        return {row.arr_id: row.pk for row in rows}

    def _write_tags(self) -> None:
        known = dict(Tag.objects.filter(connection=self.connection).values_list("arr_id", "label"))
        gone = known.keys() - self.labels.keys()
        if gone:
            Tag.objects.filter(connection=self.connection, arr_id__in=gone).delete()
        different = [
            Tag(connection=self.connection, arr_id=arr_id, label=label)
            for arr_id, label in sorted(self.labels.items())
            if label and known.get(arr_id) != label
        ]
        sql.upsert(different, unique=("connection", "arr_id"), fields=("label",))

    def _note_synced(self) -> None:
        released = self.connection.source.orphans_released if self.result.held else 0
        Source.objects.filter(pk=self.connection.pk).update(
            last_sync_at=Now(), orphans_held=self.result.orphans, orphans_released=released
        )


@transaction.atomic
def forget_orphans(connection: Connection, titles: Collection[Media]) -> None:
    """Forget these of the titles that the last sync kept though the app no longer lists them."""
    source = Source.objects.select_for_update().get(pk=connection.pk)
    gone = {media.arr_id for media in titles}
    source.orphans_held = [arr_id for arr_id in source.orphans_held if arr_id not in gone]
    source.save(update_fields=["orphans_held"])
    for media in titles:
        forget_media(media)


@transaction.atomic
def forget_media(media: Media) -> None:
    """Forget one title, which its application no longer has."""
    changes.record([changes.of(media, What.GONE)])
    media.delete()


def _held_sentence(connection: Connection, counts: dict[str, int], *, whole_library: bool) -> Phrase:
    if is_folder(connection):
        seen = Phrase("sync.folder-fewer", **counts)
    elif whole_library and holds_series(connection):
        seen = Phrase("sync.no-series", **counts)
    elif whole_library:
        seen = Phrase("sync.no-movies", **counts)
    elif holds_series(connection):
        seen = Phrase("sync.series-fewer", **counts)
    else:
        seen = Phrase("sync.movies-fewer", **counts)
    return Phrase("sync.not-forgotten", seen=seen)


def _is_another(connection: Connection, row: Media, media: RemoteMedia) -> bool:
    """Whether the application's id now means another series or movie: by tvdb id, or tmdb id for movies.

    An id that is not known on either side tells nothing.
    """
    if holds_series(connection):
        return None not in (row.tvdb_id, media.tvdb_id) and row.tvdb_id != media.tvdb_id
    return None not in (row.tmdb_id, media.tmdb_id) and row.tmdb_id != media.tmdb_id


def _what(row: Media | None, fields: Mapping[str, Any]) -> list[What]:
    """What these fields change of a title; of a new one, what it has."""
    row = row or Media(arr_fingerprint="" if fields["arr_file_count"] else fields["arr_fingerprint"])
    differing = (name for name, value in fields.items() if getattr(row, name) != value)
    return sorted({_WHAT.get(name, What.DETAILS) for name in differing if name not in _UNTOLD})


def _differs(row: Media | None, fields: Mapping[str, Any]) -> bool:
    return row is None or any(getattr(row, name) != value for name, value in fields.items())


def _write_seasons(series: Mapping[int, RemoteMedia]) -> set[int]:
    """Make the seasons of these series (by our id) those that the application names; return whose changed.

    A season that the application no longer names goes once no file of it is left.
    """
    rows = Season.objects.filter(media__in=series).values_list("pk", "media_id", "number", "monitored")
    known = {(media_id, number): (pk, monitored) for pk, media_id, number, monitored in rows}
    wanted = {
        (media_id, season.number): season.monitored
        for media_id, media in series.items()
        for season in media.seasons
    }
    different = [key for key, monitored in wanted.items() if key not in known or known[key][1] != monitored]
    written = [Season(media_id=key[0], number=key[1], monitored=wanted[key]) for key in different]
    sql.upsert(written, unique=("media", "number"), fields=("monitored",))
    gone = [known[key][0] for key in known.keys() - wanted.keys()]
    if gone:
        Season.objects.filter(pk__in=gone, files=None).delete()
    return {media_id for media_id, _ in different}
