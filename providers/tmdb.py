"""TMDB, version 3 of its API: https://developer.themoviedb.org/reference"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, ClassVar, Unpack
from urllib.parse import quote

from core.outbound import shapes
from core.outbound.answers import MissingError
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, checked_key
from providers import freshness, reading
from providers.answers import Answers, Request
from providers.base import Service, changes, found_of, languages_of, today
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
    Rating,
    Season,
    Source,
    Title,
    Type,
)
from providers.reading import Record

MOST_APPENDED = 20
_OF_MOVIES = ("credits", "external_ids", "images", "release_dates", "translations")
_OF_SERIES = ("aggregate_credits", "content_ratings", "external_ids", "images", "translations")
_NAME = {Kind.MOVIE: "movie", Kind.SERIES: "tv"}
_OVER = {"ended", "canceled"}
_FILE = re.compile(r"/[A-Za-z0-9_-]{1,100}\.(?:jpg|jpeg|png|webp|svg)")
_API_KEY = re.compile(r"[0-9a-fA-F]{32}")
_TEXTLESS = "xx"
"""TMDB's word for no language, beside null."""

_LISTS = (
    ("posters", Type.POSTER, "w342"),
    ("backdrops", Type.FANART, "w780"),
    ("logos", Type.CLEARLOGO, "w300"),
)


