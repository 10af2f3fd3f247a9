"""TMDB as its reference describes it: https://developer.themoviedb.org/reference"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demo.providers.art import Art
from demo.providers.state import ProviderState, Work

_LISTS = {"poster": "posters", "background": "backdrops", "logo": "logos"}
MISSING = {
    "success": False,
    "status_code": 34,
    "status_message": "The resource you requested could not be found.",
}
REFUSED = {
    "success": False,
    "status_code": 7,
    "status_message": "Invalid API key: You must be granted a valid key.",
}
BUSY = {
    "success": False,
    "status_code": 25,
    "status_message": "Your request count is over the allowed limit.",
}
MOST_APPENDED = 20
PAGE = 100

CONFIGURATION = {
    "images": {
        "base_url": "http://image.tmdb.org/t/p/",
        "secure_base_url": "https://image.tmdb.org/t/p/",
        "poster_sizes": ["w92", "w342", "original"],
        "backdrop_sizes": ["w300", "w780", "original"],
        "logo_sizes": ["w300", "original"],
        "still_sizes": ["w300", "original"],
        "profile_sizes": ["w185", "original"],
    },
    "change_keys": ["images", "overview", "title"],
}


def name_of(work: Work) -> str:
    return "title" if work.kind == "movie" else "name"


def found(work: Work) -> dict[str, Any]:
    """A title in a list of what a search found."""
    poster = next(art for art in work.art if art.type == "poster")
    return {
        "id": work.id,
        name_of(work): work.titles.get("en", work.title),
        f"original_{name_of(work)}": work.title,
        "original_language": work.language,
        "overview": work.plots.get("en", ""),
        "poster_path": f"/{poster.file}",
        "backdrop_path": None,
        "release_date" if work.kind == "movie" else "first_air_date": work.premiered,
        "vote_average": work.rating,
        "vote_count": work.votes,
        "popularity": 10.0,
        "adult": False,
    }


def listed(rows: list[dict[str, Any]], page: int, size: int = 20) -> dict[str, Any]:
    pages = max(1, -(-len(rows) // size))
    part = rows[(page - 1) * size : page * size]
    return {"page": page, "results": part, "total_pages": pages, "total_results": len(rows)}


def details(
    work: Work, language: str, picture_languages: set[str] | None, appended: list[str]
) -> dict[str, Any]:
    """A title with what was asked to be appended; what nobody knows is passed over, as TMDB does."""
    told = work.titles.get(language, work.title)
    data = {
        **found(work),
        name_of(work): told,
        "overview": work.plots.get(language, ""),
        "tagline": work.taglines.get(language, ""),
        "status": {"released": "Released", "ended": "Ended", "continuing": "Returning Series"}[work.status],
        "genres": [{"id": number, "name": name} for number, name in enumerate(work.genres, 1)],
        "production_companies": [{"id": 1, "name": name, "origin_country": "US"} for name in work.studios],
        "production_countries": [{"iso_3166_1": one, "name": one} for one in work.countries],
        "spoken_languages": [],
        "homepage": "",
    }
    if work.kind == "movie":
        data |= {
            "runtime": work.runtime,
            "imdb_id": work.imdb_id,
            "belongs_to_collection": {"id": 9, "name": work.collection} if work.collection else None,
        }
    else:
        data |= {
            "episode_run_time": [work.runtime],
            "last_air_date": work.ended or None,
            "in_production": work.status == "continuing",
            "networks": data["production_companies"],
            "created_by": [],
            "origin_country": work.countries,
            "seasons": [_season_head(work, number) for number in sorted(work.seasons)],
        }
    for name in appended[:MOST_APPENDED]:
        if (more := _appended(work, name, language, picture_languages)) is not None:
            data[name] = more
    return data


def _appended(work: Work, name: str, language: str, wanted: set[str] | None) -> Any:
    made: dict[str, Callable[[], Any]] = {
        "credits": lambda: {
            "cast": _cast(work),
            "crew": [{"name": one, "job": job} for one, job in work.crew],
        },
        "aggregate_credits": lambda: _aggregate(work),
        "external_ids": lambda: {
            "imdb_id": work.imdb_id,
            "tvdb_id": work.id + 1000 if work.kind == "series" else None,
        },
        "images": lambda: images(work, language, wanted),
        "release_dates": lambda: {"results": _releases(work)},
        "content_ratings": lambda: {
            "results": [{"iso_3166_1": one, "rating": rating} for one, rating in work.certifications.items()]
        },
        "translations": lambda: {"translations": [_translation(work, one) for one in work.titles]},
    }
    if name in made:
        return made[name]()
    kind, _, number = name.partition("/")
    if kind == "season" and number.isdecimal() and int(number) in work.seasons:
        return _season(work, int(number))
    return None


def _aggregate(work: Work) -> dict[str, Any]:
    cast = [{**row, "roles": [{"character": row.pop("character")}]} for row in _cast(work)]
    return {"cast": cast, "crew": [{"name": one, "jobs": [{"job": job}]} for one, job in work.crew]}


def _releases(work: Work) -> list[dict[str, Any]]:
    return [
        {
            "iso_3166_1": country,
            "release_dates": [{"certification": "", "type": 1}, {"certification": rating, "type": 3}],
        }
        for country, rating in work.certifications.items()
    ]


def images(work: Work, language: str, wanted: set[str] | None) -> dict[str, Any]:
    shown = wanted if wanted is not None else {language} if language else None
    rows: dict[str, list[Any]] = {name: [] for name in _LISTS.values()}
    for art in work.art:
        if art.type in _LISTS and art.season is None and (shown is None or (art.language or "null") in shown):
            rows[_LISTS[art.type]].append(_image(art))
    return {"id": work.id, **rows}


def _image(art: Art) -> dict[str, Any]:
    return {
        "aspect_ratio": round(art.width / art.height, 3),
        "height": art.height,
        "width": art.width,
        "iso_639_1": art.language,
        "file_path": f"/{art.file}",
        "vote_average": art.vote,
        "vote_count": art.votes,
    }


def _cast(work: Work) -> list[dict[str, Any]]:
    return [
        {"id": place, "name": name, "character": role, "order": place, "profile_path": None}
        for place, (name, role) in enumerate(work.cast)
    ]


def _translation(work: Work, language: str) -> dict[str, Any]:
    data = {
        # Where it is the original one, TMDB leaves it out.
        name_of(work): work.titles[language] if language != work.language else "",
        "overview": work.plots.get(language, ""),
        "tagline": work.taglines.get(language, ""),
    }
    return {"iso_639_1": language, "iso_3166_1": language.upper(), "name": language, "data": data}


def _season_head(work: Work, number: int) -> dict[str, Any]:
    poster = next((art for art in work.art if art.season == number), None)
    return {
        "id": work.id * 100 + number,
        "season_number": number,
        "name": f"Season {number}" if number else "Specials",
        "overview": "",
        "air_date": f"{int(work.premiered[:4]) + max(number - 1, 0)}{work.premiered[4:]}",
        "episode_count": work.seasons[number],
        "poster_path": f"/{poster.file}" if poster else None,
    }


def _season(work: Work, number: int) -> dict[str, Any]:
    head = _season_head(work, number)
    episodes = [
        {
            "id": work.id * 10_000 + number * 100 + episode,
            "season_number": number,
            "episode_number": episode,
            "name": f"Episode {episode}",
            "overview": f"What happens in part {episode}.",
            "air_date": head["air_date"],
            "runtime": work.runtime,
            "still_path": f"/still-{work.id}-{number}-{episode}.jpg",
            "vote_average": 7.0,
            "vote_count": 12,
        }
        for episode in range(1, work.seasons[number] + 1)
    ]
    return {**head, "_id": "x", "episodes": episodes}


def by_other_id(state: ProviderState, other: str, source: str) -> dict[str, Any]:
    """What `/find` answers."""
    found_rows: dict[str, list[Any]] = {"movie_results": [], "tv_results": [], "person_results": []}
    for work in state.works.values():
        ids = {"imdb_id": work.imdb_id, "tvdb_id": str(work.id + 1000) if work.kind == "series" else ""}
        if ids.get(source) == other:
            found_rows["movie_results" if work.kind == "movie" else "tv_results"].append(found(work))
    return found_rows
