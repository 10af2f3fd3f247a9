"""`python -m demo.providers --kind providers --port 0 --state FILE`: runs the stand-in."""

from __future__ import annotations

from demo.providers.program import Providers
from demo.providers.state import ProviderState
from demo.stand_in import serving


def main() -> None:
    about = "Stand-ins for TMDB, TheTVDB, fanart.tv and their picture hosts."
    options = serving.parser("python -m demo.providers", about, ["providers"]).parse_args()
    state = ProviderState() if options.state is None else ProviderState.load(options.state)
    serving.serve(Providers(state, options.api_key or "stand-in-providers-key"), options)


if __name__ == "__main__":
    main()
