"""The job that takes one message to its channels, an item for each; news are looked for at every tick."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Case, DurationField, F, Q, Value, When
from django.db.models.functions import Coalesce, Least, Now

from core.errors import TaggarrError
from jobs.contract import Jobs
from jobs.handlers import JobHandler, Outcome, Plan, RetryPolicy
from jobs.models import ItemState, Queue
from jobs.runner import ItemRun
from notify.models import Channel, Message
from notify.sending import send
from notify.services import JOB, note_sent, tell_news

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
MOST_DOUBLINGS = 7


class NotifyHandler(JobHandler):
    name = JOB
    steps = ("send",)
    queue = Queue.IO
    retry = RetryPolicy(attempts=5, base=10, cap=600)

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        """Nothing: the items are made together with the job, by `notify.services.tell`."""
        return Plan()

    def work(self, run: ItemRun) -> Outcome:
        message = Message.objects.select_related("connection").filter(pk=run.item.params["message"]).first()
        channel = Channel.objects.filter(pk=run.item.params["channel"], enabled=True).first()
        if message is None or channel is None:
            return Outcome(ItemState.SKIPPED, {"why": "The channel was deleted or disabled."})
        try:
            answer = send(channel, message)
        except TaggarrError as error:
            note_failure(channel, error.phrase)
            raise
        return Outcome(result={"channel": channel.name, "answer": answer}, save=lambda: note_sent(channel))

    def told_elsewhere(self) -> Q:
        """All: health tells of the channel (`notify.health`)."""
        return Q()

    def finish(self, run: ItemRun) -> Outcome:
        title = Message.objects.filter(pk=run.job.params.get("message")).values_list("title", flat=True)
        return Outcome(result={"title": title.first() or ""})


def note_failure(channel: Channel, error: str) -> None:
    """Count a failure of a channel. Messages to come wait: 5 minutes, then twice as long, up to 6 hours.

    The first failures, which a short absence explains, cause no wait: the item is tried again by itself.
    """
    pauses = [
        When(failures=doublings + 2, then=Value(min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)))
        for doublings in range(MOST_DOUBLINGS)
    ]
    longest = When(failures__gte=MOST_DOUBLINGS + 2, then=Value(LONGEST_PAUSE))
    pause = Case(*pauses, longest, default=Value(timedelta(0)), output_field=DurationField())
    Channel.objects.filter(pk=channel.pk).update(
        failures=Least(F("failures") + 1, Value(1000)),
        last_error=error,
        failing_since=Coalesce(F("failing_since"), Now()),
        paused_until=Now() + pause,
    )


BRINGS = Jobs(handlers=(NotifyHandler(),), ticks=(tell_news,))
