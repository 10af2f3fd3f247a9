"""Links: which subjects are due in which player, and what people do about those that went wrong."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from connections.models import Connection
from core import sql
from core.errors import ApiAuthError, ApiError, ApiTransientError, ConfigError, TaggarrError
from core.fields import stored
from players.clients.contract import EditedError, GoneError, Kind, NotKeptError, OtherItemError
from players.index import Reading
from players.models import Cause, Link, LinkState, PlayerSettings, RemoteItem, Route, Subject
from players.rules.difference import Mark, conflicts, taken_back

FOLDING = 2
"""Seconds that a subject waits for more to change of it."""

BATCH = 100
LOOKS = 12
NEEDS_A_PERSON = Q(state__in=(LinkState.FAILED, LinkState.AMBIGUOUS)) | Q(
    state=LinkState.NOT_THERE, tries__gte=LOOKS
)
"""The links that a person has to see to: the dead letters."""

LABELLED = RawSQL(
    "jsonb_path_exists(players_link.marks, %s::jsonpath)",
    ['$.*.keyvalue() ? (@.key like_regex ":").value.ours'],
    output_field=BooleanField(),
)
"""Whether labels of ours stand in the player, or may."""

LEASE = timedelta(minutes=5)
"""After this time what was claimed and not saved is taken up by another: a batch lasts seconds."""

_ROUTES = f"""
    INSERT INTO players_link (subject_id, player_id, due_at)
    SELECT subject.id, route.player_id, now() + interval '{FOLDING} seconds'
    FROM players_subject AS subject JOIN players_route AS route ON route.source_id = subject.source_id
    WHERE route.enabled AND (route.seasons OR subject.kind <> 'season') AND NOT subject.gone
        AND (subject.state ->> 'labels' IS NOT NULL OR subject.state -> 'fields' <> '{{}}'
            OR subject.state = '{{}}')
"""  # noqa: S608
_ADD = f"{_ROUTES} AND route.source_id = %s AND route.player_id = %s ON CONFLICT DO NOTHING"
# What is claimed is found to be older than wanted when it is saved.
_MAKE_DUE = f"""
    WITH added AS ({_ROUTES} AND subject.id = ANY (%(subjects)s) ON CONFLICT DO NOTHING)
    UPDATE players_link AS link
    SET state = 'due', due_at = now() + interval '{FOLDING} seconds', tries = 0
    FROM players_route AS route, players_subject AS subject
    WHERE subject.id = ANY (%(subjects)s) AND link.subject_id = subject.id AND link.state <> 'claimed'
        AND route.source_id = subject.source_id AND route.player_id = link.player_id AND route.enabled
"""  # noqa: S608
# In a subquery of the join, PostgreSQL may look for due rows once for each row it meets, and pass the limit.
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id, due_at FROM players_link WHERE player_id = %s AND due_at <= now()
        ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE players_link AS link SET state = 'claimed', claim = %s, due_at = now() + %s
    FROM due WHERE link.id = due.id
    RETURNING link.id, due.due_at
"""
_FREE = """
    UPDATE players_link AS link SET state = 'due', claim = NULL,
        due_at = coalesce(now() + make_interval(secs => %s), taken.due_at)
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS taken (id, due_at)
    WHERE link.id = taken.id AND link.claim = %s AND link.state = 'claimed'
"""
_KEEP_MARKS = """
    UPDATE players_link AS link SET marks = new.marks, undo = NULL
    FROM json_to_recordset(%s::json) AS new (id bigint, marks jsonb)
    WHERE link.id = new.id AND link.claim = %s
    RETURNING link.id
"""
_SAVE = """
    UPDATE players_link AS link SET
        done = CASE WHEN new.state IN ('in_sync', 'excluded') THEN new.done ELSE link.done END,
        state = CASE WHEN subject.wanted > new.done THEN 'due' ELSE new.state END,
        due_at = CASE WHEN subject.wanted > new.done THEN now()
            ELSE now() + make_interval(secs => new.due_in) END,
        tries = CASE WHEN subject.wanted > new.done THEN 0 ELSE new.tries END,
        cause = new.cause, error = new.error, item_ids = new.item_ids, grade = new.grade,
        candidates = new.candidates, marks = new.marks, conflict = new.conflict, claim = NULL,
        synced_at = CASE WHEN new.state = 'in_sync' THEN now() ELSE link.synced_at END,
        dead_at = CASE WHEN new.state = 'failed' THEN now() END, undo = NULL
    FROM json_to_recordset(%s::json) AS new (
        id bigint, done bigint, state text, due_in double precision, tries smallint, cause text, error text,
        item_ids text[], grade smallint, candidates jsonb, marks jsonb, conflict boolean
    ), players_subject AS subject
    WHERE link.id = new.id AND link.claim = %s AND subject.id = link.subject_id
"""
_FORGET = """
    WITH ended AS (DELETE FROM players_link WHERE id = ANY (%s) AND claim = %s RETURNING subject_id)
    DELETE FROM players_subject AS subject
    WHERE gone AND id IN (SELECT subject_id FROM ended)
        AND NOT EXISTS (
            SELECT FROM players_link AS link WHERE link.subject_id = subject.id AND NOT link.id = ANY (%s)
        )
"""


