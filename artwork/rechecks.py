"""Looking again at what an app has just changed: Radarr deletes pictures a while after it says what it does.

A title is looked at at once, and as a row that is due 5 s, a minute and 10 minutes after the app spoke last.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from artwork.models import Entity, Recheck
from core import sql
from jobs import services
from jobs.handlers import NewItem
from jobs.models import Job, Queue, Trigger

VERIFY = "art_verify"
TITLES = "titles"
WAITS = (5, 60, 600)
"""Seconds after which a title is looked at again."""

EVERY = 2.0
MOST = 500
_NOTE = f"""
    INSERT INTO artwork_recheck (title_id, asked_at, due_at, step)
    VALUES (%s, now(), now() + interval '{WAITS[0]} seconds', 0)
    ON CONFLICT (title_id) DO UPDATE SET asked_at = excluded.asked_at, due_at = excluded.due_at, step = 0
"""  # noqa: S608
_TAKE = """
    UPDATE artwork_recheck SET step = step + 1,
        due_at = asked_at + make_interval(secs => (%s::int[])[step + 2])
    WHERE title_id IN (
        SELECT title_id FROM artwork_recheck WHERE due_at <= now() ORDER BY due_at LIMIT %s
        FOR UPDATE SKIP LOCKED
    ) RETURNING title_id
"""


def expect(title: Entity) -> Job:
    """Look at a title now and a few times more; return the job that does so now."""
    sql.change(_NOTE, [title.pk])
    return start([title], Trigger.WEBHOOK)


def start_due() -> int:
    """Look at the titles that are due; return how many."""
    # The last look has no time after it: its row would be due for ever.
    due = [pk for (pk,) in sql.fetch(_TAKE, [[*WAITS, 0], MOST])]
    Recheck.objects.filter(step__gte=len(WAITS)).delete()
    if due:
        start(Entity.objects.filter(pk__in=due), Trigger.WEBHOOK)
    return len(due)


def start(titles: Iterable[Entity], trigger: Trigger, **asked: Any) -> Job:
    """Look at some titles, which somebody waits for."""
    items = [NewItem(str(title.pk), TITLES, title.subject, {TITLES: [title.pk]}) for title in titles]
    job, _ = services.start(VERIFY, trigger=trigger, queue=Queue.INTERACTIVE, items=items, **asked)
    return job
