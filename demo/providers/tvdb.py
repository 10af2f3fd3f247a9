"""TheTVDB as its OpenAPI document describes it: https://thetvdb.github.io/v4-api/"""

from __future__ import annotations

from typing import Any

from demo.providers.art import Art
from demo.providers.state import ProviderState, Work

MORE = 1000
"""A title's number here is its number elsewhere, and so many more."""

PAGE = 500
_LETTERS = {"en": "eng", "de": "deu", "fr": "fra", "pt": "por"}
_NUMBERS = {
    "series": {"banner": 1, "poster": 2, "background": 3, "logo": 23},
    "movie": {"poster": 14, "background": 15, "banner": 16, "logo": 25},
}
_SEASON_POSTER = 7
TYPES = [
    (1, "Banner", "series", "banners"),
    (2, "Poster", "series", "posters"),
    (3, "Background", "series", "backgrounds"),
    (5, "Icon", "series", "icons"),
    (7, "Poster", "season", "posters"),
    (11, "16:9 Screencap", "episode", "screencap-16x9"),
    (13, "Photo", "actor", "photos"),
    (14, "Poster", "movie", "posters"),
    (15, "Background", "movie", "backgrounds"),
    (16, "Banner", "movie", "banners"),
    (22, "ClearArt", "series", "clearart"),
    (23, "ClearLogo", "series", "clearlogo"),
    (25, "ClearLogo", "movie", "clearlogo"),
]


def letters(language: str) -> str:
    return _LETTERS.get(language, language)


def answer(data: Any, links: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"status": "success", "data": data, **({"links": links} if links is not None else {})}


def types() -> list[dict[str, Any]]:
    return [{"id": id, "name": name, "recordType": of, "slug": slug} for id, name, of, slug in TYPES]


def links(url: str, page: int, number: int) -> dict[str, Any]:
    """The links of a page; `number` is how many rows there are in all."""
    more = (page + 1) * PAGE < number
    return {
        "self": url,
        "next": f"{url}&page={page + 1}" if more else None,
        "total_items": number,
        "page_size": PAGE,
    }


def found(work: Work, base: str) -> dict[str, Any]:
    id = work.id + MORE
    poster = next(art for art in work.art if art.type == "poster")
    return {
        "objectID": f"{work.kind}-{id}",
        "id": f"{work.kind}-{id}",
        "tvdb_id": str(id),
        "type": work.kind,
        "name": work.title,
        "year": work.premiered[:4],
        "overview": work.plots.get("en", ""),
        "image_url": f"{base}/banners/{poster.file}",
        "thumbnail": f"{base}/banners/{poster.file}?small",
        "translations": {letters(one): title for one, title in work.titles.items()},
        "remote_ids": _remote_ids(work),
    }


def head(work: Work) -> dict[str, Any]:
    status = {"released": "Released", "ended": "Ended", "continuing": "Continuing"}[work.status]
    return {
        "id": work.id + MORE,
        "name": work.title,
        "slug": work.title.lower().replace(" ", "-"),
        "image": f"/banners/{work.art[0].file}",
        "year": work.premiered[:4],
        "score": work.votes,
        "status": {"id": 1, "name": status, "recordType": work.kind, "keepUpdated": True},
        "originalLanguage": letters(work.language),
        "originalCountry": "usa",
        "lastUpdated": "2026-01-15 08:00:00",
    }