def add_for(source_id: int, player_id: int) -> int:
    """Link all subjects of a source with a player; return how many are new there."""
    return sql.change(_ADD, [source_id, player_id])


def make_due(subject_ids: Collection[int]) -> None:
    """Have these subjects sent to all players that they go to."""
    sql.change(_MAKE_DUE, {"subjects": list(subject_ids)})


@transaction.atomic
def follow_route(source_id: int, player_id: int) -> int:
    """Bring links in line with the route between these two as it is now; return how many are to be sent.

    What no longer goes there stays until our labels are off; what never got one ends at once.
    """
    rows = Link.objects.filter(player=player_id, subject__source=source_id)
    ended = rows.filter(~_routed())
    ended.filter(marks={}).exclude(state=LinkState.CLAIMED).delete()
    known = _now(ended) + _now(rows.filter(_routed()).exclude(state=LinkState.DISMISSED))
    return known + add_for(source_id, player_id)


def _routed() -> Q:
    routes = Route.objects.filter(source=OuterRef("subject__source"), player=OuterRef("player"), enabled=True)
    return Q(Exists(routes.filter(seasons=True))) | (Q(Exists(routes)) & ~Q(subject__kind="season"))


def end_source(source: Connection) -> None:
    """Keep what is ours of a source that is about to be deleted until it is taken off."""
    subjects = Subject.objects.filter(source=source)
    ours = Link.objects.filter(subject__source=source).exclude(marks={})
    subjects.exclude(pk__in=ours.values("subject")).delete()
    subjects.update(gone=True, wanted=F("wanted") + 1)
    _now(ours)


@dataclass(slots=True)
class Claim:
    """Links that one worker has taken up, for as long as nobody else has; `due_at` is when each was due."""

    links: list[Link]
    token: uuid.UUID = field(default_factory=uuid.uuid4)
    due_at: Mapping[int, datetime] = field(default_factory=dict)

    def free(self, seconds: float | None = None, some: Collection[Link] | None = None) -> None:
        """Give them, or some, back as if they had not been taken up; or to be taken up after this time."""
        ids = [link.pk for link in (self.links if some is None else some)]
        if ids:
            sql.change(_FREE, [seconds, ids, [self.due_at[pk] for pk in ids], self.token])

    def keep_marks(self, marks: Mapping[int, Mapping[str, Mapping[str, Mark]]]) -> set[int]:
        """Note by link and item what is about to be written: a crash makes nothing of it a stranger's.

        Return the links of which it is noted; the others have been taken from us.
        """
        rows = [{"id": pk, "marks": marks_to_json(of_items)} for pk, of_items in marks.items()]
        return {row[0] for row in sql.fetch(_KEEP_MARKS, [json.dumps(rows), self.token])} if rows else set()

    def save(self, ends: Sequence[End]) -> None:
        """Write how links ended; those whose subject changed meanwhile stay due."""
        ended = [end for end in ends if not end.forget]
        forgotten = [end.link.pk for end in ends if end.forget]
        if ended:
            sql.change(_SAVE, [json.dumps([end.to_json() for end in ended]), self.token])
        if forgotten:
            sql.change(_FORGET, [forgotten, self.token, forgotten])


@dataclass(slots=True)
class End:
    """How a link ended; `due_in` in seconds, None where it waits for nothing. `forget`: it is no more."""

    link: Link
    state: LinkState
    due_in: float | None = None
    tries: int = 0
    cause: str = ""
    error: str = ""
    item_ids: Sequence[str] = ()
    grade: int | None = None
    candidates: Sequence[Mapping[str, Any]] = ()
    marks: Mapping[str, Mapping[str, Mark]] = field(default_factory=dict)
    forget: bool = False

    @property
    def conflict(self) -> bool:
        """Whether somebody else's edit is held, or keeps undoing ours."""
        return any(any(conflicts(marks)) for marks in self.marks.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.link.pk,
            "done": self.link.subject.wanted,
            "state": self.state,
            "due_in": self.due_in,
            "tries": self.tries,
            "cause": self.cause,
            "error": stored(self.error),
            "item_ids": list(self.item_ids),
            "grade": self.grade,
            "candidates": list(self.candidates),
            "marks": marks_to_json(self.marks),
            "conflict": self.conflict,
        }


