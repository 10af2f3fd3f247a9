"""The breaker of an instance: after five failed calls in a row it is left in peace for a while.

Its state stands on the Instance row, changed by conditional updates under the database's clock, so that all
workers share it. Items of an instance whose breaker is not closed are not claimed; only `ping_due` lets
calls through again.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, CharField, F, IntegerField, Q, TextField, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from library.errors import ApiAuthError, ApiError, ApiTransientError
from library.models import Breaker, Instance

FAILURES = 5
"""So many calls in a row must leave the client without an answer."""

FIRST_PAUSE = 60
LONGEST_PAUSE = 15 * 60

PING_TIMEOUT = 5.0
"""Seconds: the tick waits for it."""


class Recorder:
    """Hears how every call of a client went, and notes it on the instance (`ArrClient.on_result`).

    A success costs no query unless failures stand to be forgotten.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._failures_known = instance.breaker_failures > 0

    def __call__(self, error: ApiError | None) -> None:
        """Note one call: the error that left the client, or None."""
        if isinstance(error, ApiAuthError):
            record_refusal(self._instance, error)
        elif isinstance(error, ApiTransientError) and error.counts_for_breaker:
            self._failures_known = True
            record_failure(self._instance, error)
        elif self._failures_known:
            # Any other answer, an error too, shows that the instance is there.
            self._failures_known = False
            forget_failures(self._instance)


def record_failure(instance: Instance, error: ApiError) -> None:
    """Count a call that got no answer; the fifth in a row opens the breaker for 60 seconds."""
    last = Q(breaker_failures__gte=FAILURES - 1)
    reason = f"{FAILURES} calls in a row failed; the last one: {error}"
    Instance.objects.filter(pk=instance.pk, breaker=Breaker.CLOSED).update(
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


def record_refusal(instance: Instance, error: ApiError) -> None:
    """Stop all calls until the instance is edited.

    A refused API key does not become right by asking again.
    """
    Instance.objects.filter(pk=instance.pk).exclude(breaker=Breaker.AUTH).update(
        breaker=Breaker.AUTH, breaker_open_until=None, breaker_reason=str(error)
    )


def forget_failures(instance: Instance) -> None:
    """Start counting anew; an open breaker stays open."""
    Instance.objects.filter(pk=instance.pk, breaker=Breaker.CLOSED, breaker_failures__gt=0).update(
        breaker_failures=0
    )


def close(instance: Instance) -> bool:
    """Let calls through again; return whether they were not."""
    return bool(
        Instance.objects.filter(pk=instance.pk)
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
    """Ping each instance whose pause is over, once; return how many let calls through again.

    Several ticks at once ping an instance once: the row is taken under a lock and its pause lengthened
    before the ping, which happens outside of the transaction.
    """
    return sum(_ping(instance) for instance in _take_due())


def _take_due() -> list[Instance]:
    with transaction.atomic():
        due = list(
            Instance.objects.select_for_update(skip_locked=True, no_key=True).filter(
                # No pause is that long: the clock was set back.
                Q(breaker_open_until__lte=Now()) | Q(breaker_open_until__gt=_in(2 * LONGEST_PAUSE)),
                enabled=True,
                breaker=Breaker.OPEN,
            )
        )
        Instance.objects.filter(pk__in=[instance.pk for instance in due]).update(
            breaker_open_until=_in(FIRST_PAUSE)
        )
    return due


def _ping(instance: Instance) -> bool:
    # The clients know the breaker, so it cannot know them from the start.
    from library.clients import client_class

    client = client_class(instance.kind)(
        instance.url, instance.api_key, name=instance.name, timeout=PING_TIMEOUT
    )
    try:
        client.ping()
    except ApiTransientError as error:
        if error.counts_for_breaker:
            _stay_open(instance, error)
            return False
    except ApiAuthError as error:
        record_refusal(instance, error)
        return False
    except ApiError:
        # An answer, if not the expected one: the instance is there.
        pass
    return close(instance)


def _stay_open(instance: Instance, error: ApiError) -> None:
    pause = min(max(instance.breaker_pause, FIRST_PAUSE) * 2, LONGEST_PAUSE)
    Instance.objects.filter(pk=instance.pk, breaker=Breaker.OPEN).update(
        breaker_pause=pause,
        breaker_open_until=_in(pause),
        breaker_reason=f"It still does not answer: {error}",
    )


def _in(seconds: int) -> CombinedExpression:
    return Now() + timedelta(seconds=seconds)
