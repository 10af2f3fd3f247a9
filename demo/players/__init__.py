"""Stand-in Plex, Jellyfin, Emby, Kodi and Stash: processes that obey the programs' public documents."""
