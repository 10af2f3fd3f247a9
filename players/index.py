"""The index of a player: what items it has, by which keys they are found.

Read whole every six hours; in between by what changed, where the player tells that. Rows that are as before
are not written.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core import sql
from players.clients.contract import Item, Kind, Library, PlayerClient
from players.models import PlayerMapping, PlayerSettings, RemoteItem
from players.rules import paths
from players.rules.matching import Candidate, Match, State, Title, keys_of, match, sought, tail_pairs

WHOLE_EVERY = timedelta(hours=6)
OVERLAP = timedelta(minutes=2)
"""So far back changes are asked for again: a player's list may lag behind its clock."""

LONGEST_LIBRARY = 100
"""Characters of a library's name that are kept, so that its id fits behind them."""

MOST_CANDIDATES = 20
"""Items under one key that are looked at: more are no evidence of anything."""

_COLUMNS = ("kind", "library", "title", "year", "paths", "guids", "show", "season", "keys", "digest")
_FIND = f"""
    SELECT wanted.key, item.remote_id, item.kind, item.library, item.title, item.year, item.paths, item.guids
    FROM unnest(%s::text[]) AS wanted (key) CROSS JOIN LATERAL (
        SELECT * FROM players_remoteitem
        WHERE player_id = %s AND keys @> ARRAY[wanted.key] AND kind = ANY (%s)
        ORDER BY id LIMIT {MOST_CANDIDATES}
    ) AS item
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Sought:
    """A title that is looked for, and of a season its number."""

    title: Title
    season: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How many items are new, and of a reading by change the ids of all that changed, by whomever."""

    new: int
    changed: frozenset[str]
    whole: bool


def is_whole(settings: PlayerSettings) -> bool:
    """Whether it has been read whole not long ago."""
    return settings.indexed_at is not None and timezone.now() - settings.indexed_at < WHOLE_EVERY


def bring_up_to_date(
    settings: PlayerSettings,
    client: PlayerClient,
    *,
    whole: bool = False,
    keep_alive: Callable[[], object] = lambda: None,
) -> Reading:
    """Read what a player has: all of it, or what changed where that is known since when.

    Raises ApiError where its answers are not all of it: what was not seen stays then.
    """
    since = settings.indexed_until
    whole = whole or since is None or not is_whole(settings) or not client.abilities.tells_changes
    libraries = client.libraries()
    names = _names(libraries)
    # One that is called otherwise by now would look like two, of which each may hold the same title.
    there = RemoteItem.objects.filter(player=settings.pk)
    whole = whole or there.exclude(library__in=names.values()).exists()
    seen: set[str] = set()
    new, newest = 0, since
    for library in chosen(settings, libraries):
        for kind in library.kinds:
            if kind is Kind.EPISODE:
                continue
            changed_since = None if whole or since is None else since - OVERLAP
            for page in client.items(library, kind, changed_since):
                keep_alive()
                seen.update(item.id for item in page)
                new += _store(settings, page, names[library.id])
                newest = max(filter(None, (newest, *(item.changed for item in page))), default=None)
    with transaction.atomic():
        settings.indexed_until = newest
        if whole:
            _forget_others(settings, seen)
            settings.indexed_at = timezone.now()
        settings.save(update_fields=["indexed_at", "indexed_until"])
    return Reading(new, frozenset() if whole else frozenset(seen), whole)


def chosen(settings: PlayerSettings, libraries: Iterable[Library]) -> list[Library]:
    """The libraries that are written to: all, unless some are named."""
    wanted = {name.casefold() for name in settings.libraries}
    return [one for one in libraries if one.kinds and (not wanted or one.title.casefold() in wanted)]


def forget(settings: PlayerSettings, remote_ids: Iterable[str]) -> None:
    """Forget items that are no longer there, or are others now."""
    RemoteItem.objects.filter(player=settings.pk, remote_id__in=list(remote_ids)).delete()


def known(player_id: int, remote_ids: Iterable[str]) -> dict[str, RemoteItem]:
    rows = RemoteItem.objects.filter(player=player_id, remote_id__in=list(remote_ids))
    return {row.remote_id: row for row in rows}


def mappings_of(player_id: int) -> list[paths.Mapping]:
    rows = PlayerMapping.objects.filter(player=player_id)
    return [paths.Mapping(row.source_prefix, row.player_prefix) for row in rows]


