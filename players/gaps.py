"""Gaps: titles that a player does not show as it should, found by looking, counted, and sent again.

Only what differs becomes due, and what the player does not have is left to its own looks: a gap that nothing
closes is found again by the next comparison, and not before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.errors import ConfigError
from players import index, links, sources
from players.models import Link, LinkState
from players.rules.difference import Difference
from players.sending import Compared, Sender

SCOPES = {"all": None, "24h": timedelta(hours=24), "7d": timedelta(days=7)}
"""Which titles are looked at: all, or those whose source changed so long ago at the most."""

_DEFAULTS: dict[str, Any] = {"everything": False, "scope": "all", "dry_run": False}


class Gap(StrEnum):
    """`empty`: nothing stands where something should. `stale`: something else does. `missing`: no title."""

    EMPTY = "empty"
    STALE = "stale"
    MISSING = "missing"


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a comparison, completed. Raises ConfigError where one is wrong."""
    given = {**_DEFAULTS, **params}
    switches = (given["everything"], given["dry_run"])
    known = given.keys() == _DEFAULTS.keys() and given["scope"] in list(SCOPES)
    if not known or not all(isinstance(one, bool) for one in switches):
        raise ConfigError("player.reconcile-params", scopes=list(SCOPES))
    return given


def reconcile(sender: Sender, *, everything: bool, scope: str, dry_run: bool) -> dict[str, Any]:
    """Find gaps, have them sent, and return how many there are of each kind.

    What the player says has changed is looked at. Every title of a `scope` is with `everything`, where the
    scope is not all, where the player does not tell what changed, and in a dry run, which changes nothing.
    """
    in_sync = Link.objects.filter(player=sender.player, state=LinkState.IN_SYNC)
    absent = Link.objects.filter(_of(scope), player=sender.player, state=LinkState.NOT_THERE).count()
    if dry_run:
        found = dict(_found(sender, in_sync.filter(_of(scope))))
        return {**_counted(found, absent), "due": 0, "dry_run": True}
    changed = sources.refresh_all()
    reading = index.bring_up_to_date(sender.settings, sender.client, keep_alive=sender.keep_alive)
    again = links.follow_new(sender.player, reading)
    which = Q(item_ids__overlap=list(reading.changed))
    if everything or scope != "all" or not sender.client.abilities.tells_changes:
        which |= _of(scope)
    found = dict(_found(sender, in_sync.filter(which)))
    due = links.send_again(Q(pk__in=list(found), state=LinkState.IN_SYNC))
    return {**_counted(found, absent), "changed": changed, "due": again + due}


def _of(scope: str) -> Q:
    longest = SCOPES[scope]
    # An empty Q would be dropped beside another one.
    return Q(pk__isnull=False) if longest is None else Q(subject__changed_at__gte=timezone.now() - longest)


def _found(sender: Sender, rows: QuerySet[Link]) -> Iterator[tuple[int, Gap]]:
    """The links among these that have a gap."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), links.BATCH):
        some = Link.objects.filter(pk__in=ids[start : start + links.BATCH]).select_related("subject")
        for one in sender.compare(list(some)):
            if (gap := _gap(one)) is not None:
                yield one.link.pk, gap


def _gap(one: Compared) -> Gap | None:
    if one.is_gone:
        return Gap.MISSING
    if any(one.differences):
        return Gap.EMPTY if all(map(_fills, one.differences)) else Gap.STALE
    # Somebody else's edit is to be noted, if not undone.
    return Gap.STALE if one.is_new_to_us else None


def _fills(difference: Difference) -> bool:
    """Whether nothing stands where it writes."""
    edit = difference.edit
    labels = (edit.seen.labels.get(form) for form in edit.forms)
    return not any(labels) and not any(edit.seen.fields.get(name) for name in edit.fields)


def _counted(found: Mapping[int, Gap], absent: int) -> dict[str, int]:
    numbers = Counter(found.values())
    return {gap.value: numbers[gap] + (absent if gap is Gap.MISSING else 0) for gap in Gap}
