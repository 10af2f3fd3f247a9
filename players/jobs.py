"""The jobs of players: sending what is due, reading an index anew, and looking at everything again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from connections import services as connection_services
from connections.models import Breaker, Connection
from core.errors import ConfigError
from core.words import Phrase, counted
from jobs import doorbells, services
from jobs.contract import Default, Jobs, Periodic, Startable
from jobs.handlers import JobHandler, NewItem, OneStep, Outcome, Plan, RetryPolicy
from jobs.models import ItemState, Job, JobItem, Queue, Trigger
from jobs.runner import ItemRun
from players import gaps, index, links, new_files, sources
from players.clients.contract import Kind
from players.connections import PLAYERS, client_for
from players.models import Link, LinkState, PlayerSettings, Refresh
from players.pace import Pacer
from players.refresh import Refresher
from players.sending import Sender, Sent
from players.sources import State
from players.stash.following import EVERY, FOLLOW, FollowHandler, follow_soon, start_following

PUSH, INDEX, RECONCILE = "push", "index_player", "reconcile_player"
LANE = "lane"
EVERY_SEND = 1.0
"""Seconds after which what is due is looked for again: no longer does a title wait that changes no more."""

AFTER_FAILURE = timedelta(minutes=10)
"""After a push that failed as a whole the next one waits so long, unless somebody asks for it."""


def result_of(summary: Mapping[str, Any]) -> list[Phrase]:
    """What a push came to, in a few words, by its summary."""
    numbers = {
        "push.written": summary.get("written", 0),
        "push.planned": summary.get("would_write", 0),
        "push.failed": summary.get(LinkState.FAILED, 0),
    }
    return counted(numbers, none="push.nothing-written")


class PushHandler(JobHandler):
    """Sends what is due in one player, in one lane: it is a single database, which many writers slow down."""

    name = PUSH
    steps = (LANE,)
    queue = Queue.IO
    # An outage costs no try once the breaker is open.
    retry = RetryPolicy(attempts=20, cap=60.0)

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        return Plan([NewItem(LANE, LANE)])

    def work(self, run: ItemRun) -> Outcome:
        settings = settings_of(run.job.connection)
        if settings is None:
            return Outcome()
        player = settings.connection
        pacer = Pacer(player)
        client = client_for(player, read_only=settings.dry_run, pacer=pacer)
        # What an earlier attempt counted counts on: the brake goes by all that one push takes away.
        sent = Sent.after(run.item.result)
        sender = Sender(player, settings, client, pacer, run.check, run.checkpoint, sent)
        refresher = Refresher.after(sender, run.item.result)
        # No other lane of this player runs by now.
        links.free_left_over(player)
        try:
            if not settings.dry_run:
                refresher.run()
            if settings.held_since is None:
                sender.send()
        finally:
            pacer.save()
            result = {**refresher.summary(), **sent.summary()}
            JobItem.objects.filter(pk=run.item.pk, claim=run.item.claim).update(result=result)
        return Outcome(result=result)

    def finish(self, run: ItemRun) -> Outcome:
        (lane,) = run.job.items.filter(step=LANE).values_list("result", flat=True)[:1] or ({},)
        settings = settings_of(run.job.connection)
        if settings is None or not settings.leaving or links.marked(settings.connection).exists():
            return Outcome(result=lane or {})
        return Outcome(result=lane or {}, save=partial(connection_services.delete, settings.connection))


class IndexHandler(OneStep):
    """Reads all that a player has, and proposes path mappings where only the ends of paths fit."""

    name = INDEX
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        settings = settings_of(run.job.connection)
        if settings is None:
            return {}
        pacer = Pacer(settings.connection)
        client = client_for(settings.connection, pacer=pacer)
        with pacer.reading():
            reading = index.bring_up_to_date(settings, client, whole=True, keep_alive=run.check)
        again = links.follow(settings.connection, reading)
        proposed = index.propose_mappings(settings, _unsure(settings))
        return {"new": reading.new, "again": again, "proposed": len(proposed)}


class ReconcileHandler(OneStep):
    """Compares a player with what it should show, and has what differs sent."""

    name = RECONCILE
    queue = Queue.IO

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        return gaps.checked(params)

    def do(self, run: ItemRun) -> dict[str, Any]:
        settings = settings_of(run.job.connection)
        if settings is None:
            return {}
        player = settings.connection
        pacer = Pacer(player)
        client = client_for(player, read_only=True, pacer=pacer)
        sender = Sender(player, settings, client, pacer, run.check)
        with pacer.reading():
            return gaps.reconcile(sender, **run.job.params)


def settings_of(connection: Connection | None) -> PlayerSettings | None:
    """How a player is written to; None where it is none, or gone."""
    return PlayerSettings.objects.select_related("connection").filter(connection=connection).first()


def start_push(player: Connection, **asked: Any) -> tuple[Job, bool]:
    """Start sending to a player; or return the push that is under way, and False."""
    asked.pop("params", None)
    return services.start(PUSH, connection=player, dedupe_key=f"{PUSH}:{player.pk}", **asked)


def send_now(player: Connection, **asked: Any) -> tuple[Job, bool]:
    """Send at once all that waits in a player."""
    waiting = (LinkState.DUE, LinkState.NOT_THERE)
    links.send_again(Q(player=player, state__in=waiting))
    return start_push(player, queue=Queue.INTERACTIVE, **asked)


def start_due_pushes() -> int:
    """Start sending wherever something is due, and nothing holds it up; return how many pushes that were.

    A push that was put off goes on: the tick alone would come to it after five times as long.
    """
    put_off = JobItem.objects.filter(
        job__name=PUSH, state=ItemState.PENDING, due_at__lte=Now(), published_at=None
    )
    for queue in sorted(set(put_off.values_list("queue", flat=True))):
        doorbells.top_up(queue)
    pushes = [start_push(player, trigger=Trigger.SCHEDULED) for player in _with_something_due()]
    return sum(is_new for _, is_new in pushes)


def _with_something_due() -> QuerySet[Connection]:
    due = Link.objects.filter(player=OuterRef("pk"), player__player__held_since=None, due_at__lte=Now())
    unread = Refresh.objects.filter(player=OuterRef("pk"), player__player__dry_run=False, due_at__lte=Now())
    failed = JobItem.objects.filter(
        job__connection=OuterRef("pk"),
        job__name=PUSH,
        state=ItemState.FAILED,
        finished_at__gt=Now() - AFTER_FAILURE,
    )
    return Connection.objects.filter(
        Exists(due) | Exists(unread),
        ~Exists(failed),
        enabled=True,
        breaker=Breaker.CLOSED,
        player__isnull=False,
    )


def _unsure(settings: PlayerSettings) -> list[Any]:
    """Titles that were not found by their paths."""
    rows = Link.objects.filter(player=settings.pk).exclude(grade__gte=95).exclude(subject__kind=Kind.SEASON)
    states = rows.order_by("pk").values_list("subject__state", flat=True)[: 10 * links.BATCH]
    return [State.from_json(state).title for state in states]


def _startable(name: str) -> Startable:
    def start(*, connection: Connection, params: dict[str, Any], **asked: Any) -> tuple[Job, bool]:
        if params and name != RECONCILE:
            raise ConfigError("player.no-params", job=name)
        if connection.kind not in PLAYERS:
            raise ConfigError("player.is-none", name=connection)
        if name == PUSH:
            return send_now(connection, **asked)
        key = f"{name}:{connection.pk}"
        return services.start(name, connection=connection, params=params, dedupe_key=key, **asked)

    return Startable(name, start, of_connection=True)


def _follow(*, connection: Connection, params: dict[str, Any], **asked: Any) -> tuple[Job, bool]:
    if params:
        raise ConfigError("player.no-params", job=FOLLOW)
    if connection.kind != "stash":
        raise ConfigError("stash.is-none", name=connection)
    return start_following(connection, **asked)


_of_stash = Startable(FOLLOW, _follow, of_connection=True)

BRINGS = Jobs(
    handlers=(PushHandler(), IndexHandler(), ReconcileHandler(), FollowHandler()),
    startable=(_startable(PUSH), _startable(INDEX), _startable(RECONCILE), _of_stash),
    schedules=(
        Default(INDEX, every=6 * 3600, kinds=PLAYERS),
        Default(RECONCILE, every=24 * 3600, kinds=PLAYERS),
        Default(FOLLOW, every=EVERY, kinds=("stash",)),
    ),
    ticks=(sources.follow_library, new_files.follow_library, follow_soon),
    periodic=(Periodic("send_due", EVERY_SEND, start_due_pushes, life=10),),
)
