"""The brake: a scan that would change too much stops before it writes, and asks."""

from __future__ import annotations

import shlex

from django.db.models import Q
from django.db.models.functions import Now

from history.models import Event, EventKind
from history.services import record
from jobs.models import Job
from library.models import Instance, Media, Verdict
from library.sentences import Sentence, say

from .labels import labels_of
from .reconcile import change_of

FLOOR = 5
"""So many changed media at least: of ten series, three new dubs are an evening's downloads."""


def hold(instance: Instance, reason: str, job_id: int | None) -> None:
    """Keep everything from being written to an instance until a person releases it; write an event once."""
    held = Instance.objects.filter(pk=instance.pk, held_since=None).update(
        held_since=Now(), held_reason=reason
    )
    if held:
        record(
            EventKind.HELD,
            say("%(instance)s: %(reason)s", instance=instance.name, reason=reason),
            instance=instance,
            job_id=job_id,
        )
    instance.refresh_from_db(fields=["held_since", "held_reason"])


def changed_verdicts(instance: Instance, job_id: int) -> int:
    """Return how many media of an instance had another verdict before this full scan.

    Scans that wrote nothing (dry runs, cancelled and failed ones) since the last that came to its end count
    as parts of this one: what they changed is written by it.
    """
    since = Q(created_at__gt=instance.last_full_scan_at) if instance.last_full_scan_at else Q()
    scans = Job.objects.filter(since, name="scan", instance=instance, params__media_id=None)
    changes = Event.objects.filter(Q(job=job_id) | Q(job__in=scans), kind=EventKind.VERDICT)
    changes = changes.exclude(media=None)
    first = changes.order_by("media_id", "id").distinct("media_id")
    verdicts = first.values_list("before", "media__verdict")
    return sum(before not in (Verdict.UNKNOWN, now) for before, now in verdicts)


def check_labels(instance: Instance, job_id: int) -> None:
    """Hold an instance where a full scan would take labels of languages off too many of its media.

    Only media that the scan has read count: what a changed policy asks for was previewed and confirmed.
    """
    if instance.last_full_scan_at is None:
        return
    labels = labels_of(instance)
    if not labels.of_languages:
        return
    media = Media.objects.filter(instance=instance, tags__overlap=sorted(labels.of_languages))
    read = media.filter(dirty=True, job_items__job=job_id).select_related(
        "instance__policy", "policy_override"
    )
    total = media.count()
    losing = sum(bool(change_of(one, labels).remove & labels.of_languages) for one in read.iterator())
    what = say("take labels of languages off %(part)d of %(total)d media", part=losing, total=total)
    _hold_above(instance, losing, total, what, job_id)


def check_verdicts(instance: Instance, job_id: int) -> None:
    """Hold an instance where a full scan changed more of its verdicts than its limit allows.

    Not on a first scan: there nothing stood before. Not for fewer than `FLOOR`.
    """
    if instance.last_full_scan_at is None:
        return
    total = Media.objects.filter(instance=instance).exclude(verdict=Verdict.UNKNOWN).count()
    changed = changed_verdicts(instance, job_id)
    what = say("change %(part)d of %(total)d verdicts", part=changed, total=total)
    _hold_above(instance, changed, total, what, job_id)


def _hold_above(instance: Instance, part: int, total: int, what: Sentence, job_id: int) -> None:
    """Hold an instance where this part of all is more than its limit allows, and at least `FLOOR`."""
    limit = instance.brake_verdicts_percent
    if part >= FLOOR and part * 100 > total * limit:
        reason = say(
            "The scan would %(what)s, more than %(limit)d %%: look at them, then release the instance"
            " (%(command)s) to write the tags.",
            what=what,
            limit=limit,
            command=f"manage.py release {shlex.quote(instance.name)}",
        )
        hold(instance, reason, job_id)
