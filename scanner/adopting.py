"""Taking labels over that stood in an app before we ever wrote them, and what follows from that."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from jobs.models import Job
from library.errors import ConfigError
from library.models import Instance, Media

from .deciding import redecide
from .labels import adopt_label, labels_of
from .requests import start_reconcile

if TYPE_CHECKING:
    from accounts.models import User


def adopt(instance: Instance, labels: Collection[str] = (), *, user: User | None = None) -> Job | None:
    """Treat these labels, or all that wait where none is named, as ours; start writing what they held up.

    Returns the job that writes, None where the instance is disabled. Raises `ConfigError` where no such label
    waits.
    """
    waiting = labels_of(instance).found
    if not labels and not waiting:
        raise ConfigError(f"No tag of {instance.name} waits to be adopted.")
    with transaction.atomic():
        for label in sorted(labels or waiting):
            adopt_label(instance, label)
        redecide(Media.objects.filter(instance=instance))
    return start_reconcile(instance, user=user) if instance.enabled else None
