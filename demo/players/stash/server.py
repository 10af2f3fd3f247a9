"""The GraphQL door of a Stash, its screenshots, and its hooks."""

from __future__ import annotations

import hmac
import pickle
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import requests
from graphql import GraphQLError, build_schema, execute_sync, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.players.stash import queries
from demo.players.stash.queries import Args, Types
from demo.players.stash.state import GROUPS, Named, Scene, StashState, when
from demo.stand_in.answers import Refused, answer
from demo.stand_in.control import known_change

_SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
_HOOK_SECONDS = 10.0
_NO_COVER = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
# The arguments of a mutation, and what a row calls them.
_IDS = {"tags", "performers", "parents", "studio"}
_FIELDS = {
    "rating100": "rating",
    "studio_id": "studio",
    "performer_ids": "performers",
    "tag_ids": "tags",
    "cover_image": "cover",
    "description": "details",
    "alias_list": "aliases",
    "parent_ids": "parents",
}


class Stash:
    """One stand-in Stash. `hooks` are where its plugin sends what changed."""

    url_base = ""

    def __init__(self, state: StashState, key: str) -> None:
        self.state = state
        self.key = key
        self.hooks: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.jobs: list[Args] = []

    # As a program of the stand-in

    def api(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/graphql", self.graphql, methods=["POST"]),
                Route("/scene/{id:int}/screenshot", self.screenshot, methods=["GET"]),
            ]
        )

    def snapshot(self) -> Callable[[], None]:
        kept = pickle.dumps(self.state)

        def go_back() -> None:
            # Our own bytes of a moment ago.
            self.state = pickle.loads(kept)  # noqa: S301

        return go_back

    def asked_for(self, raw: bytes) -> str:
        """The names of the fields that a query starts with."""
        try:
            document = parse(orjson.loads(raw)["query"])
        except (orjson.JSONDecodeError, KeyError, TypeError, GraphQLError):
            return ""
        operations: list[Any] = [one for one in document.definitions if hasattr(one, "operation")]
        return ",".join(field.name.value for one in operations for field in one.selection_set.selections)

    def refusal(self, request: Request) -> Response | None:
        given = request.headers.get("apikey") or request.query_params.get("apikey") or ""
        if hmac.compare_digest(given.encode(), self.key.encode()):
            return None
        return Response("unauthorized", 401, media_type="text/plain")

    def change(self, op: str, args: dict[str, Any]) -> dict[str, Any] | None:
        made: dict[str, Any] | None = known_change(_CHANGES, op)(self, **args)
        return made

    # Its doors

    async def graphql(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
            document = parse(body["query"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            message = "json body could not be decoded"
            raise Refused(400, {"errors": [{"message": message}], "data": None}) from None
        except GraphQLError as error:
            raise Refused(422, {"errors": [error.formatted], "data": None}) from error
        wrong = validate(_SCHEMA, document)
        if wrong:
            raise Refused(422, {"errors": [error.formatted for error in wrong], "data": None})
        types = Types(self.state, str(request.base_url).rstrip("/"))
        result = execute_sync(
            _SCHEMA,
            document,
            root_value=_Root(self),
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            field_resolver=types.resolve,
        )
        return answer(result.formatted)

    async def screenshot(self, request: Request) -> Response:
        scene = self.state.scenes.get(request.path_params["id"])
        if scene is None:
            raise Refused(404, {})
        if not scene.cover:
            return Response(_NO_COVER, media_type="image/svg+xml")
        return Response(b"\xff\xd8\xff" + scene.cover.encode(), media_type="image/jpeg")

    # Hooks

    def tell(self, type_: str, number: int, given: Args | None = None) -> None:
        """Runs the hook of a change: each receiver gets what Stash gives a plugin."""
        context = {"id": number, "type": type_, "input": given, "inputFields": sorted(given or {})}
        body = {"server_connection": {"Scheme": "http"}, "args": {"hookContext": context}}
        for hook in self.hooks:
            for _ in range(hook["times"]):
                self.sent.append(context)
                threading.Thread(target=_post, args=(hook, body), daemon=True).start()


def _post(hook: dict[str, Any], body: dict[str, Any]) -> None:
    try:
        requests.post(hook["url"], json=body, headers=hook["headers"], timeout=_HOOK_SECONDS)
    except requests.RequestException:
        # As a plugin's failure in Stash: a line in a log that nobody reads.
        return


class _Root:
    """The queries and mutations."""

    def __init__(self, stash: Stash) -> None:
        self.stash = stash
        self.state = stash.state

    def version(self, _info: Any) -> Args:
        return {"version": "v0.30.1", "hash": "76648fee6", "build_time": "2026-01-11 00:00:00"}

    def configuration(self, _info: Any) -> Args:
        stashes = [
            {"path": path, "excludeVideo": False, "excludeImage": False} for path in self.state.folders
        ]
        general = {"apiKey": self.stash.key, "stashes": stashes, "databasePath": "/stash/stash-go.sqlite"}
        return {"general": general, "plugins": lambda _info, **_: {}}

    def stats(self, _info: Any) -> Args:
        counted = {f"{name[:-1]}_count": len(getattr(self.state, name)) for name in GROUPS}
        return {"scene_count": len(self.state.scenes), **counted}

    def jobQueue(self, _info: Any) -> list[Args]:  # noqa: N802
        return self.stash.jobs

    def findJob(self, _info: Any, input: Args) -> Args | None:  # noqa: N802
        return next((job for job in self.stash.jobs if job["id"] == input["id"]), None)

    def findScene(self, _info: Any, id: str | None = None, checksum: str | None = None) -> Scene | None:  # noqa: N802
        if id is None:
            return self._by_hash("md5", checksum)
        return self.state.scenes.get(int(id)) if id.isdecimal() else None

    def findSceneByHash(self, _info: Any, input: Args) -> Scene | None:  # noqa: N802
        return self._by_hash("oshash", input.get("oshash")) or self._by_hash("md5", input.get("checksum"))

    def _by_hash(self, name: str, value: str | None) -> Scene | None:
        for scene in self.state.scenes.values():
            if value and any(file.fingerprints.get(name) == value for file in scene.files):
                return scene
        return None

    def findScenes(self, _info: Any, **args: Any) -> Args:  # noqa: N802
        ids = args.get("ids") or args.get("scene_ids")
        if ids:
            rows = queries.by_ids(self.state.scenes, ids, "scene")
            count = len(rows)
        else:
            text = (args.get("filter") or {}).get("q") or ""
            rule = args.get("scene_filter")
            asked = [row for row in self.state.scenes.values() if queries.is_asked_for(row, rule, text)]
            count, rows = queries.found(asked, args.get("filter"), "path")
        return {"count": count, "scenes": rows, "duration": 60.0 * count, "filesize": 1000.0 * count}

    def _named(self, group: str, args: Args) -> Args:
        rows: dict[int, Named] = getattr(self.state, group)
        if args.get("ids"):
            chosen = queries.by_ids(rows, args["ids"], group[:-1])
            return {"count": len(chosen), group: chosen}
        text = ((args.get("filter") or {}).get("q") or "").casefold()
        kept = [row for row in rows.values() if text in row.name.casefold()]
        rule = (args.get(f"{group[:-1]}_filter") or {}).get("name")
        if rule:
            kept = [row for row in kept if queries.told(row.name, rule)]
        count, page = queries.found(kept, args.get("filter"), "name")
        return {"count": count, group: page}

    def findTags(self, _info: Any, **args: Any) -> Args:  # noqa: N802
        return self._named("tags", args)

    def findPerformers(self, _info: Any, **args: Any) -> Args:  # noqa: N802
        return self._named("performers", args)

    def findStudios(self, _info: Any, **args: Any) -> Args:  # noqa: N802
        return self._named("studios", args)

    def findTag(self, _info: Any, id: str) -> Named | None:  # noqa: N802
        return self.state.tags.get(int(id))

    def findPerformer(self, _info: Any, id: str) -> Named | None:  # noqa: N802
        return self.state.performers.get(int(id))

    def findStudio(self, _info: Any, id: str) -> Named | None:  # noqa: N802
        return self.state.studios.get(int(id))

    # Mutations

    def _update(self, rows: dict[int, Any], what: str, given: Args) -> Any:
        (row,) = queries.by_ids(rows, [given["id"]], what.casefold())
        change(self.state, row, {name: value for name, value in given.items() if name != "id"})
        self.stash.tell(f"{what}.Update.Post", row.id, given)
        return row

    def sceneUpdate(self, _info: Any, input: Args) -> Scene:  # noqa: N802
        row: Scene = self._update(self.state.scenes, "Scene", input)
        return row

    def tagUpdate(self, _info: Any, input: Args) -> Named:  # noqa: N802
        row: Named = self._update(self.state.tags, "Tag", input)
        return row

    def studioUpdate(self, _info: Any, input: Args) -> Named:  # noqa: N802
        row: Named = self._update(self.state.studios, "Studio", input)
        return row

    def performerUpdate(self, _info: Any, input: Args) -> Named:  # noqa: N802
        row: Named = self._update(self.state.performers, "Performer", input)
        return row

    def tagCreate(self, _info: Any, input: Args) -> Named:  # noqa: N802
        if any(row.name == input["name"] for row in self.state.tags.values()):
            raise GraphQLError(f"tag with name '{input['name']}' already exists")
        made = self.state.named("tags", input["name"])
        change(self.state, made, input)
        self.stash.tell("Tag.Create.Post", made.id, input)
        return made

    def sceneDestroy(self, _info: Any, input: Args) -> bool:  # noqa: N802
        (row,) = queries.by_ids(self.state.scenes, [input["id"]], "scene")
        del self.state.scenes[row.id]
        self.stash.tell("Scene.Destroy.Post", row.id, input)
        return True

    def tagDestroy(self, _info: Any, input: Args) -> bool:  # noqa: N802
        (row,) = queries.by_ids(self.state.tags, [input["id"]], "tag")
        self.state.remove("tags", row.id)
        self.stash.tell("Tag.Destroy.Post", row.id, input)
        return True

    def metadataScan(self, _info: Any, input: Args) -> str:  # noqa: N802
        number = str(len(self.stash.jobs) + 1)
        described = f"Scanning {', '.join(input.get('paths') or ['everything'])}..."
        added = when(self.state.tick())
        self.stash.jobs.append(
            {"id": number, "status": "FINISHED", "description": described, "addTime": added}
        )
        return number


def change(state: StashState, row: Any, given: Args) -> None:
    """Sets what an input names; ids come as texts."""
    known = {field.name for field in fields(row)}
    for name, value in given.items():
        ours = "parents" if name == "parent_id" else _FIELDS.get(name, name)
        if ours not in known:
            raise ValueError(f"there is no '{name}'")
        setattr(row, ours, _as_ids(name, value) if ours in _IDS else value)
    row.updated = state.tick()


def _as_ids(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [int(one) for one in value]
    number = int(value) if value else None
    if name == "parent_id":
        return [number] if number else []
    return number if name in ("studio", "studio_id") else []


# What tests change


def _load(stash: Stash, state: dict[str, Any]) -> None:
    stash.state = StashState.from_json(state)
    stash.hooks, stash.sent, stash.jobs = [], [], []


def _add_scene(stash: Stash, paths: list[str], **given: Any) -> dict[str, Any]:
    scene = stash.state.add_scene(*paths, **given)
    stash.tell("Scene.Create.Post", scene.id)
    return {"id": scene.id}


def _update_scene(stash: Stash, id: int, **given: Any) -> None:
    """A person edits a scene on the page of Stash: its hook is sent."""
    change(stash.state, stash.state.scenes[id], given)
    stash.tell("Scene.Update.Post", id, given)


def _remove_scene(stash: Stash, id: int) -> None:
    del stash.state.scenes[id]
    stash.tell("Scene.Destroy.Post", id)


def _rename(stash: Stash, group: str, id: int, name: str) -> None:
    """Renames a tag, performer or studio."""
    change(stash.state, getattr(stash.state, group)[id], {"name": name})
    stash.tell(f"{group[:-1].capitalize()}.Update.Post", id, {"name": name})


def _send_hooks_to(stash: Stash, url: str, headers: dict[str, str] | None = None, times: int = 1) -> None:
    """From now on each change is posted there, so many times; without an address nowhere."""
    stash.hooks = [{"url": url, "headers": headers or {}, "times": times}] if url else []


def _hook(stash: Stash, type: str, id: int) -> None:
    """Sends a hook, whatever it is of."""
    stash.tell(type, id)


def _report(stash: Stash) -> dict[str, Any]:
    return {"sent": stash.sent}


_CHANGES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "load": _load,
    "add_scene": _add_scene,
    "update_scene": _update_scene,
    "remove_scene": _remove_scene,
    "rename": _rename,
    "send_hooks_to": _send_hooks_to,
    "hook": _hook,
    "report": _report,
}
