"""fanart.tv, version 3.2 of its API: pictures alone, all of a title in one call. https://fanart.tv/api-docs/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NoReturn, Unpack

from core.errors import ApiPermanentError
from core.outbound import shapes
from core.outbound.transport import Auth, Options, checked_key
from providers import freshness, reading
from providers.answers import Answers, Request
from providers.base import Service, changes, languages_of
from providers.contract import ALL_SEASONS, UNKNOWN, Changes, Found, Ids, Kind, Picture, Source, Type
from providers.reading import Record

_NAME = {Kind.MOVIE: "movies", Kind.SERIES: "tv"}
_ID = {Kind.MOVIE: "tmdb_id", Kind.SERIES: "thetvdb_id"}
_CHANGED_ID = {Kind.MOVIE: "tmdb_id", Kind.SERIES: "id"}
_TYPES = {
    "hdmovielogo": Type.CLEARLOGO,
    "movielogo": Type.CLEARLOGO,
    "hdtvlogo": Type.CLEARLOGO,
    "clearlogo": Type.CLEARLOGO,
    "hdmovieclearart": Type.CLEARART,
    "movieart": Type.CLEARART,
    "hdclearart": Type.CLEARART,
    "clearart": Type.CLEARART,
    "moviedisc": Type.DISCART,
    "moviebanner": Type.BANNER,
    "tvbanner": Type.BANNER,
    "seasonbanner": Type.BANNER,
    "moviethumb": Type.LANDSCAPE,
    "tvthumb": Type.LANDSCAPE,
    "seasonthumb": Type.LANDSCAPE,
    "movieposter": Type.POSTER,
    "tvposter": Type.POSTER,
    "seasonposter": Type.POSTER,
    "moviebackground": Type.FANART,
    "showbackground": Type.FANART,
    "characterart": Type.CHARACTERART,
}
_TEXTLESS = ("", "00")
_CHARACTER = (Type.CHARACTERART, Type.FANART)
"""Types that carry no text, whatever language their uploader chose."""


class FanartClient(Service):
    """With the API key of a project, and a person's own beside it: that one sees new pictures sooner."""

    app = "fanart.tv"
    host = "https://webservice.fanart.tv"
    picture_host = "https://assets.fanart.tv"
    root = "/v3.2"
    keys: ClassVar[Mapping[Kind, Source]] = {Kind.MOVIE: Source.TMDB, Kind.SERIES: Source.TVDB}

    def __init__(
        self,
        url: str,
        api_key: str,
        client_key: str = "",
        *,
        answers: Answers | None = None,
        **options: Unpack[Options],
    ) -> None:
        headers = {"api-key": checked_key(api_key)}
        if client_key:
            headers["client-key"] = checked_key(client_key)
        auth = Auth(headers, tuple(headers.values()), "provider.refused-fanart")
        super().__init__(url, auth, answers=answers, **options)

    def test(self) -> str:
        self._latest(Kind.SERIES, datetime.now(UTC) - timedelta(days=1))
        return "3.2"

    def lookup(
        self,
        title: str,  # noqa: ARG002
        year: int | None,  # noqa: ARG002
        kind: Kind,  # noqa: ARG002
        ids: Ids | None = None,  # noqa: ARG002
    ) -> tuple[Found, ...]:
        return ()

    def details(self, kind: Kind, id: str, languages: Sequence[str]) -> NoReturn:  # noqa: ARG002
        raise self._error(ApiPermanentError, "provider.pictures-alone")

    def pictures(self, kind: Kind, id: str, languages: Sequence[str]) -> tuple[Picture, ...]:
        id = reading.checked_id(id)
        wanted = {*languages_of(languages), None, UNKNOWN}

        def read(data: Any) -> Record:
            record = shapes.as_object(data, "pictures")
            reading.same_id(record, _ID[kind], id)
            return record

        asked = Request(f"/{_NAME[kind]}/{id}", {}, kind, id)
        # It tells no dates; its lists of what is new tell when there is more.
        found = self.read_pictures(self._ask(asked, read, lambda _: freshness.RECENT))
        return tuple(one for one in found if one.language in wanted)

    def changes(self, since: datetime) -> Changes:
        now = datetime.now(UTC)
        start = max(since, now - freshness.LOOK_BACK)
        # A kept list may be as old as that.
        until = now - freshness.LIST
        return changes(start, until, {kind: self._latest(kind, start) for kind in Kind})

    def _latest(self, kind: Kind, since: datetime) -> set[str]:
        asked = Request(f"/{_NAME[kind]}/latest", {"date": str(int(since.timestamp()))})

        def read(data: Any) -> set[str]:
            return {reading.id_of(row, _CHANGED_ID[kind]) for row in shapes.read_list(data, dict, "titles")}

        return self._ask(asked, read, lambda _: freshness.LIST)

    def read_pictures(self, record: Record) -> Iterator[Picture]:
        for name, type in _TYPES.items():
            for row in reading.rows(record.get(name)):
                address = self.at_pictures(shapes.text(row.get("url"), reading.LONGEST_ADDRESS))
                if not address:
                    continue
                yield Picture(
                    type,
                    address,
                    address.replace("/fanart/", "/preview/", 1),
                    _language(row, type),
                    width=reading.number(row, "width") or 0,
                    height=reading.number(row, "height") or 0,
                    likes=reading.number(row, "likes"),
                    season=_season(row),
                )


def _language(row: Record, type: Type) -> str | None:
    found = reading.name(row, "lang")
    return None if found in _TEXTLESS or type in _CHARACTER else reading.two_letters(found)


def _season(row: Record) -> int | None:
    if row.get("season") == "all":
        return ALL_SEASONS
    return reading.number(row, "season")
