"""A stand-in Sonarr and Radarr, and a connection to each."""

from __future__ import annotations

from tests.library.conftest import (  # noqa: F401
    movie_instance,
    radarr,
    series_instance,
    sonarr,
)
