"""`manage.py failed_links`: what waits for a person in players, and what is done about it."""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from connections.services import connection_named
from core.console import PlainCommand, argument, table_of
from core.errors import ConfigError
from players import care, links
from players.models import Cause, Link
from players.settings import PLAYERS

COLUMNS = ("player", "title", "cause", "error")


class Command(PlainCommand):
    help = "List the titles that wait for a person, with the cause; send them again, clear or forget them."
    arguments = (
        argument("player", nargs="?", help="the connection; left out: every player"),
        argument("--cause", choices=Cause.values, default="", help="only those of this cause"),
        argument("--retry", action="store_true", help="send them again"),
        argument(
            "--clear",
            action="store_true",
            help="leave them alone until their source changes or somebody asks",
        ),
        argument("--purge", action="store_true", help="forget those that have no label of ours"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        asked = [name for name in ("retry", "clear", "purge") if options[name]]
        if len(asked) > 1:
            raise ConfigError("link.one-act")
        players = [_player(options["player"])] if options["player"] else list(_players())
        if not asked:
            self._list(players, options["cause"])
            return
        done = sum(_act(asked[0], player, options["cause"]) for player in players)
        self.answer({"done": done}, f"{asked[0]}: {done}")

    def _list(self, players: list[Connection], cause: str) -> None:
        found = links.dead().filter(player__in=players).select_related("subject", "player")
        found = found.filter(cause=cause) if cause else found
        rows = [_shown(link) for link in found.order_by("player__name", "cause", "subject__title")]
        self.answer(rows, [table_of(*COLUMNS, rows=[[row[name] for name in COLUMNS] for row in rows])])


def _act(name: str, player: Connection, cause: str) -> int:
    if name == "purge":
        return care.purge(player, None, cause)
    rows = care.dead_letters(player, cause)
    return care.retry(rows, None) if name == "retry" else care.dismiss(rows, None)


def _shown(link: Link) -> dict[str, str]:
    return {
        "player": link.player.name,
        "subject": link.subject.key,
        "title": link.subject.title,
        "cause": link.cause,
        "error": str(link.error),
    }


def _players() -> Any:
    return Connection.objects.filter(player__isnull=False).order_by("name")


def _player(name: str) -> Connection:
    player = connection_named(name)
    if player.kind not in PLAYERS:
        raise ConfigError("player.is-none", name=player)
    return player
