"""What Plex, Jellyfin, Emby and Kodi show of what we and Stash know."""
