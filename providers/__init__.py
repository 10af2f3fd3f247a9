"""What the world knows of series and movies: TMDB, TheTVDB and fanart.tv, each in one and the same shape."""
