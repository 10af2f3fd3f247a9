"""The devices that a Plex server knows, and the sign-in by PIN, which plex.tv serves in reality."""

from __future__ import annotations

from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response

from demo.players.state import PlayerState
from demo.stand_in.answers import Refused, answer


class PlexTv:
    """A PIN is made by a client, claimed by a person in a browser, and then holds a token."""

    key: str
    devices: dict[str, dict[str, Any]]
    state: PlayerState
    plex_tv_routes: ClassVar[list[tuple[str, str, str]]] = [
        ("POST", "/api/v2/pins", "add_pin"),
        ("GET", "/api/v2/pins/{id:int}", "get_pin"),
        ("PUT", "/api/v2/pins/link", "link_pin"),
        ("GET", "/api/v2/resources", "resources"),
        ("GET", "/api/v2/user", "user"),
    ]

    def _note_device(self, request: Request) -> None:
        headers = request.headers
        identifier = headers.get("x-plex-client-identifier")
        if identifier and identifier not in self.devices:
            self.devices[identifier] = {
                "id": len(self.devices) + 1,
                "name": headers.get("x-plex-device-name", headers.get("x-plex-device", "")),
                "platform": headers.get("x-plex-platform", ""),
                "clientIdentifier": identifier,
                "createdAt": self.state.clock,
            }

    def _pins(self) -> list[dict[str, Any]]:
        pins: list[dict[str, Any]] = self.__dict__.setdefault("pins", [])
        return pins

    async def add_pin(self, request: Request) -> Response:
        identifier = request.headers.get("x-plex-client-identifier")
        if not identifier:
            raise Refused(400, _error(1000, "X-Plex-Client-Identifier is missing"))
        number = len(self._pins()) + 1
        strong = "strong=true" in f"{request.url.query}&{(await request.body()).decode()}"
        pin = {
            "id": number,
            "code": f"{number:025}" if strong else f"{number:04}",
            "product": request.headers.get("x-plex-product", ""),
            "trusted": False,
            "clientIdentifier": identifier,
            "expiresIn": 1800,
            "authToken": None,
            "newRegistration": None,
        }
        self._pins().append(pin)
        return answer(pin, 201)

    async def get_pin(self, request: Request) -> Response:
        for pin in self._pins():
            same = pin["clientIdentifier"] == request.headers.get("x-plex-client-identifier")
            if pin["id"] == request.path_params["id"] and same:
                return answer(pin)
        raise Refused(404, _error(1020, "Code not found or expired"))

    async def link_pin(self, request: Request) -> Response:
        """What the page at plex.tv/link does for a person who is signed in."""
        code = request.query_params.get("code")
        for pin in self._pins():
            if pin["code"] == code:
                pin["authToken"] = self.key
                return Response(status_code=204)
        raise Refused(404, _error(1020, "Code not found or expired"))

    async def resources(self, request: Request) -> Response:
        if request.headers.get("x-plex-token") != self.key:
            raise Refused(401, _error(1001, "User could not be authenticated"))
        url = str(request.base_url).rstrip("/")
        server = {
            "name": "Stand-in Plex",
            "product": "Plex Media Server",
            "provides": "server",
            "owned": True,
            "accessToken": self.key,
            "connections": [{"protocol": "http", "uri": url, "local": True, "relay": False}],
        }
        return answer([server])

    async def user(self, request: Request) -> Response:
        if request.headers.get("x-plex-token") != self.key:
            raise Refused(401, _error(1001, "User could not be authenticated"))
        return answer({"id": 1, "username": "someone", "authToken": self.key})


def _error(code: int, message: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message, "status": 0}]}
