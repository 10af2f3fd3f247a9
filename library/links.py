"""Addresses of pages in Sonarr and Radarr."""

from __future__ import annotations

from library.models import Media


def page_in_app(media: Media) -> str:
    """Return the address of a media's page in its application; its front page where the page is not known."""
    base = media.instance.url.rstrip("/")
    if media.instance.is_sonarr:
        return f"{base}/series/{media.title_slug}" if media.title_slug else base
    return f"{base}/movie/{media.tmdb_id}" if media.tmdb_id else base
