"""Looking again at what an app has just changed: Radarr deletes pictures a while after it says what it does.

A title is looked at at once, and 5 s, a minute and 10 minutes after the app spoke last. Each is a row that is
due: one look takes all of them, however many webhooks told of them meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models.functions import Now

from artwork.models import Entity, Recheck
from connections.models import Connection
from core import sql
from jobs import services
from jobs.handlers import NewItem
from jobs.models import Job, JobState, Queue, Trigger

VERIFY = "art_verify"
TITLES = "titles"
DUE = "due"
WAITS = (0, 5, 60, 600)
"""Seconds after which a title is looked at."""

EVERY = 2.0
TOGETHER = 20
"""So few titles are taken at once that several workers may share a burst."""

_NOTE = """
    WITH known AS (
        SELECT entity.id, entity.prepared_at IS NULL AND NOT EXISTS (
            SELECT FROM artwork_publication WHERE title_id = entity.id
        ) AS is_new
        FROM artwork_entity AS entity JOIN library_media AS media ON media.id = entity.media_id
        WHERE media.connection_id = %(connection)s AND media.arr_id = %(arr_id)s
    ), asked AS (
        SELECT coalesce(bool_and(restore), true) AS restores,
            coalesce(bool_and(publish_new), true) AS welcomes
        FROM artwork_artsettings WHERE connection_id = %(connection)s
    ), noted AS (
        INSERT INTO artwork_recheck (title_id, asked_at, due_at, step)
        SELECT known.id, now(), now(), 0 FROM known, asked WHERE asked.restores
        ON CONFLICT (title_id) DO UPDATE
            SET asked_at = excluded.asked_at, due_at = excluded.due_at, step = excluded.step
        RETURNING title_id
    )
    SELECT EXISTS (SELECT FROM noted), welcomes AND coalesce((SELECT is_new FROM known), true) FROM asked
"""
# In a subquery of the join, PostgreSQL may look for due rows once for each row it meets, and pass the limit.
_TAKE = """
    WITH due AS MATERIALIZED (
        SELECT title_id FROM artwork_recheck WHERE due_at <= now() AND step < %s ORDER BY due_at LIMIT %s
        FOR UPDATE SKIP LOCKED
    )
    UPDATE artwork_recheck SET step = step + 1,
        due_at = asked_at + make_interval(secs => (%s::int[])[step + 2])
    WHERE title_id IN (SELECT title_id FROM due) RETURNING title_id
"""


def expect(connection: Connection, arr_id: int) -> bool:
    """Have a title be looked at now and a few times more, where its connection says so; return whether it is
    to be published as a new one.
    """
    of = {"connection": connection.pk, "arr_id": arr_id}
    [(is_noted, is_welcome)] = sql.fetch(_NOTE, of)
    if is_noted:
        _start_look()
    return bool(is_welcome)


def start_due() -> int:
    """Look at the titles that are due; return how many."""
    number = Recheck.objects.filter(due_at__lte=Now(), step__lt=len(WAITS)).count()
    if number:
        _start_look()
    return number


def _start_look() -> None:
    # One that has not begun takes what is noted now. What it misses, since that was not committed yet, the
    # next one takes that is started for what is due.
    waiting = Job.objects.filter(name=VERIFY, params={DUE: True}, state=JobState.QUEUED)
    if not waiting.exists():
        start([], Trigger.WEBHOOK, params={DUE: True})


def taken(*, again: bool) -> Iterator[list[int]]:
    """The titles that are due, a few at a time; with `again` all that a look which crashed may have taken.

    Those that need no further look are forgotten in the end.
    """
    if again:
        yield list(Recheck.objects.order_by("pk").values_list("pk", flat=True))
    # The last look has no time after it.
    while due := [pk for (pk,) in sql.fetch(_TAKE, [len(WAITS), TOGETHER, [*WAITS, 0]])]:
        yield due
    Recheck.objects.filter(step__gte=len(WAITS)).delete()


def start(titles: Iterable[Entity], trigger: Trigger, **asked: Any) -> Job:
    """Look at some titles, which somebody waits for; without any at those that are due."""
    items = [NewItem(str(title.pk), TITLES, title.subject, {TITLES: [title.pk]}) for title in titles]
    items = items or [NewItem(DUE, TITLES)]
    job, _ = services.start(VERIFY, trigger=trigger, queue=Queue.INTERACTIVE, items=items, **asked)
    return job
