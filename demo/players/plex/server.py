"""The routes of a Plex Media Server, in JSON where a client accepts it, else in XML."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from demo.players import scans
from demo.players.plex import documents, edits, search
from demo.players.plex.documents import KINDS, Entry
from demo.players.plex.plex_tv import PlexTv
from demo.players.program import Player
from demo.players.state import Item, Library, PlayerState
from demo.stand_in.answers import Refused

VERSION = "1.43.1.10611-1e34174b1"
_PICTURES = {"posters": "poster", "poster": "poster", "arts": "art", "thumb": "poster", "art": "art"}

_UNAUTHORIZED = "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"


class Plex(PlexTv, Player):
    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "/", "root"),
        ("GET", "/identity", "identity"),
        ("GET", "/library", "library"),
        ("GET", "/library/sections", "sections"),
        ("GET", "/library/sections/", "sections"),
        ("GET", "/library/sections/all", "sections"),
        ("GET", "/library/sections/all/refresh", "scan_all"),
        ("GET", "/library/sections/{section:int}", "section"),
        ("GET", "/library/sections/{section:int}/all", "listing"),
        ("PUT", "/library/sections/{section:int}/all", "edit_section"),
        ("GET", "/library/sections/{section:int}/allLeaves", "section_leaves"),
        ("GET", "/library/sections/{section:int}/collections", "collections"),
        ("GET", "/library/sections/{section:int}/refresh", "scan"),
        ("POST", "/library/sections/{section:int}/refresh", "scan"),
        ("DELETE", "/library/sections/{section:int}/refresh", "cancel_scan"),
        ("GET", "/library/sections/{section:int}/{name}", "choices"),
        ("POST", "/library/collections", "add_collection"),
        ("GET", "/library/collections/{ids}", "metadata"),
        ("GET", "/library/collections/{id:int}/children", "children"),
        ("GET", "/library/collections/{id:int}/items", "children"),
        ("PUT", "/library/collections/{id:int}/items", "add_members"),
        ("DELETE", "/library/collections/{id:int}/items/{member:int}", "take_member"),
        ("GET", "/library/metadata/{ids}", "metadata"),
        ("PUT", "/library/metadata/{ids}", "edit_items"),
        ("DELETE", "/library/metadata/{ids}", "delete"),
        ("PUT", "/library/metadata/{ids}/refresh", "refresh_items"),
        ("GET", "/library/metadata/{id:int}/children", "children"),
        ("GET", "/library/metadata/{id:int}/allLeaves", "leaves"),
        ("GET", "/library/metadata/{id:int}/grandchildren", "leaves"),
        ("GET", "/library/metadata/{id:int}/file", "picture_file"),
        ("GET", "/library/metadata/{id:int}/{what}", "pictures"),
        ("POST", "/library/metadata/{id:int}/{what}", "add_picture"),
        ("PUT", "/library/metadata/{id:int}/{what}", "choose_picture"),
        ("DELETE", "/library/metadata/{id:int}/{what}", "drop_picture"),
        ("GET", "/library/metadata/{id:int}/{what}/{stamp}", "picture"),
        ("GET", "/activities", "activities"),
        ("GET", "/devices", "list_devices"),
        ("GET", "/status/sessions", "sessions"),
        *PlexTv.plex_tv_routes,
    ]

    def __init__(self, state: PlayerState, key: str) -> None:
        super().__init__(state, key)
        self.picture_bytes: dict[str, bytes] = {}

    def refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if path == "/identity" or path.startswith("/api/v2/"):
            return None
        given = request.headers.get("x-plex-token") or request.query_params.get("X-Plex-Token") or ""
        if not hmac.compare_digest(given.encode(), self.key.encode()):
            return Response(_UNAUTHORIZED, 401, media_type="text/html", headers={"X-Plex-Protocol": "1.0"})
        self._note_device(request)
        return None

    # Who it is

    async def root(self, request: Request) -> Response:
        return _answer(request, {"friendlyName": "Stand-in Plex", "myPlex": True, **self._identity()})

    async def identity(self, request: Request) -> Response:
        return _answer(request, self._identity())

    def _identity(self) -> Entry:
        identifier = hashlib.sha1(self.key.encode(), usedforsecurity=False).hexdigest()
        return {"size": 0, "claimed": True, "machineIdentifier": identifier, "version": VERSION}

    async def library(self, request: Request) -> Response:
        return _answer(
            request, {"size": 1, "title1": "Plex Library", "identifier": "com.plexapp.plugins.library"}
        )

    async def activities(self, request: Request) -> Response:
        rows = [
            {"uuid": f"{number}", "type": "library.update.section", "cancellable": False, "title": name}
            for number, (name, *_) in enumerate(self.tasks)
        ]
        return _answer(request, _listed("Activity", rows))

    async def list_devices(self, request: Request) -> Response:
        return _answer(request, _listed("Device", self.devices.values()))

    async def sessions(self, request: Request) -> Response:
        return _answer(request, {"size": 0})

    # Libraries

    async def sections(self, request: Request) -> Response:
        busy = bool(self.tasks)
        rows = [
            documents.section(library, self.state.clock, refreshing=busy)
            for library in self.state.libraries.values()
        ]
        return _answer(request, {**_listed("Directory", rows), "title1": "Plex Library"})

    async def section(self, request: Request) -> Response:
        library = self._section(request)
        row = documents.section(library, self.state.clock, refreshing=bool(self.tasks))
        return _answer(request, {"size": 1, "title1": library.title, "Directory": [row]})

    async def listing(self, request: Request) -> Response:
        library = self._section(request)
        query = request.query_params
        kind = KINDS.get(int(query["type"]), "") if "type" in query else library.kind
        found = search.ordered(search.filtered(self.state.of(library.id, kind), query), query.get("sort", ""))
        return self._page(request, library, found)

    async def section_leaves(self, request: Request) -> Response:
        library = self._section(request)
        kind = "episode" if library.kind == "show" else "movie"
        return self._page(request, library, self.state.of(library.id, kind))

    async def collections(self, request: Request) -> Response:
        library = self._section(request)
        return self._page(request, library, self.state.of(library.id, "collection"))

    async def choices(self, request: Request) -> Response:
        library, name = self._section(request), request.path_params["name"]
        if name not in documents.LISTS:
            raise Refused(404, {})
        kind = KINDS.get(int(request.query_params.get("type", 0)), library.kind)
        return _answer(request, _listed("Directory", search.choices(self.state, library, name, kind)))

    async def scan(self, request: Request) -> Response:
        library, path = self._section(request), request.query_params.get("path")
        if path and scans.library_of(self.state, path) is not library:
            # As Plex does: it says that all is well, and scans nothing.
            return Response(status_code=200)
        if request.query_params.get("force") == "1":
            self.queue(f"Refreshing {library.title}", partial(self._refresh_all, library))
        self.queue_scan(library.id, path)
        return Response(status_code=200)

    async def scan_all(self, request: Request) -> Response:
        for library in self.state.libraries.values():
            if request.query_params.get("force") == "1":
                self.queue(f"Refreshing {library.title}", partial(self._refresh_all, library))
            self.queue_scan(library.id)
        return Response(status_code=200)

    async def cancel_scan(self, request: Request) -> Response:
        self._section(request)
        self.tasks.clear()
        return Response(status_code=200)

    def _refresh_all(self, library: Library) -> None:
        for item in list(self.state.items.values()):
            if item.library == library.id:
                self.refresh(item)

    # Items

    async def metadata(self, request: Request) -> Response:
        found = self._named(request)
        rows = [documents.metadata(self.state, item, whole=True) for item in found]
        return _answer(request, _listed("Metadata", [_asked(request, row) for row in rows]))

    async def children(self, request: Request) -> Response:
        item = self._one(request)
        kept = item.kind == "collection"
        rows = documents.members(self.state, item) if kept else self.state.children(item.id)
        return self._page(request, self.state.libraries[item.library], rows)

    async def leaves(self, request: Request) -> Response:
        item = self._one(request)
        rows = [row for row in self.state.below(item.id) if row.kind == "episode"]
        return self._page(request, self.state.libraries[item.library], rows)

    async def refresh_items(self, request: Request) -> Response:
        for item in self._named(request):
            self.queue_item(item, self.refresh)
        return Response(status_code=200)

    async def delete(self, request: Request) -> Response:
        await self.write()
        for item in self._named(request):
            self.state.remove(item.id)
        return Response(status_code=200)

    async def edit_items(self, request: Request) -> Response:
        await self._edit(request, self._named(request))
        return Response(status_code=200)

    async def edit_section(self, request: Request) -> Response:
        library, query = self._section(request), request.query_params
        kind = KINDS.get(int(query["type"])) if query.get("type", "").isdecimal() else None
        if kind is None:
            raise Refused(400, {})
        items = self.state.of(library.id, kind)
        if query.get("id"):
            wanted = _numbers(query["id"])
            items = [self.state.items[number] for number in wanted if number in self.state.items]
            if len(items) < len(wanted):
                raise Refused(404, {})
        else:
            # The documented bulk form: without ids the edit is for all.
            self.catastrophes.append(f"{request.url.path} edited all {len(items)} of {library.title}")
        await self._edit(request, items)
        return Response(status_code=200)

    async def _edit(self, request: Request, items: list[Item]) -> None:
        edit = edits.read(request.query_params.multi_items())
        await self.write()
        for item in self.whole_batch(items):
            edits.carry_out(self.state, self.quirks, edit, item)
            for name in item.lists.get("collection", []):
                self._collection(item.library, name)

    # Collections

    def _collection(self, library: int, title: str) -> Item:
        """The collection of this title; a tag alone makes one."""
        for item in self.state.of(library, "collection"):
            if item.title == title:
                return item
        return self.state.add("collection", library, title=title)

    async def add_collection(self, request: Request) -> Response:
        query = request.query_params
        library = self.state.libraries.get(int(query.get("sectionId", 0)))
        if library is None or not query.get("title"):
            raise Refused(400, {})
        await self.write()
        made = self._collection(library.id, query["title"])
        self._join(made, _in_uri(query.get("uri", "")))
        return _answer(request, _listed("Metadata", [documents.metadata(self.state, made, whole=True)]))

    async def add_members(self, request: Request) -> Response:
        collection = self._one(request)
        await self.write()
        self._join(collection, _in_uri(request.query_params.get("uri", "")))
        return _answer(request, _listed("Metadata", [documents.metadata(self.state, collection, whole=True)]))

    async def take_member(self, request: Request) -> Response:
        collection = self._one(request)
        member = self.state.items.get(request.path_params["member"])
        if member is None:
            raise Refused(404, {})
        await self.write()
        kept = [name for name in member.lists.get("collection", []) if name != collection.title]
        self.state.set_field(member, "collection", kept)
        return Response(status_code=200)

    def _join(self, collection: Item, numbers: Iterable[int]) -> None:
        for number in numbers:
            item = self.state.items.get(number)
            if item is not None:
                others = item.lists.get("collection", [])
                self.state.set_field(item, "collection", [*others, collection.title])

    # Pictures

    async def pictures(self, request: Request) -> Response:
        item, kind = self._one(request), _picture_kind(request)
        rows = [
            {
                "key": f"/library/metadata/{item.id}/file?url={quote(name, safe='')}",
                "ratingKey": name,
                "selected": number == 0,
                "provider": "local",
            }
            for number, name in enumerate(map(_picture_name, item.pictures.get(kind, [])))
        ]
        # As with items, JSON has one name for all that is listed.
        is_json = "json" in request.headers.get("accept", "")
        return _answer(request, _listed("Metadata" if is_json else "Photo", rows))

    async def picture_file(self, request: Request) -> Response:
        self._one(request)
        digest = request.query_params.get("url", "").rpartition("/")[2]
        if digest not in self.picture_bytes:
            raise Refused(404, {})
        return Response(self.picture_bytes[digest], media_type="image/jpeg")

    async def add_picture(self, request: Request) -> Response:
        item, kind = self._one(request), _picture_kind(request)
        body = await request.body() or request.query_params.get("url", "").encode()
        if not body:
            raise Refused(400, {})
        await self.write()
        digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
        self.picture_bytes[digest] = body
        self._choose(item, kind, digest)
        return Response(status_code=200)

    async def choose_picture(self, request: Request) -> Response:
        item, kind = self._one(request), _picture_kind(request)
        digest = request.query_params.get("url", "").rpartition("/")[2]
        if digest not in item.pictures.get(kind, []):
            raise Refused(404, {})
        self._choose(item, kind, digest)
        return Response(status_code=200)

    async def drop_picture(self, request: Request) -> Response:
        item = self._one(request)
        item.pictures.pop(_picture_kind(request), None)
        self.state.touch(item)
        return Response(status_code=200)

    async def picture(self, request: Request) -> Response:
        chosen = self._one(request).pictures.get(_picture_kind(request))
        if not chosen:
            raise Refused(404, {})
        return Response(self.picture_bytes.get(chosen[0], b""), media_type="image/jpeg")

    def _choose(self, item: Item, kind: str, digest: str) -> None:
        others = [known for known in item.pictures.get(kind, []) if known != digest]
        item.pictures[kind] = [digest, *others]
        item.locked = list(dict.fromkeys([*item.locked, "thumb" if kind == "poster" else kind]))
        self.state.touch(item)

    # Within

    def _section(self, request: Request) -> Library:
        library = self.state.libraries.get(request.path_params["section"])
        if library is None:
            raise Refused(404, {})
        return library

    def _one(self, request: Request) -> Item:
        item = self.state.items.get(request.path_params["id"])
        if item is None:
            raise Refused(404, {})
        return item

    def _named(self, request: Request) -> list[Item]:
        """The items that a path names; 404 where there is none of them."""
        wanted = _numbers(request.path_params["ids"])
        found = [self.state.items[number] for number in wanted if number in self.state.items]
        if not found:
            raise Refused(404, {})
        return found

    def _page(self, request: Request, library: Library, items: list[Item]) -> Response:
        start, size = _wanted_page(request)
        guids = request.query_params.get("includeGuids") == "1"
        page = items[start:] if size is None else items[start : start + size]
        rows = [
            _asked(request, documents.metadata(self.state, item, whole=False, guids=guids)) for item in page
        ]
        made = {
            "size": len(rows),
            "totalSize": len(items),
            "offset": start,
            "allowSync": True,
            "librarySectionID": library.id,
            "librarySectionTitle": library.title,
            "Metadata": rows,
        }
        if request.query_params.get("includeMeta") == "1":
            made["Meta"] = search.meta(library)
        response = _answer(request, made)
        response.headers["X-Plex-Container-Start"] = str(start)
        response.headers["X-Plex-Container-Total-Size"] = str(len(items))
        return response


def _answer(request: Request, container: Entry) -> Response:
    if "json" in request.headers.get("accept", ""):
        return Response(documents.as_json(container), media_type="application/json")
    return Response(documents.as_xml(container), media_type="text/xml;charset=utf-8")


def _listed(name: str, rows: Iterable[Entry]) -> Entry:
    listed = list(rows)
    return {"size": len(listed), name: listed}


def _asked(request: Request, row: Entry) -> Entry:
    query = request.query_params
    elements = set(query.get("excludeElements", "").split(","))
    return documents.without_elements(row, elements, set(query.get("excludeFields", "").split(",")))


def _wanted_page(request: Request) -> tuple[int, int | None]:
    given: dict[str, Any] = {}
    for name in ("Start", "Size"):
        text = request.headers.get(f"x-plex-container-{name}") or request.query_params.get(
            f"X-Plex-Container-{name}", ""
        )
        given[name] = int(text) if text.isdecimal() else None
    return given["Start"] or 0, given["Size"]


def _numbers(text: str) -> list[int]:
    if not all(part.isdecimal() for part in text.split(",")):
        raise Refused(400, {})
    return [int(part) for part in text.split(",")]


def _in_uri(uri: str) -> list[int]:
    """The items that `server://…/library/metadata/1,2` names."""
    return [int(part) for part in uri.rpartition("/")[2].split(",") if part.isdecimal()]


def _picture_name(digest: str) -> str:
    """Under what name a picture is listed: those of agents have one of their own."""
    return digest if "://" in digest else f"upload://posters/{digest}"


def _picture_kind(request: Request) -> str:
    kind = _PICTURES.get(request.path_params["what"])
    if kind is None:
        raise Refused(404, {})
    return kind
