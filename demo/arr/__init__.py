"""A stand-in Sonarr and Radarr: separate processes that answer the v3 API as the real applications do."""
