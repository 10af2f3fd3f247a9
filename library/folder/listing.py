"""What lies in a plain folder of series or movies: each folder is listed once, no video opened. No Django.

No list is made where the folder itself is missing, empty or unreadable: its mount may be away. A title whose
own folder cannot be read now is listed as `unread`.
"""

# ruff: noqa: PTH112, PTH116, PTH119, PTH120 -- os.path: asked for every title, and a fraction of the price of Path

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.errors import StorageError
from library.folder import WORDS, any_of
from library.folder.names import TitleName, parse_title
from library.folder.videos import choose_movie_file, is_extra, is_extra_folder, is_video

VERSION = 1
"""Goes up when names or NFOs are read otherwise: then all titles count as changed."""

DEEPEST = 4
"""So far down movies are looked for in folders of folders, and files of a series in its own."""

_SYSTEM_FOLDERS = frozenset(WORDS["system_folders"])
_PASSED_BY = frozenset(WORDS["passed_by"])
_DISC = frozenset(WORDS["discs"])
_PART = re.compile(rf"(?:.*[ ._-])?{any_of('parts')}[ ._-]?\d{{1,2}}")

MayEnter = Callable[[str], bool]
"""Whether a link to a folder may be followed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One series or movie. `videos` are the paths of its files inside `path`, which is a movie's own file
    where that lies in no folder of its own; `stamp` changes whenever there is something new to read.
    """

    path: str
    name: TitleName
    videos: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    nfo: Path | None = None
    stamp: str = ""
    unread: bool = False

    def path_of(self, video: str) -> str:
        return f"{self.path}/{video}" if video else self.path


@dataclass(slots=True)
class _Entries:
    """One folder as it was listed: its folders, videos and NFOs by name; nothing where it is passed by."""

    path: str
    mtime_ns: int = 0
    folders: list[str] = field(default_factory=list)
    videos: list[str] = field(default_factory=list)
    nfos: set[str] = field(default_factory=set)
    passed_by: bool = False


def list_titles(root: str, *, series: bool, may_enter: MayEnter) -> list[Listed]:
    """Return all series or movies in a folder, by path. Raises StorageError where it cannot be listed."""
    try:
        entries = _entries(root, may_enter)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no valid path"
        raise StorageError("mapping.unreadable", path=root, reason=reason) from None
    if not (entries.folders or entries.videos or entries.nfos):
        raise StorageError("mapping.empty", path=root)
    found = _series(entries, may_enter) if series else _movies(entries, may_enter, 1)
    return sorted(found, key=lambda one: one.path)


def list_one(path: str, *, series: bool, may_enter: MayEnter) -> Listed | None:
    """Return the series or movie at a path; None where there is none any more."""
    if not series and is_video(path) and not os.path.isdir(path):
        folder = os.path.dirname(path)
        try:
            return next((one for one in _loose(_entries(folder, may_enter)) if one.path == path), None)
        except OSError:
            return None
    if not os.path.isdir(path):
        return None
    found = _one_series(path, may_enter) if series else list(_movie_folder(path, may_enter, DEEPEST))
    return next((one for one in found if one.path == path), None)


def _entries(folder: str, may_enter: MayEnter) -> _Entries:
    """List one folder. Names that are left out: hidden ones, those of systems, links that lead elsewhere."""
    found = _Entries(folder, os.stat(folder).st_mtime_ns)
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name in _PASSED_BY:
                return _Entries(folder, passed_by=True)
            if name.startswith(".") or name.lower() in _SYSTEM_FOLDERS:
                continue
            if is_video(name):
                if entry.is_file():
                    found.videos.append(name)
            elif name.lower().endswith(".nfo"):
                found.nfos.add(name)
            elif entry.is_dir() and (not entry.is_symlink() or may_enter(entry.path)):
                found.folders.append(name)
    found.folders.sort()
    found.videos.sort()
    return found


# Movies


def _movies(entries: _Entries, may_enter: MayEnter, depth: int) -> Iterator[Listed]:
    """The movies in a folder that is none itself: loose files, and what its folders hold."""
    yield from _loose(entries)
    for name in entries.folders:
        if not is_extra_folder(name):
            yield from _movie_folder(f"{entries.path}/{name}", may_enter, depth)


def _movie_folder(path: str, may_enter: MayEnter, depth: int) -> Iterator[Listed]:
    """The movie that a folder is, or those that it gathers."""
    name = parse_title(os.path.basename(path))
    try:
        entries = _entries(path, may_enter)
        if entries.passed_by:
            return
        videos = [video for video in entries.videos if not is_extra(video)]
        if _are_several(videos):
            yield from _movies(entries, may_enter, depth + 1)
            return
        folders = [folder for folder in entries.folders if not is_extra_folder(folder)]
        parts = [folder for folder in folders if _PART.fullmatch(folder.lower())]
        is_disc = any(folder.lower() in _DISC for folder in folders)
        if videos or parts or is_disc or not folders:
            sizes = _sizes(path, "", videos)
            for part in parts if not videos else ():
                sizes |= _sizes(path, f"{part}/", _entries(f"{path}/{part}", may_enter).videos)
            chosen = choose_movie_file({video: size for video, (size, _) in sizes.items()})
            nfo = _movie_nfo(entries, chosen)
            if sizes or is_disc or name.is_certain or nfo:
                yield _movie(path, name, nfo, {} if chosen is None else {chosen: sizes[chosen]})
        elif depth < DEEPEST:
            yield from _movies(entries, may_enter, depth + 1)
    except OSError:
        yield Listed(path, name, unread=True)


