"""fanart.tv as its documents describe it: https://fanart.tv/api-docs/. Numbers come as texts."""

from __future__ import annotations

from typing import Any

from demo.providers.art import Art
from demo.providers.state import ProviderState, Work

MISSING = {"status": "error", "error message": "Not found"}
REFUSED = {"status": "error", "error message": "Not a valid API key"}
_NAMES = {
    "movie": {
        "poster": "movieposter",
        "background": "moviebackground",
        "banner": "moviebanner",
        "logo": "hdmovielogo",
    },
    "series": {
        "poster": "tvposter",
        "background": "showbackground",
        "banner": "tvbanner",
        "logo": "hdtvlogo",
    },
}


def pictures(work: Work, base: str) -> dict[str, Any]:
    ids = (
        {"tmdb_id": str(work.id), "imdb_id": work.imdb_id}
        if work.kind == "movie"
        else {"thetvdb_id": str(work.id + 1000)}
    )
    lists: dict[str, list[Any]] = {}
    for number, art in enumerate(work.art, 1):
        name = "seasonposter" if art.season is not None else _NAMES[work.kind][art.type]
        lists.setdefault(name, []).append(_picture(work, number, art, base))
    return {"name": work.title, **ids, "image_count": len(work.art), **lists}


def latest(state: ProviderState, kind: str, since: float) -> list[dict[str, Any]]:
    return [
        (
            {"tmdb_id": str(work.id), "imdb_id": work.imdb_id}
            if kind == "movie"
            else {"id": str(work.id + 1000)}
        )
        | {"name": work.title, "new_images": "1", "total_images": str(len(work.art))}
        for work in state.of(kind)
        if work.changed and work.changed >= since
    ]


def _picture(work: Work, number: int, art: Art, base: str) -> dict[str, Any]:
    return {
        "id": str(work.id * 1000 + number),
        "url": f"{base}/fanart/{art.file}",
        "lang": art.language or ("00" if art.type == "poster" else ""),
        "likes": str(art.likes),
        "width": str(art.width),
        "height": str(art.height),
        "added": "2026-01-15 08:00:00",
        **({"season": str(art.season)} if art.season is not None else {}),
    }
