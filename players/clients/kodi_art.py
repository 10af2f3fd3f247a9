"""The pictures beside what Kodi shows. It looks for them only when it reads something anew, which costs what
was watched: so it is told which there are. What it reads by which name was measured with Kodi 20.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from posixpath import basename, dirname, splitext
from urllib.parse import unquote

from library.folder.videos import is_extra, is_video

from .contract import Kind

_TYPE = re.compile(
    r"(poster|fanart|banner|landscape|clearlogo|clearart|discart|keyart|characterart|thumb)\d{0,2}"
)
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


def raw(picture: str) -> str:
    """The path of a picture that Kodi names `image://…/`."""
    return unquote(picture.removeprefix("image://").removesuffix("/"))


def prefixes(kind: Kind, file: str, names: Collection[str], season: object = None) -> tuple[str, ...]:
    """What stands before the type of an item's pictures in a folder that holds these names, the one that wins
    first. A movie that is alone in its folder has those of the folder.
    """
    if kind is Kind.SHOW:
        return ("",)
    if kind is Kind.SEASON:
        return (f"season{season:02}-" if isinstance(season, int) and season else "season-specials-",)
    own = f"{splitext(basename(file))[0]}-"
    videos = [name for name in names if is_video(name) and not is_extra(name)]
    return (own, "") if kind is Kind.MOVIE and len(videos) == 1 else (own,)


def chosen(shown: Mapping[str, str], folder: str) -> dict[str, str]:
    """The paths of the pictures that do not lie in this folder, by type: somebody chose them. What Kodi takes
    out of the video, and its icons, are no such pictures.
    """
    own = {art: raw(path) for art, path in shown.items() if "." not in art}
    return {
        art: path
        for art, path in own.items()
        if "/" in path and not path.startswith("video@") and f"{dirname(path)}/" != folder
    }


def to_set(
    shown: Mapping[str, str], folder: str, names: Collection[str], starts: Sequence[str]
) -> dict[str, str | None]:
    """Return which pictures Kodi has to be told, by type: those in a folder that it lacks, and None for those
    it has of there that are gone. What lies elsewhere somebody chose: it stays.
    """
    beside: dict[str, str] = {}
    for prefix in map(str.lower, starts):
        for name in sorted(names):
            stem, suffix = splitext(name.lower())
            art = stem.removeprefix(prefix)
            if suffix in _PICTURES and stem.startswith(prefix) and _TYPE.fullmatch(art):
                beside.setdefault(art, folder + name)
    own = {art: raw(path) for art, path in shown.items() if "." not in art}
    gone = {art for art, path in own.items() if f"{dirname(path)}/" == folder and basename(path) not in names}
    new = {art: path for art, path in beside.items() if art not in own or art in gone}
    return {**dict.fromkeys(gone), **new}
