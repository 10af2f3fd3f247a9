"""Channels with how they are doing, and the messages that went through them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from connections.models import Connection
from jobs.models import ItemState, JobItem
from notify import services
from notify.models import Channel
from web.keyset import NEWEST_FIRST, RowsPage, rows_page

STATES = (ItemState.FAILED, ItemState.PENDING, ItemState.DONE)
"""What deliveries can be filtered by."""


def channels() -> QuerySet[Channel]:
    """Return the channels with their instances, without what is secret of either."""
    connections = Prefetch("connections", queryset=Connection.objects.order_by("name"))
    return Channel.objects.prefetch_related(connections)


def deliveries(*, channel: int = 0, state: str = "", at: str = "") -> RowsPage[JobItem]:
    """Return what was to be delivered, the newest first; what is empty filters nothing."""
    items = services.deliveries()
    if state in STATES:
        items = items.filter(state=state)
    if channel:
        items = items.filter(params__channel=channel)
    return rows_page(items, NEWEST_FIRST, at)
