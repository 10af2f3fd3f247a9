"""A stand-in Kodi."""
