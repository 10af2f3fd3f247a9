"""What a stand-in Stash knows: scenes with their files, and the tags, performers and studios they name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from demo.players.state import ADDED


@dataclass(slots=True)
class Named:
    """A tag, performer, studio or group. `parents` are ids of its own kind; `tags` those of tags."""

    id: int
    name: str
    aliases: list[str] = field(default_factory=list)
    details: str = ""
    disambiguation: str = ""
    parents: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    created: int = ADDED
    updated: int = ADDED


@dataclass(slots=True)
class VideoFile:
    id: int
    path: str
    size: int = 1000
    duration: float = 60.0
    fingerprints: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Scene:
    """One scene. Tags, performers, groups and the studio are ids; `rating` is of 100; `cover` is a text."""

    id: int
    title: str = ""
    files: list[VideoFile] = field(default_factory=list)
    code: str = ""
    details: str = ""
    director: str = ""
    urls: list[str] = field(default_factory=list)
    date: str | None = None
    rating: int | None = None
    organized: bool = False
    studio: int | None = None
    tags: list[int] = field(default_factory=list)
    performers: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    stash_ids: list[dict[str, str]] = field(default_factory=list)
    cover: str = ""
    created: int = ADDED
    updated: int = ADDED


GROUPS = ("tags", "performers", "studios", "groups")


class StashState:
    """All that one stand-in Stash knows. `clock` goes on by one second at every change."""

    kind = "stash"

    def __init__(self, _kind: str = "stash") -> None:
        self.scenes: dict[int, Scene] = {}
        self.tags: dict[int, Named] = {}
        self.performers: dict[int, Named] = {}
        self.studios: dict[int, Named] = {}
        self.groups: dict[int, Named] = {}
        self.folders: list[str] = []
        self.last_id = 0
        self.clock = ADDED

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def named(self, group: str, name: str) -> Named:
        """The tag, performer, studio or group of this name; made where there is none."""
        rows: dict[int, Named] = getattr(self, group)
        for row in rows.values():
            if row.name == name:
                return row
        made = Named(self.next_id(), name, created=self.tick(), updated=self.clock)
        rows[made.id] = made
        return made

    def add_scene(
        self,
        *paths: str,
        tags: tuple[str, ...] = (),
        performers: tuple[str, ...] = (),
        studio: str | None = None,
        **fields: Any,
    ) -> Scene:
        """Adds a scene of these files; tags, performers and the studio are named."""
        fields.setdefault("title", PurePosixPath(paths[0]).stem)
        number = self.next_id()
        files = [VideoFile(self.next_id(), path, fingerprints={"oshash": f"{number:016x}"}) for path in paths]
        made = Scene(number, files=files, **fields)
        made.tags = [self.named("tags", name).id for name in tags]
        made.performers = [self.named("performers", name).id for name in performers]
        made.studio = self.named("studios", studio).id if studio else None
        made.created = made.updated = self.tick()
        self.scenes[made.id] = made
        return made

    def titled(self, title: str) -> Scene:
        """The first scene of this title.

        Raises:
            KeyError: there is none.
        """
        for scene in self.scenes.values():
            if scene.title == title:
                return scene
        raise KeyError(title)

    def remove(self, group: str, number: int) -> None:
        """Forgets a tag, performer or studio, also in the scenes that name it."""
        del getattr(self, group)[number]
        for scene in self.scenes.values():
            if group == "studios" and scene.studio == number:
                scene.studio = None
            elif group != "studios":
                held: list[int] = getattr(scene, group)
                held[:] = [one for one in held if one != number]

    def to_json(self) -> dict[str, Any]:
        rows = {name: [asdict(row) for row in getattr(self, name).values()] for name in ("scenes", *GROUPS)}
        kept = {name: getattr(self, name) for name in ("kind", "folders", "last_id", "clock")}
        return {**kept, **rows}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StashState:
        state = cls()
        for name in ("folders", "last_id", "clock"):
            setattr(state, name, data[name])
        for name in GROUPS:
            setattr(state, name, {row["id"]: Named(**row) for row in data[name]})
        for row in data["scenes"]:
            files = [VideoFile(**file) for file in row["files"]]
            state.scenes[row["id"]] = Scene(**{**row, "files": files})
        return state

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json()), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> StashState:
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))


def when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
