"""A stand-in as one ASGI application: journal, faults, URL base and key around the routes of a program."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, cast

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from demo.stand_in import control as controls
from demo.stand_in.answers import Refused, answer
from demo.stand_in.faults import SPOILS, Fault

Abort = Callable[[Scope], None]

# Keys have no place in a journal that tests print.
_SECRET_PARAMETERS = {"apikey", "api_key", "x-plex-token", "x-emby-token"}
_LONGEST_TEXT = 100_000
_REPLACED: dict[str, tuple[int, bytes]] = {
    "starting": (503, b"text/html; charset=utf-8"),
    "html": (200, b"text/html; charset=utf-8"),
    "other-app": (200, b"application/json"),
}


class Program(Protocol):
    """One program that a stand-in plays."""

    url_base: str

    state: Any
    """Has `to_json` and `save`."""

    def snapshot(self) -> Callable[[], None]:
        """What is called to go back to how all is now."""
        ...

    def api(self) -> Starlette:
        """Its routes."""
        ...

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request that lacks the key; None where it may go on."""
        ...

    def asked_for(self, raw: bytes, /) -> str:
        """What a body asks for, where one path serves all requests; else nothing."""
        ...

    def change(self, op: str, args: dict[str, Any]) -> dict[str, Any] | None:
        """Carries out one change behind the client's back; returns what the caller may need of it.

        Raises:
            ControlError: there is no such change.
            KeyError, TypeError, ValueError: its arguments do not fit.
        """
        ...


def now() -> str:
    """The time now in UTC, as the applications write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class StandInApp:
    """Answers every request of one stand-in. `abort` resets the connection that a scope came over."""

    def __init__(self, program: Program, abort: Abort) -> None:
        self.program = program
        self.control = controls.Control(program)
        self._abort = abort
        self._api = program.api()
        self._api.add_exception_handler(Refused, _refused)

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
        target = self._target(scope, raw)
        fault = self.control.fault_for(request.method, target)
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
        for listening in self.control.faults:
            listening.heard(request.method, target, body)
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
        if fault is not None and fault.kind == "drip":
            await _drip(body, fault.seconds, send)
            return
        await send({"type": "http.response.body", "body": body})

    async def _spoiled(self, fault: Fault, scope: Scope, raw: bytes) -> Parts:
        """The answer to a request that a fault strikes; a status of None stands for a reset connection."""
        parts: Parts = (b"", [], None)
        if fault.kind == "change":
            self.program.change(fault.op, dict(fault.args))
        if fault.kind == "ignore":
            return await self._ignored(scope, raw)
        if fault.after:
            parts = await self._answer(scope, raw)
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "drop":
            parts = (b"", [], None)
        elif fault.kind == "status":
            parts = _failure(fault)
        elif fault.kind in _REPLACED:
            status, content_type = _REPLACED[fault.kind]
            parts = _replaced(fault, parts, status, content_type)
        elif fault.kind in SPOILS:
            parts = _replaced(fault, parts, parts[2] or 200, _content_type(parts))
        return parts

    async def _ignored(self, scope: Scope, raw: bytes) -> Parts:
        """What the program answers, while nothing stays of what it did."""
        go_back = self.program.snapshot()
        parts = await self._answer(scope, raw)
        go_back()
        return parts

    async def _answer(self, scope: Scope, raw: bytes) -> Parts:
        """What the application answers: the parts of the response, collected."""
        base = self.program.url_base
        path: str = scope["path"]
        if base and not (path == base or path.startswith(base + "/")):
            return await _collect(RedirectResponse(base + path, 307), scope, raw)
        inner = {**scope, "path": path.removeprefix(base) or "/", "root_path": ""}
        refusal = self.program.refusal(Request(inner))
        return await _collect(refusal or self._api, inner, raw)

    def _target(self, scope: Scope, raw: bytes) -> str:
        """What a fault's pattern is searched in."""
        named = self.program.asked_for(raw) if raw else ""
        return f"{scope['path']}#{named}" if named else scope["path"]


Parts = tuple[bytes, list[tuple[bytes, bytes]], int | None]


def _journal_entry(request: Request, raw: bytes) -> dict[str, Any]:
    body: Any = None
    if raw:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            body = raw.decode("utf-8", "replace") if len(raw) < _LONGEST_TEXT else f"{len(raw)} bytes"
    given = request.query_params.multi_items()
    query = {name: value for name, value in given if name.lower() not in _SECRET_PARAMETERS}
    return {
        "time": now(),
        "method": request.method,
        "path": request.url.path,
        "query": query,
        "key_in_query": len(query) < len({name for name, _value in given}),
        "body": body,
        "status": None,
        "took_ms": None,
        "fault": None,
    }


def _content_type(parts: Parts) -> bytes:
    return next(
        (value for name, value in parts[1] if name.lower() == b"content-type"),
        b"application/json; charset=utf-8",
    )


def _replaced(fault: Fault, parts: Parts, status: int, content_type: bytes) -> Parts:
    body = fault.spoiled(parts[0])
    return body, _headers(body, content_type), status


def _failure(fault: Fault) -> Parts:
    body = orjson.dumps({"message": f"An error was asked for ({fault.status})"})
    headers = _headers(body, b"application/json; charset=utf-8")
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    return body, headers, fault.status


def _headers(body: bytes, content_type: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]


async def _refused(_request: Request, error: Exception) -> Response:
    # Starlette types every handler for Exception.
    refused = cast("Refused", error)
    return answer(refused.body, refused.status)


async def _drip(body: bytes, seconds: float, send: Send) -> None:
    """Sends a body in ten pieces over so many seconds."""
    size = max(1, -(-len(body) // 10))
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / 10)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


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