class TmdbClient(Service):
    """With an API key, or with a read access token, which is longer."""

    app = "TMDB"
    host = "https://api.themoviedb.org"
    picture_host = "https://image.tmdb.org"
    root = "/3"
    keys: ClassVar[Mapping[Kind, Source]] = {Kind.MOVIE: Source.TMDB, Kind.SERIES: Source.TMDB}

    def __init__(
        self, url: str, api_key: str, *, answers: Answers | None = None, **options: Unpack[Options]
    ) -> None:
        key = checked_key(api_key)
        if _API_KEY.fullmatch(key):
            auth, params = Auth({}, (key,), "provider.refused-tmdb"), {"api_key": key}
        else:
            auth, params = Auth({"Authorization": f"Bearer {key}"}, (key,), "provider.refused-tmdb"), {}
        super().__init__(url, auth, answers=answers, params=params, **options)

    def test(self) -> str:
        self._ask(Request("/configuration"), _is_tmdb, lambda _: timedelta())
        return "3"

    # Titles

    def lookup(self, title: str, year: int | None, kind: Kind, ids: Ids | None = None) -> tuple[Found, ...]:
        ids = ids or {}
        if own := self._own_id(kind, ids):
            with suppress(MissingError):
                return (found_of(kind, own, self.details(kind, own, ())),)
        for source in (Source.IMDB, Source.TVDB):
            if other := ids.get(source):
                asked = Request(f"/find/{quote(other, safe='')}", {"external_source": f"{source}_id"})
                if rows := self._found(asked, kind, f"{_NAME[kind]}_results"):
                    return rows
        if not title:
            return ()
        name = "year" if kind is Kind.MOVIE else "first_air_date_year"
        path = f"/search/{_NAME[kind]}"
        rows = self._found(Request(path, {"query": title, name: str(year)}), kind, "results") if year else ()
        return rows or self._found(Request(path, {"query": title}), kind, "results")

    def _found(self, asked: Request, kind: Kind, name: str) -> tuple[Found, ...]:
        def read(data: Any) -> tuple[Found, ...]:
            rows = shapes.read_list(shapes.as_object(data, name).get(name), dict, name)
            return tuple(one for row in rows if (one := self._one_found(row, kind)))

        return self._ask(asked, read, lambda _: freshness.SEARCH)

    def _one_found(self, row: Record, kind: Kind) -> Found | None:
        title, original, day = _words(kind)
        id, name = reading.id_of(row), reading.name(row, title)
        if not id or not name:
            return None
        return Found(
            kind,
            id,
            name,
            original_title=reading.name(row, original),
            year=reading.year(row, day),
            plot=reading.text(row, "overview"),
            thumbnail=self._picture(row.get("poster_path"), "w342"),
        )

    def details(self, kind: Kind, id: str, languages: Sequence[str]) -> Title:
        return self.read_title(kind, self._records(kind, id, languages_of(languages)), languages)

    def pictures(self, kind: Kind, id: str, languages: Sequence[str]) -> tuple[Picture, ...]:
        return self.read_pictures(self._records(kind, id, languages_of(languages)))

    def _records(self, kind: Kind, id: str, languages: list[str]) -> list[Record]:
        """All that one title has: as a rule one answer, of a series with many seasons more."""
        id = reading.checked_id(id)
        appended = _OF_MOVIES if kind is Kind.MOVIE else _OF_SERIES
        room = MOST_APPENDED - len(appended)
        seasons = range(room) if kind is Kind.SERIES else range(0)
        first = self._record(kind, id, languages, [*appended, *_names(seasons)])
        found = [first]
        if kind is Kind.SERIES:
            later = sorted(
                {one for row in reading.rows(first.get("seasons")) if (one := _season(row)) >= room}
            )
            for start in range(0, len(later), MOST_APPENDED):
                part = later[start : start + MOST_APPENDED]
                found.append(self._record(kind, id, languages, _names(part)))
        return found

    def _record(self, kind: Kind, id: str, languages: list[str], appended: Sequence[str]) -> Record:
        params = {"append_to_response": ",".join(appended)}
        if languages:
            params |= {
                "language": languages[0],
                "include_image_language": ",".join([*(one[:2] for one in languages), "null"]),
            }

        def read(data: Any) -> Record:
            record = shapes.as_object(data, "title")
            reading.same_id(record, "id", id)
            if not reading.name(record, _words(kind)[0]):
                raise WireError("the title should have a name")
            return record

        asked = Request(f"/{_NAME[kind]}/{id}", params, kind, id)
        return self._ask(asked, read, lambda record: _fresh(kind, record))

    # Changes

    def changes(self, since: datetime) -> Changes:
        """Day by day, up to the one that runs: its list would still grow while it is read."""
        end = today()
        start = max(since, end - freshness.LOOK_BACK)
        ids: dict[Kind, set[str]] = {kind: set() for kind in Kind}
        days = (start.date() + timedelta(days=one) for one in range((end.date() - start.date()).days))
        for day, kind in product(map(str, days), Kind):
            asked = {"start_date": day, "end_date": day}
            ids[kind] |= self._listed(f"/{_NAME[kind]}/changes", asked, _changed)
        return changes(start, end, ids)

    # Reading

    def read_title(self, kind: Kind, records: Sequence[Record], languages: Sequence[str]) -> Title:
        first = records[0]
        title, original, premiered = _words(kind)
        titles, plots, taglines = _translations(first, title)
        language = reading.name(first, "original_language")
        if language and (name := reading.name(first, original)):
            titles.setdefault(language, name)
        if languages and (plot := reading.text(first, "overview")):
            plots.setdefault(languages[0], plot)
        seasons = list(_seasons(records))
        value = reading.decimal(first, "vote_average")
        return Title(
            kind=kind,
            ids=_ids(first),
            title=reading.name(first, title),
            original_title=reading.name(first, original),
            original_language=language,
            titles=titles,
            plots=plots,
            taglines=taglines,
            premiered=reading.day(first, premiered),
            ended=_ended(kind, first),
            is_ongoing=_is_ongoing(kind, first),
            runtime=_runtime(first),
            ratings=(_rating(first),) if value else (),
            genres=reading.names(first.get("genres")),
            studios=reading.names(first.get("production_companies" if kind is Kind.MOVIE else "networks")),
            countries=_countries(first),
            certifications=_certifications(first),
            collection=reading.name(reading.record(first.get("belongs_to_collection")), "name"),
            cast=tuple(self._cast(first)),
            crew=tuple(_crew(first)),
            seasons=_known_seasons(first),
            episodes=tuple(_episode(row) for season in seasons for row in _episodes(season)),
        )

    def read_pictures(self, records: Sequence[Record]) -> tuple[Picture, ...]:
        found: dict[str, Picture] = {}
        for picture in self._all_pictures(records):
            found.setdefault(picture.address, picture)
        return tuple(found.values())

    def _all_pictures(self, records: Sequence[Record]) -> Iterator[Picture]:
        images = reading.record(records[0].get("images"))
        for name, type, size in _LISTS:
            for row in reading.rows(images.get(name)):
                if address := self._picture(row.get("file_path"), "original"):
                    language = _language(row)
                    yield Picture(
                        # With text on it, it is what players show as a landscape.
                        Type.LANDSCAPE if type is Type.FANART and language else type,
                        address,
                        self._picture(row.get("file_path"), size),
                        language,
                        width=reading.number(row, "width") or 0,
                        height=reading.number(row, "height") or 0,
                        vote=reading.decimal(row, "vote_average"),
                        votes=reading.number(row, "vote_count"),
                    )
        for row in reading.rows(records[0].get("seasons")):
            if (address := self._picture(row.get("poster_path"), "original")) and (
                number := _season(row)
            ) >= 0:
                small = self._picture(row.get("poster_path"), "w342")
                yield Picture(Type.POSTER, address, small, UNKNOWN, season=number)
        for season in _seasons(records):
            for row in _episodes(season):
                if address := self._picture(row.get("still_path"), "original"):
                    small = self._picture(row.get("still_path"), "w300")
                    one = _episode(row)
                    yield Picture(Type.STILL, address, small, None, season=one.season, episode=one.number)

    def _picture(self, path: Any, size: str) -> str:
        """The address of a picture in a size. Of an SVG, the PNG that TMDB draws of it."""
        if not isinstance(path, str) or not _FILE.fullmatch(path):
            return ""
        return self.at_pictures(f"/t/p/{size}{re.sub('[.]svg$', '.png', path)}")

    def _cast(self, record: Record) -> Iterator[Actor]:
        credits = reading.record(record.get("credits") or record.get("aggregate_credits"))
        for place, row in enumerate(reading.rows(credits.get("cast"))):
            if name := reading.name(row, "name"):
                roles = reading.names(row.get("roles"), "character")
                yield Actor(
                    name,
                    reading.name(row, "character") or " / ".join(roles[:3]),
                    place,
                    self._picture(row.get("profile_path"), "original"),
                )


