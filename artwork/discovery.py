"""Finding out what there is beside every title: seasons and episodes, its NFO, and the pictures there.

A folder that has not changed since is not listed, and nobody is called. What it found is saved in bulk.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from artwork import listing
from artwork.choice.locking import WHOLE, Locks
from artwork.choosing import notice_shadows
from artwork.listing import Beside, Numbers
from artwork.models import Candidate, ChosenBy, Entity, PublishedFile, Source
from artwork.names import Kind, Place
from connections.models import Connection
from core import sql
from core.errors import StorageError
from library.folder.videos import is_video
from library.models import File, Media, holds_series
from library.roots import shared_roots

_TITLE = ("connection_id", "kind", "stem", "own_folder", "name", "year", "ids", "stamp", "missing_since")
_PART = ("episodes", "folder", "stem", "name")
_COLUMNS = ("kind", "season", *_PART)
_LOCKED = ~Q(locks=[]) | Q(title__locks__contains=[WHOLE])


@dataclass(slots=True)
class Found:
    """What a look at some titles found; `missing` are the ids of titles whose folders are not there."""

    looked: int = 0
    changed: int = 0
    pictures: int = 0
    missing: list[int] = field(default_factory=list)


def discover(connection: Connection, media_ids: Collection[int]) -> Found:
    """Look at the folders of some titles of a connection, and save what is new or changed there."""
    series = holds_series(connection)
    rows = Media.objects.filter(pk__in=media_ids, connection=connection).order_by("pk")
    titles = {one.media_id: one for one in Entity.objects.filter(media__in=media_ids) if one.media_id}
    within = _folders(titles.values())
    roots_of = shared_roots(connection.path_mappings.all())
    found, changed = Found(), []
    for media in rows:
        found.looked += 1
        title = titles.get(media.pk)
        try:
            path = roots_of(media.path).local(media.path)
        except StorageError:
            continue
        folder = os.path.dirname(path) if is_video(path) and not os.path.isdir(path) else path  # noqa: PTH112, PTH120
        fingerprint = f"{path} {media.arr_fingerprint} {media.title} {media.year}"
        stamp = listing.stamp_of(folder, within[title.pk] if title else (), fingerprint)
        if stamp is None:
            found.missing += [title.pk] if title else []
        elif title is None or stamp != title.stamp or title.missing_since:
            changed.append((media, path, fingerprint))
    numbers = _numbers(changed) if series else {}
    seen = []
    for media, path, fingerprint in changed:
        try:
            beside = listing.look(
                path, series=series, numbers=numbers.get(media.pk, {}), fingerprint=fingerprint
            )
        except OSError:
            continue
        seen.append((media, beside))
    found.changed = len(seen)
    found.pictures = _save(connection, seen, titles)
    notice_shadows([titles[media.pk] for media, _ in seen if media.pk in titles])
    return found


def mark_missing(titles: Collection[int]) -> int:
    """Remember since when the folders of titles are gone; return how many are new."""
    return Entity.objects.filter(pk__in=titles, missing_since=None).update(missing_since=Now())


def _folders(titles: Iterable[Entity]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    seasons = Entity.objects.filter(title__in=[title.pk for title in titles], kind=Kind.SEASON)
    for title_id, folder in seasons.values_list("title_id", "folder"):
        found[title_id].append(folder)
    return found


def _numbers(changed: Sequence[tuple[Media, str, str]]) -> Mapping[int, Numbers]:
    """What the app says of the files of titles."""
    found: dict[int, dict[str, tuple[int, tuple[int, ...]]]] = defaultdict(dict)
    folders = {media.pk: media.path.rstrip("/\\") for media, _, _ in changed}
    files = File.objects.filter(media__in=folders, season__isnull=False)
    for media_id, path, season, episodes in files.values_list(
        "media_id", "path", "season__number", "episodes"
    ):
        inside = path.removeprefix(folders[media_id]).replace("\\", "/").lstrip("/")
        found[media_id][inside] = (season, tuple(episodes))
    return found


@transaction.atomic
def _save(connection: Connection, seen: Sequence[tuple[Media, Beside]], titles: Mapping[int, Entity]) -> int:
    """Write what was seen, in few statements; return how many pictures are new."""
    rows = []
    for media, beside in seen:
        row = titles.get(media.pk) or Entity(media=media)
        row.connection, row.kind, row.name, row.year = (
            connection,
            beside.place.kind.value,
            media.title,
            media.year,
        )
        row.stem, row.own_folder = beside.place.stem, beside.place.own_folder
        row.ids, row.stamp, row.missing_since = _ids(media, beside), beside.stamp, None
        rows.append(row)
    old = [row for row in rows if row.pk is not None]
    sql.insert([row for row in rows if row.pk is None], unique=("media",))
    sql.update(old, _TITLE)
    pairs = [(row, beside) for row, (_, beside) in zip(rows, seen, strict=True)]
    return _save_pictures(pairs, _save_parts(pairs), [row.pk for row in old])


def _ids(media: Media, beside: Beside) -> dict[str, str]:
    """Its ids: what the app says before what stands in the NFO."""
    nfo = beside.nfo
    ids = {
        "tmdb": media.tmdb_id or nfo.tmdb_id,
        "tvdb": media.tvdb_id or nfo.tvdb_id,
        "imdb": media.imdb_id or nfo.imdb_id,
    }
    return {source: str(value) for source, value in ids.items() if value}


@dataclass(slots=True)
class _Part:
    """A season or episode as it is saved."""

    kind: str
    season: int
    episodes: list[int]
    folder: str
    stem: str
    name: str
    pk: int = 0

    @property
    def place(self) -> Place:
        return Place(Kind(self.kind), self.stem, season=self.season, folder=self.folder)


@dataclass(slots=True)
class _Saved:
    """The keys of seasons and episodes by title and place; `old` are all that may have pictures already."""

    parts: dict[tuple[int, Place], int]
    old: list[int]


def _save_parts(pairs: Sequence[tuple[Entity, Beside]]) -> _Saved:
    """Make the seasons and episodes of titles as they were seen.

    An episode whose video was renamed stays the same one: it is known by its numbers.
    """
    known: dict[int, list[_Part]] = defaultdict(list)
    rows = Entity.objects.filter(title__in=[title.pk for title, _ in pairs]).order_by("pk")
    for title_id, *values in rows.values_list("title_id", *_COLUMNS, "pk"):
        known[title_id].append(_Part(*values))
    saved = _Saved({}, [part.pk for parts in known.values() for part in parts])
    gone: list[int] = []
    new: list[tuple[Any, ...]] = []
    changed: list[_Part] = []
    for title, beside in pairs:
        left = known[title.pk]
        for wanted in _wanted_parts(title, beside):
            there = _same(left, wanted)
            if there is None:
                new.append((title.connection_id, title.pk, *_values_of(wanted)))
                continue
            left.remove(there)
            wanted.pk = there.pk
            if wanted != there:
                changed.append(wanted)
            saved.parts[title.pk, wanted.place] = wanted.pk
        gone += [part.pk for part in left]
    # What has pictures, or what a person locked or entered, may get its video back, under another name.
    has_pictures = Q(Exists(Candidate.objects.filter(entity=OuterRef("pk")).exclude(digest="")))
    has_files = Q(Exists(PublishedFile.objects.filter(entity=OuterRef("pk"))))
    Entity.objects.filter(pk__in=gone).exclude(has_pictures | has_files | _LOCKED).delete()
    sql.update(changed, _PART, model=Entity)
    made = sql.insert_values(Entity, ("connection", "title", *_COLUMNS), new, returning=("title", *_COLUMNS))
    for pk, title_id, *values in made:
        saved.parts[title_id, _Part(*values).place] = pk
    return saved


def _values_of(part: _Part) -> tuple[Any, ...]:
    return part.kind, part.season, part.episodes, part.folder, part.stem, part.name


def _wanted_parts(title: Entity, beside: Beside) -> Iterator[_Part]:
    for number, folder in sorted(beside.seasons.items()):
        yield _Part(Kind.SEASON.value, number, [], folder, "", title.name)
    for video in beside.videos:
        name = video.stem.rpartition("/")[2][:500]
        yield _Part(Kind.EPISODE.value, video.season, list(video.episodes), "", video.stem, name)


def _same(parts: Sequence[_Part], wanted: _Part) -> _Part | None:
    """The row of a part, by its video, else by its numbers."""
    alike = [one for one in parts if (one.kind, one.season) == (wanted.kind, wanted.season)]
    by_video = (one for one in alike if one.stem == wanted.stem)
    by_number = (one for one in alike if one.episodes and one.episodes == wanted.episodes)
    return next(by_video, None) or next(by_number, None)


def _save_pictures(pairs: Sequence[tuple[Entity, Beside]], saved: _Saved, old: Collection[int]) -> int:
    """Make the local candidates of titles those that were seen; return how many are new.

    What is ours is none, and what was kept stays where its file was taken away. None is chosen where a person
    has locked that there is none. `old` are the titles that were known before.
    """
    ours: dict[int, set[str]] = defaultdict(set)
    for title_id, path in PublishedFile.objects.filter(title__in=old).values_list("title_id", "path"):
        ours[title_id].add(path)
    known: dict[tuple[int, str, str], int] = {}
    chosen = set()
    idle = set()
    rows = Candidate.objects.filter(entity__in=[*old, *saved.old])
    rows = rows.filter(Q(source=Source.LOCAL) | Q(rank__isnull=False))
    values = rows.values_list("entity", "art", "address", "source", "rank", "digest", "pk")
    for entity, art, path, source, rank, digest, pk in values:
        if source == Source.LOCAL:
            known[entity, art, path] = pk
            idle |= set() if digest else {pk}
        if rank is not None:
            chosen.add((entity, art, rank))
    locks = _locks([*old, *saved.old])
    new: list[tuple[Any, ...]] = []
    for title, beside in pairs:
        for path, slot in beside.pictures.items():
            entity = title.pk if slot.place == beside.place else saved.parts[title.pk, slot.place]
            art = slot.art.value
            is_known = (entity, art, path) in known
            if is_known:
                idle.discard(known[entity, art, path])
            if is_known or path in ours[title.pk]:
                continue
            place = (entity, art, slot.rank)
            free = place not in chosen and not (entity in locks and locks[entity].of_slot(slot.art))
            chosen.add(place)
            by = ChosenBy.ADOPTED.value if free else ""
            new.append((entity, art, Source.LOCAL.value, path, slot.rank if free else None, by))
    Candidate.objects.filter(pk__in=idle).delete()
    return len(sql.insert_values(Candidate, ("entity", "art", "source", "address", "rank", "chosen_by"), new))


def _locks(entities: Collection[int]) -> dict[int, Locks]:
    """The locks of those of these entities that have some, or whose title is locked as a whole."""
    rows = Entity.objects.filter(_LOCKED, pk__in=entities)
    return {row.pk: row.all_locks for row in rows.select_related("title")}
