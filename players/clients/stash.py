"""Stash, a source: its scenes by GraphQL, which tells errors with status 200."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Unpack

from core.errors import ApiError, ApiPermanentError, ApiTransientError
from core.outbound import shapes
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, checked_key

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT
from .contract import MOST_PICTURE, Identity

PAGE = 500

_SCENE = """
  id title code details director urls date rating100 organized updated_at
  files { path } paths { screenshot } studio { name } tags { name } performers { name }
  groups { group { name } } stash_ids { endpoint stash_id }
"""
_CHANGED = """
query($filter: FindFilterType, $scenes: SceneFilterType) {
  findScenes(filter: $filter, scene_filter: $scenes) { count scenes { id updated_at } }
}
"""
_BUSY = re.compile("database is locked|deadline exceeded|context canceled", re.IGNORECASE)
_MISSING = re.compile("not found", re.IGNORECASE)


class Group(StrEnum):
    """What scenes may have in common, by the name of Stash's filter."""

    TAG = "tags"
    STUDIO = "studios"
    PERFORMER = "performers"


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene. `rating` is of 100, `cover` changes with its picture."""

    id: str
    title: str
    paths: tuple[str, ...]
    details: str = ""
    date: str = ""
    code: str = ""
    director: str = ""
    studio: str = ""
    tags: tuple[str, ...] = ()
    performers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    stash_ids: tuple[str, ...] = ()
    rating: int | None = None
    organized: bool = False
    cover: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A scene that changed, and when, by the clock of Stash."""

    id: str
    at: datetime


