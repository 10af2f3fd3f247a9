"""What artwork adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q

from artwork.models import UNPUBLISHED, Entity, Publication, PublishedFile
from core.features import Metrics
from core.metrics import Family, gauge


def artwork() -> Iterator[Family]:
    titles = gauge(
        "art_titles",
        "Series, movies, seasons and episodes: all of them, and those of a state.",
        ["connection", "state"],
    )
    counts = {
        "all": Count("pk"),
        "unpublished": Count("pk", filter=UNPUBLISHED),
        "missing": Count("pk", filter=Q(missing_since__isnull=False)),
        "troubled": Count("pk", filter=~Q(problem="")),
    }
    for name, *numbers in Entity.objects.values_list("connection__name").annotate(**counts).order_by():
        for state, number in zip(counts, numbers, strict=True):
            titles.add_metric([name, state], number)
    files = gauge("art_files", "Files beside titles that are guarded.", ["connection"])
    for name, number in PublishedFile.objects.values_list("title__connection__name").annotate(Count("pk")):
        files.add_metric([name], number)
    publications = gauge("art_publications", "Publications of the last 90 days.", ["state"])
    for state, number in Publication.objects.order_by().values_list("state").annotate(Count("pk")):
        publications.add_metric([state], number)
    yield from (titles, files, publications)


BRINGS = Metrics((artwork,))
