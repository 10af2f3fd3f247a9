"""What happens to a player as a whole: outages, and counts by the hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db.models.functions import Now

from connections.models import Connection
from core import sql
from core.errors import ApiError, ApiTransientError
from core.fields import stored
from players.models import Outage

_NOTE = """
    INSERT INTO players_outage (player_id, reason) VALUES (%s, %s)
    ON CONFLICT (player_id) WHERE ended_at IS NULL DO UPDATE SET calls = players_outage.calls + 1
"""
_TALLY = """
    INSERT INTO players_tally AS tally (player_id, hour, what, outcome, number, ms)
    SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[])
    ON CONFLICT (player_id, hour, what, outcome)
    DO UPDATE SET number = tally.number + excluded.number, ms = tally.ms + excluded.ms
"""


def noted(player: Connection, error: ApiError) -> None:
    """Note a call that found the player away: the first begins an outage."""
    sql.change(_NOTE, [player.pk, stored(error.phrase)])


@contextmanager
def noticed(player: Connection) -> Iterator[None]:
    """Have a call within that finds the player away be noted."""
    try:
        yield
    except ApiTransientError as error:
        if error.counts_for_breaker:
            noted(player, error)
        raise


def ended(player: Connection) -> bool:
    """Note that the player answers; return whether that ended an outage."""
    return bool(Outage.objects.filter(player=player, ended_at=None).update(ended_at=Now()))


def tally(player: Connection, states: Mapping[str, int], grades: Mapping[int, int], seconds: float) -> None:
    """Count a batch: how its links ended and in how long, and how sure its matches were."""
    total = sum(states.values()) or 1
    rows = [
        ("link", state, number, round(seconds * 1000 * number / total)) for state, number in states.items()
    ]
    rows += [("match", str(grade), number, 0) for grade, number in grades.items()]
    if rows:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        sql.change(_TALLY, [player.pk, hour, *(list(column) for column in zip(*rows, strict=True))])
