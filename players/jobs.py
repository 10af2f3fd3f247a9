"""The jobs of players: sending what is due, reading an index anew, and looking at everything again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from connections.models import Breaker, Connection
from core.errors import ConfigError
from jobs import services
from jobs.contract import Default, Jobs, Startable
from jobs.handlers import JobHandler, NewItem, OneStep, Outcome, Plan, RetryPolicy
from jobs.models import ItemState, Job, JobItem, Queue, Trigger
from jobs.runner import ItemRun
from players import index, links, sources
from players.clients.contract import Kind
from players.connections import PLAYERS, client_for
from players.models import Link, LinkState, PlayerSettings
from players.sending import Sender
from players.sources import State
from players.stash.following import EVERY, FOLLOW, FollowHandler, follow_touched, start_following

PUSH, INDEX, RECONCILE = "push", "index_player", "reconcile_player"
LANE = "lane"
AFTER_FAILURE = timedelta(minutes=10)
"""After a push that failed as a whole the next one waits so long, unless somebody asks for it."""


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
        if settings is None or settings.held_since is not None:
            return Outcome()
        player = settings.connection
        sender = Sender(
            player, settings, client_for(player, read_only=settings.dry_run), run.check, run.checkpoint
        )
        return Outcome(result=sender.send().summary())

    def finish(self, run: ItemRun) -> Outcome:
        (lane,) = run.job.items.filter(step=LANE).values_list("result", flat=True)[:1] or ({},)
        return Outcome(result=lane or {})


class IndexHandler(OneStep):
    """Reads all that a player has, and proposes path mappings where only the ends of paths fit."""

    name = INDEX
    queue = Queue.IO

    def do(self, run: ItemRun) -> dict[str, Any]:
        settings = settings_of(run.job.connection)
        if settings is None:
            return {}
        client = client_for(settings.connection)
        reading = index.bring_up_to_date(settings, client, whole=True, keep_alive=run.check)
        again = links.follow(settings.connection, reading)
        proposed = index.propose_mappings(settings, _unsure(settings))
        return {"new": reading.new, "again": again, "proposed": len(proposed)}


class ReconcileHandler(OneStep):
    """Looks again at every title, and at what changed in a player, or with `everything` at all of it.

    A player that does not tell what changed is looked at as a whole.
    """

    name = RECONCILE
    queue = Queue.IO

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        everything = params.get("everything", False)
        if params.keys() - {"everything"} or not isinstance(everything, bool):
            raise ConfigError("player.reconcile-params")
        return {"everything": everything}

    def do(self, run: ItemRun) -> dict[str, Any]:
        settings = settings_of(run.job.connection)
        if settings is None:
            return {}
        changed = sources.refresh_all()
        client = client_for(settings.connection, read_only=True)
        reading = index.bring_up_to_date(settings, client, keep_alive=run.check)
        due = links.follow(settings.connection, reading)
        if run.job.params["everything"] or not client.abilities.tells_changes:
            due = links.send_again(Q(player=settings.pk, state=LinkState.IN_SYNC))
        return {"changed": changed, "due": due}


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
    """Start sending wherever something is due, and nothing holds it up; return how many pushes that were."""
    pushes = [start_push(player, trigger=Trigger.SCHEDULED) for player in _with_due_links()]
    return sum(is_new for _, is_new in pushes)


def _with_due_links() -> QuerySet[Connection]:
    due = Link.objects.filter(player=OuterRef("pk"), due_at__lte=Now())
    failed = JobItem.objects.filter(
        job__connection=OuterRef("pk"),
        job__name=PUSH,
        state=ItemState.FAILED,
        finished_at__gt=Now() - AFTER_FAILURE,
    )
    return Connection.objects.filter(
        Exists(due), ~Exists(failed), enabled=True, breaker=Breaker.CLOSED, player__held_since=None
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
    ticks=(sources.follow_library, follow_touched, start_due_pushes),
)
