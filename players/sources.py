"""Where subjects come from: what each should be, and how our own library becomes subjects.

A subject's state is compared as a whole: its generation rises where that differs, and only then do its links
become due.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connections.models import Connection
from core import sql
from library import changes
from library.contract import TitleLabels, labels_of
from library.models import File, Media, Season, What
from players import links
from players.clients.contract import LISTS, Form, Kind, Value
from players.models import PlayerSettings, Route, Subject
from players.rules.matching import Title
from players.rules.scenes import USUAL_CLEAR, USUAL_MODES, Lack

logger = logging.getLogger(__name__)

READER = "players"
CHUNK = 500
"""Titles that are looked at together."""

SCENES: dict[str, Any] = {"form": Form.GENRE, "fields": USUAL_MODES, "clear": USUAL_CLEAR}
"""How a route begins that is of scenes: every player shows genres."""


@dataclass(frozen=True, slots=True)
class State:
    """What a subject is, by what it is found, and what it should show.

    Of a season `title` is the show, and `season` its number. `labels` are None where they are not known.
    `lacks` says why a scene is not sent; `cover` is what its picture was read of, empty where it still has to
    be. What was not read yet has no kept state, and is nothing here.
    """

    title: Title = field(default_factory=lambda: Title(Kind.MOVIE, ""))
    season: int | None = None
    labels: tuple[str, ...] | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    lacks: Lack | None = None
    cover: str = ""

    def to_json(self) -> dict[str, Any]:
        about = self.title
        return {
            "kind": about.kind.value,
            "title": about.title,
            "year": about.year,
            "folder": about.folder,
            "files": list(about.files),
            "guids": list(about.guids),
            "season": self.season,
            "labels": None if self.labels is None else list(self.labels),
            "fields": {
                name: value if isinstance(value, str) else list(value) for name, value in self.fields.items()
            },
            "lacks": self.lacks,
            "cover": self.cover,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> State:
        if not kept:
            return cls()
        title = Title(
            Kind(kept["kind"]),
            kept["title"],
            kept["year"],
            kept["folder"],
            tuple(kept["files"]),
            tuple(kept["guids"]),
        )
        fields = {name: tuple(value) if name in LISTS else value for name, value in kept["fields"].items()}
        labels = None if kept["labels"] is None else tuple(kept["labels"])
        lacks = Lack(kept["lacks"]) if kept["lacks"] else None
        return cls(title, kept["season"], labels, fields, lacks, kept["cover"])


@dataclass(frozen=True, slots=True)
class Seen:
    """A subject as its source has it now."""

    source_id: int
    key: str
    kind: Kind
    title: str
    state: State
    media_id: int | None = None


def follow_library() -> int:
    """Take over what changed in the library since the last time; return how many changes there were."""
    if not PlayerSettings.objects.exists():
        return 0
    add_routes()
    number = new = changes.read(READER, _take)
    while new == changes.MOST:
        new = changes.read(READER, _take)
        number += new
    return number


def add_routes() -> None:
    """Make a route from each connection of the library, and each Stash, to each player, once."""
    of_library, of_stash = Q(source__isnull=False), Q(stash__isnull=False)
    sources = dict(Connection.objects.filter(of_library | of_stash).values_list("pk", "stash"))
    for player in PlayerSettings.objects.filter(leaving=False).exclude(routed__contains=list(sources)):
        for source in sources.keys() - set(player.routed):
            usual = SCENES if sources[source] else {}
            Route.objects.get_or_create(source_id=source, player_id=player.pk, defaults=usual)
            links.add_for(source, player.pk)
        PlayerSettings.objects.filter(pk=player.pk).update(routed=list(sources))


def _take(batch: changes.Batch) -> None:
    if batch.missed:
        refresh_all()
    else:
        refresh({change.media_id for change in batch.changes if change.what != What.NFO})


def refresh_all() -> int:
    """Look at every title; return how many subjects have changed."""
    ids = list(Media.objects.order_by("pk").values_list("pk", flat=True))
    known = Subject.objects.filter(media_id__isnull=False, gone=False).values_list("media_id", flat=True)
    every = [*ids, *(media_id for media_id in {*known} - {*ids} if media_id is not None)]
    return sum(refresh(every[start : start + CHUNK]) for start in range(0, len(every), CHUNK))


@transaction.atomic
def refresh(media_ids: Collection[int]) -> int:
    """Look at these titles, of which some may be gone; return how many subjects have changed."""
    sql.fetch("SELECT pg_advisory_xact_lock(hashtextextended('players subjects', 0))", [])
    known = Subject.objects.filter(media_id__in=media_ids)
    return take_over(list(_seen(media_ids)), {(row.source_id, row.key): row for row in known})


def take_over(seen: Sequence[Seen], known: Mapping[tuple[int, str], Subject]) -> int:
    """Write down what differs from what was known of these subjects; those that are not seen are gone."""
    changed = []
    for one in seen:
        row = known.get((one.source_id, one.key)) or Subject(source_id=one.source_id, key=one.key, wanted=0)
        state = one.state.to_json()
        if row.gone or row.state != state:
            row.kind, row.title, row.state, row.gone = one.kind, one.title[:500], state, False
            row.media_id = one.media_id
            changed.append(row)
    there = {(one.source_id, one.key) for one in seen}
    for key, row in known.items():
        if key not in there and not row.gone:
            row.gone = True
            changed.append(row)
    for row in changed:
        row.wanted, row.changed_at = row.wanted + 1, timezone.now()
    if changed:
        fields = ("kind", "title", "media_id", "state", "wanted", "gone", "changed_at")
        sql.upsert(changed, unique=("source", "key"), fields=fields)
        links.make_due([row.pk for row in changed])
    return len(changed)


def _seen(media_ids: Collection[int]) -> Iterator[Seen]:
    titles = list(Media.objects.filter(pk__in=media_ids).select_related("connection"))
    labels = labels_of([media.pk for media in titles])
    movies = [media.pk for media in titles if not media.is_series]
    files = _by_title(File.objects.filter(media__in=movies).order_by("path").values_list("media", "path"))
    series = [media.pk for media in titles if media.is_series]
    # A season without a file is in no player.
    numbers = Season.objects.filter(media__in=series, files__isnull=False).order_by("number").distinct()
    seasons = _by_title(numbers.values_list("media", "number"))
    for media in titles:
        wanted = labels.get(media.pk, TitleLabels())
        title = _title(media, files.get(media.pk, []))
        seen = (media.connection_id, f"media:{media.pk}")
        yield Seen(*seen, title.kind, str(media), State(title, labels=wanted.title), media.pk)
        for number in seasons.get(media.pk, []):
            state = State(title, number, wanted.seasons.get(number))
            name = f"{media} S{number:02}"
            yield Seen(seen[0], f"{seen[1]}:{number}", Kind.SEASON, name, state, media.pk)


def _by_title(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for media_id, value in rows:
        found.setdefault(media_id, []).append(value)
    return found


def _title(media: Media, files: Sequence[str]) -> Title:
    ids = {"tmdb": media.tmdb_id, "tvdb": media.tvdb_id, "imdb": media.imdb_id}
    return Title(
        Kind.SHOW if media.is_series else Kind.MOVIE,
        media.title,
        media.year,
        media.path,
        tuple(files),
        tuple(f"{who}:{number}" for who, number in ids.items() if number),
    )
