"""Following a Stash by asking it: what its hook did not tell, what belongs to a tag, and what is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from connections.models import Breaker, Connection
from jobs import services
from jobs.handlers import OneStep
from jobs.models import Job, JobState, Queue, Trigger
from jobs.runner import ItemRun
from players import pictures
from players.clients.stash import Group, StashClient
from players.connections import stash_client_for
from players.models import StashSettings, Subject, TouchedGroup
from players.stash import noting
from players.stash.noting import EVERYTHING, PREFIX, Noted

FOLLOW = "follow_stash"
EVERY = 900
WHOLE_EVERY = timedelta(days=1)
"""A list of what changed does not name what is gone: for that all of it is read."""

SAME_SECOND = timedelta(seconds=1)
"""Stash tells times to the second: what changed later in the one read last is looked at again."""

CHUNK = 1000
AFTER_FAILURE = timedelta(minutes=10)
"""After a failure it is asked again no sooner by itself."""


class FollowHandler(OneStep):
    """Asks a Stash what changed, and for the scenes of tags, studios and performers that did."""

    name = FOLLOW
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        settings = StashSettings.objects.select_related("connection").filter(pk=run.job.connection_id).first()
        if settings is None:
            return {}
        client = stash_client_for(settings.connection)
        touched = _follow_groups(settings, client, run.check)
        found = _follow_changes(settings, client, run.check)
        return {"changed": touched.newer + found.newer, "missed": found.due}


def start_following(stash: Connection, **asked: Any) -> tuple[Job, bool]:
    """Start asking a Stash what changed; or return the job that does so already, and False."""
    asked.pop("params", None)
    return services.start(FOLLOW, connection=stash, dedupe_key=f"{FOLLOW}:{stash.pk}", **asked)


def follow_soon() -> int:
    """Ask each Stash that is new, that other scenes were chosen of, or in which a tag, studio or performer
    has changed; return how many those are.
    """
    touched = TouchedGroup.objects.filter(source=OuterRef("pk"))
    is_new = Q(stash__isnull=False, stash__whole_at=None)
    failed = Job.objects.filter(
        connection=OuterRef("pk"), name=FOLLOW, state=JobState.FAILED, finished_at__gt=Now() - AFTER_FAILURE
    )
    rows = Connection.objects.filter(Exists(touched) | is_new, ~Exists(failed))
    rows = rows.filter(enabled=True, breaker=Breaker.CLOSED)
    return sum(start_following(stash, trigger=Trigger.WEBHOOK)[1] for stash in rows)


def _follow_groups(settings: StashSettings, client: StashClient, keep_alive: Callable[[], object]) -> Noted:
    found = Noted()
    for row in TouchedGroup.objects.filter(source=settings.pk).order_by("touched_at"):
        if row.group == EVERYTHING:
            found += _note_known(settings.pk, set())
        else:
            for page in client.having(Group(row.group), row.remote_id):
                keep_alive()
                found += noting.note(settings.pk, [one.id for one in page])
        # Touched again meanwhile, it stays.
        TouchedGroup.objects.filter(pk=row.pk, touched_at=row.touched_at).delete()
    return found


def _follow_changes(settings: StashSettings, client: StashClient, keep_alive: Callable[[], object]) -> Noted:
    """Note what is newer than was known. Each page is kept; how far it was read, once the last has come."""
    now, since = timezone.now(), settings.read_until
    whole = since is None or settings.whole_at is None or now - settings.whole_at > WHOLE_EVERY
    seen: set[str] = set()
    newest, found = since, Noted()
    for page in client.changed(None if whole or since is None else since - SAME_SECOND):
        keep_alive()
        seen.update(one.id for one in page)
        found += noting.note_times(settings.pk, {one.id: one.at for one in page})
        newest = max(filter(None, (newest, *(one.at for one in page))))
    if whole:
        found += _note_known(settings.pk, seen)
        found += _note_unread_pictures(settings.connection)
    # All of it is read the first time, and after other scenes were chosen: nothing of that could be told.
    if whole:
        found = Noted(found.newer)
    if found.due:
        settings.missed, settings.missed_at = found.due, now
    settings.read_until, settings.whole_at = newest, now if whole else settings.whole_at
    settings.save(update_fields=["read_until", "whole_at", "missed", "missed_at"])
    return found


def _note_unread_pictures(source: Connection) -> Noted:
    """Note the scenes whose picture could not be read when they were."""
    if not pictures.are_wanted(source):
        return Noted()
    unread = Subject.objects.filter(source=source, gone=False, state__cover="", state__lacks=None)
    keys = unread.order_by("pk").values_list("key", flat=True)
    return noting.note(source.pk, [key.removeprefix(PREFIX) for key in keys])


def _note_known(source_id: int, but: set[str]) -> Noted:
    """Note the scenes that are known here, without these."""
    keys = Subject.objects.filter(source=source_id, gone=False).order_by("pk").values_list("key", flat=True)
    ids = [id for key in keys if (id := key.removeprefix(PREFIX)) not in but]
    parts = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return sum((noting.note(source_id, part) for part in parts), Noted())
