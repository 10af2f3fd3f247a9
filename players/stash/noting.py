"""Noting what changed in a Stash. What to write is read when it is sent: here is only said that it is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import sql
from players.clients.stash import Group
from players.links import FOLDING

PREFIX = "scene:"
EVERYTHING = "all"
"""The group of what may be in any scene: which ones it was in cannot be asked for any more."""

_HEARD = """
    UPDATE players_stashsettings SET hooked_at = now()
    WHERE connection_id = %(source)s AND (hooked_at IS NULL OR hooked_at < now() - interval '1 minute')
"""
# Told of a moment ago, due in every player, and read by nobody since: it is read later than this.
_WAITS = f"""
    EXISTS (
        SELECT FROM players_subject AS subject
        WHERE subject.source_id = %(source)s AND subject.key = '{PREFIX}' || one.id
            AND subject.wanted > coalesce(subject.read_of, 0) AND NOT subject.gone
            AND NOT EXISTS (
                SELECT FROM players_link AS link WHERE link.subject_id = subject.id AND link.state = 'claimed'
            ) AND NOT EXISTS (
                SELECT FROM players_route AS route LEFT JOIN players_link AS link
                    ON link.subject_id = subject.id AND link.player_id = route.player_id
                WHERE route.source_id = %(source)s AND route.enabled AND (
                    link.state = 'due' AND link.tries = 0
                    AND link.due_at <= now() + interval '{FOLDING} seconds'
                ) IS NOT TRUE
            )
    )
"""  # noqa: S608
_TOLD = f"""
    SELECT DISTINCT ON (id) id, at FROM unnest(%(ids)s::text[], %(at)s::timestamptz[]) AS one (id, at)
    WHERE NOT (%(by_hook)s AND {_WAITS}) ORDER BY id
"""  # noqa: S608
_TOLD_ONE = f"SELECT id, NULL::timestamptz AS at FROM (SELECT %(id)s::text AS id) AS one WHERE NOT {_WAITS}"  # noqa: S608


def _noting(told: str, heard: str) -> str:
    """One statement, so that nothing is noted by halves.

    What waits already is not written again, so that a storm of hooks neither puts it off nor stands in its
    own way, nor waits for the disk; rows are taken in one order, so that no two block each other.
    """
    return f"""
        WITH told AS ({told}), noted AS (
            INSERT INTO players_subject AS subject
                (source_id, key, kind, title, state, wanted, gone, changed_at, source_at)
            SELECT %(source)s, '{PREFIX}' || id, 'movie', '{PREFIX}' || id, '{{}}', 1, false, now(), at
            FROM told ORDER BY id
            ON CONFLICT (source_id, key) DO UPDATE SET
                wanted = subject.wanted + 1, changed_at = now(),
                source_at = coalesce(excluded.source_at, subject.source_at)
            WHERE excluded.source_at IS NULL OR subject.source_at IS NULL
                OR subject.source_at < excluded.source_at
            RETURNING id
        ), due AS (
            INSERT INTO players_link AS link (subject_id, player_id, due_at)
            SELECT noted.id, route.player_id, now() + interval '{FOLDING} seconds'
            FROM noted CROSS JOIN players_route AS route
            WHERE route.source_id = %(source)s AND route.enabled
            ORDER BY noted.id, route.player_id
            ON CONFLICT (subject_id, player_id) DO UPDATE SET
                state = 'due', due_at = excluded.due_at, tries = 0
            WHERE link.state <> 'claimed' AND (
                link.state <> 'due' OR link.tries > 0 OR link.due_at IS NULL OR link.due_at > excluded.due_at
            )
            RETURNING subject_id
        ), heard AS ({heard})
        SELECT (SELECT count(*) FROM noted), (SELECT count(DISTINCT subject_id) FROM due)
    """  # noqa: S608


_NOTE = _noting(_TOLD, f"{_HEARD} AND %(by_hook)s")
# Of an array PostgreSQL plans anew each time, which takes longer than all else: it hopes that it is short.
_NOTE_ONE = _noting(_TOLD_ONE, _HEARD)
_TOUCH = f"""
    WITH touched AS (
        INSERT INTO players_touchedgroup (source_id, "group", remote_id)
        VALUES (%(source)s, %(group)s, %(id)s)
        ON CONFLICT (source_id, "group", remote_id) DO UPDATE SET touched_at = now()
    )
    {_HEARD}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Noted:
    """How many scenes are newer than was known, and how many of them did not wait already."""

    newer: int = 0
    due: int = 0

    def __add__(self, other: Noted) -> Noted:
        return Noted(self.newer + other.newer, self.due + other.due)


def note(source_id: int, ids: Collection[str], *, by_hook: bool = False) -> Noted:
    """Note that these scenes changed, or are gone."""
    return _note(source_id, list(ids), [None] * len(ids), by_hook=by_hook)


def note_one(source_id: int, id: str) -> None:
    """Note that a hook told of this scene."""
    sql.fetch(_NOTE_ONE, {"source": source_id, "id": id})


def note_times(source_id: int, times: Mapping[str, datetime]) -> Noted:
    """Note when these scenes changed last, by the clock of Stash."""
    return _note(source_id, list(times), list(times.values()), by_hook=False)


def touch(source_id: int, group: Group | None, id: str) -> None:
    """Note that a tag, studio or performer changed; without a group, that something did whose scenes are
    not known.
    """
    named = (group.value, id) if group else (EVERYTHING, "")
    sql.change(_TOUCH, {"source": source_id, "group": named[0], "id": named[1]})


def _note(source_id: int, ids: Sequence[str], at: Sequence[datetime | None], *, by_hook: bool) -> Noted:
    given = {"source": source_id, "ids": ids, "at": at, "by_hook": by_hook}
    ((newer, due),) = sql.fetch(_NOTE, given)
    return Noted(newer, due)
