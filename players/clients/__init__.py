"""The clients of Plex, Jellyfin, Emby, Kodi and Stash."""
