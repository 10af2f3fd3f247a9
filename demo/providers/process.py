"""`StandIn`: TMDB, TheTVDB and fanart.tv as one process.

with StandIn(state) as providers:
    requests.get(f"{providers.url}/3/movie/603", headers={"Authorization": f"Bearer {providers.api_key}"})
"""

from __future__ import annotations

from pathlib import Path

from demo.providers.state import ProviderState
from demo.stand_in.process import Process


class StandIn(Process[ProviderState]):
    module = "demo.providers"

    def __init__(
        self, state: ProviderState | Path | None = None, *, port: int = 0, api_key: str | None = None
    ) -> None:
        super().__init__("providers", ProviderState, state, port=port, api_key=api_key)

    def called(self) -> list[str]:
        """The paths of the calls it got, in order."""
        return [entry["path"] for entry in self.journal()]
