"""The API of players."""

from __future__ import annotations

from django.urls import path

from api.contract import Api

from . import hook

BRINGS = Api(
    paths=(
        path("players/hook/<int:source>", hook.Hook.as_view(), name="player-hook"),
        path("players/hook/<int:source>/<str:token>", hook.HookByPath.as_view()),
    ),
)