_CAUSES = {
    ApiAuthError: Cause.REFUSED_KEY,
    GoneError: Cause.NOT_THERE,
    OtherItemError: Cause.NOT_THERE,
    NotKeptError: Cause.PARTIAL,
    EditedError: Cause.EDITED,
}


def cause_of(error: TaggarrError) -> Cause:
    """Why something was not written, by the error that it ended with."""
    if isinstance(error, ApiTransientError):
        return Cause.UNREACHABLE if error.status is None else Cause.SLOW
    other = Cause.REFUSED_VALUE if isinstance(error, ApiError) else Cause.BUG
    return next((cause for kind, cause in _CAUSES.items() if isinstance(error, kind)), other)


def claim(player: Connection, most: int = BATCH) -> Claim | None:
    """Take up the next links that are due; None where none is."""
    taken = Claim([])
    taken.due_at = dict(sql.fetch(_CLAIM, [player.pk, most, taken.token, LEASE]))
    if not taken.due_at:
        return None
    taken.links = list(Link.objects.filter(pk__in=taken.due_at).select_related("subject").order_by("pk"))
    return taken


def free_left_over(player: Connection) -> int:
    """Give back what a worker left that was killed; return how many. One that lives saves nothing then."""
    return Link.objects.filter(player=player, state=LinkState.CLAIMED).update(
        state=LinkState.DUE, claim=None, due_at=Now()
    )


def due(player: Connection) -> QuerySet[Link]:
    return Link.objects.filter(player=player, due_at__lte=Now())


def marks_to_json(of_items: Mapping[str, Mapping[str, Mark]]) -> dict[str, dict[str, Any]]:
    return {
        id: {key: mark.to_json() for key, mark in marks.items()} for id, marks in of_items.items() if marks
    }


def marks_of(link: Link) -> dict[str, dict[str, Mark]]:
    """What is known of the items of a link, by their ids."""
    return {
        id: {key: Mark.from_json(mark) for key, mark in marks.items()} for id, marks in link.marks.items()
    }


def held_names(link: Link) -> set[str]:
    """The fields and labels that somebody else changed or keeps undoing, as `take_back` takes them."""
    return {name for marks in marks_of(link).values() for name in conflicts(marks)}


# What people do


def send_again(which: Q, *, keep_tries: bool = False) -> int:
    """Make these links due now, those in work excepted; return how many."""
    return _now(Link.objects.filter(which).exclude(state=LinkState.CLAIMED), keep_tries=keep_tries)


def make_all_due(player: Connection) -> int:
    """Look at all links of a player again, but those that a person dismissed."""
    left_alone = (LinkState.CLAIMED, LinkState.DISMISSED)
    return _now(Link.objects.filter(player=player).exclude(state__in=left_alone))


def dismiss(which: Q) -> int:
    """Leave these links alone until their source changes or somebody asks for them; return how many."""
    open_ones = Link.objects.filter(which).exclude(state__in=(LinkState.CLAIMED, LinkState.IN_SYNC))
    return open_ones.update(state=LinkState.DISMISSED, due_at=None, dead_at=Now())


def pin(link: Link, remote_id: str) -> None:
    """Have a subject be this item of the player, whatever the rules say; of a season, its show is chosen.

    Raises ConfigError where the player has no such item, or it is one of another kind.
    """
    chosen = _chosen_for(link)
    item = RemoteItem.objects.filter(player=link.player_id, remote_id=remote_id).first()
    if item is None:
        raise ConfigError("link.no-item", id=remote_id, player=link.player)
    if item.kind != chosen.subject.kind:
        raise ConfigError("link.other-kind", item=item, title=chosen.subject)
    chosen.pinned = {"id": item.remote_id, "paths": item.paths}
    _matched_anew(chosen)


def unpin(link: Link) -> None:
    """Let the rules decide again."""
    chosen = _chosen_for(link)
    chosen.pinned = None
    _matched_anew(chosen)


