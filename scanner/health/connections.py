"""What the scanner waits for a person to say about an app."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from django.utils.translation import gettext as _

from connections.health import to_connection
from core.issues import Issue, Severity
from core.words import Phrase
from scanner.labels.managed import verdict_labels, wanted_by_media
from scanner.models import ManagedLabel, ScanSettings


def held() -> Iterator[Issue]:
    waiting = ScanSettings.objects.filter(connection__enabled=True, held_since__isnull=False)
    for settings in waiting.select_related("connection"):
        name = settings.connection.name
        yield Issue(
            source=name,
            severity=Severity.ERROR,
            what=settings.held_reason,
            meaning=_("Scans go on, but no tag and no NFO is written."),
            remedy=_("Look at the verdicts, then release the brake."),
            action=to_connection(settings.pk, command=f"manage.py release {shlex.quote(name)}"),
            since=settings.held_since,
        )


def found_labels() -> Iterator[Issue]:
    """Yield an issue for every label in use that stood in an app before we ever wrote it."""
    waiting = ManagedLabel.objects.filter(found=True, connection__enabled=True)
    rows = list(waiting.select_related("connection").order_by("label"))
    of_verdicts = {
        connection.pk: verdict_labels(connection) for connection in {row.connection for row in rows}
    }
    for label in rows:
        if label.label not in of_verdicts[label.connection_id] and not wanted_by_media(label):
            continue
        name = shlex.quote(label.connection.name)
        yield Issue(
            source=label.connection.name,
            severity=Severity.WARNING,
            what=Phrase("label.found", label=label.label),
            meaning=_("It may mean something else to you, so it is neither added nor removed."),
            remedy=_("Adopt it, or choose another label in the policy."),
            action=to_connection(label.connection_id, command=f"manage.py adopt_label {name} {label.label}"),
            since=label.created_at,
        )
