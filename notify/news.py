"""What is worth telling: read from the jobs that ended and from history, at every tick.

Nothing is told twice and nothing is lost: what was told is marked in the transaction that makes the message.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from connections.models import Connection
from history.models import Event, EventKind
from jobs.models import Job, JobState
from notify.health import source_of
from scanner.models import Verdict

from . import services
from .models import Channel, Message, Told, Topic
from .texts import link_to, render

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=6)
"""What nobody told for so long is no news any more (Taggarr was off)."""

FIRST = 10
"""So many titles are named in one message."""

AT_ONCE = 50

_EVENT_TOPICS = {
    EventKind.HEALTH: Topic.HEALTH_ISSUE,
    EventKind.RESTORED: Topic.HEALTH_RESTORED,
    EventKind.NEW_VERSION: Topic.NEW_VERSION,
}


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell: its topic, what its template is filled with, and what a webhook gets."""

    topic: Topic
    context: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    connection: Connection | None = None
    link: str = ""
    about: str = ""
    beside_wrong_dubs: bool | None = None
    """Only for the channels that hear of wrong dubs too (True), or that do not (False)."""


def tell_news() -> None:
    """Make messages of what happened since the last look. Without channels nothing is told, or marked."""
    if not Channel.objects.filter(enabled=True).exists():
        return
    for pk in list(_ended_jobs().values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            job = _ended_jobs().select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if job is not None:
                Told.objects.create(job=job)
                _tell_all(_news_of_job(job))
    for event in list(_untold_events()[:AT_ONCE]):
        with transaction.atomic():
            _, is_new = Told.objects.get_or_create(event=event)
            if is_new:
                _tell_all([_news_of_event(event)])


def _tell_all(news: Any) -> None:
    for one in news:
        title, text = render(one.topic, one.context)
        message = Message(
            topic=one.topic,
            title=title,
            text=text,
            link=one.link,
            data=one.data,
            connection=one.connection,
        )
        services.deliver(_hearers(one), message)


def _hearers(news: News) -> list[Channel]:
    hearers = services.hearers(news.topic, news.connection)
    if news.topic == Topic.SCAN_COMPLETED and not news.data["changed"]:
        hearers = [channel for channel in hearers if channel.always]
    if news.beside_wrong_dubs is not None:
        hearers = [
            channel for channel in hearers if (Topic.WRONG_DUB in channel.topics) is news.beside_wrong_dubs
        ]
    return [channel for channel in hearers if source_of(channel.name) != news.about]


def _since_channels() -> Any:
    """The time before which nothing is told: a new channel does not hear of what was before it."""
    return Channel.objects.filter(enabled=True).order_by("created_at").values("created_at")[:1]


def _ended_jobs() -> QuerySet[Job]:
    return (
        Job.objects.filter(
            name__in=["scan", "backup"],
            state__in=[JobState.COMPLETED, JobState.FAILED],
            finished_at__gt=Now() - LOOK_BACK,
            told=None,
        )
        .filter(finished_at__gt=_since_channels())
        .order_by("pk")
    )


def _untold_events() -> QuerySet[Event]:
    return (
        Event.objects.filter(kind__in=list(_EVENT_TOPICS), time__gt=Now() - LOOK_BACK)
        .filter(time__gt=_since_channels())
        .filter(told=None)
        .select_related("connection")
        .order_by("pk")
    )


def _news_of_event(event: Event) -> News:
    topic = _EVENT_TOPICS[EventKind(event.kind)]
    issue = event.after if isinstance(event.after, dict) else {}
    return News(
        topic,
        {"event": event, "issue": issue},
        data={"source": event.title, "issue": issue, "text": event.text},
        connection=event.connection,
        link=link_to("system" if topic == Topic.NEW_VERSION else "health"),
        about=event.title,
    )


def _news_of_job(job: Job) -> Iterator[News]:
    failed = job.state == JobState.FAILED
    context = {"job": job, "instance": job.connection, "summary": job.summary, "error": job.error}
    link = link_to("job", job.pk)
    data = {"job": job.pk, "error": job.error, "summary": job.summary}
    if job.name == "backup":
        if failed:
            yield News(Topic.BACKUP_FAILED, context, data, link=link)
        return
    if job.params.get("dry_run"):
        return
    if failed:
        yield News(Topic.SCAN_FAILED, context, data, job.connection, link)
        return
    changes = _changes(job)
    if job.params.get("media_id") is None:
        changed = len(changes)
        counts = {**data, "changed": changed}
        yield News(Topic.SCAN_COMPLETED, {**context, "changed": changed}, counts, job.connection, link)
    yield from _news_of_verdicts(job, changes)
    missing = [event.title for event in job.events.filter(kind=EventKind.ORIGINAL_MISSING).order_by("title")]
    if missing:
        yield _many(job, Topic.ORIGINAL_MISSING, missing)


def _changes(job: Job) -> list[tuple[str, str, str]]:
    """Return (title, before, after) of every title whose verdict is another one than before the job."""
    rows = job.events.filter(kind=EventKind.VERDICT).order_by("pk")
    found: dict[int | None, tuple[str, str, str]] = {}
    for media, title, before, after in rows.values_list("subject_id", "title", "before", "after"):
        first = found[media][1] if media in found else str(before)
        found[media] = (title, first, str(after))
    return sorted(change for change in found.values() if change[1] != change[2])


def _news_of_verdicts(job: Job, changes: list[tuple[str, str, str]]) -> Iterator[News]:
    wrong = [title for title, _, after in changes if after == Verdict.WRONG_DUB]
    lost = [
        (title, after)
        for title, before, after in changes
        if before == Verdict.DUB and after != Verdict.UNKNOWN
    ]
    complete = [
        title for title, before, after in changes if after == Verdict.DUB and before != Verdict.UNKNOWN
    ]
    if wrong:
        yield _many(job, Topic.WRONG_DUB, wrong)
    if complete:
        yield _many(job, Topic.DUB_COMPLETE, complete)
    # Whoever hears that a dub became a wrong one need not hear that it was lost.
    only_lost = [title for title, after in lost if after != Verdict.WRONG_DUB]
    if only_lost:
        yield replace(_many(job, Topic.DUB_LOST, only_lost), beside_wrong_dubs=True)
    if lost:
        yield replace(_many(job, Topic.DUB_LOST, [title for title, _ in lost]), beside_wrong_dubs=False)


def _many(job: Job, topic: Topic, titles: list[str]) -> News:
    """One message for however many media: the count, the first of them and a link."""
    name = job.connection.name if job.connection else ""
    return News(
        topic,
        {
            "job": job,
            "instance": name,
            "count": len(titles),
            "titles": titles[:FIRST],
            "more": max(0, len(titles) - FIRST),
        },
        {"job": job.pk, "count": len(titles), "titles": titles},
        job.connection,
        _link_to_list(job, topic),
    )


def _link_to_list(job: Job, topic: Topic) -> str:
    """Return the address of the page that lists such media; of what has no page of its own, of the job."""
    if topic == Topic.ORIGINAL_MISSING:
        return link_to("history", instance=job.connection_id, kind=EventKind.ORIGINAL_MISSING.value)
    verdict = {Topic.WRONG_DUB: Verdict.WRONG_DUB, Topic.DUB_COMPLETE: Verdict.DUB}.get(topic)
    if verdict is None:
        return link_to("job", job.pk)
    return link_to("library", instance=job.connection_id, verdict=verdict.value)
