"""What may be wrong with kept files."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.errors import ConfigError, StorageError
from core.features import Health
from core.issues import TAGGARR, Action, Issue, Severity, named
from core.words import Phrase
from storage import checking, places
from storage.models import Stored


def damaged_files() -> Iterator[Issue]:
    rows = checking.damaged()
    total = rows.count()
    if total:
        first = list(rows[:3])
        yield Issue(
            source=TAGGARR,
            severity=Severity.ERROR,
            what=Phrase("storage.damaged", files=named([str(one) for one in first], total)),
            meaning=_("These pictures can be neither shown nor put back beside your videos."),
            remedy=_(
                "What came from a provider is fetched anew by itself. Check the disk of the storage, and "
                "take the rest from a backup."
            ),
            action=Action(_("Open the backups"), "backups"),
            since=first[0].damaged_at,
        )


def storage_away() -> Iterator[Issue]:
    if not Stored.objects.exists():
        return
    try:
        if places.backend().is_there():
            return
        what: str = Phrase("storage.moved")
    except (StorageError, ConfigError) as error:
        what = error.phrase
    yield Issue(
        source=TAGGARR,
        severity=Severity.ERROR,
        what=what,
        meaning=_("Pictures can be neither shown nor kept until it is back."),
        remedy=_("Check whether its disk is mounted, or its service runs."),
        action=Action(_("Show the logs"), "logs"),
    )


BRINGS = Health(stored=(damaged_files,), live=(storage_away,))
