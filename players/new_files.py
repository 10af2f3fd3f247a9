"""New and changed files: which folders players are to look at. `players.refresh` has them do it.

What changed of a title waits ten seconds for more of it, a minute at most, as one row for each folder and
player: a season that comes in is one scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connections.models import Connection
from core import sql
from library import changes
from library.models import Change, What
from players.models import PlayerSettings, Route
from players.rules.paths import pure

READER = "players refresh"
QUIET, LONGEST_FOLD = 10, 60
"""Seconds that a folder waits for more to change of it, and how many at most."""

_NOTE = f"""
    INSERT INTO players_refresh AS refresh (player_id, folder, what, media_id, began_at, due_at)
    SELECT *, now(), now() + interval '{QUIET} seconds'
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (player_id, md5(folder), what) DO UPDATE SET
        media_id = coalesce(excluded.media_id, refresh.media_id),
        began_at = CASE WHEN refresh.looks IS NULL THEN refresh.began_at ELSE now() END,
        due_at = least(
            now() + interval '{QUIET} seconds',
            CASE WHEN refresh.looks IS NULL THEN refresh.began_at + interval '{LONGEST_FOLD} seconds' END
        ),
        looks = NULL
"""  # noqa: S608
_ASKED_OF = (What.FILES, What.NFO, What.PICTURES)


def follow_library() -> int:
    """Note what players have to look at of what changed in the library; return how many changes there were.

    Nothing is made up for that a first reading missed: a player has it, or a person has it scan.
    """
    if not PlayerSettings.objects.exists():
        return 0
    number = new = changes.read(READER, _take)
    while new == changes.MOST:
        new = changes.read(READER, _take)
        number += new
    return number


def note_folders(player: Connection, paths: Iterable[str]) -> None:
    """Note that a player has to look at the folders of these files, of which our library knows nothing."""
    _note({(player.pk, str(pure(path).parent), What.FILES): None for path in paths})


def _take(batch: changes.Batch) -> None:
    note(batch.changes)


def note(changed: Iterable[Change]) -> None:
    """Note what players have to look at, where a route asks for that."""
    wanted = [one for one in changed if one.what in _ASKED_OF]
    routes = Route.objects.filter(enabled=True, scan_new=True, player__player__dry_run=False)
    found: dict[int, list[int]] = {}
    for source_id, player_id in routes.values_list("source_id", "player_id") if wanted else ():
        found.setdefault(source_id, []).append(player_id)
    _note(
        {
            (player_id, one.folder, one.what): one.media_id
            for one in wanted
            for player_id in found.get(one.connection_id, ())
        }
    )


def _note(rows: Mapping[tuple[int, str, str], int | None]) -> None:
    if rows:
        # In one order, so that no two block each other.
        columns = zip(*((*key, rows[key]) for key in sorted(rows)), strict=True)
        sql.change(_NOTE, [list(column) for column in columns])
