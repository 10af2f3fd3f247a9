"""The v3 endpoints that Taggarr calls, with the status codes of the real applications.

The OpenAPI documents declare only 200; the applications answer 201 to a creation and 202 to an update.
"""

from __future__ import annotations

import asyncio
import hmac
import pickle
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.arr import control, notifications, resources, rules
from demo.arr.state import ArrState
from demo.stand_in.answers import answer
from demo.stand_in.app import now
from demo.stand_in.control import known_change

Row = TypeVar("Row")

COMMANDS = {
    "sonarr": (
        "RescanSeries",
        "RefreshSeries",
        "EpisodeSearch",
        "SeasonSearch",
        "SeriesSearch",
        "Housekeeping",
    ),
    "radarr": ("RescanMovie", "RefreshMovie", "MoviesSearch", "Housekeeping"),
}
VERSIONS = {"sonarr": "4.0.15.2941", "radarr": "5.26.2.10099"}


@dataclass(slots=True)
class Server:
    """One running stand-in: what it knows, and what belongs to this run only."""

    state: ArrState
    api_key: str
    url_base: str = ""
    version: str = ""
    quirks: rules.Quirks = field(default_factory=rules.Quirks)
    commands: list[dict[str, Any]] = field(default_factory=list)
    notifications: dict[int, dict[str, Any]] = field(default_factory=dict)
    started: str = field(default_factory=now)
    bodies: resources.Bodies = field(init=False)

    def __post_init__(self) -> None:
        self.version = self.version or VERSIONS[self.state.kind]
        self.bodies = resources.Bodies(self.state)

    def snapshot(self) -> Callable[[], None]:
        kept = pickle.dumps(self.state)

        def go_back() -> None:
            # Our own bytes of a moment ago.
            self.state = pickle.loads(kept)  # noqa: S301
            self.bodies = resources.Bodies(self.state)

        return go_back

    def start_over(self, state: ArrState) -> None:
        """With another library; quirks and commands are forgotten."""
        self.state = state
        self.bodies = resources.Bodies(state)
        self.quirks = rules.Quirks()
        self.commands = []
        self.notifications = {}

    def asked_for(self, _raw: bytes) -> str:
        return ""

    def api(self) -> Starlette:
        made = Starlette(routes=routes(self.state.kind))
        made.state.server = self
        return made

    def refusal(self, request: Request) -> Response | None:
        if request.url.path == "/ping":
            return None
        # Both applications take the key from the query or the header.
        given = request.query_params.get("apikey") or request.headers.get("x-api-key") or ""
        if hmac.compare_digest(given.encode(), self.api_key.encode()):
            return None
        return answer({"error": "Unauthorized"}, 401)

    def change(self, op: str, args: dict[str, Any]) -> dict[str, Any]:
        return known_change(control.CHANGES, op)(self, **args) or {}


async def body_of(request: Request) -> Any:
    """The JSON body of a request.

    Raises:
        Refused: 400, there is none, or it is not JSON.
    """
    raw = await request.body()
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise rules.malformed("$", "The request body is no valid JSON.") from None


