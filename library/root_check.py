"""Every root folder of an instance: whether its titles lie here, and where else they may."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase
from library.folder_look import look_at
from library.models import Media
from library.path_mappings import checked_mappings, set_path_mappings
from library.paths import last_part, local_path
from library.root_folders import parent_of, sentence, shown_root

PLACES = ("/media", "/mnt", "/data", "/srv", "/storage", "/volume1", "/share", "/tv", "/movies")
"""Where media usually lie, where no TAGGARR_MEDIA_FOLDERS say it."""

SAMPLE = 20
"""So many titles of a root folder are looked for."""

DEEP, MOST, WIDE = 4, 1000, 200
"""So deep, and in so many folders, a root folder is searched for; a wider one is a library."""


@dataclass(frozen=True, slots=True)
class RootCheck:
    """A root folder as the app names it, and where it should lie here (`local`); how many of its titles have
    files, how many of those that were `tried` lie there, what is wrong (empty: nothing), and a folder here
    that holds them instead.
    """

    remote: str
    local: str
    titles: int
    tried: int = 0
    found: int = 0
    trouble: str = ""
    suggestion: str = ""

    @property
    def seen(self) -> bool:
        return not self.trouble


def check_roots(connection: Connection) -> list[RootCheck]:
    """Look for titles in every root folder that holds some with files; what is not there is searched for."""
    mappings = list(connection.path_mappings.all())
    paths = Media.objects.filter(connection=connection, arr_file_count__gt=0).order_by("path")
    by_root: dict[str, list[str]] = {}
    for path in paths.values_list("path", flat=True).iterator():
        by_root.setdefault(parent_of(path), []).append(path)
    return [_check(root, titles, local_path(root, mappings)) for root, titles in by_root.items()]


def _check(root: str, titles: list[str], local: str) -> RootCheck:
    names = [last_part(path) for path in titles[:SAMPLE]]
    trouble = sentence(shown_root(root, local), look_at(local))
    found = 0 if trouble else sum(os.path.isdir(os.path.join(local, name)) for name in names)  # noqa: PTH112, PTH118
    if not trouble and not found:
        trouble = Phrase("root.other", folder=shown_root(root, local))
    suggestion = search(names) if trouble else ""
    return RootCheck(root, local, len(titles), len(names), found, trouble, suggestion)


def search(names: Collection[str], places: Iterable[str] | None = None) -> str:
    """Return the folder here that holds most of these titles' folders, empty where none holds any."""
    wanted = set(names)
    best, most = "", 0
    for folder, entries in _folders(places):
        held = len(wanted & entries)
        if held > most:
            best, most = folder, held
        if most == len(wanted):
            break
    return best


def _folders(places: Iterable[str] | None) -> Iterator[tuple[str, set[str]]]:
    """The folders below these places, breadth first, each with the names of the folders in it."""
    left = deque((place, DEEP) for place in places or map(str, settings.MEDIA_FOLDERS or PLACES))
    for _ in range(MOST):
        if not left:
            return
        folder, deep = left.popleft()
        try:
            with os.scandir(folder) as entries:
                names = {entry.name for entry in entries if entry.is_dir()}
        except (OSError, ValueError):
            continue
        yield folder, names
        if deep > 1 and len(names) <= WIDE:
            left += ((str(Path(folder) / name), deep - 1) for name in sorted(names) if name[0] != ".")


def map_roots(connection: Connection, locals_of: dict[str, str]) -> None:
    """Say under which folders here these root folders lie; one that lies where the app says needs no mapping.

    Raises ConfigError where one can lie nowhere.
    """
    kept = {row.remote_prefix: row.local_prefix for row in connection.path_mappings.all()}
    for remote, local in locals_of.items():
        kept.pop(remote, None)
        # A mapping of a folder above may cover it already.
        others = connection.path_mappings.exclude(remote_prefix=remote)
        if local.strip() and local_path(remote, others) != local.strip():
            kept[remote] = local.strip()
    pairs = checked_mappings([{"remote": remote, "local": local} for remote, local in kept.items()])
    if any(not pair["local"].strip("/") for pair in pairs):
        raise ConfigError("mapping.local")
    set_path_mappings(connection, [(pair["remote"], pair["local"]) for pair in pairs])
