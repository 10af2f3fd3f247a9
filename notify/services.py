"""What is done with channels and messages: saving, testing, telling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from connections.models import Connection
from core.errors import ConfigError
from jobs import services as jobs
from jobs.handlers import NewItem
from jobs.models import Job, JobItem, Trigger
from notify.health import source_of

from .contract import topics
from .models import TEST, Channel, ChannelKind, Message
from .sending import check_address, send

if TYPE_CHECKING:
    pass

JOB = "notify"
LONGEST_NAME = 100


def save_channel(channel: Channel, *, connections: Iterable[Connection] | None = None) -> Channel:
    """Save a channel, new or changed, and forget its failures; `instances` None leaves those it has.

    Raises ConfigError for an address that cannot be sent to, a name that is taken or an unknown topic.
    """
    channel.name = " ".join(channel.name.split())
    if not channel.name:
        raise ConfigError("channel.nameless")
    if len(channel.name) > LONGEST_NAME:
        raise ConfigError("channel.name-length", number=LONGEST_NAME)
    if Channel.objects.filter(name__iexact=channel.name).exclude(pk=channel.pk).exists():
        raise ConfigError("channel.name-taken", name=channel.name)
    if channel.kind not in ChannelKind.values:
        raise ConfigError("channel.kind", kind=channel.kind, known=list(ChannelKind.values))
    known = topics(also_off=True)
    if unknown := set(channel.topics) - set(known):
        raise ConfigError("channel.topic", topic=sorted(unknown)[0], known=list(known))
    check_address(channel.kind, channel.address.reveal())
    channel.forget_failures()
    with transaction.atomic():
        channel.save()
        if connections is not None:
            channel.connections.set(connections)
    return channel


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
