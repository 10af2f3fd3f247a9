"""TheTVDB, version 4 of its API: https://thetvdb.github.io/v4-api/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Unpack
from urllib.parse import quote

from core import masking
from core.errors import ApiAuthError, ApiError
from core.outbound import shapes
from core.outbound.answers import MissingError
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, OnResult, Options, Transport, checked_key
from providers import freshness, reading
from providers.answers import Answers, Request
from providers.base import BUSY_STATUS, Service, changes, found_of, languages_of
from providers.contract import (
    UNKNOWN,
    Actor,
    Changes,
    Crew,
    Episode,
    Found,
    Ids,
    Kind,
    Picture,
    Season,
    Source,
    Title,
    Type,
)
from providers.reading import Record
from providers.tokens import Tokens

_NAME = {Kind.MOVIE: "movies", Kind.SERIES: "series"}
_SEARCHED = {Kind.MOVIE: "movie", Kind.SERIES: "series"}
_WORDS = {
    "poster": Type.POSTER,
    "banner": Type.BANNER,
    "background": Type.FANART,
    "clearart": Type.CLEARART,
    "clearlogo": Type.CLEARLOGO,
}
"""What is in the name of a type of artwork; its number is read at run time."""

_LISTS = {
    Kind.MOVIE: (("movies", "recordId"),),
    Kind.SERIES: (
        ("series", "recordId"),
        ("seasons", "seriesId"),
        ("episodes", "seriesId"),
        ("artwork", "seriesId"),
    ),
}
"""The lists of changes, and where the id of the title stands in them."""

_SOURCES = {"imdb": Source.IMDB, "themoviedb.com": Source.TMDB}
_COMING = {"continuing", "upcoming", "announced", "pre-production", "filming / post-production"}
_ACTOR = "actor"


class TvdbClient(Service):
    """With an API key and, where that is a subscriber's, a PIN; both are exchanged for a token."""

    app = "TheTVDB"
    host = "https://api4.thetvdb.com"
    picture_host = "https://artworks.thetvdb.com"
    root = "/v4"
    first_page = 0
    keys: ClassVar[Mapping[Kind, Source]] = {Kind.MOVIE: Source.TVDB, Kind.SERIES: Source.TVDB}

    def __init__(
        self,
        url: str,
        api_key: str,
        pin: str = "",
        *,
        answers: Answers | None = None,
        tokens: Tokens | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._login = {"apikey": checked_key(api_key)} | ({"pin": checked_key(pin)} if pin else {})
        auth = Auth({}, tuple(self._login.values()), "provider.refused-tvdb")
        super().__init__(url, auth, answers=answers, **options)
        self._tokens = tokens
        self._token = ""

    def test(self) -> str:
        self._types()
        return "4"

    # Titles

    def lookup(self, title: str, year: int | None, kind: Kind, ids: Ids | None = None) -> tuple[Found, ...]:
        ids = ids or {}
        if own := self._own_id(kind, ids):
            with suppress(MissingError):
                found = self.read_title(kind, self._record(kind, own), [], ())
                return (found_of(kind, own, found),)
        if imdb := ids.get(Source.IMDB):
            asked = Request(f"/search/remoteid/{quote(imdb, safe='')}")
            if rows := self._found(asked, kind, within=_SEARCHED[kind]):
                return rows
        if not title:
            return ()
        params = {"query": title, "type": _SEARCHED[kind]}
        rows = self._found(Request("/search", {**params, "year": str(year)}), kind) if year else ()
        return rows or self._found(Request("/search", params), kind)

    def _found(self, asked: Request, kind: Kind, within: str = "") -> tuple[Found, ...]:
        def read(data: Any) -> tuple[Found, ...]:
            rows = _rows(data, "titles")
            told = (reading.record(row.get(within)) if within else row for row in rows)
            return tuple(one for row in told if (one := self._one_found(row, kind)))

        return self._ask(asked, read, lambda _: freshness.SEARCH)

    def _one_found(self, row: Record, kind: Kind) -> Found | None:
        id, name = reading.id_of(row, "tvdb_id") or reading.id_of(row), reading.name(row, "name")
        if not id or not name:
            return None
        picture = row.get("thumbnail") or row.get("image_url") or row.get("image")
        return Found(
            kind,
            id,
            name,
            year=reading.year(row, "year"),
            plot=reading.text(row, "overview"),
            thumbnail=self._address(picture),
        )

    def details(self, kind: Kind, id: str, languages: Sequence[str]) -> Title:
        languages = languages_of(languages)
        record = self._record(kind, id)
        return self.read_title(kind, record, self._episodes(kind, record, languages), languages)

    def pictures(self, kind: Kind, id: str, languages: Sequence[str]) -> tuple[Picture, ...]:
        languages = languages_of(languages)
        record = self._record(kind, id)
        episodes = self._episodes(kind, record, languages)
        wanted = {*languages, None, UNKNOWN}
        found = {one.address: one for one in self.read_pictures(record, episodes, self._types())}
        return tuple(one for one in found.values() if one.language in wanted)

    def _record(self, kind: Kind, id: str) -> Record:
        id = reading.checked_id(id)

        def read(data: Any) -> Record:
            record = _data(data)
            reading.same_id(record, "id", id)
            if not reading.name(record, "name"):
                raise WireError("the title should have a name")
            return record

        asked = Request(f"/{_NAME[kind]}/{id}/extended", {"meta": "translations"}, kind, id)
        return self._ask(asked, read, lambda record: _fresh(kind, record))

    def _episodes(self, kind: Kind, series: Record, languages: Sequence[str]) -> list[Record]:
        """All episodes in the order in which they were aired, their texts in the first language."""
        if kind is not Kind.SERIES:
            return []
        id = reading.id_of(series)
        language = f"/{reading.three_letters(languages[0][:2])}" if languages else ""

        def read(data: Any) -> tuple[list[Record], bool]:
            page = _data(data)
            reading.same_id(reading.record(page.get("series", page)), "id", id)
            return list(reading.rows(page.get("episodes"))), _has_next(data)

        found: list[Record] = []
        for page in range(100):
            path = f"/series/{id}/episodes/default{language}"
            asked = Request(path, {"page": str(page)}, kind, id)
            rows, more = self._ask(asked, read, lambda _: _fresh(kind, series))
            found += rows
            if not more:
                break
        return found

    def _types(self) -> dict[int, Type]:
        """What the numbers of artworks stand for."""

        def read(data: Any) -> dict[int, Type]:
            rows = _rows(data, "types")
            told = (
                (row, f"{reading.name(row, 'name')} {reading.name(row, 'slug')}".casefold()) for row in rows
            )
            return {
                shapes.number(row, "id", 0): type
                for row, name in told
                for word, type in _WORDS.items()
                if word in name and reading.name(row, "recordType") in ("series", "season", "movie")
            }

        return self._ask(Request("/artwork/types"), read, lambda _: freshness.OLD)

    # Changes

    def changes(self, since: datetime) -> Changes:
        now = datetime.now(UTC)
        start = max(since, now - freshness.LOOK_BACK)
        at = str(int(start.timestamp()))
        ids = {
            kind: set().union(*(self._changed(at, name, key) for name, key in lists))
            for kind, lists in _LISTS.items()
        }
        # A kept page may be as old as that.
        return changes(start, now - freshness.LIST, ids)

    def _changed(self, since: str, name: str, key: str) -> set[str]:
        def read(data: Any) -> tuple[set[str], bool]:
            rows = _rows(data, "changes")
            ids = {reading.id_of(row, key) for row in rows}
            # Where two titles are made one, the other one changes too.
            ids |= {reading.id_of(row, "mergeToId") for row in rows if key == "recordId"}
            return ids - {""}, _has_next(data)

        return self._listed("/updates", {"since": since, "type": name}, read)

    # Signing in

    def _get(self, path: str, **options: Any) -> Any:
        token = self._tokens.current() if self._tokens else self._token
        if token:
            try:
                return self._send(token, path, on_result=_but_refusals(self._heard), **options)
            except ApiAuthError:
                pass  # it lives for a month
        self._token = self._tokens.renew(token, self._sign_in) if self._tokens else self._sign_in()
        return self._send(self._token, path, on_result=self._heard, **options)

    def _send(self, token: str, path: str, *, on_result: OnResult, **options: Any) -> Any:
        masking.remember(token)
        secrets = (token, *self._login.values())
        auth = Auth({"Authorization": f"Bearer {token}"}, secrets, "provider.refused-tvdb")
        own: Options = {**self._options, "on_result": on_result}
        return self._get_by(Transport(self.app, self.transport.url, auth, **own), path, **options)

    def _heard(self, error: ApiError | None, seconds: float) -> None:
        if told := self._options.get("on_result"):
            told(error, seconds)

    def _sign_in(self) -> str:
        answer = self.transport.request(
            "POST", f"{self.root}/login", body=self._login, writes=False, final=BUSY_STATUS
        )

        def read(data: Any) -> str:
            token = shapes.text(_data(data).get("token"), 4000)
            if not token.isascii() or not token.isprintable() or not token or " " in token:
                raise WireError("'token' should be a token")
            return token

        return self._read(read, answer)

    # Reading

    def read_title(
        self, kind: Kind, record: Record, episodes: Sequence[Record], languages: Sequence[str]
    ) -> Title:
        texts = reading.record(record.get("translations"))
        titles = _by_language(texts.get("nameTranslations"), "name")
        name = reading.name(record, "name")
        language = reading.two_letters(reading.name(record, "originalLanguage"))
        if language:
            titles.setdefault(language, name)
        networks = [record.get("originalNetwork"), record.get("latestNetwork")]
        told = record.get("studios") if kind is Kind.MOVIE else networks
        return Title(
            kind=kind,
            ids=_ids(record),
            title=next((titles[one] for one in languages if one in titles), name),
            original_title=name,
            original_language=language,
            titles=titles,
            plots=_plots(record, texts, language),
            taglines=_by_language(texts.get("nameTranslations"), "tagline"),
            premiered=_premiered(kind, record),
            ended=_ended(kind, record),
            is_ongoing=_is_ongoing(record),
            runtime=reading.number(record, "runtime") or reading.number(record, "averageRuntime") or None,
            genres=reading.names(record.get("genres")),
            studios=reading.names(told),
            countries=_countries(record),
            certifications=_certifications(record),
            cast=tuple(self._cast(record)),
            crew=tuple(_crew(record)),
            seasons=_seasons(record),
            episodes=tuple(_episode(row) for row in episodes if _is_episode(row)),
        )

    def read_pictures(
        self, record: Record, episodes: Sequence[Record], types: Mapping[int, Type]
    ) -> Iterator[Picture]:
        seasons = {
            reading.id_of(row): reading.number(row, "number") for row in reading.rows(record.get("seasons"))
        }
        for row in reading.rows(record.get("artworks")):
            type = types.get(reading.number(row, "type") or 0)
            if not (address := self._address(row.get("image"))) or type is None:
                continue
            yield Picture(
                type,
                address,
                self._address(row.get("thumbnail")) or address,
                _language(row, type),
                width=reading.number(row, "width") or 0,
                height=reading.number(row, "height") or 0,
                likes=int(reading.decimal(row, "score") or 0),
                season=seasons.get(reading.id_of(row, "seasonId")),
            )
        for row in episodes:
            if _is_episode(row) and (address := self._address(row.get("image"))):
                one = _episode(row)
                yield Picture(Type.STILL, address, address, None, season=one.season, episode=one.number)

    def _address(self, told: Any) -> str:
        return self.at_pictures(shapes.text(told, reading.LONGEST_ADDRESS))

    def _cast(self, record: Record) -> Iterator[Actor]:
        people = [row for row in reading.rows(record.get("characters")) if _job(row).casefold() == _ACTOR]
        people.sort(key=lambda row: reading.number(row, "sort") or 0)
        for place, row in enumerate(people):
            if name := reading.name(row, "personName"):
                picture = self._address(row.get("personImgURL")) or self._address(row.get("image"))
                yield Actor(name, reading.name(row, "name"), place, picture)


def _but_refusals(told: OnResult) -> OnResult:
    """Hears all but refusals: a token that is over says nothing of the key."""
    return lambda error, seconds: None if isinstance(error, ApiAuthError) else told(error, seconds)


def _data(data: Any) -> dict[str, Any]:
    return shapes.as_object(shapes.as_object(data, "answer").get("data"), "data")


def _rows(data: Any, what: str) -> list[dict[str, Any]]:
    """The list in an answer; null stands for an empty one."""
    told = shapes.as_object(data, "answer").get("data")
    return [] if told is None else shapes.read_list(told, dict, what)


def _has_next(data: Any) -> bool:
    return bool(reading.name(reading.record(reading.record(data).get("links")), "next"))


def _fresh(kind: Kind, record: Record) -> timedelta:
    last = _ended(kind, record) or _premiered(kind, record)
    return freshness.of_title(last, date.today(), is_ongoing=_is_ongoing(record))


def _is_ongoing(record: Record) -> bool:
    return reading.name(reading.record(record.get("status")), "name").casefold() in _COMING


def _premiered(kind: Kind, record: Record) -> date | None:
    if kind is Kind.SERIES:
        return reading.day(record, "firstAired")
    return reading.day(reading.record(record.get("first_release")), "date")


def _ended(kind: Kind, record: Record) -> date | None:
    is_over = kind is Kind.SERIES and not _is_ongoing(record)
    return reading.day(record, "lastAired") if is_over else None


def _ids(record: Record) -> Ids:
    found = {Source.TVDB: own} if (own := reading.id_of(record)) else {}
    for row in reading.rows(record.get("remoteIds")):
        source = _SOURCES.get(reading.name(row, "sourceName").casefold())
        id = reading.imdb(row, "id") if source is Source.IMDB else reading.id_of(row)
        if source and id:
            found.setdefault(source, id)
    return found


def _by_language(rows: Any, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in reading.rows(rows):
        language = reading.two_letters(reading.name(row, "language"))
        if language and not row.get("isAlias") and (text := reading.text(row, name)):
            found.setdefault(language, text)
    return found


def _plots(record: Record, texts: Record, language: str) -> dict[str, str]:
    found = _by_language(texts.get("overviewTranslations"), "overview")
    if language and (plot := reading.text(record, "overview")):
        found.setdefault(language, plot)
    return found


def _countries(record: Record) -> tuple[str, ...]:
    told = (
        reading.name(record, "originalCountry"),
        *reading.names(record.get("production_countries"), "country"),
    )
    return tuple(dict.fromkeys(found for one in told if (found := reading.country(one))))


def _certifications(record: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in reading.rows(record.get("contentRatings")):
        country, rating = reading.country(reading.name(row, "country")), reading.name(row, "name")
        if country and rating:
            found.setdefault(country, rating)
    return found


def _job(row: Record) -> str:
    return reading.name(row, "peopleType")


def _crew(record: Record) -> Iterator[Crew]:
    for row in reading.rows(record.get("characters")):
        name, job = reading.name(row, "personName"), _job(row)
        if name and job and job.casefold() != _ACTOR:
            yield Crew(name, job)


def _seasons(record: Record) -> tuple[Season, ...]:
    """The seasons in the order in which they were aired."""
    found: dict[int, Season] = {}
    for row in reading.rows(record.get("seasons")):
        order = reading.name(reading.record(row.get("type")), "type")
        number = reading.number(row, "number")
        if number is not None and order in ("", "official", "default"):
            found.setdefault(number, Season(number, reading.name(row, "name")))
    return tuple(found[number] for number in sorted(found))


def _is_episode(row: Record) -> bool:
    return reading.number(row, "seasonNumber") is not None and reading.number(row, "number") is not None


def _episode(row: Record) -> Episode:
    id = reading.id_of(row)
    return Episode(
        season=reading.number(row, "seasonNumber") or 0,
        number=reading.number(row, "number") or 0,
        title=reading.name(row, "name"),
        plot=reading.text(row, "overview"),
        aired=reading.day(row, "aired"),
        runtime=reading.number(row, "runtime") or None,
        ids={Source.TVDB: id} if id else {},
    )


def _language(row: Record, type: Type) -> str | None:
    """The language of an artwork: none where it says that it has no text, or is a background without one."""
    found = reading.two_letters(reading.name(row, "language"))
    if row.get("includesText") is False:
        return None
    return found or (UNKNOWN if row.get("includesText") or type is not Type.FANART else None)
