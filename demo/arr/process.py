"""`StandIn`: one stand-in Sonarr or Radarr as a process of its own.

with StandIn("sonarr", state) as sonarr:
    client = SonarrClient(sonarr.url, sonarr.api_key)
    ...
    assert [entry["path"] for entry in sonarr.journal("PUT")] == ["/api/v3/series/editor"]
"""

from __future__ import annotations

from pathlib import Path

from demo.arr.state import ArrState, Kind
from demo.stand_in.process import ROOT, Process

__all__ = ["ROOT", "StandIn"]


class StandIn(Process[ArrState]):
    module = "demo.arr"
    kind: Kind

    def __init__(
        self,
        kind: Kind,
        state: ArrState | Path | None = None,
        *,
        port: int = 0,
        api_key: str | None = None,
        url_base: str = "",
        version: str = "",
        keep: bool = False,
    ) -> None:
        given = {"--url-base": url_base, "--app-version": version}
        options = tuple(part for name, value in given.items() if value for part in (name, value))
        base = url_base.rstrip("/")
        super().__init__(
            kind, ArrState, state, port=port, api_key=api_key, url_base=base, keep=keep, options=options
        )
