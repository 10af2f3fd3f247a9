"""What is there: series and movies, seasons, files and tags, and the sources that they come from."""

from .media import MEDIA, File, Media, Season, excluded, included
from .source import Kind, PathMapping, Source, Tag, is_sonarr

__all__ = [
    "MEDIA",
    "File",
    "Kind",
    "Media",
    "PathMapping",
    "Season",
    "Source",
    "Tag",
    "excluded",
    "included",
    "is_sonarr",
]
