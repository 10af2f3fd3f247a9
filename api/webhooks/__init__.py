"""What Sonarr and Radarr call."""
