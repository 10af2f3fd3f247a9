"""A stand-in Jellyfin, and a stand-in Emby, which descends from the same program."""
