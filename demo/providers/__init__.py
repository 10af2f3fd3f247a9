"""A stand-in for TMDB, TheTVDB, fanart.tv and their picture hosts, all at one address."""
