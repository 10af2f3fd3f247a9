"""How often a connection is called, all processes taken together: GCRA, the generic cell rate algorithm.

`Connection.rate_at` is when the next call would come if all came evenly. A call moves it on by one interval,
and may come as many intervals early as the burst allows. One conditional UPDATE by the database's clock
decides, so processes and machines need agree on nothing else. Nobody sleeps: who gets no slot comes back.

Source: ITU-T I.371 (03/2004), annex A, the virtual scheduling algorithm.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from core import sql
from core.errors import Later
from core.outbound.answers import LONGEST_RETRY_AFTER

from .kinds import Rate
from .models import Connection

KEPT = 4
"""One of so many calls of a burst is kept for what somebody waits for."""

SOONEST = 0.05
"""Seconds after which one comes back at the soonest."""

BUSY = 10.0
"""Seconds that all leave a service in peace which said that it is asked too often, and not for how long."""

# No call moves `rate_at` further ahead than the burst: where it stands there, the clock was set back.
_TAKE = f"""
    WITH taken AS (
        UPDATE connections_connection
        SET rate_at = make_interval(secs => %(step)s) + CASE
            WHEN rate_at > clock_timestamp() + make_interval(secs => %(longest)s) THEN clock_timestamp()
            ELSE greatest(rate_at, clock_timestamp())
        END
        WHERE id = %(id)s AND (
            rate_at IS NULL
            OR rate_at <= clock_timestamp() + make_interval(secs => %(early)s)
            OR rate_at > clock_timestamp() + make_interval(secs => %(longest)s)
        ) AND (
            held_until IS NULL
            OR held_until <= clock_timestamp()
            OR held_until > clock_timestamp() + make_interval(secs => %(longest_hold)s)
        )
        RETURNING id, {sql.NO_DISK}
    )
    SELECT EXISTS (SELECT FROM taken), greatest(
        extract(epoch FROM rate_at - clock_timestamp())::double precision - %(early)s,
        extract(epoch FROM held_until - clock_timestamp())::double precision
    )
    FROM connections_connection WHERE id = %(id)s
"""  # noqa: S608  (constants of this module and of core.sql)


_ROOM = """
    SELECT CASE WHEN held_until > clock_timestamp() AND
            held_until <= clock_timestamp() + make_interval(secs => %(longest_hold)s) THEN 0
        WHEN rate_at IS NULL OR rate_at <= clock_timestamp()
            OR rate_at > clock_timestamp() + make_interval(secs => %(longest)s) THEN %(calls)s
        ELSE greatest(0, %(calls)s - ceil(
            extract(epoch FROM rate_at - clock_timestamp())::double precision / %(interval)s
        )) END::integer
    FROM connections_connection WHERE id = %(id)s
"""


def take(connection: Connection, limit: Rate, *, interactive: bool = False, slots: int = 1) -> None:
    """Take the slots of so many calls, all or none. Raises `Later` where they are not there.

    With `interactive` somebody waits: the part of the burst is theirs that others leave. Call it outside of
    transactions, which would keep all others waiting for the row until they end.
    """
    rows = sql.fetch(_TAKE, _known(connection, limit, interactive=interactive, slots=slots))
    if rows and not rows[0][0]:
        raise Later(max(rows[0][1] or 0.0, SOONEST))


def room(connection: Connection, limit: Rate) -> int:
    """How many calls may be made at once now: for work of many calls, which is not begun to be broken off."""
    rows = sql.fetch(_ROOM, _known(connection, limit))
    return int(rows[0][0]) if rows else 0


def _known(
    connection: Connection, limit: Rate, *, interactive: bool = False, slots: int = 1
) -> dict[str, float]:
    calls = limit.burst if interactive else limit.burst - limit.burst // KEPT
    interval = 1 / limit.per_second
    return {
        "id": connection.pk,
        "calls": calls,
        "interval": interval,
        "step": interval * slots,
        "early": interval * (calls - slots),
        "longest": interval * limit.burst + 1,
        "longest_hold": LONGEST_RETRY_AFTER,
    }


def hold(connection: Connection, seconds: float | None) -> None:
    """Have nobody call for so long: the service said so with status 429. `BUSY` where it named no time."""
    Connection.objects.filter(pk=connection.pk).update(
        held_until=Now() + timedelta(seconds=BUSY if seconds is None else min(seconds, LONGEST_RETRY_AFTER))
    )
