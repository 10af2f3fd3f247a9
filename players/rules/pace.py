"""How fast a player is written to: what it stands, when that will be done, how long an answer may take.

Additive increase, multiplicative decrease (Chiu and Jain, 1989): a player that fails or slows down is called
half as often, one that answers well a little more often with every call, up to its limit. One that was away
is not run over when it comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
FEWEST = 5
"""Calls that a window needs before it says anything."""

MOST_ERRORS = 0.3
SLOWER = 4
SLOW = 0.1
"""Seconds below which no call is slow, whatever the others take."""

SLOWEST = 1.0
"""Calls a second that are left at the least."""

RAMP = timedelta(seconds=120)
RAMP_FROM = 5.0

COLD = 2.0
"""Seconds that a title takes, as long as nothing is known."""

BATCH_SECONDS = 30.0
AROUND = 2
"""Calls of a batch that are of no title: they look at what stands there before and afterwards."""

LONGEST_READ = 120.0
PATIENCE = 40
"""So many times as long as usual an answer may take."""

_KEEP, _KEEP_LATENCY = 0.8, 0.98


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a player. Times are in seconds.

    `connect` and `read` are how long a connection and an answer may take, as set. `rate` is how many calls a
    second it stands, up to `limit`; `each` how long a title takes, measured on `items` of them, and
    `calls_each` how many calls; `latency` how long a call takes. `calls`, `errors` and `seconds` are those of
    the window that began at `since`. `back_at`: when it came back from an outage.
    """

    limit: float = 25.0
    connect: float = 5.0
    read: float = 30.0
    rate: float = 25.0
    each: float = COLD
    items: int = 0
    calls_each: float = 1.0
    latency: float = 0.0
    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    since: datetime | None = None
    back_at: datetime | None = None


def after_call(pace: Pace, seconds: float, now: datetime, *, failed: bool) -> Pace:
    """What one more call says."""
    if pace.since is None or not timedelta() <= now - pace.since < WINDOW:
        pace = replace(pace, calls=0, errors=0, seconds=0.0, since=now)
    usual = pace.latency
    pace = replace(
        pace,
        calls=pace.calls + 1,
        errors=pace.errors + failed,
        seconds=pace.seconds + seconds,
        latency=seconds if not usual else _KEEP_LATENCY * usual + (1 - _KEEP_LATENCY) * seconds,
    )
    if pace.calls >= FEWEST and _is_overrun(pace, usual):
        return replace(pace, rate=max(SLOWEST, pace.rate / 2), calls=0, errors=0, seconds=0.0, since=now)
    return pace if failed else replace(pace, rate=min(pace.limit, pace.rate + 1 / pace.rate))


def _is_overrun(pace: Pace, usual: float) -> bool:
    mean = pace.seconds / pace.calls
    return pace.errors > MOST_ERRORS * pace.calls or (mean > SLOWER * usual and mean > SLOW)


def after_batch(pace: Pace, items: int, calls: int, seconds: float) -> Pace:
    """What a batch says of the next; the first few titles are not believed alone."""
    if not items:
        return pace
    known = min(pace.items + items, FEWEST) / FEWEST
    keep = _KEEP if pace.items >= FEWEST else 1 - known
    return replace(
        pace,
        each=keep * pace.each + (1 - keep) * seconds / items,
        calls_each=keep * pace.calls_each + (1 - keep) * calls / items,
        items=pace.items + items,
    )


def allowed(pace: Pace, now: datetime) -> float:
    """Calls a second that may be made now."""
    most = min(pace.rate, pace.limit)
    since = now - pace.back_at if pace.back_at else RAMP
    if not timedelta() <= since < RAMP:
        return most
    return min(most, RAMP_FROM + max(0.0, pace.limit - RAMP_FROM) * (since / RAMP))


def batch_size(pace: Pace, most: int, room: float) -> int:
    """So many titles that a batch lasts half a minute, and needs no more calls than may be made now."""
    limits = [float(most)]
    if pace.each:
        limits.append(BATCH_SECONDS / pace.each)
    if pace.calls_each:
        limits.append((room - AROUND) / pace.calls_each)
    return max(1, int(min(limits)))


def eta(pace: Pace, due: int, now: datetime) -> float:
    """Seconds until so many titles are done."""
    return due * max(pace.each, pace.calls_each / allowed(pace, now))


def read_timeout(pace: Pace) -> float:
    """Seconds that an answer may take: more of a player that is slow by nature."""
    return max(pace.read, min(LONGEST_READ, PATIENCE * pace.latency))
