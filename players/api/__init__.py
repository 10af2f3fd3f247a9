"""The API of players."""

from __future__ import annotations

from django.urls import path

from api.contract import Api, Route

from . import hook, links, players, routes

BRINGS = Api(
    job_params={"reconcile_player": players.ReconcileSerializer},
    routes=(
        Route("players/routes", routes.Routes, "player-route"),
        Route("players/<int:player_id>/links", links.Links, "player-link"),
        Route("players", players.Players, "player"),
    ),
    paths=(
        path("players/hook/<int:source>", hook.Hook.as_view(), name="player-hook"),
        path("players/hook/<int:source>/token", hook.HookToken.as_view(), name="player-hook-token"),
        path("players/hook/<int:source>/<str:token>", hook.HookByPath.as_view()),
    ),
)
