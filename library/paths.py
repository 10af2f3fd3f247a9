"""Where a path of Sonarr or Radarr is found on this machine. No Django."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, Protocol

from core.words import Phrase

_WINDOWS = re.compile(r"[A-Za-z]:([\\/]|\Z)|\\\\")
_EITHER_SLASH = re.compile(r"[\\/]+")
_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


class Mapping(Protocol):
    """Says under which folder here a folder of the application is found."""

    @property
    def remote_prefix(self) -> str:
        """The folder as the application names it."""

    @property
    def local_prefix(self) -> str:
        """The same folder here."""


def local_path(remote: str, mappings: Iterable[Mapping]) -> str:
    """Return where a file or folder that the application names `remote` lies here.

    The mapping with the longest matching prefix decides; prefixes match whole folder names only, and Windows
    paths (a drive letter or a share) whatever their case and slashes. Without a match the path is returned as
    it is.
    """
    parts = components(remote)
    folded = without_case(parts)
    best: tuple[int, str] | None = None
    for mapping in mappings:
        prefix = without_case(components(mapping.remote_prefix))
        length = len(prefix)
        if (best is None or length > best[0]) and folded[:length] == prefix:
            best = (length, mapping.local_prefix)
    if best is None:
        return remote
    length, local = best
    return "/".join([local.rstrip("/"), *parts[length:]]) or "/"


def on_disk(path: str) -> str:
    """Return a path here as the disk spells it: a part that is not there, in the other form of Unicode.

    Disks of a Mac, and what was copied from them, have letters and their accents apart (NFD) where an app may
    name them as one (NFC), or the other way round. What is there under neither name is returned as it is.
    """
    if path.isascii() or not path.startswith("/") or "\0" in path or os.path.lexists(path):
        return path
    found = ""
    for part in path.split("/")[1:]:
        forms = (part, *(unicodedata.normalize(form, part) for form in _FORMS))
        there = next((form for form in forms if os.path.lexists(f"{found}/{form}")), None)
        if there is None:
            return path
        found = f"{found}/{there}"
    return found


def is_full_path(remote: str) -> bool:
    """Whether this can be a full path of the application: POSIX, a Windows drive, or a Windows share."""
    return remote.startswith("/") or is_windows_path(remote)


def last_part(path: str) -> str:
    """Return the name of a file or folder by its full path as the application names it."""
    return components(path)[-1]


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path as text that any log and database takes, also where its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def is_windows_path(path: str) -> bool:
    """Whether this is a path of a Windows drive or share."""
    return bool(_WINDOWS.match(path))


def check_mapping(remote_prefix: str, local_prefix: str) -> str:
    """Return one sentence that says what is wrong with a mapping, empty where its folder is visible here."""
    if not is_full_path(remote_prefix):
        return Phrase("mapping.remote-path", path=remote_prefix)
    if not local_prefix.startswith("/"):
        return Phrase("mapping.local-path", path=local_prefix)
    try:
        with os.scandir(local_prefix) as entries:
            empty = next(entries, None) is None
    except FileNotFoundError:
        return Phrase("mapping.missing", path=local_prefix)
    except NotADirectoryError:
        return Phrase("mapping.no-folder", path=local_prefix)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no valid path"
        return Phrase("mapping.unreadable", path=local_prefix, reason=reason)
    return Phrase("mapping.empty", path=local_prefix) if empty else ""


def components(path: str) -> list[str]:
    """The components of a full path.

    The first tells the kinds apart: empty for POSIX, else a drive or `\\\\`.
    """
    if not is_windows_path(path):
        return ["", *(part for part in path.split("/") if part)]
    share = ["\\\\"] if path.startswith("\\\\") else []
    return share + [part for part in _EITHER_SLASH.split(path) if part]


def without_case(parts: list[str]) -> list[str]:
    """What to compare: Windows does not tell cases apart."""
    return [part.casefold() for part in parts] if parts[0] else parts
