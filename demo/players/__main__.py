"""`python -m demo.players --kind plex --port 0 --state FILE`: runs one stand-in."""

from __future__ import annotations

import argparse

from demo.players.state import PlayerState
from demo.stand_in import serving
from demo.stand_in.app import Program

KINDS = ["plex", "jellyfin", "emby", "kodi", "stash"]


def _program(options: argparse.Namespace) -> Program:
    key = options.api_key or f"stand-in-{options.kind}-key"
    # Each process loads one program, and none of what only the others need.
    if options.kind == "stash":
        from demo.players.stash.server import Stash
        from demo.players.stash.state import StashState

        return Stash(StashState() if options.state is None else StashState.load(options.state), key)
    state = PlayerState(options.kind) if options.state is None else PlayerState.load(options.state)
    if state.kind != options.kind:
        raise SystemExit(f"{options.state} holds the state of a {state.kind}, not of a {options.kind}.")
    match options.kind:
        case "plex":
            from demo.players.plex.server import Plex

            return Plex(state, key)
        case "jellyfin":
            from demo.players.jellyfin.server import Jellyfin

            return Jellyfin(state, key)
        case "kodi":
            from demo.players.kodi.server import Kodi

            return Kodi(state, key)
        case _:
            from demo.players.jellyfin.emby import Emby

            return Emby(state, key)


def main() -> None:
    parser = serving.parser("python -m demo.players", "A stand-in player, or a stand-in Stash.", KINDS)
    options = parser.parse_args()
    serving.serve(_program(options), options)


if __name__ == "__main__":
    main()