def _loose(entries: _Entries) -> Iterator[Listed]:
    """The movies that lie in a folder as files of their own."""
    for video in entries.videos:
        if is_extra(video):
            continue
        path, stem = f"{entries.path}/{video}", PurePosixPath(video).stem
        nfo = f"{stem}.nfo"
        try:
            (marks,) = _sizes(entries.path, "", [video]).values()
        except OSError:
            yield Listed(path, parse_title(stem), unread=True)
        else:
            beside = Path(entries.path, nfo) if nfo in entries.nfos else None
            yield _movie(path, parse_title(stem), beside, {"": marks})


def _movie(path: str, name: TitleName, nfo: Path | None, chosen: dict[str, tuple[int, int]]) -> Listed:
    """One movie; `chosen` is its file, if it has one, with size and time of change."""
    sizes = {video: size for video, (size, _) in chosen.items()}
    stamp = _stamp([(video, *marks) for video, marks in chosen.items()], nfo)
    return Listed(path, name, tuple(chosen), sizes, nfo, stamp)


def _are_several(videos: list[str]) -> bool:
    """Whether files of one folder are different movies: each names its own title and year."""
    names = [parse_title(PurePosixPath(video).stem) for video in videos]
    different = {(name.title.casefold(), name.year) for name in names}
    return len(different) > 1 and all(name.year for name in names)


def _movie_nfo(entries: _Entries, video: str | None) -> Path | None:
    """The NFO of a movie in a folder of its own, as `scanner.nfo.files` looks for it."""
    names = ["movie.nfo", f"{os.path.basename(entries.path)}.nfo"]
    if video and "/" not in video:
        names.insert(1, f"{PurePosixPath(video).stem}.nfo")
    return next((Path(entries.path, name) for name in names if name in entries.nfos), None)


def _sizes(folder: str, within: str, videos: list[str]) -> dict[str, tuple[int, int]]:
    """Size and time of change of these files of a folder inside another, by their place in that."""
    found = {}
    for video in videos:
        status = os.stat(f"{folder}/{within}{video}")
        found[f"{within}{video}"] = (status.st_size, status.st_mtime_ns)
    return found


# Series


def _series(entries: _Entries, may_enter: MayEnter) -> Iterator[Listed]:
    for name in entries.folders:
        yield from _one_series(f"{entries.path}/{name}", may_enter)


def _one_series(path: str, may_enter: MayEnter) -> Iterator[Listed]:
    name = parse_title(os.path.basename(path))
    try:
        folders = list(_folders_of_series(path, "", may_enter, 1))
    except OSError:
        yield Listed(path, name, unread=True)
        return
    videos = [
        f"{within}{video}"
        for within, entries in folders
        for video in entries.videos
        if not is_extra(f"{within}{video}", of_series=True)
    ]
    nfo = Path(path, "tvshow.nfo") if "tvshow.nfo" in folders[0][1].nfos else None
    if (videos or nfo or name.is_certain) and not folders[0][1].passed_by:
        marks = [(within, entries.mtime_ns, 0) for within, entries in folders if entries.videos]
        stamp = _stamp([*marks, *((video, 0, 0) for video in videos)], nfo)
        yield Listed(path, name, tuple(sorted(videos)), {}, nfo, stamp)


def _folders_of_series(
    path: str, within: str, may_enter: MayEnter, depth: int
) -> Iterator[tuple[str, _Entries]]:
    """A series' own folder and those in it that hold no extras, each with its place inside."""
    entries = _entries(f"{path}/{within}".rstrip("/"), may_enter)
    yield within, entries
    for folder in entries.folders if depth < DEEPEST else ():
        if not is_extra_folder(folder, of_series=True):
            yield from _folders_of_series(path, f"{within}{folder}/", may_enter, depth + 1)


def _stamp(marks: list[tuple[str, int, int]], nfo: Path | None) -> str:
    digest = hashlib.blake2s(
        repr((VERSION, sorted(marks))).encode("utf-8", "surrogateescape"), digest_size=12
    )
    if nfo is not None:
        try:
            status = nfo.lstat()
        except OSError:
            return f"{digest.hexdigest()}:?"
        digest.update(repr((nfo.name, status.st_mtime_ns, status.st_size)).encode("utf-8", "surrogateescape"))
    return f"{len(marks)}:{digest.hexdigest()}"
