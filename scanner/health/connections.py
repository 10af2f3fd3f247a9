"""What the scanner waits for a person to say about an app."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext as _

from connections.models import Connection
from core.issues import Action, Issue, Severity
from core.words import Phrase
from scanner.labels.managed import labels_in_question
from scanner.models import FactsFrom, FileScanState, ScanSettings


def held() -> Iterator[Issue]:
    waiting = ScanSettings.objects.filter(connection__enabled=True, held_since__isnull=False, in_setup=False)
    for settings in waiting.select_related("connection"):
        name = settings.connection.name
        yield Issue(
            source=name,
            severity=Severity.ERROR,
            what=settings.held_reason,
            meaning=_("Scans go on, but no tag and no NFO is written."),
            remedy=_("Look at the changes, then release or decline them."),
            action=Action(
                text=_("Look at them and decide"),
                view="instance_held",
                args=(settings.pk,),
                command=f"manage.py release {shlex.quote(name)}",
            ),
            since=settings.held_since,
        )


def found_labels() -> Iterator[Issue]:
    """Yield an issue for every label in use that stood in an app before we ever wrote it."""
    for label in labels_in_question().select_related("connection"):
        name = shlex.quote(label.connection.name)
        yield Issue(
            source=label.connection.name,
            what=Phrase("label.found", label=label.label),
            meaning=_("It may mean something else to you, so it is neither added nor removed."),
            remedy=_("Adopt it, leave it alone, or choose another tag in the policy."),
            action=Action(
                text=_("Adopt it or leave it alone"),
                view="instance_tags",
                args=(label.connection_id,),
                command=f"manage.py adopt_tags {name} {label.label}",
            ),
            since=label.created_at,
        )


def not_mounted() -> Iterator[Issue]:
    """Yield an issue for every instance of whose files its app alone says what they hold, though they are to
    be read here where that is possible.
    """
    known = FileScanState.objects.filter(
        engine=FactsFrom.ARR,
        file__media__connection__enabled=True,
        file__media__connection__scan_settings__facts_from=FactsFrom.AUTO,
    )
    titles = known.values("file__media__connection").annotate(number=Count("file__media", distinct=True))
    numbers = dict(titles.order_by().values_list("file__media__connection", "number"))
    for connection in Connection.objects.filter(pk__in=numbers).order_by("name"):
        number = numbers[connection.pk]
        yield Issue(
            source=connection.name,
            what=Phrase("setup.not-mounted", number=number, app=connection.get_kind_display()),
            meaning=_("Languages that a file holds and the app does not list are not seen."),
            remedy=_(
                "Mount the folders here or add path mappings; or say in the connection's settings that facts "
                "come from the app."
            ),
            action=Action(text=_("Look at every folder"), view="setup_folders", args=(connection.pk,)),
        )
