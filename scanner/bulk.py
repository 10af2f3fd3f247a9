"""What a person decides of many media at once: scan them, exclude them, give them a policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from connections.models import Connection
from core.sentences import Sentence, say
from history.models import EventKind
from history.services import record
from library.models import Media, excluded, included
from scanner.models import Policy
from scanner.scan.deciding import redecide
from scanner.scan.exclusions import apply_rules
from scanner.scan.starting import start_media_scan, start_reconcile, start_scan

if TYPE_CHECKING:
    from accounts.models import User

AT_ONCE = 20
"""So many media are scanned at once, each by itself; more are left to a scan of their instance."""


def scan_many(media: QuerySet[Media], *, user: User | None = None) -> int:
    """Have these media scanned soon; return how many. Those of disabled instances are left out.

    A few go to the front of the queue. More are marked as unread, and a scan of their instances started: it
    reads them with all else that has changed. Where such a scan is past its planning, what it does not hold
    is read by the next one.
    """
    ids = list(media.filter(connection__enabled=True).order_by("pk").values_list("pk", flat=True))
    chosen = Media.objects.filter(pk__in=ids).select_related("connection")
    if len(ids) <= AT_ONCE:
        for one in chosen:
            start_media_scan(one, user=user)
        return len(ids)
    chosen.update(scanned_fingerprint="", reconcile_rounds=0)
    for connection in _instances_of(ids):
        start_scan(connection, user=user)
    return len(ids)


def exclude_many(media: QuerySet[Media], *, excluded: bool, user: User | None = None) -> int:
    """Exclude these media by hand, or take them back in; return how many that changed."""
    ids = list(media.exclude(excluded=excluded).order_by("pk").values_list("pk", flat=True))
    told = (
        say("Excluded by hand: %(number)d media", number=len(ids))
        if excluded
        else say("Took back in: %(number)d media", number=len(ids))
    )
    _change(ids, {"excluded": excluded}, told, user)
    return len(ids)


def set_policy_many(media: QuerySet[Media], policy: Policy | None, *, user: User | None = None) -> int:
    """Give these media a policy of their own, or that of their instance; return how many that changed."""
    same = Q(policy_override=policy) if policy else Q(policy_override=None)
    ids = list(media.exclude(same).order_by("pk").values_list("pk", flat=True))
    told = (
        say("Gave %(number)d media the policy %(name)s", number=len(ids), name=policy)
        if policy
        else say("Gave %(number)d media the policy of their instance", number=len(ids))
    )
    _change(ids, {"policy_override": policy}, told, user)
    return len(ids)


def _change(ids: list[int], values: dict[str, Any], told: Sentence, user: User | None) -> None:
    """Save the values and all that follows from them; tags follow in the background."""
    if not ids:
        return
    chosen = Media.objects.filter(pk__in=ids)
    connections = list(_instances_of(ids))
    with transaction.atomic():
        chosen.update(**values)
        if "excluded" in values:
            _follow_exclusion(chosen)
        for connection in connections:
            apply_rules(connection, ids)
        redecide(chosen)
        record(EventKind.SETTINGS, told, actor=user)
    for connection in connections:
        if connection.enabled:
            start_reconcile(connection, user=user)


def _follow_exclusion(chosen: QuerySet[Media]) -> None:
    """Set what `exclusions.set_excluded` sets for one title: labels go where asked; what is in is read."""
    asked = Q(policy_override__untag_excluded=True) | Q(
        policy_override=None, connection__scan_settings__policy__untag_excluded=True
    )
    untagged = list(chosen.filter(excluded(), asked).values_list("pk", flat=True))
    Media.objects.filter(pk__in=untagged).update(untag=True, dirty=True)
    chosen.filter(included()).update(untag=False, scanned_fingerprint="")


def _instances_of(ids: Iterable[int]) -> QuerySet[Connection]:
    return Connection.objects.filter(media__in=list(ids)).distinct()
