"""The demo: a library of small real video files, and a stand-in Sonarr and Radarr over it."""
