"""The stand-in as one ASGI application: journal, faults, URL base and API key around the v3 endpoints."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable
from typing import Any, cast

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from demo.arr import control as controls
from demo.arr import faults, rules
from demo.arr.api import Server, answer, now, routes

Abort = Callable[[Scope], None]


class StandInApp:
    """Answers every request of one stand-in. `abort` resets the connection that a scope came over."""

    def __init__(self, server: Server, abort: Abort) -> None:
        self.server = server
        self.control = controls.Control(server)
        self._abort = abort
        self._api = Starlette(routes=routes(server.state.kind), exception_handlers={rules.Refused: _refused})
        self._api.state.server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; other scopes (lifespan) are not used."""
        if scope["type"] != "http":
            return
        raw = await _read(receive)
        if scope["path"].startswith(controls.PREFIX):
            await self._serve_control(scope, raw, send)
            return
        await self._serve(scope, raw, send)

    async def _serve_control(self, scope: Scope, raw: bytes, send: Send) -> None:
        request = Request(scope)
        if request.client is None or not request.client.host.startswith("127."):
            response = answer({"error": "The control endpoints answer on this machine only."}, 403)
        else:
            try:
                data = self.control.handle(request.method, scope["path"], dict(request.query_params), raw)
                response = answer(data)
            except controls.ControlError as error:
                response = answer({"error": str(error)}, 422)
        await response(scope, _no_more, send)

    async def _serve(self, scope: Scope, raw: bytes, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope)
        fault = self.control.fault_for(request.method, scope["path"])
        entry = _journal_entry(request, raw)
        if fault is not None:
            entry["fault"] = fault.kind
        # Recorded before it is answered: a client that has its answer finds the request in the journal.
        self.control.record(entry)
        recorded = self.control.journal[-1]
        status: int | None
        if fault is None:
            body, headers, status = await self._answer(scope, raw)
        else:
            body, headers, status = await self._spoiled(fault, scope, raw)
        recorded["status"] = status
        recorded["took_ms"] = round((time.perf_counter() - started) * 1000, 3)
        if status is None:
            self._abort(scope)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if fault is not None and fault.kind == "partial":
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            self._abort(scope)
            return
        await send({"type": "http.response.body", "body": body})

    async def _spoiled(self, fault: faults.Fault, scope: Scope, raw: bytes) -> Parts:
        """The answer to a request that a fault strikes; a status of None stands for a reset connection."""
        parts: Parts = (b"", [], None)
        if fault.after or fault.kind == "latency":
            parts = await self._answer(scope, raw)
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.seconds)
            case "drop":
                return b"", [], None
            case "status":
                return _failure(fault)
            case "html":
                return _replaced(fault, parts, 200, b"text/html; charset=utf-8")
            case "other-app":
                return _replaced(fault, parts, 200, b"application/json")
            case "truncate" | "padding" | "nulls":
                return _replaced(fault, parts, parts[2] or 200, b"application/json; charset=utf-8")
        return parts

    async def _answer(self, scope: Scope, raw: bytes) -> Parts:
        """What the application answers: the parts of the response, collected."""
        base = self.server.url_base
        path: str = scope["path"]
        if base and not (path == base or path.startswith(base + "/")):
            return await _collect(RedirectResponse(base + path, 307), scope, raw)
        inner = {**scope, "path": path.removeprefix(base) or "/", "root_path": ""}
        if inner["path"] != "/ping" and not self._authorised(Request(inner)):
            return await _collect(answer({"error": "Unauthorized"}, 401), inner, raw)
        return await _collect(self._api, inner, raw)

    def _authorised(self, request: Request) -> bool:
        # Both applications take the key from the query or the header.
        given = request.query_params.get("apikey") or request.headers.get("x-api-key") or ""
        return hmac.compare_digest(given.encode(), self.server.api_key.encode())


Parts = tuple[bytes, list[tuple[bytes, bytes]], int | None]


def _journal_entry(request: Request, raw: bytes) -> dict[str, Any]:
    body: Any = None
    if raw:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            body = raw.decode("utf-8", "replace")
    # Keys have no place in a journal that tests print.
    query = {name: value for name, value in request.query_params.multi_items() if name != "apikey"}
    return {
        "time": now(),
        "method": request.method,
        "path": request.url.path,
        "query": query,
        "body": body,
        "status": None,
        "took_ms": None,
        "fault": None,
    }


def _replaced(fault: faults.Fault, parts: Parts, status: int, content_type: bytes) -> Parts:
    body = fault.spoiled(parts[0])
    return body, _headers(body, content_type), status


def _failure(fault: faults.Fault) -> Parts:
    body = orjson.dumps({"message": f"An error was asked for ({fault.status})"})
    headers = _headers(body, b"application/json; charset=utf-8")
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    return body, headers, fault.status


def _headers(body: bytes, content_type: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]


async def _refused(_request: Request, error: Exception) -> Response:
    # Starlette types every handler for Exception.
    refused = cast("rules.Refused", error)
    return answer(refused.body, refused.status)


async def _collect(app: Any, scope: Scope, raw: bytes) -> Parts:
    """Runs an ASGI application on a request whose body is known; returns its answer in parts."""
    started: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(chunks), list(started["headers"]), started["status"]


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _no_more() -> Message:
    return {"type": "http.disconnect"}