def extended(work: Work, base: str, *, translated: bool) -> dict[str, Any]:
    data = {
        **head(work),
        "artworks": [_artwork(work, number, art, base) for number, art in enumerate(work.art, 1)],
        "characters": _people(work),
        "genres": [
            {"id": number, "name": name, "slug": name.lower()} for number, name in enumerate(work.genres, 1)
        ],
        "contentRatings": [
            {"id": 1, "name": rating, "country": {"US": "usa", "DE": "deu"}.get(one, one), "order": 1}
            for one, rating in work.certifications.items()
        ],
        "remoteIds": _remote_ids(work),
        "companies": [],
        "translations": _translations(work) if translated else None,
    }
    if work.kind == "movie":
        return data | {
            "runtime": work.runtime,
            "first_release": {"country": "global", "date": work.premiered, "detail": None},
            "studios": [{"id": 1, "name": name} for name in work.studios],
            "production_countries": [{"id": 1, "country": "usa", "name": "United States of America"}],
        }
    return data | {
        "averageRuntime": work.runtime,
        "firstAired": work.premiered,
        "lastAired": work.ended or "",
        "overview": work.plots.get(work.language, ""),
        "originalNetwork": {"id": 1, "name": work.studios[0]} if work.studios else None,
        "latestNetwork": None,
        "seasons": [
            {
                "id": _season_id(work, number),
                "seriesId": work.id + MORE,
                "number": number,
                "name": None,
                "type": {"id": 1, "name": "Aired Order", "type": "official"},
            }
            for number in sorted(work.seasons)
        ],
        "episodes": None,
    }


def episodes(work: Work, language: str) -> list[dict[str, Any]]:
    return [
        {
            "id": work.id * 10_000 + season * 100 + number,
            "seriesId": work.id + MORE,
            "name": f"Episode {number}" if language != "deu" else f"Folge {number}",
            "overview": f"What happens in part {number}.",
            "aired": work.premiered,
            "runtime": work.runtime,
            "image": f"/banners/still-{work.id}-{season}-{number}.jpg",
            "seasonNumber": season,
            "number": number,
            "absoluteNumber": 0,
        }
        for season in sorted(work.seasons)
        for number in range(1, work.seasons[season] + 1)
    ]


def updates(state: ProviderState, kind: str, since: int) -> list[dict[str, Any]]:
    """What `/updates` lists of one type."""
    of = {"movies": "movie", "series": "series"}.get(kind)
    if of is None:
        return []
    return [
        {
            "recordId": work.id + MORE,
            "recordType": "",
            "entityType": kind,
            "method": "delete" if work.merged_into else "update",
            "methodInt": 3 if work.merged_into else 2,
            "timeStamp": int(work.changed),
            "seriesId": 0,
            **({"mergeToId": work.merged_into + MORE, "mergeToEntityType": kind} if work.merged_into else {}),
        }
        for work in state.of(of)
        if work.changed >= since and work.changed
    ]


def _season_id(work: Work, number: int) -> int:
    return work.id * 100 + number + 1


def _artwork(work: Work, number: int, art: Art, base: str) -> dict[str, Any]:
    type = _SEASON_POSTER if art.season is not None else _NUMBERS[work.kind][art.type]
    return {
        "id": work.id * 1000 + number,
        "image": f"{base}/banners/{art.file}",
        "thumbnail": f"{base}/banners/{art.file}?small",
        "language": letters(art.language) if art.language else None,
        "type": type,
        "score": 100_000 + art.votes,
        "width": art.width,
        "height": art.height,
        "includesText": art.language is not None,
        "seasonId": _season_id(work, art.season) if art.season is not None else None,
    }


def _people(work: Work) -> list[dict[str, Any]]:
    actors = [
        {
            "name": role,
            "personName": name,
            "peopleType": "Actor",
            "type": 3,
            "sort": place,
            "personImgURL": None,
        }
        for place, (name, role) in enumerate(work.cast)
    ]
    others = [
        {"name": None, "personName": name, "peopleType": job, "type": 1, "sort": 0} for name, job in work.crew
    ]
    # The order of a list says nothing: `sort` does.
    return [*others, *reversed(actors)]


def _remote_ids(work: Work) -> list[dict[str, Any]]:
    return [
        {"id": work.imdb_id, "type": 2, "sourceName": "IMDB"},
        {"id": str(work.id), "type": 12, "sourceName": "TheMovieDB.com"},
    ]


def _translations(work: Work) -> dict[str, Any]:
    names = [
        {"name": title, "language": letters(one), "tagline": work.taglines.get(one, "")}
        for one, title in work.titles.items()
    ]
    plots = [{"overview": plot, "language": letters(one)} for one, plot in work.plots.items()]
    return {"nameTranslations": names, "overviewTranslations": plots, "alias": []}
