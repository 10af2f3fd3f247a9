"""Taking labels over that stood in an app before we ever wrote them, and what follows from that."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from connections.models import Connection
from core.errors import ConfigError
from jobs.models import Job
from library.models import Media
from scanner.labels.managed import adopt_label, labels_of
from scanner.scan.deciding import redecide
from scanner.scan.starting import start_reconcile

if TYPE_CHECKING:
    from accounts.models import User


def adopt(connection: Connection, labels: Collection[str] = (), *, user: User | None = None) -> Job | None:
    """Treat these labels, or all that wait where none is named, as ours; start writing what they held up.

    Returns the job that writes, None where the instance is disabled. Raises `ConfigError` where no such label
    waits.
    """
    waiting = labels_of(connection).found
    if not labels and not waiting:
        raise ConfigError(f"No tag of {connection.name} waits to be adopted.")
    with transaction.atomic():
        for label in sorted(labels or waiting):
            adopt_label(connection, label)
        redecide(Media.objects.filter(connection=connection))
    return start_reconcile(connection, user=user) if connection.enabled else None
