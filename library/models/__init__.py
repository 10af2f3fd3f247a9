"""What is there: series and movies, seasons, files and tags, and the sources that they come from."""

from .change import Change, ChangeReader, What
from .media import MEDIA, File, Media, Season, excluded, included
from .source import FOLDER_KINDS, SERIES_KINDS, Kind, PathMapping, Source, Tag, holds_series, is_folder

__all__ = [
    "FOLDER_KINDS",
    "MEDIA",
    "SERIES_KINDS",
    "Change",
    "ChangeReader",
    "File",
    "Kind",
    "Media",
    "PathMapping",
    "Season",
    "Source",
    "Tag",
    "What",
    "excluded",
    "holds_series",
    "included",
    "is_folder",
]
