"""In which folders the files of a title may lie, whatever the application names and wherever links lead."""

# ruff: noqa: PTH111, PTH114, PTH118, PTH120 -- os.path: asked for every file of a scan, and a fraction of the price of Path

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache

from django.conf import settings

from core.errors import StorageError
from library.paths import Mapping, is_windows_path, local_path, on_disk, shown

SYSTEM_FOLDERS = ("/boot", "/dev", "/etc", "/proc", "/run/secrets", "/sys")
"""No media lies here; an application that names one of them is broken, or not what it seems."""

HOMES = ("/home", "/root", "/Users", "/var/root")
"""Keys, passwords and mail of people lie here, beside the home of who runs Taggarr (`~`). Media do as well in
some houses: there their owner has to say so.
"""


class MediaRoots:
    """The folders that are open to one title: those of the path mappings, and TAGGARR_MEDIA_FOLDERS.

    Where no mapping covers the media and no such folders are set, its root folder is the one above its own;
    what an application names thus is never in a system folder or somebody's home. TAGGARR_DATA is open to no
    media, whoever names it.
    """

    def __init__(self, media_path: str, mappings: Iterable[Mapping]) -> None:
        self.media_path = media_path
        self.mappings = list(mappings)
        self._real_folders: dict[str, str] = {}

    def local(self, remote: str) -> str:
        """Return where a file or folder of the media lies here. Raises StorageError where that is outside."""
        path = on_disk(local_path(remote, self.mappings))
        if is_windows_path(path):
            return path  # nothing here has such a name
        self.check(path)
        return path

    def check(self, path: str) -> None:
        """Raise StorageError where a path here lies in no folder that is open, once links are followed."""
        try:
            # What is no full path lies in none of the folders, wherever this process was started.
            real = self._real(path) if path.startswith("/") else path
        except (ValueError, UnicodeError):  # no name at all: opening it says so
            return
        leads = "" if real == path else f" leads to {real}, which"
        if _is_inside(real, self._own):
            raise StorageError("folder.in-data", path=shown(path + leads))
        if not (
            _is_in_any(real, self._named)
            or (_is_in_any(real, self._implied) and not _is_in_any(real, _private_folders()))
        ):
            raise StorageError("folder.closed", path=shown(path + leads))

    @cached_property
    def _own(self) -> str:
        return os.path.realpath(settings.TAGGARR_DATA)

    @cached_property
    def _named(self) -> list[str]:
        folders = [mapping.local_prefix for mapping in self.mappings]
        folders += map(str, settings.MEDIA_FOLDERS)
        return [os.path.realpath(folder) for folder in folders]

    @cached_property
    def _implied(self) -> list[str]:
        """The folder that the application opened, by saying that a title lies in it."""
        home = local_path(self.media_path, self.mappings)
        above = os.path.dirname(os.path.normpath(home))
        if settings.MEDIA_FOLDERS or home != self.media_path or above == "/":
            return []
        return [os.path.realpath(above)]

    def _real(self, path: str) -> str:
        """The path with all links followed; of the folders each is asked for once."""
        folder, name = os.path.split(path)
        if name in ("", ".", "..") or os.path.islink(path):
            return os.path.realpath(path)
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(folder)
        return os.path.join(self._real_folders[folder], name)


def shared_roots(mappings: Iterable[Mapping]) -> Callable[[str], MediaRoots]:
    """Return what gives the roots of titles by their paths.

    Those in one folder have the same, so that the links above them are followed once.
    """
    known = list(mappings)
    shared: dict[tuple[str, bool], MediaRoots] = {}

    def roots_of(path: str) -> MediaRoots:
        home = local_path(path, known)
        key = (os.path.dirname(os.path.normpath(home)), home == path)
        return shared.setdefault(key, MediaRoots(path, known))

    return roots_of


@lru_cache(maxsize=1)
def _private_folders() -> list[str]:
    folders = [*SYSTEM_FOLDERS, *HOMES]
    own = os.path.expanduser("~")
    # A user without a home of its own has one like / or /nonexistent; / holds all media.
    return [os.path.realpath(folder) for folder in (*folders, own) if folder.strip("/") and folder != "~"]


def _is_in_any(path: str, folders: Iterable[str]) -> bool:
    return any(_is_inside(path, folder) for folder in folders)


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
