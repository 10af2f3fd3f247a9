"""`python -m demo.arr --kind sonarr --port 0 --state FILE`: runs one stand-in Sonarr or Radarr."""

from __future__ import annotations

import argparse

from demo.arr.api import Server
from demo.arr.state import ArrState
from demo.stand_in import serving


def _load(options: argparse.Namespace) -> ArrState:
    if options.state is None:
        return ArrState(options.kind)
    state = ArrState.load(options.state)
    if state.kind != options.kind:
        raise SystemExit(f"{options.state} holds the state of a {state.kind}, not of a {options.kind}.")
    return state


def main() -> None:
    parser = serving.parser("python -m demo.arr", "A stand-in Sonarr or Radarr.", ["sonarr", "radarr"])
    parser.add_argument("--url-base", default="", help="such as /sonarr")
    parser.add_argument("--app-version", default="", help="the version that system/status tells")
    options = parser.parse_args()
    key = options.api_key or f"stand-in-{options.kind}-key"
    serving.serve(Server(_load(options), key, options.url_base.rstrip("/"), options.app_version), options)


if __name__ == "__main__":
    main()
