"""A stand-in Plex Media Server, with the few routes of plex.tv that a sign-in by PIN needs."""
