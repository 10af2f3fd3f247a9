"""The root folders of an instance: those that hold the folders of its media, and whether they are there."""

from __future__ import annotations

from collections.abc import Iterable

from connections.models import Connection
from core.words import Phrase
from library.folder_look import Look, Trouble, look_at
from library.models import Media
from library.paths import Mapping, is_windows_path, local_path

OFFLINE = {trouble: f"root.{trouble}" for trouble in Trouble}
"""What to say of each trouble."""


def parent_of(path: str) -> str:
    """Return the folder above a title's own, as the app names it (on Windows by either separator)."""
    separators = "/\\" if is_windows_path(path) else "/"
    own = path.rstrip(separators)
    cut = max(own.rfind(separator) for separator in separators)
    return path[:cut] if cut > 0 else path[: cut + 1]


def roots_of(connection: Connection) -> list[str]:
    """Return every folder that holds media of an instance with files, as the app names it, in order."""
    paths = Media.objects.filter(connection=connection, arr_file_count__gt=0).values_list("path", flat=True)
    return sorted({parent_of(path) for path in paths.iterator()})


def why_offline(root: str, mappings: Iterable[Mapping]) -> str:
    """Return why nothing below a folder (as the app names it) can be read now, empty where it can."""
    local = local_path(root, mappings)
    return sentence(shown_root(root, local), look_at(local))


def shown_root(root: str, local: str) -> str:
    """Return a root folder as people are told of it, with where it should lie here."""
    return root if local == root else f"{root} ({local} here)"


def sentence(shown: str, look: Look) -> str:
    """Return what is wrong with a folder, empty where nothing is."""
    return Phrase(OFFLINE[Trouble(look.trouble)], folder=shown, reason=look.reason) if look.trouble else ""
