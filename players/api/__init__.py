"""The API of players."""

from __future__ import annotations

from api.contract import Api, Route

from . import links, players, routes

BRINGS = Api(
    job_params={"reconcile_player": players.ReconcileSerializer},
    routes=(
        Route("players/routes", routes.Routes, "player-route"),
        Route("players/<int:player_id>/links", links.Links, "player-link"),
        Route("players", players.Players, "player"),
    ),
)