def _number(request: Request, name: str) -> int | None:
    """A query parameter that is a whole number, None where it is absent."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise rules.malformed(name, f"The value '{text}' is not valid.")
    return int(text)


def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


async def ping(_request: Request) -> Response:
    """GET /ping, which needs no key."""
    return answer({"status": "OK"})


async def system_status(request: Request) -> Response:
    """GET /api/v3/system/status."""
    server = _server(request)
    return answer(resources.system_status(server.state.kind, server.version, server.url_base, server.started))


async def list_media(request: Request) -> Response:
    """GET /api/v3/series (?tvdbId=) or /api/v3/movie (?tmdbId=)."""
    server = _server(request)
    found: Iterable[Any] = server.state.media.values()
    if server.state.kind == "sonarr":
        wanted = _number(request, "tvdbId")
        found = [media for media in found if wanted in (None, media.tvdb_id)]
    else:
        wanted = _number(request, "tmdbId")
        found = [media for media in found if wanted in (None, media.tmdb_id)]
    return answer([server.bodies.of(media) for media in found])


async def get_media(request: Request) -> Response:
    """GET /api/v3/series/{id} or /api/v3/movie/{id}."""
    server = _server(request)
    return answer(server.bodies.of(rules.get_media(server.state, request.path_params["id"])))


async def get_poster(request: Request) -> Response:
    """GET /api/v3/mediacover/{id}/poster-250.jpg."""
    # Pictures are for the demo alone: most runs need none.
    from demo.arr.posters import poster

    media = rules.get_media(_server(request).state, request.path_params["id"])
    picture = await asyncio.to_thread(poster, media.title, media.year)
    return Response(picture, media_type="image/jpeg")


async def put_media(request: Request) -> Response:
    """PUT /api/v3/series/{id} or /api/v3/movie/{id}."""
    server = _server(request)
    media = rules.get_media(server.state, request.path_params["id"])
    rules.edit_one(server.state, server.quirks, media, await body_of(request))
    return answer(server.bodies.of(media), 202)


async def edit_media(request: Request) -> Response:
    """PUT /api/v3/series/editor or /api/v3/movie/editor."""
    server = _server(request)
    edited = rules.edit_many(server.state, server.quirks, await body_of(request))
    return answer([resources.media_resource(server.state, media, in_editor=True) for media in edited], 202)


async def list_episodes(request: Request) -> Response:
    """GET /api/v3/episode?seriesId= (&seasonNumber=)."""
    state = _server(request).state
    series_id, season = _number(request, "seriesId"), _number(request, "seasonNumber")
    if series_id is None:
        raise rules.bad_request("seriesId or episodeIds must be provided")
    series = state.media.get(series_id)
    if series is None:
        # The applications read the episodes' table only: an unknown series has none.
        return answer([])
    episodes = [row for row in state.episodes_of(series_id) if season in (None, row.season)]
    return answer([resources.episode_resource(episode, series) for episode in episodes])


async def monitor_episodes(request: Request) -> Response:
    """PUT /api/v3/episode/monitor: sets the flag of many episodes; unknown ids are passed over."""
    state = _server(request).state
    body = await body_of(request)
    if not isinstance(body, dict) or not isinstance(body.get("episodeIds"), list):
        raise rules.bad_request("episodeIds must be provided")
    changed = [state.episodes[number] for number in body["episodeIds"] if number in state.episodes]
    for episode in changed:
        episode.monitored = body.get("monitored") is True
    return answer([resources.episode_resource(one, state.media[one.media_id]) for one in changed], 202)


async def list_episode_files(request: Request) -> Response:
    """GET /api/v3/episodefile?seriesId=."""
    state = _server(request).state
    series_id = _number(request, "seriesId")
    if series_id is None:
        raise rules.bad_request("seriesId or episodeFileIds must be provided")
    rules.get_media(state, series_id)
    return answer([resources.file_resource(state, file) for file in state.files_of(series_id)])


async def list_movie_files(request: Request) -> Response:
    """GET /api/v3/moviefile?movieId= (given several times for several movies)."""
    state = _server(request).state
    wanted = request.query_params.getlist("movieId")
    if not wanted:
        raise rules.bad_request("movieId or movieFileIds must be provided")
    if not all(text.isdecimal() for text in wanted):
        raise rules.malformed("movieId", "The value is not valid.")
    files = [file for text in wanted for file in state.files_of(int(text))]
    return answer([resources.file_resource(state, file) for file in files])


async def get_file(request: Request) -> Response:
    """GET /api/v3/episodefile/{id} or /api/v3/moviefile/{id}."""
    state = _server(request).state
    return answer(resources.file_resource(state, _row(state.files, request, "MediaFile")))


async def delete_file(request: Request) -> Response:
    """DELETE of a file record; the stand-in leaves the disk alone."""
    state = _server(request).state
    state.remove_file(_row(state.files, request, "MediaFile").id)
    return answer({})


async def list_tags(request: Request) -> Response:
    """GET /api/v3/tag."""
    return answer([resources.tag_resource(tag) for tag in _server(request).state.tags.values()])


async def add_tag(request: Request) -> Response:
    """POST /api/v3/tag: a label that exists already answers with its tag."""
    body = await body_of(request)
    label = rules.check_label(body.get("label") if isinstance(body, dict) else None)
    return answer(resources.tag_resource(_server(request).state.add_tag(label)), 201)


async def get_tag(request: Request) -> Response:
    """GET /api/v3/tag/{id}."""
    return answer(resources.tag_resource(_row(_server(request).state.tags, request, "Tag")))


async def put_tag(request: Request) -> Response:
    """PUT /api/v3/tag/{id}: renames a tag."""
    state = _server(request).state
    tag = _row(state.tags, request, "Tag")
    body = await body_of(request)
    rules.rename_tag(state, tag, body.get("label") if isinstance(body, dict) else None)
    return answer(resources.tag_resource(tag), 202)


async def delete_tag(request: Request) -> Response:
    """DELETE /api/v3/tag/{id}."""
    state = _server(request).state
    rules.delete_tag(state, _row(state.tags, request, "Tag"))
    return answer({})


async def list_tag_details(request: Request) -> Response:
    """GET /api/v3/tag/detail."""
    state = _server(request).state
    return answer([resources.tag_details_resource(state, tag) for tag in state.tags.values()])


async def get_tag_details(request: Request) -> Response:
    """GET /api/v3/tag/detail/{id}."""
    state = _server(request).state
    return answer(resources.tag_details_resource(state, _row(state.tags, request, "Tag")))


async def list_root_folders(request: Request) -> Response:
    """GET /api/v3/rootfolder."""
    folders = _server(request).state.root_folders.values()
    return answer([resources.root_folder_resource(folder) for folder in folders])


async def list_consumers(request: Request) -> Response:
    """GET /api/v3/metadata."""
    consumers = _server(request).state.consumers.values()
    return answer([resources.metadata_resource(consumer) for consumer in consumers])


async def add_command(request: Request) -> Response:
    """POST /api/v3/command: the command is taken and, as nothing is to be done, completed at once."""
    server = _server(request)
    body = await body_of(request)
    known = {name.lower(): name for name in COMMANDS[server.state.kind]}
    wanted = body.get("name") if isinstance(body, dict) else None
    name = known.get(wanted.lower()) if isinstance(wanted, str) else None
    if name is None:
        raise rules.server_error("Sequence contains no matching element")
    if name == "Housekeeping":
        rules.housekeeping(server.state)
    command = _command_resource(len(server.commands) + 1, name)
    server.commands.append(command)
    return answer(command, 201)


def _command_resource(number: int, name: str) -> dict[str, Any]:
    at = now()
    return {
        "id": number,
        "name": name,
        "commandName": name,
        "message": "Completed",
        "body": {"sendUpdatesToClient": True, "name": name, "trigger": "manual", "suppressMessages": False},
        "priority": "normal",
        "status": "completed",
        "result": "successful",
        "queued": at,
        "started": at,
        "ended": at,
        "duration": "00:00:00.0100000",
        "trigger": "manual",
        "stateChangeTime": at,
        "sendUpdatesToClient": True,
        "updateScheduledTask": True,
    }


async def list_commands(request: Request) -> Response:
    """GET /api/v3/command."""
    return answer(_server(request).commands)


async def get_command(request: Request) -> Response:
    """GET /api/v3/command/{id}."""
    commands = {command["id"]: command for command in _server(request).commands}
    return answer(_row(commands, request, "CommandModel"))


async def list_notifications(request: Request) -> Response:
    """GET /api/v3/notification."""
    return answer(list(_server(request).notifications.values()))


async def list_notification_forms(request: Request) -> Response:
    """GET /api/v3/notification/schema."""
    return answer([notifications.form(_server(request).state.kind)])


async def add_notification(request: Request) -> Response:
    """POST /api/v3/notification: tried before it is saved."""
    server = _server(request)
    number = max(server.notifications, default=0) + 1
    server.notifications[number] = {**await _tried_notification(request), "id": number}
    return answer(server.notifications[number], 201)


async def put_notification(request: Request) -> Response:
    """PUT /api/v3/notification/{id}: tried before it is saved."""
    known = _server(request).notifications
    number = _row(known, request, "NotificationDefinition")["id"]
    known[number] = {**await _tried_notification(request), "id": number}
    return answer(known[number], 202)


async def delete_notification(request: Request) -> Response:
    """DELETE /api/v3/notification/{id}."""
    known = _server(request).notifications
    del known[_row(known, request, "NotificationDefinition")["id"]]
    return answer({})


async def _tried_notification(request: Request) -> dict[str, Any]:
    body = await body_of(request)
    if not isinstance(body, dict) or body.get("implementation") != "Webhook":
        raise rules.malformed("$", "The JSON value could not be converted to a NotificationResource.")
    # The receiver may call us before it answers, so this must not keep the loop.
    status = await asyncio.to_thread(
        notifications.send, body, notifications.test_of(_server(request).state.kind)
    )
    if status != 200:
        message = f"Unable to send test message: the receiver answered {status}"
        raise rules.validation_failed("Url", message, notifications.value_of(body, "url"), "WebhookValidator")
    return body


def _row(rows: dict[int, Row], request: Request, what: str) -> Row:
    number = request.path_params["id"]
    if number not in rows:
        raise rules.not_found(what, number)
    return rows[number]


Handler = Callable[[Request], Awaitable[Response]]


def routes(kind: str) -> list[Route]:
    """The routes of a stand-in Sonarr or Radarr, /ping included."""
    media, file = ("series", "episodefile") if kind == "sonarr" else ("movie", "moviefile")
    table: list[tuple[str, str, Handler]] = [
        ("GET", "system/status", system_status),
        ("GET", media, list_media),
        ("PUT", f"{media}/editor", edit_media),
        ("GET", f"{media}/{{id:int}}", get_media),
        ("PUT", f"{media}/{{id:int}}", put_media),
        ("GET", "mediacover/{id:int}/poster-250.jpg", get_poster),
        ("GET", file, list_episode_files if kind == "sonarr" else list_movie_files),
        ("GET", f"{file}/{{id:int}}", get_file),
        ("DELETE", f"{file}/{{id:int}}", delete_file),
        ("GET", "tag", list_tags),
        ("POST", "tag", add_tag),
        ("GET", "tag/detail", list_tag_details),
        ("GET", "tag/detail/{id:int}", get_tag_details),
        ("GET", "tag/{id:int}", get_tag),
        ("PUT", "tag/{id:int}", put_tag),
        ("DELETE", "tag/{id:int}", delete_tag),
        ("GET", "rootfolder", list_root_folders),
        ("GET", "metadata", list_consumers),
        ("GET", "command", list_commands),
        ("POST", "command", add_command),
        ("GET", "command/{id:int}", get_command),
        ("GET", "notification", list_notifications),
        ("POST", "notification", add_notification),
        ("GET", "notification/schema", list_notification_forms),
        ("PUT", "notification/{id:int}", put_notification),
        ("DELETE", "notification/{id:int}", delete_notification),
    ]
    if kind == "sonarr":
        table += [("GET", "episode", list_episodes), ("PUT", "episode/monitor", monitor_episodes)]
    made = [Route(f"/api/v3/{path}", handler, methods=[method]) for method, path, handler in table]
    return [Route("/ping", ping, methods=["GET"]), *made]
