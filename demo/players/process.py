"""`StandIn`: one stand-in Plex, Jellyfin, Emby, Kodi or Stash as a process of its own.

with StandIn("plex", state) as plex:
    requests.get(f"{plex.url}/library/sections", headers={"X-Plex-Token": plex.api_key})
    assert plex.report()["catastrophes"] == []
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from demo.players.stash.state import StashState
from demo.players.state import Kind, PlayerState
from demo.stand_in.process import Process


class StandIn(Process[PlayerState]):
    module = "demo.players"

    def __init__(
        self,
        kind: Kind,
        state: PlayerState | Path | None = None,
        *,
        port: int = 0,
        api_key: str | None = None,
        keep: bool = False,
    ) -> None:
        super().__init__(kind, PlayerState, state, port=port, api_key=api_key, keep=keep)

    def report(self) -> dict[str, Any]:
        """What it counts: catastrophes, the devices that called, and the tasks that wait."""
        return self.change("report")

    def work(self) -> list[str]:
        """Carries out the scans and refreshes that wait; returns what they were."""
        done: list[str] = self.change("work")["done"]
        return done


class StashStandIn(Process[StashState]):
    module = "demo.players"

    def __init__(
        self, state: StashState | Path | None = None, *, port: int = 0, api_key: str | None = None
    ) -> None:
        super().__init__("stash", StashState, state, port=port, api_key=api_key)
