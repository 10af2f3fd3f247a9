"""Finding out what there is beside every title: seasons and episodes, its NFO, and the pictures there.

A folder that has not changed since is not listed, and nobody is called. What it found is saved in bulk.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from artwork import listing
from artwork.listing import Beside, Numbers
from artwork.models import Candidate, ChosenBy, Entity, PublishedFile, Source
from artwork.names import Kind, Place
from connections.models import Connection
from core import sql
from core.errors import StorageError
from library.folder.videos import is_video
from library.models import File, Media, holds_series
from library.roots import MediaRoots

_TITLE = ("connection_id", "kind", "stem", "own_folder", "name", "year", "ids", "stamp", "missing_since")
_PART = ("episodes", "folder", "stem", "name")


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
    mappings = list(connection.path_mappings.all())
    found, changed = Found(), []
    for media in rows:
        found.looked += 1
        title = titles.get(media.pk)
        try:
            path = MediaRoots(media.path, mappings).local(media.path)
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
    sql.insert([row for row in rows if row.pk is None], unique=("media",))
    sql.update([row for row in rows if row.pk is not None], _TITLE)
    pairs = [(row, beside) for row, (_, beside) in zip(rows, seen, strict=True)]
    parts = _save_parts(pairs)
    return _save_pictures(pairs, parts)


def _ids(media: Media, beside: Beside) -> dict[str, str]:
    """Its ids: what the app says before what stands in the NFO."""
    nfo = beside.nfo
    ids = {
        "tmdb": media.tmdb_id or nfo.tmdb_id,
        "tvdb": media.tvdb_id or nfo.tvdb_id,
        "imdb": media.imdb_id or nfo.imdb_id,
    }
    return {source: str(value) for source, value in ids.items() if value}


def _save_parts(pairs: Sequence[tuple[Entity, Beside]]) -> dict[tuple[int, Place], Entity]:
    """Make the seasons and episodes of titles as they were seen; return them by title and place.

    An episode whose video was renamed stays the same one: it is known by its numbers.
    """
    known: dict[int, list[Entity]] = defaultdict(list)
    for part in Entity.objects.filter(title__in=[title.pk for title, _ in pairs]).order_by("pk"):
        known[part.title_id or 0].append(part)
    parts: dict[tuple[int, Place], Entity] = {}
    gone, new, changed = [], [], []
    for title, beside in pairs:
        left = known[title.pk]
        for wanted in _wanted_parts(title, beside):
            row = _same(left, wanted)
            if row is None:
                row = wanted
                new.append(row)
            else:
                left.remove(row)
                if any(getattr(row, name) != getattr(wanted, name) for name in _PART):
                    for name in _PART:
                        setattr(row, name, getattr(wanted, name))
                    changed.append(row)
            parts[title.pk, row.place] = row
        gone += [row.pk for row in left]
    # What has pictures may get its video back, under another name.
    has_pictures = Q(Exists(Candidate.objects.filter(entity=OuterRef("pk")).exclude(digest="")))
    has_files = Q(Exists(PublishedFile.objects.filter(entity=OuterRef("pk"))))
    Entity.objects.filter(pk__in=gone).exclude(has_pictures | has_files).delete()
    sql.update(changed, _PART)
    sql.insert(new, unique=("title", "kind", "season", "stem"))
    return parts


def _wanted_parts(title: Entity, beside: Beside) -> list[Entity]:
    about: dict[str, Any] = {"connection_id": title.connection_id, "title": title}
    seasons = [
        Entity(kind=Kind.SEASON.value, season=number, folder=folder, name=title.name, **about)
        for number, folder in sorted(beside.seasons.items())
    ]
    episodes = [
        Entity(
            kind=Kind.EPISODE.value,
            season=video.season,
            episodes=list(video.episodes),
            stem=video.stem,
            name=video.stem.rpartition("/")[2][:500],
            **about,
        )
        for video in beside.videos
    ]
    return [*seasons, *episodes]


def _same(rows: Iterable[Entity], wanted: Entity) -> Entity | None:
    """The row of a part, by its video, else by its numbers."""
    alike = [row for row in rows if (row.kind, row.season) == (wanted.kind, wanted.season)]
    by_video = (row for row in alike if row.stem == wanted.stem)
    by_number = (row for row in alike if row.episodes and row.episodes == wanted.episodes)
    return next(by_video, None) or next(by_number, None)


def _save_pictures(pairs: Sequence[tuple[Entity, Beside]], parts: Mapping[tuple[int, Place], Entity]) -> int:
    """Make the local candidates of titles those that were seen; return how many are new.

    What is ours is none, and what was kept stays where its file was taken away.
    """
    ids = [title.pk for title, _ in pairs]
    ours: dict[int, set[str]] = defaultdict(set)
    for title_id, path in PublishedFile.objects.filter(title__in=ids).values_list("title_id", "path"):
        ours[title_id].add(path)
    entities = [*ids, *(part.pk for part in parts.values())]
    local = Candidate.objects.filter(entity__in=entities, source=Source.LOCAL)
    known: dict[tuple[int, str, str], Candidate] = {
        (one.entity_id, one.art, one.address): one for one in local
    }
    chosen = set(
        Candidate.objects.filter(entity__in=entities, rank__isnull=False).values_list(
            "entity_id", "art", "rank"
        )
    )
    new, there = [], set()
    for title, beside in pairs:
        for path, slot in beside.pictures.items():
            entity = title if slot.place == beside.place else parts[title.pk, slot.place]
            key = (entity.pk, slot.art.value, path)
            there.add(key)
            if path in ours[title.pk] or key in known:
                continue
            place = (entity.pk, slot.art.value, slot.rank)
            free = place not in chosen
            chosen.add(place)
            new.append(
                Candidate(
                    entity=entity,
                    art=slot.art.value,
                    source=Source.LOCAL,
                    address=path,
                    rank=slot.rank if free else None,
                    chosen_by=ChosenBy.ADOPTED if free else "",
                )
            )
    gone = [one.pk for key, one in known.items() if key not in there and not one.digest]
    Candidate.objects.filter(pk__in=gone).delete()
    sql.insert(new)
    return len(new)
