"""The routes of all three providers and their picture hosts, with the limits and keys that they enforce."""

from __future__ import annotations

import hashlib
import pickle
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from demo.providers import fanart, spoilt, tmdb, tvdb
from demo.providers.art import Art, drawn
from demo.providers.state import ProviderState, Work
from demo.stand_in.answers import Refused, answer
from demo.stand_in.control import known_change

_STILL = re.compile(r"still-(\d+)-(\d+)-(\d+)[.]jpg")
_ROOTS = {"3": "tmdb", "v4": "tvdb", "v3.2": "fanart"}


@dataclass(slots=True)
class Limit:
    """So many calls a second, and as many at once."""

    per_second: float
    left: float = 0.0
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left = self.per_second

    def take(self) -> bool:
        """Take one call; false where there is none left now."""
        now = time.monotonic()
        self.left = min(self.per_second, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Providers:
    """TMDB below /3, TheTVDB below /v4, fanart.tv below /v3.2, and the pictures of each as it has them."""

    url_base = ""

    def __init__(self, state: ProviderState, key: str) -> None:
        self.state = state
        self.key = key
        self.start_over()

    def start_over(self) -> None:
        """Forgets what is not of the titles."""
        self.tokens: set[str] = set()
        self.limits: dict[str, Limit] = {}
        self.refused = 0
        self.spoilt: dict[str, str] = {}

    # As a program of the stand-in

    def api(self) -> Starlette:
        routes = [
            ("/3/configuration", self._configuration),
            ("/3/{kind:str}/changes", self._tmdb_changes),
            ("/3/search/{kind:str}", self._tmdb_search),
            ("/3/find/{other:str}", self._tmdb_find),
            ("/3/{kind:str}/{id:int}", self._tmdb_title),
            ("/3/{kind:str}/{id:int}/images", self._tmdb_images),
            ("/t/p/{size:str}/{file:str}", self._picture),
            ("/v4/artwork/types", self._tvdb_types),
            ("/v4/search", self._tvdb_search),
            ("/v4/search/remoteid/{other:str}", self._tvdb_find),
            ("/v4/updates", self._tvdb_updates),
            ("/v4/{kind:str}/{id:int}/extended", self._tvdb_title),
            ("/v4/series/{id:int}/episodes/default", self._tvdb_episodes),
            ("/v4/series/{id:int}/episodes/default/{language:str}", self._tvdb_episodes),
            ("/banners/{file:str}", self._picture),
            ("/v3.2/{kind:str}/latest", self._fanart_latest),
            ("/v3.2/{kind:str}/{id:str}", self._fanart_title),
            ("/fanart/{file:str}", self._picture),
            ("/preview/{file:str}", self._picture),
        ]
        made = [Route(path, handler, methods=["GET"]) for path, handler in routes]
        return Starlette(routes=[Route("/v4/login", self._tvdb_login, methods=["POST"]), *made])

    def snapshot(self) -> Callable[[], None]:
        kept = pickle.dumps(self.state)

        def go_back() -> None:
            self.state = pickle.loads(kept)  # noqa: S301 - our own bytes of a moment ago

        return go_back

    def refusal(self, request: Request) -> Response | None:
        provider = _ROOTS.get(request.url.path.split("/")[1], "")
        if provider and (limit := self.limits.get(provider)) and not limit.take():
            self.refused += 1
            busy = answer(tmdb.BUSY, 429)
            busy.headers["Retry-After"] = "1"
            return busy
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        match provider:
            case "tmdb" if self.key not in (bearer, request.query_params.get("api_key")):
                return answer(tmdb.REFUSED, 401)
            case "tvdb" if request.url.path != "/v4/login" and bearer not in self.tokens:
                return answer({"message": "Unauthorized"}, 401)
            case "fanart" if request.headers.get("api-key") != self.key:
                return answer(fanart.REFUSED, 401)
        return None

    def asked_for(self, _raw: bytes) -> str:
        return ""

    def change(self, op: str, args: dict[str, Any]) -> dict[str, Any] | None:
        made: dict[str, Any] | None = known_change(CHANGES, op)(self, **args)
        return made

    # TMDB

    async def _configuration(self, request: Request) -> Response:
        return _tagged(request, tmdb.CONFIGURATION)

    async def _tmdb_title(self, request: Request) -> Response:
        work = self._work(_tmdb_kind(request), request.path_params["id"], tmdb.MISSING)
        query = request.query_params
        appended = [one for one in query.get("append_to_response", "").split(",") if one]
        language = query.get("language", "en")[:2]
        return _tagged(request, tmdb.details(work, language, _wanted(request), appended))

    async def _tmdb_images(self, request: Request) -> Response:
        work = self._work(_tmdb_kind(request), request.path_params["id"], tmdb.MISSING)
        language = request.query_params.get("language", "")[:2]
        return _tagged(request, tmdb.images(work, language, _wanted(request)))

    async def _tmdb_search(self, request: Request) -> Response:
        query = request.query_params
        year = query.get("year") or query.get("first_air_date_year")
        works = self.state.titled(_tmdb_kind(request), query.get("query", ""), int(year) if year else None)
        return answer(tmdb.listed([tmdb.found(work) for work in works], int(query.get("page", 1))))

    async def _tmdb_find(self, request: Request) -> Response:
        source = request.query_params.get("external_source", "")
        return answer(tmdb.by_other_id(self.state, request.path_params["other"], source))

    async def _tmdb_changes(self, request: Request) -> Response:
        query = request.query_params
        first, last = (date.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if (last - first).days > 14:
            raise Refused(422, {"success": False, "status_message": "The range is more than 14 days."})
        rows = [
            {"id": work.id, "adult": False}
            for work in self.state.of(_tmdb_kind(request))
            if work.changed and first <= datetime.fromtimestamp(work.changed, UTC).date() <= last
        ]
        return answer(tmdb.listed(rows, int(query.get("page", 1)), tmdb.PAGE))

    # TheTVDB

    async def _tvdb_login(self, request: Request) -> Response:
        given = orjson.loads(await request.body())
        if given.get("apikey") != self.key:
            raise Refused(
                401, {"status": "failure", "message": "InvalidAPIKey: apikey invalid", "data": None}
            )
        token = hashlib.sha256(f"{self.key}{len(self.tokens)}{time.monotonic()}".encode()).hexdigest()
        self.tokens.add(token)
        return answer(tvdb.answer({"token": token}))

    async def _tvdb_types(self, request: Request) -> Response:
        return _tagged(request, tvdb.answer(tvdb.types()))

    async def _tvdb_search(self, request: Request) -> Response:
        query = request.query_params
        year = int(query["year"]) if "year" in query else None
        works = [
            work
            for kind in ([query["type"]] if "type" in query else ["series", "movie"])
            for work in self.state.titled(kind, query.get("query", ""), year)
        ]
        base = str(request.base_url).rstrip("/")
        return answer(tvdb.answer([tvdb.found(work, base) for work in works], tvdb.links("", 0, len(works))))

    async def _tvdb_find(self, request: Request) -> Response:
        other = request.path_params["other"]
        rows = [{work.kind: tvdb.head(work)} for work in self.state.works.values() if work.imdb_id == other]
        return answer(tvdb.answer(rows or None))

    async def _tvdb_title(self, request: Request) -> Response:
        kind = {"movies": "movie", "series": "series"}[request.path_params["kind"]]
        work = self._work(kind, request.path_params["id"] - tvdb.MORE, _tvdb_missing(request))
        translated = request.query_params.get("meta") == "translations"
        base = str(request.base_url).rstrip("/")
        return _tagged(request, tvdb.answer(tvdb.extended(work, base, translated=translated)))

    async def _tvdb_episodes(self, request: Request) -> Response:
        work = self._work("series", request.path_params["id"] - tvdb.MORE, _tvdb_missing(request))
        language = request.path_params.get("language", "")
        page = int(request.query_params.get("page", 0))
        rows = tvdb.episodes(work, language)
        part = rows[page * tvdb.PAGE : (page + 1) * tvdb.PAGE]
        data: dict[str, Any] = {"series": tvdb.head(work), "episodes": part}
        if language:
            data = {**tvdb.head(work), "episodes": part}
        return _tagged(request, tvdb.answer(data, tvdb.links(str(request.url), page, len(rows))))

    async def _tvdb_updates(self, request: Request) -> Response:
        query = request.query_params
        page = int(query.get("page", 0))
        rows = tvdb.updates(self.state, query.get("type", ""), int(query["since"]))
        part = rows[page * tvdb.PAGE : (page + 1) * tvdb.PAGE]
        return answer(tvdb.answer(part, tvdb.links(str(request.url), page, len(rows))))

    # fanart.tv

    async def _fanart_title(self, request: Request) -> Response:
        kind, more = {"movies": ("movie", 0), "tv": ("series", tvdb.MORE)}[request.path_params["kind"]]
        id = request.path_params["id"]
        works = (work for work in self.state.of(kind) if id in (str(work.id + more), work.imdb_id))
        work = next(works, None)
        if work is None or work.merged_into:
            raise Refused(404, fanart.MISSING)
        return _tagged(request, fanart.pictures(work, str(request.base_url).rstrip("/")))

    async def _fanart_latest(self, request: Request) -> Response:
        kind = {"movies": "movie", "tv": "series"}[request.path_params["kind"]]
        since = float(request.query_params.get("date", time.time() - 2 * 86400))
        return answer(fanart.latest(self.state, kind, since))

    # Pictures

    async def _picture(self, request: Request) -> Response:
        file = request.path_params["file"]
        small = (
            200
            if "small" in request.url.query or request.path_params.get("size", "original") != "original"
            else 0
        )
        small = 200 if request.url.path.startswith("/preview/") else small
        how = self.spoilt.get(file, "")
        if how == "gone" or (drawing := self._drawn(file, small)) is None:
            return Response(b"Not found", 404, media_type="text/plain")
        if how == "redirect":
            return RedirectResponse("http://127.0.0.1:1/poster.jpg", 302)
        kind = "image/png" if file.endswith(".png") else "image/jpeg"
        body, kind = spoilt.spoilt(how, drawing, kind)
        return Response(body, media_type=kind)

    def _drawn(self, file: str, width: int) -> bytes | None:
        if found := _STILL.fullmatch(file):
            number = sum(map(int, found.groups()))
            return drawn(Art(file, "still", None, 480, 270, number), "", width)
        for work in self.state.works.values():
            for art in work.art:
                if art.file == file:
                    return drawn(art, work.titles.get(art.language or "", work.title), width)
        return None

    def _work(self, kind: str, id: int, missing: Any) -> Work:
        work = self.state.work(kind, id)
        if work is None:
            raise Refused(404, missing)
        return work


def _tagged(request: Request, body: Any) -> Response:
    """An answer with its tag, or that what has this tag still holds."""
    made = answer(body)
    tag = f'W/"{hashlib.sha256(bytes(made.body)).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    made.headers["ETag"] = tag
    return made


def _tmdb_kind(request: Request) -> str:
    return {"movie": "movie", "tv": "series"}[request.path_params["kind"]]


def _wanted(request: Request) -> set[str] | None:
    told = request.query_params.get("include_image_language")
    return set(told.split(",")) if told is not None else None


def _tvdb_missing(request: Request) -> dict[str, Any]:
    return {"status": "failure", "message": f"Not Found {request.path_params['id']}", "data": None}


# What tests change


def _load(program: Providers, state: dict[str, Any]) -> None:
    program.state = ProviderState.from_json(state)
    program.start_over()


def _touch(program: Providers, kind: str, id: int, at: float | None = None) -> None:
    program.state.touch(kind, id, at)


def _merge(program: Providers, kind: str, id: int, into: int) -> None:
    """Two titles are made one; the number of the first answers no more."""
    program.state.works[f"{kind}:{id}"].merged_into = into
    program.state.touch(kind, id)


def _limit(program: Providers, provider: str, per_second: float) -> None:
    program.limits[provider] = Limit(per_second)


def _end_tokens(program: Providers) -> None:
    """The month of all tokens is over."""
    program.tokens.clear()


def _spoil(program: Providers, file: str, how: str) -> None:
    if how not in spoilt.HOW:
        raise ValueError(f"there is no way '{how}'; there are {', '.join(spoilt.HOW)}")
    program.spoilt[file] = how


def _edit(program: Providers, kind: str, id: int, **values: Any) -> None:
    work = program.state.works[f"{kind}:{id}"]
    for name, value in values.items():
        if not hasattr(work, name):
            raise ValueError(f"a title has no '{name}'")
        by_number = name == "seasons"
        setattr(work, name, {int(number): many for number, many in value.items()} if by_number else value)
    program.state.touch(kind, id)


def _report(program: Providers) -> dict[str, Any]:
    return {"refused": program.refused, "tokens": len(program.tokens)}


CHANGES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "load": _load,
    "touch": _touch,
    "edit": _edit,
    "merge": _merge,
    "limit": _limit,
    "end_tokens": _end_tokens,
    "spoil": _spoil,
    "report": _report,
}
