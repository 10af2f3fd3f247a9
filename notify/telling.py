"""What is worth telling: read from the jobs that ended and from history, at every tick.

Nothing is told twice and nothing is lost: what was told is marked in the transaction that makes the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string

from core.features import brought
from history.models import Event
from jobs.models import Job, JobState
from notify.health import source_of

from . import services
from .contract import News, Notice, topics
from .models import Channel, Message, Told

LOOK_BACK = timedelta(hours=6)
"""What nobody told for so long is no news any more (Taggarr was off)."""

AT_ONCE = 50


def tell_news() -> None:
    """Make messages of what happened since the last look. Without channels nothing is told, or marked."""
    if not Channel.objects.filter(enabled=True).exists():
        return
    news = [one for _, one in brought(News)]
    of_jobs = {name: tell for one in news for name, tell in one.jobs.items()}
    of_events = {kind: tell for one in news for kind, tell in one.events.items()}
    ended = _ended_jobs(of_jobs)
    for pk in list(ended.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            job = ended.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if job is not None:
                Told.objects.create(job=job)
                _tell_all(of_jobs[job.name](job))
    for event in list(_untold_events(of_events)[:AT_ONCE]):
        with transaction.atomic():
            _, is_new = Told.objects.get_or_create(event=event)
            if is_new:
                _tell_all(of_events[event.kind](event))


def _tell_all(notices: Iterable[Notice]) -> None:
    for one in notices:
        title, text = render(one.topic, one.context)
        message = Message(
            topic=one.topic, title=title, text=text, link=one.link, data=one.data, connection=one.connection
        )
        services.deliver(_hearers(one), message)


def _hearers(notice: Notice) -> list[Channel]:
    return [
        channel
        for channel in services.hearers(notice.topic, notice.connection)
        if (channel.always or not notice.dull)
        and (not notice.beside or notice.beside in channel.topics)
        and notice.without not in channel.topics
        and source_of(channel.name) != notice.about
    ]


def _since_channels() -> Any:
    """The time before which nothing is told: a new channel does not hear of what was before it."""
    return Channel.objects.filter(enabled=True).order_by("created_at").values("created_at")[:1]


def _ended_jobs(names: Iterable[str]) -> QuerySet[Job]:
    return (
        Job.objects.filter(
            name__in=list(names),
            state__in=[JobState.COMPLETED, JobState.FAILED],
            finished_at__gt=Now() - LOOK_BACK,
            told=None,
        )
        .filter(finished_at__gt=_since_channels())
        .order_by("pk")
    )


def _untold_events(kinds: Iterable[str]) -> QuerySet[Event]:
    return (
        Event.objects.filter(kind__in=list(kinds), time__gt=Now() - LOOK_BACK)
        .filter(time__gt=_since_channels())
        .filter(told=None)
        .select_related("connection")
        .order_by("pk")
    )


def render(topic: str, context: dict[str, Any]) -> tuple[str, str]:
    lines = render_to_string(topics(also_off=True)[topic].template, context).strip().splitlines()
    body = "\n".join(lines[1:]).strip()
    return lines[0].strip(), body or lines[0].strip()
