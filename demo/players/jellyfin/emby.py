"""What is different in Emby: ids are numbers, tags have ids and doors of their own, paths are a filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from demo.players.jellyfin import documents, server
from demo.players.jellyfin.documents import Entry
from demo.players.state import Item, without
from demo.stand_in.answers import Refused


class Emby(server.Jellyfin):
    product = "Emby Server"
    version = "4.9.1.80"
    schemes: ClassVar[tuple[str, ...]] = ("MediaBrowser", "Emby")
    routes: ClassVar[list[tuple[str, str, str]]] = [
        *(
            (method, prefix + path, name)
            for method, path, name in [
                *server.Jellyfin.routes,
                ("POST", "/Items/{id}/Tags/Add", "add_tags"),
                ("POST", "/Items/{id}/Tags/Delete", "take_tags"),
            ]
            for prefix in ("", "/emby")
        )
    ]

    def unauthorized(self) -> Response:
        return Response("Access token is invalid or expired.", 401, media_type="text/plain")

    def id_of(self, row: Item) -> str:
        return str(row.id)

    def describe(self, row: Item, fields: set[str] | None) -> Entry:
        made = super().describe(row, fields)
        made["Guid"] = row.key
        if "Tags" in made:
            tags = made.pop("Tags")
            made["TagItems"] = [{"Name": tag, "Id": number} for number, tag in enumerate(tags, 1)]
        return made

    def check(self, row: Item, body: Entry) -> None:
        if body.get("TagItems") is not None:
            body["Tags"] = [entry["Name"] for entry in body["TagItems"]]
        super().check(row, body)

    def found(self, query: Mapping[str, str]) -> list[Item]:
        found = super().found(query)
        return [row for row in found if row.path == query["path"]] if "path" in query else found

    async def add_tags(self, request: Request) -> Response:
        row, named = await self._tags(request)
        before = row.lists.get("label", [])
        documents.set_tags(self.state, row, documents.distinct([*before, *named]))
        return Response(status_code=200)

    async def take_tags(self, request: Request) -> Response:
        row, named = await self._tags(request)
        documents.set_tags(self.state, row, without(row.lists.get("label", []), named))
        return Response(status_code=200)

    async def _tags(self, request: Request) -> tuple[Item, list[str]]:
        row = self._item(request)
        body = await server.body_of(request)
        try:
            named = [entry["Name"] for entry in body["Tags"]]
        except (KeyError, TypeError):
            raise Refused(400, {}) from None
        await self.write()
        return row, named
