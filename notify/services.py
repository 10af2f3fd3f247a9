"""What is done with channels and messages: saving, testing, telling.

What is worth telling is read from the jobs that ended and from history, at every tick. Nothing is told twice
and nothing is lost: what was told is marked in the transaction that makes the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from connections.models import Connection
from core.errors import FieldError
from core.features import brought
from history.models import Event
from jobs import services as jobs
from jobs.handlers import NewItem
from jobs.models import Job, JobItem, JobState, Trigger
from notify.contract import News, Notice, topics
from notify.health import source_of
from notify.models import TEST, Channel, ChannelKind, Message, Told
from notify.sending import check_address, send

if TYPE_CHECKING:
    pass

JOB = "notify"
LONGEST_NAME = 100


def save_channel(channel: Channel, *, connections: Iterable[Connection] | None = None) -> Channel:
    """Save a channel, new or changed, and forget its failures; `connections` None leaves those it has.

    Raises as `check_channel`.
    """
    check_channel(channel)
    channel.forget_failures()
    with transaction.atomic():
        channel.save()
        if connections is not None:
            channel.connections.set(connections)
    return channel


def check_channel(channel: Channel) -> None:
    """Check a channel as it is to be saved, and bring its name into shape.

    Raises FieldError for a name that is taken and the like, ConfigError for an address that leads nowhere.
    """
    channel.name = " ".join(channel.name.split())
    if not channel.name:
        raise FieldError("name", "channel.nameless")
    if len(channel.name) > LONGEST_NAME:
        raise FieldError("name", "channel.name-length", number=LONGEST_NAME)
    if Channel.objects.filter(name__iexact=channel.name).exclude(pk=channel.pk).exists():
        raise FieldError("name", "channel.name-taken", name=channel.name)
    if channel.kind not in ChannelKind.values:
        raise FieldError("kind", "channel.kind", kind=channel.kind, known=list(ChannelKind.values))
    known = topics(also_off=True)
    if unknown := set(channel.topics) - set(known):
        raise FieldError("topics", "channel.topic", topic=sorted(unknown)[0], known=list(known))
    check_address(channel.kind, channel.address.reveal())


def delete_channel(channel: Channel) -> None:
    """Forget a channel. Messages that wait for it are not sent."""
    channel.delete()


def send_test(channel: Channel) -> str:
    """Send a real message through a channel, now, and return a sentence about what came back.

    The message is not kept. Raises ApiTransientError, ApiPermanentError or ConfigError where it was not
    taken; a success forgets earlier failures.
    """
    message = Message(
        created_at=timezone.now(),
        topic=TEST,
        title="Taggarr: a test",
        text=f"This is a test message through the channel {channel.name}. It works.",
    )
    answer = send(channel, message)
    note_sent(channel)
    return answer


def tell(
    topic: str,
    title: str,
    text: str,
    *,
    connection: Connection | None = None,
    link: str = "",
    data: dict[str, Any] | None = None,
    about: str = "",
) -> Message | None:
    """Tell the channels that want to hear of it; return the message, None where nobody does.

    `about` is the health source that the message is about: a channel is not told of its own failure.
    """
    channels = [channel for channel in hearers(topic, connection) if source_of(channel.name) != about]
    return deliver(
        channels,
        Message(topic=topic, title=title, text=text, link=link, data=data or {}, connection=connection),
    )


def deliver(channels: Sequence[Channel], message: Message) -> Message | None:
    """Save a message and start the job that takes it to these channels; None where there are none."""
    if not channels:
        return None
    with transaction.atomic():
        message.title = message.title[:200]
        message.save()
        message.delivery = _start(message, channels)
        message.save(update_fields=["delivery"])
    return message


def deliveries() -> QuerySet[JobItem]:
    """Return what was sent, or is to be, the newest first: an item for each channel that a message goes to.

    `item.job.message` is the message, `item.params["channel"]` the id of the channel.
    """
    return (
        JobItem.objects.filter(job__message__isnull=False, step="send")
        .select_related("job__message")
        .order_by("-pk")
    )


def hearers(topic: str, connection: Connection | None) -> list[Channel]:
    """Return the enabled channels that want to hear of a topic of an instance (None: of Taggarr itself)."""
    channels = Channel.objects.filter(enabled=True, topics__contains=[topic])
    if connection is not None:
        channels = channels.filter(Q(connections=None) | Q(connections=connection)).distinct()
    return list(channels)


def _start(message: Message, channels: Sequence[Channel]) -> Job:
    now = timezone.now()
    items = [
        NewItem(
            key=f"channel:{channel.pk}",
            step="send",
            params={"message": message.pk, "channel": channel.pk},
            due_in=max(0.0, (channel.paused_until - now).total_seconds()) if channel.paused_until else 0.0,
        )
        for channel in channels
    ]
    job, _ = jobs.start(JOB, params={"message": message.pk}, trigger=Trigger.SCHEDULED, items=items)
    return job


def note_sent(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(
        failures=0, last_error="", failing_since=None, paused_until=None, last_sent_at=Now()
    )


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
        deliver(_hearers(one), message)


def _hearers(notice: Notice) -> list[Channel]:
    return [
        channel
        for channel in hearers(notice.topic, notice.connection)
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