def _chosen_for(link: Link) -> Link:
    """The link for which an item is chosen: that of the show for a season, for all of its seasons."""
    if link.subject.kind != Kind.SEASON:
        return link
    return _of_title(link).filter(subject__kind=Kind.SHOW).select_related("subject").first() or link


def _of_title(link: Link) -> QuerySet[Link]:
    return Link.objects.filter(player=link.player_id, subject__media_id=link.subject.media_id)


def _matched_anew(link: Link) -> None:
    link.item_ids = []
    link.save(update_fields=["pinned", "item_ids"])
    seasons = Link.objects.none()
    if link.subject.kind == Kind.SHOW and link.subject.media_id is not None:
        seasons = _of_title(link).filter(subject__kind=Kind.SEASON)
        seasons.update(item_ids=[])
    # Whoever is sending it now finds that it is no longer theirs.
    _now(Link.objects.filter(pk=link.pk) | seasons)


def chosen_shows(player: Connection, media_ids: Collection[int]) -> dict[int, str]:
    """The items that people chose for the shows of these media, by those."""
    shows = Link.objects.filter(player=player, subject__media_id__in=media_ids, subject__kind=Kind.SHOW)
    rows = shows.exclude(pinned=None).values_list("subject__media_id", "item_ids", "pinned__id")
    return {media_id: next(iter(ids), pinned) for media_id, ids, pinned in rows if media_id is not None}


@transaction.atomic
def take_back(link: Link, names: Collection[str] | None = None) -> int:
    """Let us write what somebody else changed or set: these fields and labels, or all; return how many."""
    row = Link.objects.select_for_update().get(pk=link.pk)
    marks, number, before = marks_of(row), 0, row.marks
    for of_item in marks.values():
        for key, mark in of_item.items():
            if (mark.held or mark.fights) and (names is None or key in names):
                of_item[key] = taken_back(mark)
                number += 1
    row.undo = before if number and row.state != LinkState.CLAIMED else None
    _keep(row, marks_to_json(marks))
    _now(Link.objects.filter(pk=link.pk))
    return number


@transaction.atomic
def give_back(link: Link) -> None:
    """Leave again what was taken back. Raises ConfigError once it is being sent."""
    row = Link.objects.select_for_update().get(pk=link.pk)
    if row.undo is None or row.state == LinkState.CLAIMED:
        raise ConfigError("link.is-sent", title=link.subject)
    before, row.undo = row.undo, None
    _keep(row, before)


def _keep(row: Link, marks: Mapping[str, Mapping[str, Any]]) -> None:
    row.marks = dict(marks)
    row.conflict = any(any(conflicts(one)) for one in marks_of(row).values())
    row.save(update_fields=["marks", "conflict", "undo"])


def marked(player: Connection) -> QuerySet[Link]:
    """The links of which anything is known that stands in a player."""
    return Link.objects.filter(player=player).exclude(marks={})


def labelled(player: Connection) -> QuerySet[Link]:
    return Link.objects.filter(LABELLED, player=player)


def release(player: Connection) -> None:
    """Let pass what the brake holds."""
    PlayerSettings.objects.filter(pk=player.pk).update(held_since=None, held_reason="", released=True)


def follow(player: Connection, reading: Reading) -> int:
    """Have links looked at that concern what a reading of the index found; return how many.

    What was not found is looked for where there are new items, and what is in sync where its item changed:
    by whom, the list does not say.
    """
    touched = Q(state=LinkState.IN_SYNC, item_ids__overlap=list(reading.changed))
    return follow_new(player, reading) + (send_again(Q(player=player) & touched) if reading.changed else 0)


def follow_new(player: Connection, reading: Reading) -> int:
    """Have what was not found looked for where there are new items; return how many links."""
    if not reading.new:
        return 0
    in_subset = PlayerSettings.objects.filter(pk=player.pk, is_subset=True).exists()
    states = [LinkState.NOT_THERE, LinkState.AMBIGUOUS, *([LinkState.EXCLUDED] if in_subset else [])]
    return send_again(Q(player=player, state__in=states), keep_tries=True)


def dead(player: Connection | None = None) -> QuerySet[Link]:
    """The dead letters of a player, or of all."""
    rows = Link.objects.filter(NEEDS_A_PERSON)
    return rows.filter(player=player) if player else rows


def _now(rows: QuerySet[Link], *, keep_tries: bool = False) -> int:
    tries = {"tries": F("tries")} if keep_tries else {"tries": 0}
    return rows.update(state=LinkState.DUE, due_at=Now(), claim=None, **tries)
