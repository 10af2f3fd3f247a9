"""The breaker of a connection: after some failed calls in a row it is left in peace for a while.

Its state stands on the Connection row, changed by conditional updates under the database's clock, so that all
workers share it. Items of a connection whose breaker is not closed are not claimed; only `ping_due` lets
calls through again.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, CharField, F, IntegerField, Q, TextField, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from core.errors import ApiAuthError, ApiError, ApiTransientError
from core.fields import stored
from core.words import Phrase

from . import kinds
from .models import Breaker, Connection

FIRST_PAUSE = 60
LONGEST_PAUSE = 15 * 60
"""That of no kind is longer."""


def record_failure(connection: Connection, error: ApiError) -> None:
    """Count a call that got no answer; the last that its kind may have opens the breaker for 60 seconds."""
    most = kinds.kind_of(connection.kind).failures
    last = Q(breaker_failures__gte=most - 1)
    reason = stored(Phrase("breaker.opened", number=most, error=error))
    Connection.objects.filter(pk=connection.pk, breaker=Breaker.CLOSED).update(
        breaker_failures=F("breaker_failures") + 1,
        breaker=Case(When(last, then=Value(Breaker.OPEN)), default=F("breaker"), output_field=CharField()),
        breaker_pause=Case(
            When(last, then=Value(FIRST_PAUSE)), default=F("breaker_pause"), output_field=IntegerField()
        ),
        breaker_open_until=Case(When(last, then=_in(FIRST_PAUSE)), default=F("breaker_open_until")),
        breaker_reason=Case(
            When(last, then=Value(reason)), default=F("breaker_reason"), output_field=TextField()
        ),
    )


def record_refusal(connection: Connection, error: ApiError) -> None:
    """Stop all calls until the connection is edited.

    A refused API key does not become right by asking again.
    """
    Connection.objects.filter(pk=connection.pk).exclude(breaker=Breaker.REFUSED).update(
        breaker=Breaker.REFUSED, breaker_open_until=None, breaker_reason=error.phrase
    )


def forget_failures(connection: Connection) -> None:
    """Start counting anew; an open breaker stays open."""
    Connection.objects.filter(pk=connection.pk, breaker=Breaker.CLOSED, breaker_failures__gt=0).update(
        breaker_failures=0
    )


def is_open(connection_id: int) -> bool:
    return Connection.objects.filter(pk=connection_id, breaker=Breaker.OPEN).exists()


def close(connection: Connection) -> bool:
    """Let calls through again; return whether they were not."""
    return bool(
        Connection.objects.filter(pk=connection.pk)
        .exclude(breaker=Breaker.CLOSED, breaker_failures=0)
        .update(
            breaker=Breaker.CLOSED,
            breaker_failures=0,
            breaker_pause=0,
            breaker_open_until=None,
            breaker_reason="",
        )
    )


def ping_due() -> int:
    """Ping each connection whose pause is over, once; return how many let calls through again.

    Several ticks at once ping a connection once: the row is taken under a lock and its pause lengthened
    before the ping, which happens outside of the transaction.
    """
    return sum(_ping(connection) for connection in _take_due())


def _take_due() -> list[Connection]:
    with transaction.atomic():
        due = list(
            Connection.objects.select_for_update(skip_locked=True, no_key=True).filter(
                # No pause is that long: the clock was set back.
                Q(breaker_open_until__lte=Now()) | Q(breaker_open_until__gt=_in(2 * LONGEST_PAUSE)),
                enabled=True,
                breaker=Breaker.OPEN,
                kind__in=kinds.slugs(also_off=True),
            )
        )
        Connection.objects.filter(pk__in=[connection.pk for connection in due]).update(
            breaker_open_until=_in(FIRST_PAUSE)
        )
    return due


def _ping(connection: Connection) -> bool:
    try:
        kinds.kind_of(connection.kind).ping(connection)
    except ApiTransientError as error:
        if error.counts_for_breaker:
            _stay_open(connection, error)
            return False
    except ApiAuthError as error:
        record_refusal(connection, error)
        return False
    except ApiError:
        # An answer, if not the expected one: the program is there.
        pass
    return close(connection)


def _stay_open(connection: Connection, error: ApiError) -> None:
    longest = kinds.kind_of(connection.kind).longest_pause
    pause = min(max(connection.breaker_pause, FIRST_PAUSE) * 2, longest)
    Connection.objects.filter(pk=connection.pk, breaker=Breaker.OPEN).update(
        breaker_pause=pause,
        breaker_open_until=_in(pause),
        breaker_reason=Phrase("breaker.still-open", error=error),
    )


def _in(seconds: int) -> CombinedExpression:
    return Now() + timedelta(seconds=seconds)
