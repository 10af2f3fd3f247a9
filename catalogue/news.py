"""What is told of the collection: that a list is imported, that rows wait, that works may be doubled."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from catalogue.imports.services import IMPORT
from catalogue.models import Import, Outcome
from jobs.models import Job
from notify.contract import News, Notice, Topic, link_to

DONE = Topic("import_done", _("A list was imported"), "catalogue/news/import_done.txt", "success", quiet=True)
WAITING = Topic("review_waiting", _("Rows of a list wait for you"), "catalogue/news/waiting.txt", "warning")


def of_import(job: Job) -> Iterator[Notice]:
    """Yield that a list was imported, or, where some of its rows are in doubt, that these wait."""
    of = Import.objects.filter(job=job, finished_at__isnull=False).first()
    if of is None:
        return
    waiting = of.counts.get(Outcome.REVIEW, 0)
    data = {"job": job.pk, "import": of.pk, "counts": of.counts}
    page = link_to("collection_import", of.pk)
    yield Notice(DONE.name, {"of": of}, data, link=page, without=WAITING.name if waiting else "")
    if waiting:
        yield Notice(WAITING.name, {"of": of, "number": waiting}, data, link=link_to("collection_review"))


BRINGS = News(topics=(DONE, WAITING), jobs={IMPORT: of_import})
