"""What an app brings to notifications, in its module `news`: what there is to tell, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from connections.models import Connection
from core.features import Brings, Text, brought, contribution

if TYPE_CHECKING:
    from history.models import Event
    from jobs.models import Job

Level = Literal["info", "success", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Topic:
    """What a message can be about. `template` makes its title, the first line, and its text.

    A new channel is not told of what is `quiet`.
    """

    name: str
    text: Text
    template: str
    level: Level = "info"
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: its topic, what the template is filled with, and what a webhook gets.

    `about` is the health source that it tells of: a channel does not hear of its own failure. `dull` is only
    for channels that always want to hear; `beside` and `without` name a topic that its channels must, or must
    not, hear of too.
    """

    topic: str
    context: dict[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    connection: Connection | None = None
    link: str = ""
    about: str = ""
    dull: bool = False
    beside: str = ""
    without: str = ""


@contribution
@dataclass(frozen=True)
class News(Brings):
    """The topics of an app, and what there is to tell of jobs that ended and of events, by their name."""

    MODULE = "news"

    topics: tuple[Topic, ...] = ()
    jobs: Mapping[str, Callable[[Job], Iterable[Notice]]] = field(default_factory=dict)
    events: Mapping[str, Callable[[Event], Iterable[Notice]]] = field(default_factory=dict)


def topics(*, also_off: bool = False) -> dict[str, Topic]:
    """What a channel can be told of, by name; without that of features that are off unless `also_off`."""
    return {topic.name: topic for _, news in brought(News, also_off=also_off) for topic in news.topics}


def topic_choices() -> list[tuple[str, Text]]:
    return [(topic.name, topic.text) for topic in topics().values()]


def default_topics() -> list[str]:
    """What a new channel is told of: what somebody may have to act upon."""
    return [topic.name for topic in topics().values() if not topic.quiet]


def with_hidden(chosen: Iterable[str], stored: Iterable[str]) -> list[str]:
    """The topics that were chosen in a form, with those stored ones that it did not show."""
    shown = topics()
    return [*chosen, *(name for name in stored if name not in shown)]


def link_to(page: str, *place: object, **query: object) -> str:
    """Return the address of a page, by its name, as people reach it; empty without TAGGARR_PUBLIC_URL."""
    if not settings.PUBLIC_URL:
        return ""
    path = reverse(page, args=place) + (f"?{urlencode(query)}" if query else "")
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
