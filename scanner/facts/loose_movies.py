"""Movies whose file the app does not name: the largest video of the folder that is no sample, trailer or
extra.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import StorageError
from library.folder.videos import choose_movie_file
from library.models import File, Media
from library.root_folders import parent_of, why_offline
from library.roots import MediaRoots


def find_movie_file(media: Media, known: Sequence[File]) -> list[File]:
    """Return the row, made where it is missing, of the file to read for a movie that the app knows none of.

    An empty list means that its folder holds none, or does not exist: most wanted movies have neither. Rows
    that are `known` from before are forgotten where their file is gone, and kept while its mount is.
    """
    mappings = media.connection.path_mappings.all()
    folder = Path(MediaRoots(media.path, mappings).local(media.path))
    sizes = dict(_sizes(folder))
    chosen = choose_movie_file(sizes)
    if chosen is None:
        if known and why_offline(parent_of(media.path), mappings):
            return list(known)
        media.files.filter(arr_file_id=None).delete()
        return []
    remote = f"{media.path.rstrip('/')}/{chosen}"
    media.files.filter(arr_file_id=None).exclude(path=remote).delete()
    for file in known:
        if file.path == remote:
            return [file]
    file, _ = File.objects.get_or_create(media=media, path=remote, defaults={"size": sizes[chosen]})
    return [file]


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield name and size of every regular file directly in a folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    yield entry.name, entry.stat().st_size
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError("mapping.unreadable", path=folder, reason=error.strerror) from error