def find(
    settings: PlayerSettings, wanted: Mapping[int, Sought], chosen: Mapping[int, str] | None = None
) -> dict[int, Match]:
    """Find the items of many titles at once, in a few statements; `chosen` are shows that people chose, by
    the seasons for which they hold.
    """
    mappings = mappings_of(settings.pk)
    titles = list(dict.fromkeys(one.title for one in wanted.values()))
    found = _find(settings, titles, mappings, weak=False)
    unsure = [title for title in titles if found[title].state is not State.FOUND]
    if unsure:
        found |= _find(settings, unsure, mappings, weak=True)
    matches = {pk: found[one.title] for pk, one in wanted.items()}
    matches |= {pk: Match(State.FOUND, (id,)) for pk, id in (chosen or {}).items()}
    shows = {id for pk, one in wanted.items() if one.season is not None for id in matches[pk].ids}
    seasons: dict[tuple[str, int | None], str] = {}
    if shows:
        rows = RemoteItem.objects.filter(player=settings.pk, kind=Kind.SEASON, show__in=shows)
        seasons = {(show, number): id for show, number, id in rows.values_list("show", "season", "remote_id")}
    return {pk: _of_season(matches[pk], one.season, seasons) for pk, one in wanted.items()}


def propose_mappings(settings: PlayerSettings, titles: Sequence[Title]) -> dict[paths.Mapping, int]:
    """Note, and return, the path mappings that titles speak for which only the ends of paths find."""
    mappings = mappings_of(settings.pk)
    found = _find(settings, titles, mappings, weak=True)
    pairs = [pair for title in titles for pair in tail_pairs(title, found[title])]
    proposed = paths.proposed(pairs, mappings)
    settings.proposed = [
        {"source": one.source, "player": one.player, "titles": number} for one, number in proposed.items()
    ]
    settings.save(update_fields=["proposed"])
    return proposed


def candidates(settings: PlayerSettings, title: Title) -> Match:
    """All that one title may be, weak candidates too."""
    return _find(settings, [title], mappings_of(settings.pk), weak=True)[title]


def _find(
    settings: PlayerSettings, titles: Sequence[Title], mappings: Sequence[paths.Mapping], *, weak: bool
) -> dict[Title, Match]:
    strong = {title: sought(title, mappings) for title in titles}
    keys = {
        title: [*some, *sought(title, mappings, weak=True)] if weak else some
        for title, some in strong.items()
    }
    every = list({key for some in keys.values() for key in some})
    kinds = [Kind.MOVIE.value, Kind.SHOW.value]
    by_key: dict[str, list[Candidate]] = {}
    for key, id, kind, library, name, year, places, guids in sql.fetch(_FIND, [every, settings.pk, kinds]):
        item = Candidate(id, Kind(kind), library, name, year, tuple(places), tuple(guids))
        by_key.setdefault(key, []).append(item)
    return {
        title: match(
            title,
            {item.id: item for key in some for item in by_key.get(key, ())}.values(),
            mappings,
            settings.strictness,
        )
        for title, some in keys.items()
    }


def _of_season(found: Match, number: int | None, seasons: Mapping[tuple[str, int | None], str]) -> Match:
    """A show's match, or that of its season: as sure as the show's."""
    if number is None or not found.ids:
        return found
    ids = tuple(seasons[show, number] for show in found.ids if (show, number) in seasons)
    return Match(State.FOUND, ids, found.grade) if ids else Match(State.NOT_THERE)


def _names(libraries: Iterable[Library]) -> dict[str, str]:
    """What people call the libraries, by their ids; of two that are called alike each with its id."""
    titles = {one.id: one.title[:LONGEST_LIBRARY] for one in libraries}
    times = Counter(titles.values())
    return {id: title if times[title] == 1 else f"{title} ({id})" for id, title in titles.items()}


def _store(settings: PlayerSettings, page: Sequence[Item], library: str) -> int:
    """Write the items of a page that differ; return how many are new."""
    rows = RemoteItem.objects.filter(player=settings.pk, remote_id__in=[item.id for item in page])
    there = dict(rows.values_list("remote_id", "digest"))
    changed = [row for item in page if (row := _row(settings, item, library)).digest != there.get(item.id)]
    sql.upsert(changed, unique=("player", "remote_id"), fields=_COLUMNS)
    return sum(row.remote_id not in there for row in changed)


def _row(settings: PlayerSettings, item: Item, library: str) -> RemoteItem:
    told = (
        item.kind.value,
        library,
        item.title,
        item.year,
        item.paths,
        item.guids,
        item.show,
        item.season,
    )
    text = repr(told).encode("utf-8", "surrogatepass")
    return RemoteItem(
        player_id=settings.pk,
        remote_id=item.id,
        kind=item.kind,
        library=library,
        title=item.title,
        year=item.year,
        paths=list(item.paths),
        guids=list(item.guids),
        show=item.show,
        season=item.season,
        keys=list(_keys(item)),
        digest=hashlib.blake2b(text, digest_size=16).hexdigest(),
    )


def _keys(item: Item) -> Iterator[str]:
    """A season is found by its show."""
    if item.kind is not Kind.SEASON:
        yield from keys_of(item.kind, item.paths, item.guids, item.title, item.year)


def _forget_others(settings: PlayerSettings, seen: set[str]) -> None:
    there = set(RemoteItem.objects.filter(player=settings.pk).values_list("remote_id", flat=True))
    gone = list(there - seen)
    for start in range(0, len(gone), sql.BATCH):
        forget(settings, gone[start : start + sql.BATCH])
