"""The root folders of an instance: those that hold the folders of its media, and whether they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_noop

from library.folder_look import Look, Trouble, look_at
from library.models import FactsFrom, File, Instance, Media, PathMapping
from library.paths import is_windows_path, local_path
from library.sentences import say

SENTENCES = {
    Trouble.MISSING: gettext_noop(
        "The folder %(folder)s is not there: mount it, or add a path mapping to the instance."
    ),
    Trouble.UNREADABLE: gettext_noop(
        "The folder %(folder)s cannot be read (%(reason)s): check its mount and permissions."
    ),
    Trouble.EMPTY: gettext_noop(
        "The folder %(folder)s is empty, though the app has files in it: check its mount."
    ),
    Trouble.SILENT: gettext_noop(
        "The folder %(folder)s does not answer: check the disk or the server it is mounted from."
    ),
}
"""What to say of each trouble; health has them in the language of the page."""


def parent_of(path: str) -> str:
    """Return the folder above a media's own, as the app names it (on Windows by either separator)."""
    separators = "/\\" if is_windows_path(path) else "/"
    own = path.rstrip(separators)
    cut = max(own.rfind(separator) for separator in separators)
    return path[:cut] if cut > 0 else path[: cut + 1]


def roots_of(instance: Instance) -> list[str]:
    """Return every folder that holds media of an instance with files, as the app names it, in order."""
    paths = Media.objects.filter(instance=instance, arr_file_count__gt=0).values_list("path", flat=True)
    return sorted({parent_of(path) for path in paths.iterator()})


def was_read_from_disk(instance: Instance) -> bool:
    """Whether any file of an instance was ever read here, and not by the app for us."""
    read = File.objects.filter(media__instance=instance, probed_at__isnull=False)
    return read.exclude(engine=FactsFrom.ARR).exists()


def is_read_from_disk(instance: Instance, roots: Collection[str], offline: Collection[str]) -> bool:
    """Return whether files are read here where these of the roots are offline.

    `auto` means disk as soon as one folder is visible here; then a folder that is not is offline, and no
    reason to believe the app's list instead. Only where none is visible, and none ever was read from, are the
    files taken as not mounted here: a mount that is gone must not replace what was read by what the app says.
    """
    if instance.facts_from != FactsFrom.AUTO:
        return instance.facts_from == FactsFrom.DISK
    none_visible = bool(roots) and len(offline) == len(roots)
    return not none_visible or was_read_from_disk(instance)


def why_offline(root: str, mappings: Iterable[PathMapping]) -> str:
    """Return why nothing below a folder (as the app names it) can be read now, empty where it can."""
    local = local_path(root, mappings)
    return sentence(shown_root(root, local), look_at(local))


def shown_root(root: str, local: str) -> str:
    """Return a root folder as people are told of it, with where it should lie here."""
    return root if local == root else f"{root} ({local} here)"


def sentence(shown: str, look: Look) -> str:
    """Return what is wrong with a folder, empty where nothing is."""
    if not look.trouble:
        return ""
    return say(SENTENCES[Trouble(look.trouble)], folder=shown, reason=look.reason)
