"""The brake: a scan that would change too much stops before it writes, and asks."""

from __future__ import annotations

import shlex

from django.db.models.functions import Now

from history.models import Event, EventKind
from history.services import record
from library.models import Instance, Media, Verdict


def hold(instance: Instance, reason: str, job_id: int | None) -> None:
    """Keep everything from being written to an instance until a person releases it; write an event once."""
    held = Instance.objects.filter(pk=instance.pk, held_since=None).update(
        held_since=Now(), held_reason=reason
    )
    if held:
        record(EventKind.HELD, f"{instance.name}: {reason}", instance=instance, job_id=job_id)
    instance.refresh_from_db(fields=["held_since", "held_reason"])


def changed_verdicts(job_id: int) -> int:
    """Return how many media had a verdict before a job and another one after it."""
    changes = Event.objects.filter(job_id=job_id, kind=EventKind.VERDICT).exclude(before=Verdict.UNKNOWN)
    return changes.order_by().values("media_id").distinct().count()


def check_verdicts(instance: Instance, job_id: int) -> None:
    """Hold an instance where a full scan changed more of its verdicts than its limit allows.

    Not on a first scan: there nothing stood before.
    """
    if instance.last_full_scan_at is None:
        return
    total = Media.objects.filter(instance=instance).exclude(verdict=Verdict.UNKNOWN).count()
    changed = changed_verdicts(job_id)
    if changed * 100 > total * instance.brake_verdicts_percent:
        hold(
            instance,
            f"The scan would change {changed} of {total} verdicts, more than "
            f"{instance.brake_verdicts_percent} %: look at them, then release the instance "
            f"(manage.py release {shlex.quote(instance.name)}) to write the tags.",
            job_id,
        )
