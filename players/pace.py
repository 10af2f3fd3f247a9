"""The pace of a player: measured by whoever calls it, kept in one row, and told to people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace

from django.db.models import QuerySet
from django.utils import timezone

from connections import rate as rates
from connections.calls import Recorder
from connections.kinds import Rate
from connections.models import Connection
from core.errors import ApiError, ApiTransientError, Later
from players.models import Link, PlayerSettings
from players.models import Pace as Row
from players.rules import pace as rules
from players.rules.pace import Pace

_SET = ("limit", "connect", "read")
_MEASURED = tuple(field.name for field in fields(Pace) if field.name not in _SET)

BURST_SECONDS = 3
"""Calls that may come at once: those of so long a time. What was put off is taken up again within two
seconds: three quarters of the burst, which is what sending may use, have come back by then.
"""

LEAST_BURST = 8

LUMP_SECONDS = 0.1
"""The slots of so long a time are taken at once, so that a quick player costs no statement for each call."""


def pace_of(player: Connection) -> Pace:
    """What is known of a player, as it stands written down."""
    settings = with_pace().filter(pk=player.pk).first()
    return Pace() if settings is None else known_of(settings)


def with_pace() -> QuerySet[PlayerSettings]:
    """All players, of which `known_of` tells the pace without a further query."""
    return PlayerSettings.objects.select_related("connection__player_pace")


def known_of(settings: PlayerSettings) -> Pace:
    most = float(settings.most_a_second or Pace().limit)
    row: Row | None = getattr(settings.connection, "player_pace", None)
    known = {name: getattr(row, name) for name in _MEASURED} if row else {"rate": most}
    return Pace(limit=most, connect=settings.connect_seconds, read=settings.read_seconds, **known)


def rate(player: Connection) -> float:
    """How many calls a second a player gets now at the most."""
    return rules.allowed(pace_of(player), timezone.now())


def eta(player: Connection) -> float:
    """Seconds until everything is sent that waits in a player."""
    due = Link.objects.filter(player=player, due_at__lte=timezone.now()).count()
    return rules.eta(pace_of(player), due, timezone.now())


class Pacer:
    """Paces the calls of one client, and learns from them; `save` writes down what it has learnt.

    `interactive`: somebody waits for the answers, and may use what is kept for them.
    """

    def __init__(self, player: Connection, *, interactive: bool = False) -> None:
        self.player = player
        self.interactive = interactive
        self.pace = pace_of(player)
        self.calls = 0
        self._reads = False
        self._slots, self._taken_at = 0, 0.0
        self._record = Recorder(player)

    def slot(self) -> None:
        """Take the slot of one call. Raises `Later` where there is none."""
        if self._reads:
            return
        if not self._slots or time.monotonic() - self._taken_at > 1:
            self._slots, self._taken_at = self._take(), time.monotonic()
        self._slots -= 1

    def _take(self) -> int:
        """Take a lump of slots, or, where there is no room for that, a single one."""
        limit = self._limit()
        lump = int(LUMP_SECONDS * limit.per_second)
        if lump > 1:
            with suppress(Later):
                rates.take(self.player, limit, interactive=self.interactive, slots=lump)
                return lump
        rates.take(self.player, limit, interactive=self.interactive)
        return 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let calls within pass: of a list that is read to its end one follows the other, and one that
        waited in the middle would begin anew each time.
        """
        before, self._reads = self._reads, True
        try:
            yield
        finally:
            self._reads = before

    def _limit(self) -> Rate:
        now = rules.allowed(self.pace, timezone.now())
        return Rate(now, max(LEAST_BURST, round(BURST_SECONDS * now)))

    def heard(self, error: ApiError | None, seconds: float = 0.0) -> None:
        """Note how a call went."""
        self._record(error, seconds)
        self.calls += 1
        if error is not None:
            # It may have said that it is asked too often.
            self._slots = 0
        failed = isinstance(error, ApiTransientError)
        self.pace = rules.after_call(self.pace, seconds, timezone.now(), failed=failed)

    def came_back(self) -> None:
        """Begin slowly: it was away."""
        self.pace = replace(self.pace, back_at=timezone.now())

    def batch_done(self, items: int, seconds: float) -> None:
        """Learn from a batch, and write it down."""
        self.pace = rules.after_batch(self.pace, items, self.calls, seconds)
        self.calls = 0
        self.save()

    @property
    def read_timeout(self) -> float:
        return rules.read_timeout(self.pace)

    def batch_size(self, most: int) -> int:
        """How many titles the next batch takes. Raises `Later` while too few calls may be made for one."""
        limit = self._limit()
        room = rates.room(self.player, limit)
        if room < limit.burst // 2:
            raise Later((limit.burst // 2 - room) / limit.per_second)
        return rules.batch_size(self.pace, most, room)

    def save(self) -> None:
        known = {name: getattr(self.pace, name) for name in _MEASURED}
        Row.objects.update_or_create(pk=self.player.pk, defaults=known)
