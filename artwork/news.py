"""What is told of artwork: that much of it waits, that titles are not known, and what was put back."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from artwork.events import ArtEvent
from artwork.finding import titles
from artwork.jobs import PREPARE
from artwork.models import UNIDENTIFIED, ArtSettings
from artwork.rechecks import VERIFY
from jobs.models import Job
from notify.contract import News, Notice, Topic, link_to

FIRST = 10
"""So many titles are named in one message."""

HELD = Topic("artwork_held", _("Artwork waits for you"), "artwork/news/held.txt", "warning")
UNKNOWN = Topic("artwork_unidentified", _("Titles are not identified"), "artwork/news/unknown.txt", "warning")
RESTORED = Topic(
    "artwork_restored", _("Artwork was put back"), "artwork/news/restored.txt", "success", quiet=True
)


def of_preparing(job: Job) -> Iterator[Notice]:
    """Yield a notice for each connection that is held since this job, and one of what nobody knows."""
    rows = ArtSettings.objects.filter(pk__in=job.summary.get("held", ()), held_since__isnull=False)
    for settings in rows.select_related("connection"):
        connection = settings.connection
        data = {"job": job.pk, "connection": connection.pk}
        yield Notice(HELD.name, {"settings": settings}, data, connection, link_to("inbox"))
    if job.summary.get("unknown"):
        unknown = titles().filter(UNIDENTIFIED, prepared_at__gte=job.created_at).order_by("name", "pk")
        if names := [str(title) for title in unknown]:
            yield _of_titles(job, UNKNOWN, names, link_to("inbox"))


def of_looking(job: Job) -> Iterator[Notice]:
    """Yield a notice of the titles of which something was put back."""
    rows = job.events.filter(kind=ArtEvent.RESTORED).order_by("title")
    if names := list(dict.fromkeys(rows.values_list("title", flat=True))):
        yield _of_titles(job, RESTORED, names, link_to("job", job.pk))


def _of_titles(job: Job, topic: Topic, names: list[str], link: str) -> Notice:
    context = {"titles": names[:FIRST], "more": max(len(names) - FIRST, 0), "number": len(names)}
    return Notice(topic.name, context, {"job": job.pk, "titles": names}, job.connection, link)


BRINGS = News(topics=(HELD, UNKNOWN, RESTORED), jobs={PREPARE: of_preparing, VERIFY: of_looking})
