"""Players: what Plex, Jellyfin, Emby and Kodi show."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Feature


class PlayersConfig(Feature):
    name = "players"
    slug = "players"
    title = _("Players")
    summary = _("Keeps labels and details true in Plex, Jellyfin, Emby and Kodi.")

    def ready(self) -> None:
        super().ready()
        from connections.services import before_deletion
        from history import audit
        from players.links import end_source
        from players.models import PlayerMapping, PlayerSettings, Route

        for model in (PlayerSettings, PlayerMapping, Route):
            audit.watch(model)
        before_deletion(end_source)
