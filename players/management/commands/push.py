"""`manage.py push`: send what waits in a player, now."""

from __future__ import annotations

from typing import Any

from connections.models import Breaker, Connection
from connections.services import connection_named
from core.console import OK, SOME_FAILED, PlainCommand, argument
from core.errors import ConfigError
from jobs import services
from jobs.models import Job, JobState
from players import care, jobs, links, sources
from players.models import LinkState
from players.settings import PLAYERS


class Command(PlainCommand):
    help = "Send to a player everything that is due, here and now, and say what came of it."
    arguments = (
        argument("player", help="the connection"),
        argument("--release", action="store_true", help="let pass what the brake holds"),
        argument("--in-background", action="store_true", help="let the workers do it"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        player = connection_named(options["player"])
        if player.kind not in PLAYERS:
            raise ConfigError("player.is-none", name=player)
        if options["release"]:
            links.release(player)
        sources.follow_library()
        job, _is_new = jobs.send_now(player)
        if not options["in_background"]:
            job = services.run_inline(job, on_progress=lambda _counts: self._check(player, job))
        self.answer(job.summary, str(job) if options["in_background"] else _stands(player))
        if job.summary.get("held"):
            self.tell_error(str(job.summary["held"]))
        return SOME_FAILED if job.state == JobState.FAILED or job.summary.get("failed") else OK

    def _check(self, player: Connection, job: Job) -> None:
        """Wait for no player that lets nobody in: what is left to send goes on by itself once it does."""
        player.refresh_from_db(fields=["breaker", "breaker_reason"])
        job.refresh_from_db(fields=["state"])
        if player.breaker != Breaker.CLOSED and job.state != JobState.FINISHING:
            raise ConfigError(player.breaker_reason)


def _stands(player: Connection) -> str:
    """How the titles of a player stand: "Plex: 212 in sync, 3 not there yet"."""
    states = care.overview(player).states
    told = (f"{number} {LinkState(state).label.lower()}" for state, number in states.items() if number)
    return f"{player}: {', '.join(told) or 'nothing to show'}"
