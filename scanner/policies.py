"""Changing a policy: what a change would do, and the job that decides anew after it. No file is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from scanner.labels.desired import Labels, Standing, change_to, desired
from scanner.labels.managed import labels_of
from scanner.loading import locked
from scanner.models import Policy, PolicyVersion, Verdict
from scanner.scan import brake
from scanner.scan.answers import is_held, waits
from scanner.scan.deciding import chunks, redecide, would_be
from scanner.scan.exclusions import apply_rules, rule_against
from scanner.scan.starting import start_reconcile

if TYPE_CHECKING:
    from accounts.models import User

EXAMPLES = 50

VERSIONS = 20
"""So many versions of a policy are kept."""


@dataclass(slots=True)
class PolicyPreview:
    """What saving a policy would do: the media it decides, and those that change, counted by (before, after).

    `examples` are the first of these, as (title, before, after). `labels_added` and `labels_removed` count,
    for each label beside the verdict's, the media that should carry it then and not now, or now and not then.
    `retagged` are the titles that would end up with other tags, `left_out` and `taken_in` those that its
    rules would exclude newly, or no more. `brakes` are the instances at which the brake would hold the tags
    until somebody releases them.
    """

    media: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[tuple[str, str, str]] = field(default_factory=list)
    labels_added: Counter[str] = field(default_factory=Counter)
    labels_removed: Counter[str] = field(default_factory=Counter)
    retagged: int = 0
    left_out: int = 0
    taken_in: int = 0
    brakes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether saving it would change anything of a title."""
        counted = self.changed + self.retagged + self.left_out + self.taken_in
        return bool(counted or self.labels_added or self.labels_removed)

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
    known: dict[int, tuple[Connection, Labels]] = {}
    changed: Counter[int] = Counter()
    for then in would_be(media_of(policy), policy):
        media, before = then.media, then.media.scan_state
        result.media += 1
        if media.connection_id not in known:
            known[media.connection_id] = media.connection, labels_of(media.connection)
        connection, ours = known[media.connection_id]
        rule = rule_against(policy, tags=media.tags, genres=media.genres, path=media.path)
        result.left_out += bool(rule and not media.excluded_by)
        result.taken_in += bool(media.excluded_by and not rule)
        standing = replace(before.standing, verdict=then.verdict, language_labels=then.language_labels)
        result.retagged += _written(media, before.standing, before.policy, ours) != _written(
            media, standing, policy, ours
        )
        changed[connection.pk] += Verdict.UNKNOWN != before.verdict != then.verdict
        now, labels = set(before.language_labels or ()), set(then.language_labels or ())
        result.labels_added.update(labels - now)
        result.labels_removed.update(now - labels)
        if then.verdict != before.verdict:
            result.changes[before.verdict, then.verdict] += 1
            if len(result.examples) < EXAMPLES:
                result.examples.append((str(media), before.verdict, then.verdict))
    result.brakes = sorted(
        connection.name
        for connection, _ in known.values()
        if connection.scan_settings.last_full_scan_at is not None
        and brake.is_too_much(connection, changed[connection.pk], brake.known_verdicts(connection))
    )
    return result


def _written(media: Media, standing: Standing, policy: Policy, labels: Labels) -> frozenset[str]:
    """The tags of a title once it stands so under a policy."""
    tags = frozenset(media.tags)
    if policy.dry_run or media.excluded or media.excluded_by:
        return tags
    change = change_to(tags, desired(standing, policy.labels), labels)
    return (tags | change.add) - change.remove


def save_policy(policy: Policy, *, user: User | None = None) -> Job | None:
    """Save a policy; return the job that decides its titles anew, None where it has none.

    Whatever is decided from here on, scans that run meanwhile too, is decided by what was saved. A job of an
    earlier saving ends: this one does all of its work. The tags follow, by a reconcile of each instance that
    the brake does not hold. What the policy was like is kept, the last twenty times.
    """
    with transaction.atomic():
        before = Policy.objects.select_for_update().filter(pk=policy.pk).first()
        policy.save()
        if before is not None and not policy.versions.exists():
            _keep_version(before, None)
        _keep_version(policy, user)
        if media_of(policy).exists():
            return _decide({"policy": policy.pk}, user)
    return None


def _keep_version(policy: Policy, user: User | None) -> None:
    last = policy.versions.first()
    if last is None or last.values != policy.values():
        policy.versions.create(values=policy.values(), saved_by=user)
        old = policy.versions.values("pk")[VERSIONS:]
        PolicyVersion.objects.filter(pk__in=[row["pk"] for row in old]).delete()


def former_versions(policy: Policy) -> list[PolicyVersion]:
    """What a policy was like before, the last first; to go back to one is to save what it `applied`."""
    versions = list(policy.versions.select_related("saved_by"))
    return versions[1:] if versions and versions[0].values == policy.values() else versions


def version_of(policy: Policy, number: int | None = None) -> PolicyVersion:
    """Return the former version of this number, without one the last. Raises `ConfigError`."""
    former = former_versions(policy)
    found = next((one for one in former if number in (None, one.pk)), None)
    if found is None and former:
        raise ConfigError("policy.no-version", name=policy.name, number=number)
    if found is None:
        raise ConfigError("policy.no-former", name=policy.name)
    return found


def go_back(policy: Policy, number: int | None = None, *, user: User | None = None) -> Job | None:
    """Have a policy be what it was, as `save_policy` does; the version is that of `version_of`."""
    return save_policy(version_of(policy, number).applied(), user=user)


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
        free, held = _braked(run.job)
        result = {"changed": changed, **(waits(held) if held else {})}
        return Outcome(result=result, save=lambda: _write_tags(run.job, free))


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


def _braked(job: Job) -> tuple[list[Connection], list[Connection]]:
    """The instances with something to write: those that the brake lets through, and those that it holds."""
    titles = _titles(job)
    dirty = set(titles.filter(scan_state__dirty=True).values_list("connection", flat=True))
    free: list[Connection] = []
    held: list[Connection] = []
    rows = Connection.objects.filter(enabled=True, pk__in=titles.values("connection"))
    for connection in rows.select_related("scan_settings__policy", "source"):
        if connection.pk in dirty:
            named = Policy.objects.filter(pk=job.params.get("policy")).first()
            name = (named or connection.scan_settings.policy).name
            brake.check(connection, job.pk, titles, policy=name)
        if is_held(connection):
            held.append(connection)
        elif connection.pk in dirty:
            free.append(connection)
    return free, [connection for connection in held if connection.pk in dirty]


def _write_tags(job: Job, connections: Sequence[Connection]) -> None:
    for connection in connections:
        start_reconcile(connection, user=job.requested_by)
