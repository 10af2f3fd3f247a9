"""How Stash finds: filters, sorting, pages. And how each type of its schema is made of what it knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from graphql import GraphQLError

from demo.players.stash.state import Named, Scene, StashState, VideoFile, when

Args = dict[str, Any]

_SORTS: dict[str, Callable[[Any], Any]] = {
    "id": lambda row: row.id,
    "title": lambda row: row.title.casefold(),
    "name": lambda row: row.name.casefold(),
    "path": lambda row: row.files[0].path if row.files else "",
    "date": lambda row: row.date or "",
    "rating": lambda row: row.rating or 0,
    "created_at": lambda row: row.created,
    "updated_at": lambda row: row.updated,
}


def found(rows: Iterable[Any], filter_: Args | None, unsaid: str) -> tuple[int, list[Any]]:
    """How many rows there are, and one page of them: 25, unless `per_page` says otherwise (-1: all)."""
    wanted = filter_ or {}
    name = wanted.get("sort") or unsaid
    made = sorted(rows, key=_SORTS.get(name, _SORTS["id"]), reverse=wanted.get("direction") == "DESC")
    size, page = wanted.get("per_page", 25), max(wanted.get("page") or 1, 1)
    return len(made), made if size < 0 else made[(page - 1) * size : page * size]


def by_ids(rows: dict[int, Any], ids: Iterable[Any], what: str) -> list[Any]:
    """The rows of these ids; one that is missing fails them all, as Stash has it.

    Raises:
        GraphQLError: one is missing, or is no number.
    """
    made = []
    for text in ids:
        if not str(text).isdecimal():
            raise GraphQLError(f'converting "ids": strconv.Atoi: parsing "{text}": invalid syntax')
        if int(text) not in rows:
            raise GraphQLError(f"{what} with id {text} not found")
        made.append(rows[int(text)])
    return made


def is_asked_for(scene: Scene, rule: Args | None, text: str) -> bool:
    """Whether a scene passes a `SceneFilterType`, and holds the text that was searched for."""
    paths = " ".join(file.path for file in scene.files)
    if text and text.casefold() not in f"{scene.title} {scene.details} {paths}".casefold():
        return False
    given = {name: value for name, value in (rule or {}).items() if value is not None}
    other = given.pop("OR", None)
    passes = all(_passes(scene, name, value) for name, value in given.items())
    if other is None:
        return passes
    return (passes and bool(given)) or is_asked_for(scene, other, "")


def _passes(scene: Scene, name: str, rule: Any) -> bool:
    if name in ("AND", "NOT"):
        return is_asked_for(scene, rule, "") == (name == "AND")
    if name == "organized":
        return bool(scene.organized == rule)
    if name in ("tags", "performers", "studios"):
        return _names({scene.studio} - {None} if name == "studios" else set(getattr(scene, name)), rule)
    if name in ("created_at", "updated_at"):
        return _ranked(when(getattr(scene, name.removesuffix("_at"))), rule)
    if name == "id":
        return _ranked(scene.id, rule)
    texts = {
        "path": [file.path for file in scene.files],
        "oshash": [file.fingerprints.get("oshash", "") for file in scene.files],
        "title": [scene.title],
    }
    return any(told(text, rule) for text in texts[name])


def _names(held: set[Any], rule: Args) -> bool:
    wanted = {int(number) for number in rule.get("value") or []}
    answers: dict[str, bool] = {
        "INCLUDES_ALL": wanted <= held,
        "EXCLUDES": not wanted & held,
        "IS_NULL": not held,
        "NOT_NULL": bool(held),
    }
    return answers.get(rule["modifier"], bool(wanted & held))


def told(text: str, rule: Args) -> bool:
    folded, wanted, modifier = text.casefold(), rule["value"].casefold(), rule["modifier"]
    if modifier in ("MATCHES_REGEX", "NOT_MATCHES_REGEX"):
        return bool((re.search(rule["value"], text) is None) == (modifier == "NOT_MATCHES_REGEX"))
    answers: dict[str, bool] = {
        "EQUALS": folded == wanted,
        "NOT_EQUALS": folded != wanted,
        "EXCLUDES": wanted not in folded,
        "IS_NULL": not text,
        "NOT_NULL": bool(text),
    }
    return answers.get(modifier, wanted in folded)


def _ranked(value: Any, rule: Args) -> bool:
    low, high = rule["value"], rule.get("value2")
    answers = {
        "GREATER_THAN": value > low,
        "LESS_THAN": value < low,
        "BETWEEN": high is not None and low <= value <= high,
        "NOT_EQUALS": value != low,
    }
    return bool(answers.get(rule["modifier"], value == low))


# The types


class Types:
    """What each field of the schema's types is; fields that are not here are those of the row itself."""

    def __init__(self, state: StashState, url: str) -> None:
        self.state = state
        self.url = url

    def scene(self, row: Scene) -> Args:
        return {
            "rating100": row.rating,
            "interactive": False,
            "o_counter": 0,
            "play_count": 0,
            "scene_markers": [],
            "created_at": when(row.created),
            "updated_at": when(row.updated),
            "files": row.files,
            "paths": {"screenshot": f"{self.url}/scene/{row.id}/screenshot?t={row.updated}"},
            "studio": self.state.studios.get(row.studio or 0),
            "tags": [self.state.tags[one] for one in row.tags],
            "performers": [self.state.performers[one] for one in row.performers],
            "groups": [{"group": self.state.groups[one], "scene_index": None} for one in row.groups],
            "stash_ids": [{"updated_at": when(row.updated), **one} for one in row.stash_ids],
        }

    def file(self, row: VideoFile) -> Args:
        path = PurePosixPath(row.path)
        times = dict.fromkeys(("mod_time", "created_at", "updated_at"), when(self.state.clock))
        return {
            "basename": path.name,
            "parent_folder": {"id": 1, "path": str(path.parent)},
            "fingerprints": [{"type": name, "value": value} for name, value in row.fingerprints.items()],
            "fingerprint": lambda _info, type: row.fingerprints.get(type),
            "format": path.suffix.removeprefix("."),
            "width": 1920,
            "height": 1080,
            "video_codec": "h264",
            "audio_codec": "aac",
            "frame_rate": 25.0,
            "bit_rate": 1000,
            **times,
        }

    def named(self, row: Named) -> Args:
        rows = next(
            rows
            for rows in (self.state.tags, self.state.performers, self.state.studios, self.state.groups)
            if rows.get(row.id) is row
        )
        parents = [rows[one] for one in row.parents]
        children = [one for one in rows.values() if row.id in one.parents]
        return {
            "alias_list": row.aliases,
            "description": row.details,
            "urls": [],
            "favorite": False,
            "stash_ids": [],
            "tags": [self.state.tags[one] for one in row.tags],
            "parents": parents,
            "children": children,
            "parent_studio": next(iter(parents), None),
            "child_studios": children,
            "scene_count": lambda _info, **_: self._count(row),
            "created_at": when(row.created),
            "updated_at": when(row.updated),
        }

    def _count(self, row: Named) -> int:
        scenes = self.state.scenes.values()
        return sum(row.id in (*scene.tags, *scene.performers, scene.studio) for scene in scenes)

    def resolve(self, source: Any, info: Any, **args: Any) -> Any:
        """The value of a field: made of what is known, or the row's own."""
        if isinstance(source, dict):
            made = source.get(info.field_name)
        else:
            made = self._made(source).get(info.field_name, getattr(source, info.field_name, None))
        return made(info, **args) if callable(made) else made

    def _made(self, source: Any) -> Args:
        if isinstance(source, Scene):
            return self.scene(source)
        if isinstance(source, VideoFile):
            return self.file(source)
        return self.named(source) if isinstance(source, Named) else {}
