"""Changing a policy: what a change would do, and deciding anew after it. No file is touched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from connections.models import Connection
from library.models import Media
from scanner.models import Policy
from scanner.scan import exclusions
from scanner.scan.deciding import redecide, would_be
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


def save_policy(policy: Policy, *, user: User | None = None) -> int:
    """Save a policy and decide all its media anew; return how many verdicts changed.

    The tags follow in the background, by a reconcile of each of its instances.
    """
    with transaction.atomic():
        policy.save()
        connections = Connection.objects.filter(
            Q(scan_settings__policy=policy) | Q(media__scan_state__policy_override=policy)
        ).distinct()
        for connection in connections:
            exclusions.apply_rules(connection)
        changed = redecide(media_of(policy))
    dirty = Media.objects.filter(scan_state__dirty=True).values("connection")
    for connection in connections.filter(enabled=True, pk__in=dirty):
        start_reconcile(connection, user=user)
    return changed


def delete_policy(policy: Policy) -> None:
    """Delete a policy. Raises Django's ProtectedError where an instance or a title has it."""
    policy.delete()


def follow_policy(connection: Connection, *, user: User | None = None) -> int:
    """After an instance was given another policy: decide its media anew; return how many verdicts changed.

    The tags follow in the background.
    """
    with transaction.atomic():
        exclusions.apply_rules(connection)
        changed = redecide(Media.objects.filter(connection=connection, scan_state__policy_override=None))
    if connection.enabled:
        start_reconcile(connection, user=user)
    return changed
