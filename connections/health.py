"""What is wrong with whole connections."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.errors import ConfigError
from core.features import Health
from core.issues import Action, Issue, Severity
from core.words import Phrase

from . import services
from .models import Breaker, Connection


def to_connection(pk: int, *, command: str = "") -> Action:
    return Action(_("Open the connection"), "connection", (pk,), command=command)


def secrets() -> Iterator[Issue]:
    for connection in Connection.objects.only("name", "secret"):
        try:
            connection.secrets()
        except ConfigError as error:
            yield Issue(
                source=connection.name,
                severity=Severity.ERROR,
                what=Phrase("connection.key-sealed"),
                meaning=_("Nothing can be read from it or written to it."),
                remedy=_("%(error)s Or enter it again.") % {"error": error},
                action=to_connection(connection.pk),
            )


def breakers() -> Iterator[Issue]:
    """Yield an issue for every connection that no calls go to now."""
    for connection in Connection.objects.filter(enabled=True):
        if connection.breaker == Breaker.REFUSED:
            yield Issue(
                source=connection.name,
                severity=Severity.ERROR,
                what=connection.breaker_reason,
                meaning=_("No calls go to it until its settings are corrected; scans and tags wait."),
                remedy=_("Correct its secret."),
                action=to_connection(connection.pk),
            )
        elif connection.breaker == Breaker.OPEN and not services.may_be_off(connection):
            yield Issue(
                source=connection.name,
                severity=Severity.ERROR,
                what=connection.breaker_reason,
                meaning=_("It is tried again by itself; scans and tags wait until it answers."),
                remedy=_("Check that it runs, and that its address is right."),
                action=Action(
                    _("Test it now"),
                    "connection_test",
                    (connection.pk,),
                    posts=True,
                    command=f"manage.py test_connection {shlex.quote(connection.name)}",
                ),
            )


BRINGS = Health(stored=(secrets, breakers))
