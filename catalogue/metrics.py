"""What the collection adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from catalogue import duplicates
from catalogue.models import Copy, Import, ImportRow, Outcome, Work
from catalogue.models.works import SHOWN
from core.features import Metrics
from core.metrics import Family, gauge


def catalogue() -> Iterator[Family]:
    works = gauge("collection_works", "Works in the collection.", ["kind"])
    for kind, number in Work.objects.filter(SHOWN).order_by().values_list("kind").annotate(Count("pk")):
        works.add_metric([kind], number)
    trash = gauge("collection_trash", "Works and copies in the trash.", ["what"])
    copies = Copy.objects.aggregate(
        here=Sum("quantity", filter=Q(deleted_at=None, edition__work__deleted_at=None)),
        gone=Count("pk", filter=Q(deleted_at__isnull=False)),
    )
    trash.add_metric(["works"], Work.objects.filter(deleted_at__isnull=False).count())
    trash.add_metric(["copies"], copies["gone"])
    owned = gauge("collection_copies", "Things on the shelves.", [])
    owned.add_metric([], copies["here"] or 0)
    waiting = gauge("collection_waiting", "What waits for a person.", ["what"])
    rows = ImportRow.objects.filter(outcome=Outcome.REVIEW, of__undone_at=None)
    waiting.add_metric(["rows"], rows.count())
    waiting.add_metric(["duplicates"], duplicates.number_proposed())
    imports = gauge("collection_imports", "Lists that were uploaded.", ["state"])
    counts = Import.objects.aggregate(
        waiting=Count("pk", filter=Q(started_at=None)),
        running=Count("pk", filter=Q(started_at__isnull=False, finished_at=None, undone_at=None)),
        finished=Count("pk", filter=Q(finished_at__isnull=False, undone_at=None)),
        undone=Count("pk", filter=Q(undone_at__isnull=False)),
    )
    for state, number in counts.items():
        imports.add_metric([state], number)
    yield from (works, owned, trash, waiting, imports)


BRINGS = Metrics((catalogue,))