def _is_tmdb(data: Any) -> Record:
    return shapes.as_object(shapes.as_object(data, "configuration").get("images"), "images")


def _words(kind: Kind) -> tuple[str, str, str]:
    """What TMDB calls the title, the original title and the first day."""
    if kind is Kind.MOVIE:
        return "title", "original_title", "release_date"
    return "name", "original_name", "first_air_date"


def _names(seasons: Sequence[int]) -> list[str]:
    return [f"season/{number}" for number in seasons]


def _season(row: Record) -> int:
    found = reading.number(row, "season_number")
    return -1 if found is None else found


def _changed(data: Any) -> tuple[set[str], bool]:
    """The ids of a page of changes, and whether there is another one."""
    page = shapes.as_object(data, "changes")
    rows = shapes.read_list(page.get("results"), dict, "changes")
    last = shapes.number(page, "total_pages", 0)
    return {reading.id_of(row) for row in rows}, shapes.number(page, "page", 1) < last


def _fresh(kind: Kind, record: Record) -> timedelta:
    last = _ended(kind, record) or reading.day(record, _words(kind)[2])
    return freshness.of_title(last, date.today(), is_ongoing=_is_ongoing(kind, record))


def _is_ongoing(kind: Kind, record: Record) -> bool:
    status = reading.name(record, "status").casefold()
    return bool(status) and (status != "released" if kind is Kind.MOVIE else status not in _OVER)


def _ended(kind: Kind, record: Record) -> date | None:
    is_over = kind is Kind.SERIES and not _is_ongoing(kind, record)
    return reading.day(record, "last_air_date") if is_over else None


def _ids(record: Record) -> Ids:
    others = reading.record(record.get("external_ids"))
    found = {
        Source.TMDB: reading.id_of(record),
        Source.TVDB: reading.id_of(others, "tvdb_id"),
        Source.IMDB: reading.imdb(others, "imdb_id") or reading.imdb(record, "imdb_id"),
    }
    return {source: id for source, id in found.items() if id}


