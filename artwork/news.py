"""What is told of artwork: that much of it waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from artwork.jobs import PREPARE
from artwork.models import ArtSettings
from jobs.models import Job
from notify.contract import News, Notice, Topic, link_to

HELD = Topic("artwork_held", _("Artwork waits for you"), "artwork/news/held.txt", "warning")


def of_preparing(job: Job) -> Iterator[Notice]:
    """Yield a notice for each connection that is held since this job, and was not before."""
    rows = ArtSettings.objects.filter(pk__in=job.summary.get("held", ()), held_since__isnull=False)
    for settings in rows.select_related("connection"):
        connection = settings.connection
        data = {"job": job.pk, "connection": connection.pk}
        yield Notice(HELD.name, {"settings": settings}, data, connection, link_to("inbox"))


BRINGS = News(topics=(HELD,), jobs={PREPARE: of_preparing})
