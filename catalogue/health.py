"""What is wrong with the collection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalogue.models import Import, ImportRow, Outcome
from core.features import Health
from core.issues import TAGGARR, Action, Issue, Severity
from core.words import Phrase
from jobs.models import JobState

RECENT = timedelta(days=7)
"""So long it is told that a list was not imported, and before that a doubt is nobody's fault."""


def unfinished() -> Iterator[Issue]:
    """Yield an issue for every list of which the import ended before its end."""
    rows = Import.objects.filter(
        job__state=JobState.FAILED, undone_at=None, started_at__gte=Now() - RECENT
    ).select_related("job")
    for of in rows.order_by("pk"):
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=Phrase("catalogue.import-failed", name=of.name),
            meaning=_("Some of its rows may be in the collection and others not."),
            remedy=_("Look at what its job says, then take the list back or start its job again."),
            action=Action(_("Open the import"), "collection_import", (of.pk,)),
            since=of.started_at,
        )


def undecided() -> Iterator[Issue]:
    """Yield an issue where rows wait for a person since more than a week."""
    rows = ImportRow.objects.filter(
        outcome=Outcome.REVIEW, of__undone_at=None, of__finished_at__lt=Now() - RECENT
    )
    if number := rows.count():
        yield Issue(
            source=TAGGARR,
            severity=Severity.WARNING,
            what=Phrase("catalogue.rows-wait-long", number=number),
            meaning=_("What they tell of is not in the collection yet."),
            remedy=_("Say of each what it is."),
            action=Action(_("Open the doubts"), "collection_review"),
            since=rows.aggregate(since=Min("of__finished_at"))["since"],
        )


BRINGS = Health(stored=(unfinished, undecided))
