"""Changing a policy: what a change would do, and the job that decides anew after it. No file is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from connections.models import Connection
from core.errors import ConfigError
from jobs import services as jobs
from jobs.handlers import JobHandler, NewItem, Outcome, Plan
from jobs.models import LIVE_JOB, Job, Queue
from jobs.runner import ItemRun
from library.models import Media
from scanner.events import ScanEvent
from scanner.loading import locked
from scanner.models import Policy
from scanner.scan.deciding import chunks, redecide, would_be
from scanner.scan.exclusions import apply_rules
from scanner.scan.starting import start_reconcile

if TYPE_CHECKING:
    from accounts.models import User

EXAMPLES = 50


@dataclass(slots=True)
class PolicyPreview:
    """What saving a policy would do: the media it decides, and those that change, counted by (before, after).

    `examples` are the first of these, as (title, before, after). `labels_added` and `labels_removed` count,
    for each label beside the verdict's, the media that should carry it then and not now, or now and not then.
    """

    media: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    labels_added: Counter[str] = field(default_factory=Counter)
    labels_removed: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        return sum(self.changes.values())

    @property
    def labels(self) -> list[tuple[str, int, int]]:
        """The labels beside the verdict's that would change, each with how many media gain and lose it."""
        names = sorted({*self.labels_added, *self.labels_removed})
        return [(label, self.labels_added[label], self.labels_removed[label]) for label in names]


def media_of(policy: Policy) -> QuerySet[Media]:
    """Return the media that a policy decides: those of its instances without an override, and its own."""
    return Media.objects.filter(
        Q(scan_state__policy_override=policy)
        | Q(scan_state__policy_override=None, connection__scan_settings__policy=policy)
    )


def preview_policy(policy: Policy) -> PolicyPreview:
    """Return what saving this (changed, unsaved) policy would do."""
    result = PolicyPreview()
    for then in would_be(media_of(policy), policy):
        media, before = then.media, then.media.scan_state
        result.media += 1
        now, labels = set(before.language_labels or ()), set(then.language_labels or ())
        result.labels_added.update(labels - now)
        result.labels_removed.update(now - labels)
        if then.verdict != before.verdict:
            result.changes[before.verdict, then.verdict] += 1
            if len(result.examples) < EXAMPLES:
                result.examples.append((str(media), before.verdict, then.verdict))
    return result


def save_policy(policy: Policy, *, user: User | None = None) -> Job | None:
    """Save a policy; return the job that decides its titles anew, None where it has none.

    Whatever is decided from here on, scans that run meanwhile too, is decided by what was saved. A job of an
    earlier saving ends: this one does all of its work. The tags follow, by a reconcile of each instance.
    """
    with transaction.atomic():
        policy.save()
        if media_of(policy).exists():
            return _decide({"policy": policy.pk}, user)
    return None


def follow_policy(connection: Connection, *, user: User | None = None) -> Job:
    """After an instance was given another policy: return the job that decides its titles anew.

    The tags follow in the background.
    """
    return _decide({"instance": connection.pk}, user)


def _decide(params: dict[str, Any], user: User | None) -> Job:
    ((kind, pk),) = params.items()
    key = f"{DecideHandler.name}:{kind}:{pk}"
    with transaction.atomic():
        for job in Job.objects.filter(dedupe_key=key, state__in=LIVE_JOB):
            jobs.cancel(job)
        return jobs.start(DecideHandler.name, params=params, user=user, dedupe_key=key)[0]


def delete_policy(policy: Policy) -> None:
    """Delete a policy. Raises Django's ProtectedError where an instance or a title has it."""
    policy.delete()


class DecideHandler(JobHandler):
    """Decides titles anew from what is known of their files: those of a `policy`, or those that have that of
    their `instance`.
    """

    name = "decide"
    steps = ("part",)
    queue = Queue.INTERACTIVE

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if list(params) not in (["policy"], ["instance"]) or not isinstance(next(iter(params.values())), int):
            raise ConfigError("A decide has one parameter, the number of a 'policy' or an 'instance'.")
        return params

    def plan(self, run: ItemRun) -> Plan:
        parts = [
            NewItem(f"part:{ids[0]}", "part", params={"media_ids": ids}) for ids in chunks(_titles(run.job))
        ]
        return Plan(parts, {"media": sum(len(part.params["media_ids"]) for part in parts)})

    def work(self, run: ItemRun) -> Outcome:
        ids = run.item.params["media_ids"]
        return Outcome(result={"media": len(ids)}, save=lambda: _decide_part(ids, run.job))

    def finish(self, run: ItemRun) -> Outcome:
        changes = run.job.events.filter(kind=ScanEvent.VERDICT).order_by()
        changed = changes.values("subject_id").distinct().count()
        return Outcome(result={"changed": changed}, save=lambda: _write_tags(run.job))


def _titles(job: Job) -> QuerySet[Media]:
    if "policy" in job.params:
        return media_of(Policy(pk=job.params["policy"]))
    return Media.objects.filter(connection=job.params["instance"], scan_state__policy_override=None)


def _decide_part(ids: Sequence[int], job: Job) -> None:
    media = Media.objects.filter(pk__in=ids)
    # The rows first: what a policy that is saved meanwhile says is known by the time that they are ours.
    list(locked(media.order_by("pk")))
    apply_rules(media)
    redecide(media, job_id=job.pk)


def _write_tags(job: Job) -> None:
    dirty = _titles(job).filter(scan_state__dirty=True).values("connection")
    for connection in Connection.objects.filter(enabled=True, pk__in=dirty):
        start_reconcile(connection, user=job.requested_by)
