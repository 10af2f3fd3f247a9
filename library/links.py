"""Addresses of pages in Sonarr and Radarr."""

from __future__ import annotations

from library.models import Media, holds_series, is_folder


def page_in_app(media: Media) -> str:
    """Return the address of a title's page in its application; its front page where the page is not known.

    Empty for a title of a plain folder.
    """
    if is_folder(media.connection):
        return ""
    base = media.connection.url.rstrip("/")
    if holds_series(media.connection):
        return f"{base}/series/{media.title_slug}" if media.title_slug else base
    return f"{base}/movie/{media.tmdb_id}" if media.tmdb_id else base
