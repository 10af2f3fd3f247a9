"""The routes of a Jellyfin server, and those that Emby has too."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.players import scans
from demo.players.jellyfin import documents
from demo.players.jellyfin.documents import KINDS, LOCKS, Entry
from demo.players.program import Player
from demo.players.state import Item, Library, PlayerState, without
from demo.stand_in.answers import Refused, answer

_TOKEN = re.compile(r'Token="?([^",]+)')
_DEVICE = re.compile(r'DeviceId="?([^",]+)')
_PUBLIC = {"/system/info/public", "/system/ping", "/users/authenticatebyname", "/users/public"}
USER = "0123456789abcdef0123456789abcdef"

_USER_ITEMS = [
    ("GET", "/Items", "items"),
    ("GET", "/Items/{id}", "item"),
    ("GET", "/Users/{user}/Items", "items"),
    ("GET", "/Users/{user}/Items/{id}", "item"),
]


class Jellyfin(Player):
    product = "Jellyfin Server"
    version = "10.11.11"
    schemes: ClassVar[tuple[str, ...]] = ("MediaBrowser",)
    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "/System/Info/Public", "public_info"),
        ("GET", "/System/Info", "info"),
        ("GET", "/System/Ping", "ping"),
        ("POST", "/Users/AuthenticateByName", "sign_in"),
        ("GET", "/Users", "users"),
        ("GET", "/Users/Public", "users"),
        ("GET", "/Users/{user}", "user"),
        ("GET", "/Users/{user}/Views", "views"),
        ("GET", "/Library/MediaFolders", "views"),
        ("GET", "/Library/VirtualFolders", "libraries"),
        ("POST", "/Library/Refresh", "scan"),
        ("POST", "/Library/Media/Updated", "media_updated"),
        *_USER_ITEMS,
        ("POST", "/Items/{id}", "update_item"),
        ("DELETE", "/Items/{id}", "delete_item"),
        ("POST", "/Items/{id}/Refresh", "refresh_item"),
        ("GET", "/Items/{id}/Images", "pictures"),
        ("GET", "/Items/{id}/Images/{type}", "picture"),
        ("POST", "/Items/{id}/Images/{type}", "add_picture"),
        ("DELETE", "/Items/{id}/Images/{type}", "drop_picture"),
        ("GET", "/Shows/{id}/Seasons", "seasons"),
        ("GET", "/Shows/{id}/Episodes", "episodes"),
        ("POST", "/Collections", "add_collection"),
        ("POST", "/Collections/{id}/Items", "add_members"),
        ("DELETE", "/Collections/{id}/Items", "take_members"),
        ("GET", "/Sessions", "sessions"),
        ("GET", "/Devices", "list_devices"),
    ]

    def __init__(self, state: PlayerState, key: str) -> None:
        super().__init__(state, key)
        self.server_id = hashlib.blake2s(key.encode(), digest_size=16).hexdigest()
        self.picture_bytes: dict[str, bytes] = {}
        self.broken: set[int] = set()
        self._known_ids: dict[str, int] = {}

    def api(self) -> Starlette:
        made = super().api()
        for route in made.routes:
            # ASP.NET tells no cases apart.
            if isinstance(route, Route):
                route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
        return made

    def refusal(self, request: Request) -> Response | None:
        if request.url.path.casefold().removeprefix("/emby") in _PUBLIC:
            return None
        if not hmac.compare_digest(self._token(request).encode(), self.key.encode()):
            return self.unauthorized()
        found = _DEVICE.search(request.headers.get("authorization", ""))
        if found:
            self.devices.setdefault(found[1], {"Id": found[1], "AppName": "", "Name": ""})
        return None

    def unauthorized(self) -> Response:
        return Response(status_code=401)

    def _token(self, request: Request) -> str:
        """The token; what is not in `Authorization` or `ApiKey` is read as long as old ways are allowed."""
        headers, query = request.headers, request.query_params
        given = [headers.get("authorization", "")]
        if self.quirks.old_keys:
            given.append(headers.get("x-emby-authorization", ""))
        for header in given:
            found = _TOKEN.search(header)
            if found and header.split(" ")[0] in self.schemes:
                return found[1]
        if self.quirks.old_keys:
            for name in ("x-emby-token", "x-mediabrowser-token"):
                if name in headers:
                    return headers[name]
        return query.get("ApiKey") or (query.get("api_key", "") if self.quirks.old_keys else "")

    def locks(self, name: str) -> list[str]:
        return [name] if name in LOCKS.values() else []

    # Who it is

    def _public(self) -> Entry:
        return {
            "ServerName": f"Stand-in {self.state.kind}",
            "Version": self.version,
            "ProductName": self.product,
            "Id": self.server_id,
            "StartupWizardCompleted": True,
        }

    async def public_info(self, _request: Request) -> Response:
        return answer(self._public())

    async def info(self, _request: Request) -> Response:
        return answer({**self._public(), "HasPendingRestart": False, "OperatingSystem": "Linux"})

    async def ping(self, _request: Request) -> Response:
        return answer(self.product)

    def _user(self) -> Entry:
        policy = {"IsAdministrator": True, "BlockedTags": [], "AllowedTags": []}
        return {"Name": "someone", "Id": USER, "ServerId": self.server_id, "Policy": policy}

    async def users(self, _request: Request) -> Response:
        return answer([self._user()])

    async def user(self, request: Request) -> Response:
        if request.path_params["user"] != USER:
            raise Refused(404, _problem(404))
        return answer(self._user())

    async def sign_in(self, request: Request) -> Response:
        body = await body_of(request)
        if {name.casefold(): value for name, value in body.items()}.get("pw") != self.key:
            raise Refused(401, _problem(401))
        return answer({"User": self._user(), "AccessToken": self.key, "ServerId": self.server_id})

    async def sessions(self, _request: Request) -> Response:
        return answer([])

    async def list_devices(self, _request: Request) -> Response:
        rows = list(self.devices.values())
        return answer({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})

    # Libraries

    async def libraries(self, _request: Request) -> Response:
        return answer(
            [
                {
                    "Name": library.title,
                    "Locations": library.locations,
                    "CollectionType": _collection_type(library),
                    "ItemId": _library_id(library),
                    "LibraryOptions": {
                        "EnableRealtimeMonitor": True,
                        "PathInfos": [{"Path": one} for one in library.locations],
                        "SaveLocalMetadata": "pictures" in library.saves,
                        "MetadataSavers": ["Nfo"] if "nfos" in library.saves else [],
                    },
                    "RefreshStatus": "Active" if self.tasks else "Idle",
                }
                for library in self.state.libraries.values()
            ]
        )

    async def views(self, _request: Request) -> Response:
        rows = [
            {
                "Name": library.title,
                "Id": _library_id(library),
                "Type": "CollectionFolder",
                "CollectionType": _collection_type(library),
            }
            for library in self.state.libraries.values()
        ]
        return answer({"Items": rows, "TotalRecordCount": len(rows), "StartIndex": 0})

    async def scan(self, _request: Request) -> Response:
        for library in self.state.libraries:
            self.queue_scan(library)
        self.queue("Mending", self.broken.clear)
        return Response(status_code=204)

    async def media_updated(self, request: Request) -> Response:
        """Scans the nearest folder that an item has, or the whole library where there is none."""
        body = await body_of(request)
        updates = body.get("Updates")
        if not isinstance(updates, list):
            raise Refused(400, _problem(400))
        known = {row.path for row in self.state.items.values() if row.kind in ("show", "season")}
        for update in updates:
            path = str(update.get("Path") or "")
            library = scans.library_of(self.state, path)
            if library is not None:
                folders = [path[:index] for index, letter in enumerate(path) if letter == "/"]
                near = [folder for folder in [*folders, path] if folder in known]
                self.queue_scan(library.id, near[-1] if near else None)
        return Response(status_code=204)

    # Items

    async def items(self, request: Request) -> Response:
        query = _folded(request)
        found = self.found(query)
        start, limit = int(query.get("startindex", 0)), query.get("limit")
        page = found[start:] if limit is None else found[start : start + int(limit)]
        fields = {name.casefold() for name in query.get("fields", "").split(",")}
        counted = _yes(query, "enabletotalrecordcount", unsaid="true")
        rows = [self.describe(row, fields) for row in page]
        total = len(found) if counted else 0
        return answer({"Items": rows, "TotalRecordCount": total, "StartIndex": start})

    async def item(self, request: Request) -> Response:
        row = self._item(request)
        if row.id in self.broken:
            raise Refused(400, _problem(400))
        return answer(self.describe(row, None))

    def describe(self, row: Item, fields: set[str] | None) -> Entry:
        return documents.item(self.state, row, fields, self.server_id, self.id_of)

    def id_of(self, row: Item) -> str:
        return row.key if row.kind != "collection" else f"{row.id:032x}"

    def found(self, query: Mapping[str, str]) -> list[Item]:
        found = list(self.state.items.values())
        if "ids" in query:
            wanted = {_plain_id(part) for part in query["ids"].split(",")}
            found = [row for row in found if self.id_of(row) in wanted]
        elif "parentid" in query:
            found = self._below(query["parentid"], deep=_yes(query, "recursive"))
        elif not _yes(query, "recursive"):
            found = []
        if "includeitemtypes" in query:
            kinds = {KINDS.get(name.casefold()) for name in query["includeitemtypes"].split(",")}
            found = [row for row in found if row.kind in kinds]
        for parameter, name in (("tags", "label"), ("genres", "genre")):
            if parameter in query:
                wanted = {value.casefold() for value in re.split(r"[|,]", query[parameter])}
                found = [
                    row for row in found if wanted & {value.casefold() for value in row.lists.get(name, [])}
                ]
        if "searchterm" in query:
            found = [row for row in found if query["searchterm"].casefold() in row.title.casefold()]
        if "mindatelastsaved" in query:
            found = [row for row in found if documents.when(row.updated) >= query["mindatelastsaved"]]
        return self._sorted(found, query)

    def _sorted(self, found: list[Item], query: Mapping[str, str]) -> list[Item]:
        by = query.get("sortby", "").split(",")[0].casefold()
        reverse = query.get("sortorder", "").casefold().startswith("desc")
        keys: dict[str, Any] = {
            "datecreated": lambda row: row.added,
            "datelastsaved": lambda row: row.updated,
            "productionyear": lambda row: row.year or 0,
            "indexnumber": lambda row: row.number,
            "sortname": lambda row: row.title.casefold(),
            "name": lambda row: row.title.casefold(),
        }
        return sorted(found, key=keys[by], reverse=reverse) if by in keys else found

    def _below(self, parent: str, *, deep: bool) -> list[Item]:
        for library in self.state.libraries.values():
            if _library_id(library) == parent:
                rows = [row for row in self.state.items.values() if row.library == library.id]
                return rows if deep else [row for row in rows if not row.parent]
        row = self._by_id(parent)
        if row.kind == "collection":
            return [one for one in self.state.items.values() if row.title in one.lists.get("collection", [])]
        return list(self.state.below(row.id)) if deep else self.state.children(row.id)

    async def update_item(self, request: Request) -> Response:
        row, body = self._item(request), await body_of(request)
        self.check(row, body)
        await self.write()
        gone = documents.lost(row, body)
        if gone:
            self.catastrophes.append(f"POST {request.url.path} took {', '.join(gone)} away")
        documents.put(self.state, row, body)
        return Response(status_code=204)

    def check(self, row: Item, body: Entry) -> None:
        """Refuses a body that the program cannot take.

        Raises:
            Refused: it is of the wrong shape; under 10.8 lists are missing, and the item is broken.
        """
        unknown = [name for name in body.get("LockedFields") or [] if name not in LOCKS]
        if unknown or any(not isinstance(tag, str) for tag in body.get("Tags") or []):
            raise Refused(400, _problem(400))
        if self.quirks.lists_needed and any(body.get(name) is None for name in ("Genres", "Tags", "Studios")):
            self.broken.add(row.id)
            raise Refused(400, _problem(400))

    async def delete_item(self, request: Request) -> Response:
        await self.write()
        self.state.remove(self._item(request).id)
        return Response(status_code=204)

    async def refresh_item(self, request: Request) -> Response:
        row, query = self._item(request), _folded(request)
        if query.get("metadatarefreshmode", "None") != "None":
            whole = _yes(query, "replaceallmetadata")
            below = self.state.below(row.id) if _yes(query, "recursive") else ()
            for one in [row, *below]:
                self.queue_item(one, partial(self.read_again, whole=whole))
        return Response(status_code=204)

    def read_again(self, row: Item, *, whole: bool) -> None:
        """With `whole` what is not locked is as the sources have it; else they fill gaps and add to lists."""
        if documents.ALL_LOCKED in row.locked:
            return
        if whole:
            self.refresh(row)
            return
        for name, value in scans.said(self.state, row).items():
            if name in row.locked or name == "guids":
                continue
            if isinstance(value, list):
                before = row.lists.get(name, [])
                self.state.set_field(row, name, [*before, *without(value, before)])
            elif not row.texts.get(name) and name != "title":
                self.state.set_field(row, name, value)

    async def seasons(self, request: Request) -> Response:
        return self._listed(request, self.state.children(self._item(request).id))

    async def episodes(self, request: Request) -> Response:
        query = _folded(request)
        rows = [row for row in self.state.below(self._item(request).id) if row.kind == "episode"]
        if "season" in query:
            rows = [row for row in rows if self.state.items[row.parent].number == int(query["season"])]
        if "seasonid" in query:
            rows = [row for row in rows if self.id_of(self.state.items[row.parent]) == query["seasonid"]]
        return self._listed(request, rows)

    def _listed(self, request: Request, rows: list[Item]) -> Response:
        fields = {name.casefold() for name in _folded(request).get("fields", "").split(",")}
        made = [self.describe(row, fields) for row in rows]
        return answer({"Items": made, "TotalRecordCount": len(made), "StartIndex": 0})

    # Pictures

    async def pictures(self, request: Request) -> Response:
        return answer(
            [
                {"ImageType": kind, "ImageTag": digests[0], "ImageIndex": 0}
                for kind, digests in self._item(request).pictures.items()
                if digests
            ]
        )

    async def picture(self, request: Request) -> Response:
        digests = self._item(request).pictures.get(request.path_params["type"])
        if not digests:
            raise Refused(404, _problem(404))
        return Response(self.picture_bytes.get(digests[0], b""), media_type="image/jpeg")

    async def add_picture(self, request: Request) -> Response:
        row = self._item(request)
        try:
            picture = base64.b64decode(await request.body(), validate=True)
        except binascii.Error:
            raise Refused(400, _problem(400)) from None
        if not request.headers.get("content-type", "").startswith("image/") or not picture:
            raise Refused(400, _problem(400))
        await self.write()
        digest = hashlib.blake2s(picture, digest_size=16).hexdigest()
        self.picture_bytes[digest] = picture
        row.pictures[request.path_params["type"]] = [digest]
        self.state.touch(row)
        return Response(status_code=204)

    async def drop_picture(self, request: Request) -> Response:
        row = self._item(request)
        row.pictures.pop(request.path_params["type"], None)
        self.state.touch(row)
        return Response(status_code=204)

    # Collections

    async def add_collection(self, request: Request) -> Response:
        query = _folded(request)
        if not query.get("name"):
            raise Refused(400, _problem(400))
        await self.write()
        made = self.state.add("collection", next(iter(self.state.libraries)), title=query["name"])
        self._join(made, request.query_params.multi_items(), join=True)
        return answer({"Id": self.id_of(made)})

    async def add_members(self, request: Request) -> Response:
        self._join(self._item(request), request.query_params.multi_items(), join=True)
        return Response(status_code=204)

    async def take_members(self, request: Request) -> Response:
        self._join(self._item(request), request.query_params.multi_items(), join=False)
        return Response(status_code=204)

    def _join(self, collection: Item, query: list[tuple[str, str]], *, join: bool) -> None:
        ids = [part for name, value in query if name.casefold() == "ids" for part in value.split(",")]
        for row in [self._by_id(part) for part in ids]:
            kept = without(row.lists.get("collection", []), [collection.title])
            self.state.set_field(row, "collection", [*kept, *([collection.title] if join else [])])

    # Within

    def _item(self, request: Request) -> Item:
        return self._by_id(request.path_params["id"])

    def _by_id(self, text: str) -> Item:
        wanted = _plain_id(text)
        row = self.state.items.get(self._known_ids.get(wanted, 0))
        if row is None or self.id_of(row) != wanted:
            self._known_ids = {self.id_of(one): one.id for one in self.state.items.values()}
            row = self.state.items.get(self._known_ids.get(wanted, 0))
        if row is None:
            raise Refused(404, _problem(404))
        return row


def _collection_type(library: Library) -> str:
    return "movies" if library.kind == "movie" else "tvshows"


def _library_id(library: Library) -> str:
    return f"f{library.id:031x}"


def _plain_id(text: str) -> str:
    return text.replace("-", "").casefold()


def _folded(request: Request) -> dict[str, str]:
    """The query by names in lower case."""
    return {name.casefold(): value for name, value in request.query_params.multi_items()}


def _yes(query: Mapping[str, str], name: str, unsaid: str = "false") -> bool:
    return query.get(name, unsaid).casefold() == "true"


async def body_of(request: Request) -> Entry:
    if "json" not in request.headers.get("content-type", ""):
        raise Refused(415, _problem(415))
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise Refused(400, _problem(400)) from None
    if not isinstance(body, dict):
        raise Refused(400, _problem(400))
    return body


def _problem(status: int) -> Entry:
    titles = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 415: "Unsupported Media Type"}
    return {"type": "https://tools.ietf.org/html/rfc9110", "title": titles[status], "status": status}