class StashClient(base.Caller):
    """One connected Stash. Nothing is ever written to it. It raises what the clients of players raise."""

    app = "Stash"

    def __init__(self, url: str, api_key: str, **options: Unpack[Options]) -> None:
        key = checked_key(api_key)
        super().__init__(url, Auth({"ApiKey": key}, (key,), "player.key-refused-stash"), **options)

    def ping(self) -> None:
        self.identity()

    def identity(self) -> Identity:
        version = shapes.text(self._ask("{ version { version } }", "version").get("version"), 50)
        if not version:
            raise self._error(ApiPermanentError, "answer.not-api", what="a version was expected")
        return Identity("", "Stash", version)

    def folders(self) -> tuple[str, ...]:
        """The folders that it scans."""
        found = self._ask("{ configuration { general { stashes { path } } } }", "configuration")
        general = found.get("general")
        return base.texts(general.get("stashes") if isinstance(general, dict) else None, "path", LONGEST_PATH)

    def scenes(self, ids: Sequence[str]) -> dict[str, Scene]:
        """Return up to 100 scenes by their ids, without those that are gone: in one call, or in two."""
        base.check_ids(ids)
        for one in ids:
            _checked(one)
        query = f"query($ids: [ID!]) {{ findScenes(ids: $ids) {{ scenes {{ {_SCENE} }} }} }}"
        try:
            found = self._ask(query, "findScenes", ids=list(ids))
        except ApiPermanentError as error:
            # One that is gone fails them all.
            if error.status is not None or not _MISSING.search(str(error)):
                raise
            return self._scenes_one_by_one(ids)
        return self._asked_for(found.get("scenes"), ids)

    def _scenes_one_by_one(self, ids: Sequence[str]) -> dict[str, Scene]:
        """Each by a name of its own in one query: who is gone is null."""
        fields = " ".join(f"s{one}: findScene(id: {one}) {{ {_SCENE} }}" for one in ids)
        data = self._data(f"{{ {fields} }}", {})
        return self._asked_for([row for row in data.values() if row is not None], ids)

    def _asked_for(self, rows: Any, ids: Sequence[str]) -> dict[str, Scene]:
        found = {scene.id: scene for scene in self._read(lambda: shapes.read_list(rows, _scene, "scenes"))}
        if not found.keys() <= set(ids):
            raise self._error(ApiTransientError, "player.other-answer")
        return found

    def changed(self, since: datetime | None = None) -> Iterator[tuple[Changed, ...]]:
        """Yield page by page what changed after a time, the newest first; without one, all scenes.

        The first of all is the time to go on from, once the last page has come. Raises ApiTransientError
        where scenes vanish meanwhile: one may have been passed over.
        """
        rule = {} if since is None else {"updated_at": {"value": _when(since), "modifier": "GREATER_THAN"}}
        return self._changed(rule)

    def having(self, group: Group, id: str) -> Iterator[tuple[Changed, ...]]:
        """Yield all scenes of a tag, studio or performer, page by page."""
        return self._changed({group.value: {"value": [_checked(id)], "modifier": "INCLUDES"}})

    def _changed(self, rule: Mapping[str, Any]) -> Iterator[tuple[Changed, ...]]:
        seen: set[str] = set()
        got = total = 0
        page = 1
        while True:
            wanted = {"page": page, "per_page": PAGE, "sort": "updated_at", "direction": "DESC"}
            found = self._ask(_CHANGED, "findScenes", filter=wanted, scenes=dict(rule))
            count = self._read(partial(shapes.number, found, "count", 0, base.MOST_ITEMS))
            rows = self._read(partial(shapes.read_list, found.get("scenes"), _changed_scene, "scenes"))
            got += len(rows)
            if got > count or len(rows) > PAGE:
                raise self._error(ApiTransientError, "player.page-count", said=count, number=got)
            if count < total or (got < count and len(rows) < PAGE):
                raise self._error(ApiTransientError, "player.page-gone")
            new = tuple(row for row in rows if row.id not in seen)
            if rows and not new:
                raise self._error(ApiTransientError, "player.page-twice")
            seen |= {row.id for row in rows}
            page, total = page + 1, count
            if new:
                yield new
            if got >= count:
                return

    def cover(self, id: str) -> bytes:
        """The picture of a scene."""
        found: bytes = self.transport.request(
            "GET", f"/scene/{_checked(id)}/screenshot", raw=True, largest=MOST_PICTURE
        )
        return found

    # GraphQL

    def _ask(self, query: str, name: str, **variables: Any) -> dict[str, Any]:
        data = self._data(query, variables)
        return self._read(lambda: shapes.as_object(data.get(name), name))

    def _data(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an answer. Where it tells errors too, they are raised: half an answer is none."""
        body = {"query": query, "variables": dict(variables)}
        answer = self._json("POST", "/graphql", body=body, writes=False)
        whole = self._read(lambda: shapes.as_object(answer, "data"))
        if errors := whole.get("errors"):
            said = "; ".join(base.texts(errors, "message", 200)[:3]).rstrip(".") or "?"
            kind: type[ApiError] = ApiTransientError if _BUSY.search(said) else ApiPermanentError
            raise self._error(kind, "player.said", said=said)
        return self._read(lambda: shapes.as_object(whole.get("data"), "data"))


def _when(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _checked(id: str) -> str:
    """An id as it may stand in a query or an address: ValueError for anything but a number."""
    if not (id.isascii() and id.isdecimal()):
        raise ValueError(f"{id!r} is no id of Stash")
    return id


def _id(row: Mapping[str, Any]) -> str:
    found = shapes.text(row.get("id"), 20)
    if not (found.isascii() and found.isdecimal()):
        raise WireError("'id' should be a number, as text")
    return found


def _changed_scene(row: dict[str, Any]) -> Changed:
    at = base.moment_of(row.get("updated_at"))
    if at is None:
        raise WireError("'updated_at' should be a time")
    return Changed(_id(row), at)


def _name(row: Any, *, longest: int = LONGEST_NAME) -> str:
    return shapes.text(row.get("name"), longest) if isinstance(row, dict) else ""


def _scene(row: dict[str, Any]) -> Scene:
    paths = row.get("paths")
    groups = [one.get("group") for one in base.objects(row.get("groups"))]
    stash_ids = base.objects(row.get("stash_ids"))
    return Scene(
        id=_id(row),
        title=shapes.text(row.get("title"), LONGEST_TEXT),
        paths=base.texts(row.get("files"), "path", LONGEST_PATH),
        details=shapes.text(row.get("details"), LONGEST_TEXT),
        date=shapes.text(row.get("date"), 10),
        code=shapes.text(row.get("code"), LONGEST_NAME),
        director=shapes.text(row.get("director"), LONGEST_NAME),
        studio=_name(row.get("studio")),
        tags=base.texts(row.get("tags"), "name"),
        performers=base.texts(row.get("performers"), "name"),
        groups=base.texts(groups, "name"),
        urls=base.texts(row.get("urls"), longest=LONGEST_PATH),
        stash_ids=base.texts(stash_ids, "stash_id"),
        rating=base.number_or_none(row, "rating100"),
        organized=row.get("organized") is True,
        cover=shapes.text(paths.get("screenshot") if isinstance(paths, dict) else "", LONGEST_PATH),
        changed=base.moment_of(row.get("updated_at")),
    )
