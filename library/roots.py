"""In which folders the files of a media may lie, whatever the application names and wherever links lead."""

# ruff: noqa: PTH114, PTH118, PTH120 -- os.path: asked for every file of a scan, and a fraction of the price of Path

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property

from django.conf import settings

from library.errors import StorageError
from library.paths import Mapping, is_windows_path, local_path, shown

SYSTEM_FOLDERS = ("/boot", "/dev", "/etc", "/proc", "/sys")
"""No media lies here; an application that names one of them is broken, or not what it seems."""


class MediaRoots:
    """The folders that are open to one media: those of the path mappings, and TAGGARR_MEDIA_FOLDERS.

    Where no mapping covers the media and no such folders are set, its root folder is the one above its own.
    """

    def __init__(self, media_path: str, mappings: Iterable[Mapping]) -> None:
        self.media_path = media_path
        self.mappings = list(mappings)
        self._real_folders: dict[str, str] = {}

    def local(self, remote: str) -> str:
        """Return where a file or folder of the media lies here. Raises StorageError where that is outside."""
        path = local_path(remote, self.mappings)
        if is_windows_path(path):
            return path  # nothing here has such a name
        try:
            # What is no full path lies in none of the folders, wherever this process was started.
            real = self._real(path) if path.startswith("/") else path
        except (ValueError, UnicodeError):  # no name at all: opening it says so
            return path
        if not any(_is_inside(real, root) for root in self._roots):
            leads = "" if real == path else f" leads to {real}, which"
            raise StorageError(
                f"{shown(path + leads)} is in no folder that is open to Taggarr: add a path "
                "mapping, or name the folder in TAGGARR_MEDIA_FOLDERS."
            )
        return path

    @cached_property
    def _roots(self) -> list[str]:
        folders = [mapping.local_prefix for mapping in self.mappings] + [
            str(folder) for folder in settings.MEDIA_FOLDERS
        ]
        home = local_path(self.media_path, self.mappings)
        if not settings.MEDIA_FOLDERS and home == self.media_path:
            above = os.path.dirname(os.path.normpath(home))
            if above != "/" and not any(_is_inside(above, folder) for folder in SYSTEM_FOLDERS):
                folders.append(above)
        return [os.path.realpath(folder) for folder in folders]

    def _real(self, path: str) -> str:
        """The path with all links followed; of the folders each is asked for once."""
        folder, name = os.path.split(path)
        if name in ("", ".", "..") or os.path.islink(path):
            return os.path.realpath(path)
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(folder)
        return os.path.join(self._real_folders[folder], name)


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
