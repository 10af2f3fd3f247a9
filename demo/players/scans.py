"""How players read folders: what new files are by their names, what an NFO says, what is gone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from demo.players.state import Item, Library, PlayerState

_VIDEOS = {".mkv", ".mp4", ".avi", ".webm"}
_NAME = re.compile(r"(?P<title>.*?)(?: \((?P<year>\d{4})\))?(?: [\[{](?P<ids>.*)[\]}])?")
_ID = re.compile(r"(imdb|tmdb|tvdb)(?:id)?-(\w+)")
_EPISODE = re.compile(r"S(?P<season>\d+)(?P<episodes>(?:-?E\d+)+)", re.IGNORECASE)
_SEASON = re.compile(r"Season (\d+)")
_ABSOLUTE = re.compile(r" - (\d{2,4})\b")
# What an NFO calls the lists.
_NFO_LISTS = {"tag": "label", "genre": "genre"}
_NFO_TEXTS = {"plot": "summary", "studio": "studio", "title": "title"}


def files_under(state: PlayerState, folder: str) -> Iterator[str]:
    """The videos in a folder: those of the stand-in's own disk, and those of the real one."""
    below = folder.rstrip("/") + "/"
    for path in list(state.disk):
        if path.startswith(below) and _is_video(path):
            yield path
    for parent, _folders, names in os.walk(folder):
        for name in sorted(names):
            path = f"{parent}/{name}"
            if _is_video(path) and path not in state.disk:
                yield path


def is_there(state: PlayerState, path: str) -> bool:
    return path in state.disk or Path(path).is_file()


def _is_video(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.suffix in _VIDEOS and not pure.stem.endswith("-trailer")


def scan(state: PlayerState, library: Library, folder: str | None = None, *, clean: bool = True) -> None:
    """Adds what is new in a folder, else in the whole library; with `clean`, forgets what is gone."""
    folders = [folder.rstrip("/")] if folder else library.locations
    known = {item.path for item in state.items.values() if item.library == library.id}
    shows = {item.path: item for item in state.of(library.id, "show")}
    there = set()
    for root in folders:
        for path in files_under(state, root):
            there.add(path)
            if path not in known:
                _add(state, library, path, shows)
    if clean:
        for item in list(state.items.values()):
            inside = any(item.path.startswith(f"{root}/") for root in folders)
            is_file = item.kind in ("movie", "episode") and item.library == library.id
            if is_file and inside and item.path not in there:
                state.remove(item.id)


def library_of(state: PlayerState, path: str) -> Library | None:
    """The library in one of whose locations a path lies."""
    for library in state.libraries.values():
        if any(path == root or path.startswith(root.rstrip("/") + "/") for root in library.locations):
            return library
    return None


def _add(state: PlayerState, library: Library, path: str, shows: dict[str, Item]) -> None:
    root = next((root for root in library.locations if path.startswith(root.rstrip("/") + "/")), None)
    if root is None:
        return
    folder = f"{root.rstrip('/')}/{PurePosixPath(path).relative_to(root).parts[0]}"
    name = PurePosixPath(folder).name if folder != path else PurePosixPath(path).stem
    fields = {**_from_name(name), "given": {}}
    if library.kind == "movie":
        item = state.add_movie(library.id, path, **fields)
        read(state, item)
        return
    show = shows.get(folder)
    if show is None:
        show = shows[folder] = state.add_show(library.id, folder, **fields)
        read(state, show)
    season, numbers = _numbers(path)
    for number in numbers:
        episode = state.add_episode(show, season, number, path)
        read(state, episode)


def _from_name(name: str) -> dict[str, Any]:
    found = _NAME.fullmatch(name)
    if found is None:
        return {"title": name}
    year = found["year"]
    return {
        "title": found["title"],
        "year": int(year) if year else None,
        "guids": dict(_ID.findall(found["ids"] or "")),
    }


def _numbers(path: str) -> tuple[int, list[int]]:
    name = PurePosixPath(path).stem
    found = _EPISODE.search(name)
    if found is not None:
        return int(found["season"]), [int(number) for number in re.findall(r"\d+", found["episodes"])]
    absolute, season = _ABSOLUTE.search(name), _SEASON.fullmatch(PurePosixPath(path).parent.name)
    return int(season[1]) if season else 1, [int(absolute[1]) if absolute else 1]


def nfo_of(item: Item) -> str:
    """Where the NFO of an item lies."""
    if item.kind == "show":
        return f"{item.path}/tvshow.nfo"
    if item.kind == "season":
        return f"{item.path}/season.nfo"
    return str(PurePosixPath(item.path).with_suffix(".nfo"))


def read(state: PlayerState, item: Item) -> None:
    """Returns all of an item that is not locked to what its sources say, and learns its ids."""
    given = said(state, item)
    item.guids |= given.pop("guids")
    state.refresh(item, given)


def said(state: PlayerState, item: Item) -> dict[str, Any]:
    """What the sources say of an item, and its `guids`: its NFO over what the program knew already."""
    given = {"guids": {}, "title": item.title, **item.given}
    if state.kind == "plex":
        # Plex reads NFOs only where somebody gave it an agent for them.
        return given
    text = _text(state, nfo_of(item))
    if text is None and item.kind == "movie":
        text = _text(state, f"{PurePosixPath(item.path).parent}/movie.nfo")
    roots = _roots(text or "")
    if not roots:
        return given
    root = next((one for one in roots if one.findtext("episode") == str(item.number)), roots[0])
    ids = {row.get("type"): row.text for row in root.findall("uniqueid")}
    given["guids"] = {name: value for name, value in ids.items() if name and value}
    for tag, name in _NFO_LISTS.items():
        given[name] = [row.text for row in root.findall(tag) if row.text]
    for tag, name in _NFO_TEXTS.items():
        value = root.findtext(tag)
        if value:
            given[name] = value
    return given


def _roots(text: str) -> list[Element]:
    """The elements of an NFO: several in that of a file of several episodes; an address may follow."""
    end = text.rfind("</")
    inner = re.sub(r"<\?xml.*?\?>", "", text[: text.find(">", end) + 1])
    try:
        return list(ElementTree.fromstring(f"<all>{inner}</all>"))
    except ElementTree.ParseError:
        return []


def _text(state: PlayerState, path: str) -> str | None:
    if path in state.disk:
        return state.disk[path]
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError:
        return None
