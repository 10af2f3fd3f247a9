"""`manage.py reconcile_players`: is everything in the players as it should be?"""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from connections.services import connection_named
from core.console import OK, SOME_FAILED, PlainCommand, argument
from core.errors import ConfigError
from jobs import services
from jobs.models import JobState
from players.gaps import SCOPES
from players.jobs import RECONCILE
from players.settings import PLAYERS


class Command(PlainCommand):
    help = "Compare players with what they should show, here and now: what differs becomes due."
    arguments = (
        argument("player", nargs="?", help="the connection; left out: every player that is enabled"),
        argument("--everything", action="store_true", help="look at every title, not only at what changed"),
        argument(
            "--scope",
            choices=list(SCOPES),
            default="all",
            help="those that changed at their source so lately",
        ),
        argument("--dry-run", action="store_true", help="count what differs, and send nothing"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        players = Connection.objects.filter(kind__in=PLAYERS, enabled=True).order_by("name")
        if options["player"]:
            player = connection_named(options["player"])
            if player.kind not in PLAYERS:
                raise ConfigError("player.is-none", name=player)
            players = players.filter(pk=player.pk)
        params = {name: options[name] for name in ("everything", "scope", "dry_run")}
        found = {player.name: _compared(player, params) for player in players}
        rows = {name: job.summary for name, job in found.items()}
        self.answer(rows, [f"{name}: {job}" for name, job in found.items()])
        return SOME_FAILED if any(job.state == JobState.FAILED for job in found.values()) else OK


def _compared(player: Connection, params: dict[str, Any]) -> Any:
    key = f"{RECONCILE}:{player.pk}"
    job, _ = services.start(RECONCILE, connection=player, params=params, dedupe_key=key)
    return services.run_inline(job)
