"""A stand-in Kodi: JSON-RPC over HTTP as Kodi 20 answers it, measured beside the real one."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from demo.players import scans
from demo.players.kodi import rpc
from demo.players.kodi.rpc import LISTS, Params, RpcError
from demo.players.program import Player
from demo.players.state import Item, PlayerState, without
from demo.stand_in.answers import answer

USER = "kodi"
_LONGEST_TAG = 255
_SCRAPED = {"imdb", "tmdb", "tvdb"}

# The singular and the plural of each kind, in its methods and answers, and the kind itself.
KINDS = {
    "Movie": ("movie", "movies"),
    "TVShow": ("show", "tvshows"),
    "Season": ("season", "seasons"),
    "Episode": ("episode", "episodes"),
}
_NAMES = {"movie": "movie", "show": "tvshow", "season": "season", "episode": "episode"}
_TEXTS = {
    "plot": "summary",
    "tagline": "tagline",
    "originaltitle": "originalTitle",
    "sorttitle": "titleSort",
    "mpaa": "contentRating",
    "premiered": "originallyAvailableAt",
    "firstaired": "originallyAvailableAt",
}
_COMMON = {"title", "playcount", "lastplayed", "userrating", "art", "dateadded", "thumbnail", "fanart"}
_PLACE = {"season", "episode", "showtitle", "tvshowid"}
_SHOWN = {*_COMMON, "year", "file", "uniqueid", *_TEXTS}
PROPERTIES: dict[str, set[str]] = {
    "movie": {*_SHOWN, *LISTS, "resume"} - {"firstaired"},
    "show": {*_SHOWN, "tag", "genre", "studio", "season", "episode", "watchedepisodes"}
    - {"tagline", "firstaired"},
    "season": {*_COMMON, *_PLACE, "watchedepisodes"} - {"lastplayed", "dateadded"},
    "episode": {*_COMMON, *_PLACE, "file", "uniqueid", "plot", "firstaired", "originaltitle", "writer"}
    | {"director", "resume", "seasonid"},
}
_SHOWN_ONLY = {"file", "thumbnail", "fanart", "showtitle", "tvshowid", "seasonid", "watchedepisodes"}
SETTABLE: dict[str, set[str]] = {
    "movie": PROPERTIES["movie"] - _SHOWN_ONLY,
    "show": PROPERTIES["show"] - _SHOWN_ONLY - {"year", "season", "episode"},
    "season": {"title", "art", "userrating"},
    "episode": PROPERTIES["episode"] - _SHOWN_ONLY,
}


class Kodi(Player):
    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("POST", "/jsonrpc", "call"),
        ("GET", "/jsonrpc", "call_by_query"),
    ]
    more_changes: ClassVar[dict[str, Callable[..., Params | None]]] = {
        "play": lambda kodi, id: setattr(kodi, "playing", kodi.state.items[id]),
        "stop": lambda kodi: setattr(kodi, "playing", None),
        "cache_texture": lambda kodi, path: kodi.textures.update({len(kodi.textures) + 1: path}),
    }

    def __init__(self, state: PlayerState, key: str) -> None:
        super().__init__(state, key)
        self.methods: dict[str, tuple[Callable[[Params], Any], tuple[str, ...], tuple[str, ...]]] = {
            "JSONRPC.Ping": (lambda _: "pong", (), ()),
            "JSONRPC.Version": (lambda _: {"version": {"major": 13, "minor": 0, "patch": 0}}, (), ()),
            "Application.GetProperties": (rpc.application, ("properties",), ()),
            "XBMC.GetInfoBooleans": (self._booleans, ("booleans",), ()),
            "VideoLibrary.Scan": (self._scan, (), ("directory", "showdialogs")),
            "VideoLibrary.Clean": (self._clean, (), ("showdialogs", "content", "directory")),
            "VideoLibrary.GetTags": (self._tags, ("type",), ("properties", "limits", "sort")),
            "Textures.GetTextures": (self._textures, (), ("properties", "filter")),
            "Textures.RemoveTexture": (self._remove_texture, ("textureid",), ()),
            "Player.GetActivePlayers": (self._active_players, (), ()),
            "Player.GetItem": (self._played_item, ("playerid",), ("properties",)),
            "Files.GetSources": (self._sources, ("media",), ("limits", "sort")),
            "Files.GetDirectory": (
                self._directory,
                ("directory",),
                ("media", "properties", "sort", "limits"),
            ),
            "Files.GetFileDetails": (self._file_details, ("file",), ("media", "properties")),
        }
        for name, (kind, plural) in KINDS.items():
            self._add_methods(name, kind, plural)

    def start_over(self) -> None:
        super().start_over()
        self.textures: dict[int, str] = {}
        self.playing: Item | None = None

    def _add_methods(self, name: str, kind: str, plural: str) -> None:
        number = f"{_NAMES[kind]}id"
        more = {"season": ("tvshowid",), "episode": ("tvshowid", "season")}.get(kind, ())
        lists = (*more, "properties", "limits", "sort", *(() if kind == "season" else ("filter",)))
        whole = ("refreshepisodes",) if kind == "show" else ()
        found = {
            f"Get{name}s": (lambda params: self._list(kind, plural, params), (), lists),
            f"Get{name}Details": (lambda params: self._details(kind, params), (number,), ("properties",)),
            f"Set{name}Details": (lambda params: self._set(kind, params), (number,), tuple(SETTABLE[kind])),
            f"Refresh{name}": (
                lambda params: self._refresh(kind, params),
                (number,),
                ("ignorenfo", "title", *whole),
            ),
            f"Remove{name}": (lambda params: self._remove(kind, params), (number,), ()),
        }
        if kind == "season":
            found = {one: method for one, method in found.items() if one.startswith(("Get", "Set"))}
        self.methods |= {f"VideoLibrary.{one}": method for one, method in found.items()}

    # As a program of the stand-in

    def refusal(self, request: Request) -> Response | None:
        wanted = base64.b64encode(f"{USER}:{self.key}".encode()).decode()
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        if hmac.compare_digest(given.encode(), wanted.encode()):
            return None
        return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="Kodi"'})

    def asked_for(self, raw: bytes) -> str:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return ""
        calls = body if isinstance(body, list) else [body]
        return ",".join(str(one.get("method")) for one in calls if isinstance(one, dict))

    def locks(self, _name: str) -> list[str]:
        return []

    def renumber(self, item: Item, to: int) -> None:
        holder = next((one for one in self._all(item.kind) if one.own_id == to), None)
        if holder is not None:
            holder.own_id = self._free_id(item.kind)
        item.own_id = to

    # JSON-RPC

    async def call(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return answer(rpc.failed(None, RpcError(-32700, "Parse error.")))
        if isinstance(body, list) and body:
            if self.quirks.half_of_batches and len(body) > 1:
                self.quirks.half_of_batches -= 1
                done = [await self._answer(one) for one in body[: len(body) // 2]]
                return answer(done)
            return answer([await self._answer(one) for one in body])
        return answer(await self._answer(body))

    async def call_by_query(self, request: Request) -> Response:
        text = request.query_params.get("request")
        if text is None:
            return answer({"description": "JSON-RPC API of XBMC", "version": "13.0.0"})
        return answer(await self._answer(orjson.loads(text)))

    async def _answer(self, body: Any) -> Params:
        if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or "method" not in body:
            number = body.get("id") if isinstance(body, dict) else None
            return rpc.failed(number, RpcError(-32600, "Invalid request."))
        try:
            if body["method"] not in self.methods:
                raise RpcError(-32601, "Method not found.")
            function, needed, allowed = self.methods[body["method"]]
            params = rpc.checked(body.get("params") or {}, needed, allowed)
            if ".Set" in body["method"]:
                await self.write()
            return {"id": body.get("id"), "jsonrpc": "2.0", "result": function(params)}
        except RpcError as error:
            return rpc.failed(body.get("id"), error)

    # The library

    def _all(self, kind: str) -> list[Item]:
        found = [item for item in self.state.items.values() if item.kind == kind]
        for item in found:
            if not item.own_id:
                item.own_id = self._free_id(kind)
        return found

    def _free_id(self, kind: str) -> int:
        """The next id as SQLite gives it: one more than the highest, so that the last one comes again."""
        return max((item.own_id for item in self.state.items.values() if item.kind == kind), default=0) + 1

    def _one(self, kind: str, params: Params) -> Item:
        number = params[f"{_NAMES[kind]}id"]
        if not isinstance(number, int):
            raise rpc.invalid(f"{_NAMES[kind]}id", f"Invalid type {type(number).__name__} received")
        for item in self._all(kind):
            if item.own_id == number:
                return item
        raise rpc.invalid()

    def _list(self, kind: str, plural: str, params: Params) -> Params:
        found = sorted(self._all(kind), key=lambda item: item.own_id)
        show = params.get("tvshowid")
        if show is not None and show != -1:
            found = [item for item in found if list(self.state.ancestors(item))[-1].own_id == show]
        if params.get("season", -1) != -1:
            found = [item for item in found if self._season_of(item) == params["season"]]
        found = [item for item in found if rpc.passes(item, params.get("filter"))]
        return rpc.paged(
            plural, found, params, lambda item: self._shown(item, params.get("properties") or [])
        )

    def _season_of(self, item: Item) -> int:
        return item.number if item.kind == "season" else self.state.items[item.parent].number

    def _details(self, kind: str, params: Params) -> Params:
        item = self._one(kind, params)
        return {f"{_NAMES[kind]}details": self._shown(item, params.get("properties") or [])}

    def _shown(self, item: Item, properties: list[str]) -> Params:
        unknown = [name for name in properties if name not in PROPERTIES[item.kind]]
        if unknown or len(set(properties)) < len(properties):
            raise rpc.invalid("properties", "Received value does not match any of the defined enum values")
        label = item.title
        if item.kind == "episode":
            label = f"{self._season_of(item)}x{item.number:02}. {item.title}"
        made: Params = {f"{_NAMES[item.kind]}id": item.own_id, "label": label}
        # An item without ids has no property of them.
        asked = [name for name in properties if name != "uniqueid" or item.guids]
        return made | {name: self._property(item, name) for name in asked}

    def _property(self, item: Item, name: str) -> Any:
        if name == "studio" and "studio" in item.texts:
            return [item.texts["studio"]]
        if name in LISTS:
            return item.lists.get(LISTS[name], [])
        if name in _TEXTS:
            return item.texts.get(_TEXTS[name], "")
        if name in (*_PLACE, "seasonid", "watchedepisodes"):
            return self._place(item, name)
        art = {kind: rpc.image(paths[0]) for kind, paths in item.pictures.items() if paths}
        simple: Params = {
            "title": item.title,
            "year": item.year or 0,
            "file": f"{item.path}/" if item.kind == "show" else item.path,
            "uniqueid": dict(item.guids),
            "playcount": item.plays,
            "lastplayed": rpc.when(item.last_played),
            "userrating": int(item.rating),
            "dateadded": rpc.when(item.added),
            "resume": {"position": item.resume, "total": item.resume_total},
            "art": art,
            "thumbnail": art.get("thumb", ""),
            "fanart": art.get("fanart", ""),
        }
        return simple[name]

    def _place(self, item: Item, name: str) -> Any:
        *seasons, show = [*self.state.ancestors(item)] or [item]
        for kind in ("show", "season"):
            self._all(kind)
        leaves = [one for one in (item, *self.state.below(item.id)) if one.kind == "episode"]
        places: Params = {
            "showtitle": show.title,
            "tvshowid": show.own_id,
            "seasonid": seasons[0].own_id if seasons else item.own_id,
            "watchedepisodes": sum(1 for one in leaves if one.plays),
            "season": len(self.state.children(item.id)) if item is show else self._season_of(item),
            "episode": item.number if item.kind == "episode" else len(leaves),
        }
        return places[name]

    def _set(self, kind: str, params: Params) -> str:
        item = self._one(kind, params)
        for name, value in params.items():
            if value is None or name == f"{_NAMES[kind]}id":
                continue
            self._set_property(item, name, value)
        return "OK"

    def _set_property(self, item: Item, name: str, value: Any) -> None:
        if name in LISTS:
            cut = [text[:_LONGEST_TAG] for text in value] if name == "tag" else value
            self.state.set_field(item, LISTS[name], cut)
            if name == "studio":
                item.texts.pop("studio", None)
        elif name in _TEXTS:
            self.state.set_field(item, _TEXTS[name], value)
        elif name == "art":
            for kind, path in value.items():
                item.pictures[kind] = [path] if path else []
        elif name == "uniqueid":
            item.guids = {source: text for source, text in {**item.guids, **value}.items() if text}
        elif name == "lastplayed":
            item.last_played = rpc.seconds_of(value)
        elif name == "dateadded":
            item.added = rpc.seconds_of(value)
        elif name == "resume":
            item.resume, item.resume_total = float(value["position"]), float(value.get("total", 0))
        else:
            ours = {"playcount": "plays", "userrating": "rating"}.get(name, name)
            setattr(item, ours, value)
        self.state.touch(item)

    def _refresh(self, kind: str, params: Params) -> str:
        item = self._one(kind, params)
        if kind == "show" and not params.get("refreshepisodes"):
            self.queue_item(item, self._read_show)
            return "OK"
        self.queue_item(item, self._read_whole)
        return "OK"

    def queue_item(self, item: Item, task: Callable[[Item], None]) -> None:
        """Drops what is asked of a path that waits already, be it of another episode, measured so."""
        if item.path not in {waiting.path for waiting in self.tasks}:
            super().queue_item(item, task)

    def _read_whole(self, item: Item) -> None:
        for one in (item, *self.state.below(item.id)):
            if one.kind != "season":
                self.read_again(one)

    def _read_show(self, item: Item) -> None:
        """Reads a show without its episodes: it loses its rating, and keeps the tags that it has."""
        tags = item.lists.get("label", [])
        self.refresh(item)
        item.rating = 0.0
        self.state.set_field(item, "label", [*tags, *without(item.lists.get("label", []), tags)])

    def read_again(self, item: Item) -> None:
        """Forgets an item and adds it as new: of what a person did with it, only where they stopped stays."""
        self.refresh(item)
        item.plays, item.last_played, item.rating, item.pictures = 0, 0, 0.0, {}
        if not self.quirks.keeps_ids:
            item.own_id = 0
            item.own_id = self._free_id(item.kind)

    def refresh(self, item: Item) -> None:
        """Of the ids only those come again that a scraper or an NFO knows."""
        item.guids = {source: id for source, id in item.guids.items() if source in _SCRAPED}
        super().refresh(item)

    def _remove(self, kind: str, params: Params) -> str:
        # An id that nobody has is no error here, measured so.
        found = [item for item in self._all(kind) if item.own_id == params[f"{_NAMES[kind]}id"]]
        for item in found:
            self.state.remove(item.id)
        return "OK"

    def _scan(self, params: Params) -> str:
        folder = (params.get("directory") or "").rstrip("/")
        for library in self.state.libraries.values():
            if not folder or scans.library_of(self.state, folder) is library:
                self.queue_scan(library.id, folder or None, clean=False)
        return "OK"

    def _clean(self, params: Params) -> str:
        folder = params.get("directory") or ""

        def clean() -> None:
            for item in list(self.state.items.values()):
                is_file = item.kind in ("movie", "episode") and item.path.startswith(folder)
                if is_file and not scans.is_there(self.state, item.path):
                    self.state.remove(item.id)

        self.queue("Cleaning", clean)
        return "OK"

    def _tags(self, params: Params) -> Params:
        kind = {"movie": "movie", "tvshow": "show"}.get(params["type"])
        tags = {
            tag
            for item in self.state.items.values()
            if item.kind == kind
            for tag in item.lists.get("label", [])
        }
        rows = [{"label": tag, "tagid": number} for number, tag in enumerate(sorted(tags), 1)]
        return {"limits": {"start": 0, "end": len(rows), "total": len(rows)}, "tags": rows}

    def _booleans(self, params: Params) -> Params:
        scanning = {"Library.IsScanning", "Library.IsScanningVideo"}
        # A refresh that waits is not seen, measured so.
        busy = any(task.name.startswith(("Scanning", "Cleaning")) for task in self.tasks)
        return {name: name in scanning and busy for name in params["booleans"]}

    # Pictures, players, files

    def _textures(self, params: Params) -> Params:
        rule = params.get("filter") or {}
        properties = params.get("properties") or []
        return {
            "textures": [
                {"textureid": number, **({"url": rpc.image(path)} if "url" in properties else {})}
                for number, path in self.textures.items()
                if not rule or rpc.compare(path, rule["operator"], rule["value"])
            ]
        }

    def _remove_texture(self, params: Params) -> str:
        if self.textures.pop(params["textureid"], None) is None:
            raise rpc.invalid()
        return "OK"

    def _active_players(self, _params: Params) -> list[Params]:
        return [{"playerid": 1, "playertype": "internal", "type": "video"}] if self.playing else []

    def _played_item(self, params: Params) -> Params:
        if self.playing is None or params["playerid"] != 1:
            raise RpcError(-32100, "Failed to execute method.")
        item = self.playing
        self._all(item.kind)
        return {"item": {"id": item.own_id, "label": item.title, "type": _NAMES[item.kind]}}

    def _sources(self, _params: Params) -> Params:
        rows = [
            {"file": f"{path.rstrip('/')}/", "label": library.title}
            for library in self.state.libraries.values()
            for path in library.locations
        ]
        return {"limits": {"start": 0, "end": len(rows), "total": len(rows)}, "sources": rows}

    def _directory(self, params: Params) -> Params:
        folder = params["directory"].rstrip("/") + "/"
        inside = {
            path.removeprefix(folder).split("/")[0] for path in self.state.disk if path.startswith(folder)
        }
        real = {path.name: path for path in Path(folder).iterdir()} if Path(folder).is_dir() else {}
        if not inside and not real:
            raise rpc.invalid()
        rows = []
        for name in sorted(inside | real.keys()):
            path = folder + name
            is_file = path in self.state.disk or (name in real and real[name].is_file())
            kind = "file" if is_file else "directory"
            address = path if is_file else f"{path}/"
            row: Params = {"file": address, "filetype": kind, "label": name, "type": "unknown"}
            if is_file and "lastmodified" in (params.get("properties") or []):
                row["lastmodified"] = rpc.when(int(real[name].stat().st_mtime) if name in real else 1)
            rows.append(row)
        return {"files": rows, "limits": {"start": 0, "end": len(rows), "total": len(rows)}}

    def _file_details(self, params: Params) -> Params:
        for item in self.state.items.values():
            if item.path == params["file"] and item.kind in ("movie", "episode"):
                self._all(item.kind)
                details = {"id": item.own_id, "label": item.title, "type": _NAMES[item.kind]}
                return {"filedetails": details}
        raise rpc.invalid()
