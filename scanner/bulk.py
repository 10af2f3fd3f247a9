"""What a person decides of many media at once: scan them, exclude them, give them a policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from connections.models import Connection
from core.words import Phrase
from history.models import EventKind
from history.services import record
from library.models import Media
from scanner.loading import locked
from scanner.models import Policy, ScanState
from scanner.scan.deciding import redecide
from scanner.scan.exclusions import apply_rules, set_excluded
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
    ScanState.objects.filter(media__in=ids).update(scanned_fingerprint="", reconcile_rounds=0)
    for connection in _instances_of(ids):
        start_scan(connection, user=user)
    return len(ids)


def exclude_many(media: QuerySet[Media], *, excluded: bool, user: User | None = None) -> int:
    """Exclude these media by hand, or take them back in; return how many that changed."""
    ids = list(media.exclude(excluded=excluded).order_by("pk").values_list("pk", flat=True))
    told = (
        Phrase("hand.excluded-many", number=len(ids))
        if excluded
        else Phrase("hand.included-many", number=len(ids))
    )
    _change(ids, told, user, excluded=excluded)
    return len(ids)


def set_policy_many(media: QuerySet[Media], policy: Policy | None, *, user: User | None = None) -> int:
    """Give these media a policy of their own, or that of their instance; return how many that changed."""
    ids = list(media.exclude(scan_state__policy_override=policy).order_by("pk").values_list("pk", flat=True))
    told = (
        Phrase("hand.policy-many", number=len(ids), name=policy)
        if policy
        else Phrase("hand.own-policy-many", number=len(ids))
    )
    _change(ids, told, user, policy=policy)
    return len(ids)


def _change(ids: list[int], told: Phrase, user: User | None, **given: Any) -> None:
    """Save what was `given`, and all that follows from it; tags follow in the background."""
    if not ids:
        return
    chosen = Media.objects.filter(pk__in=ids)
    connections = list(_instances_of(ids))
    with transaction.atomic():
        if "excluded" in given:
            set_excluded(ids, to=given["excluded"])
        else:
            rows = list(locked(chosen.order_by("pk")))
            ScanState.objects.filter(media__in=rows).update(policy_override=given["policy"])
        apply_rules(chosen)
        redecide(chosen)
        record(EventKind.BY_HAND, told, actor=user)
    for connection in connections:
        if connection.enabled:
            start_reconcile(connection, user=user)


def _instances_of(ids: Iterable[int]) -> QuerySet[Connection]:
    return Connection.objects.filter(media__in=list(ids)).distinct()