def _rating(record: Record) -> Rating:
    value = min(reading.decimal(record, "vote_average") or 0.0, 10.0)
    return Rating(Source.TMDB, value, reading.number(record, "vote_count") or 0)


def _runtime(record: Record) -> int | None:
    several = record.get("episode_run_time")
    given = {"runtime": several[0]} if isinstance(several, list) and several else record
    return reading.number(given, "runtime") or None


def _countries(record: Record) -> tuple[str, ...]:
    told = reading.names(record.get("production_countries"), "iso_3166_1")
    origin = record.get("origin_country")
    told = (
        told or tuple(str(one) for one in origin if isinstance(one, str))
        if isinstance(origin, list)
        else told
    )
    return tuple(dict.fromkeys(found for one in told if (found := reading.country(one))))


def _certifications(record: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("release_dates", "content_ratings"):
        for row in reading.rows(reading.record(record.get(name)).get("results")):
            several = reading.names(row.get("release_dates"), "certification")
            rating = reading.name(row, "rating") or next(iter(several), "")
            if rating and (country := reading.country(reading.name(row, "iso_3166_1"))):
                found.setdefault(country, rating)
    return found


def _translations(record: Record, title: str) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Titles, plots and taglines by language; of several countries with one language the first."""
    titles: dict[str, str] = {}
    plots: dict[str, str] = {}
    taglines: dict[str, str] = {}
    for row in reading.rows(reading.record(record.get("translations")).get("translations")):
        language, data = reading.name(row, "iso_639_1"), reading.record(row.get("data"))
        if not language:
            continue
        for kept, text in (
            (titles, reading.name(data, title)),
            (plots, reading.text(data, "overview")),
            (taglines, reading.text(data, "tagline")),
        ):
            if text:
                kept.setdefault(language, text)
    return titles, plots, taglines


def _crew(record: Record) -> Iterator[Crew]:
    for row in reading.rows(record.get("created_by")):
        if name := reading.name(row, "name"):
            yield Crew(name, "Creator")
    credits = reading.record(record.get("credits") or record.get("aggregate_credits"))
    for row in reading.rows(credits.get("crew")):
        jobs = (reading.name(row, "job"), *reading.names(row.get("jobs"), "job"))
        if name := reading.name(row, "name"):
            yield from (Crew(name, job) for job in jobs if job)


def _known_seasons(record: Record) -> tuple[Season, ...]:
    found = {
        number: Season(
            number, reading.name(row, "name"), reading.text(row, "overview"), reading.day(row, "air_date")
        )
        for row in reading.rows(record.get("seasons"))
        if (number := _season(row)) >= 0
    }
    return tuple(found[number] for number in sorted(found))


def _seasons(records: Sequence[Record]) -> Iterator[Record]:
    """What was appended of the seasons, in the order of their numbers."""
    found = {
        _season(season): season
        for record in records
        for name, data in record.items()
        if name.startswith("season/") and _season(season := reading.record(data)) >= 0
    }
    return (found[number] for number in sorted(found))


def _episodes(season: Record) -> Iterator[Record]:
    return (
        row
        for row in reading.rows(season.get("episodes"))
        if reading.number(row, "episode_number") is not None and _season(row) == _season(season)
    )


def _episode(row: Record) -> Episode:
    id = reading.id_of(row)
    return Episode(
        season=_season(row),
        number=reading.number(row, "episode_number") or 0,
        title=reading.name(row, "name"),
        plot=reading.text(row, "overview"),
        aired=reading.day(row, "air_date"),
        runtime=reading.number(row, "runtime") or None,
        ids={Source.TMDB: id} if id else {},
        rating=_rating(row) if reading.decimal(row, "vote_average") else None,
    )


def _language(row: Record) -> str | None:
    """The language of a picture; what says none, has no text."""
    found = reading.name(row, "iso_639_1")
    return None if found in ("", _TEXTLESS) else found
