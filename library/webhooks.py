"""Webhooks of Sonarr and Radarr: their tokens, and handing what they tell to the features that want it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from connections.models import Connection
from core import hook_tokens
from core.features import brought
from library.contract import Heard, Receivers
from library.models import Source, holds_series

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handed:
    """To how many receivers something was handed, and how many of them failed."""

    receivers: int
    failed: int


def make_token(connection: Connection) -> str:
    """Give an instance a new webhook token and return it: it cannot be had again, and the old one ends."""
    token = hook_tokens.new_token()
    connection.source.webhook_token = hook_tokens.digest(token)
    connection.source.save(update_fields=["webhook_token"])
    return token


def token_fits(source: Source, token: str) -> bool:
    """Whether this is the token of the instance, in a time that does not depend on the token."""
    return hook_tokens.fits(token, source.webhook_token)


def hand_out(connection: Connection, event: str, named: Mapping[str, int | None]) -> Handed:
    """Hand an event to every receiver; one that fails is logged and counted, and does not stop the others.

    `named` holds the ids of the `series` and the `movie` that the event names: an app has one of them.
    """
    heard = Heard(connection, event, named.get("series" if holds_series(connection) else "movie") or None)
    outcomes = [
        _hand(app.label, receive, heard) for app, brings in brought(Receivers) for receive in brings.webhooks
    ]
    if failed := outcomes.count(False):
        Source.objects.filter(pk=connection.pk).update(webhook_failures=F("webhook_failures") + failed)
    return Handed(len(outcomes), failed)


def _hand(label: str, receive: Callable[[Heard], object], heard: Heard) -> bool:
    try:
        with transaction.atomic():
            receive(heard)
    except Exception:
        logger.exception(
            "%s failed to take the webhook %s of %s (id %s there)",
            label,
            heard.event,
            heard.connection.name,
            heard.arr_id,
        )
        return False
    return True
