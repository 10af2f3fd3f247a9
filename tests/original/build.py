"""The original's files, as it writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SETTINGS = """\
defaults:
  target_languages: english, pt-BR
  tags:
    semi: Half-Dub
  run_interval_seconds: 7200
  log_level: INFO
instances:
  sonarr:
    type: sonarr
    url: {url}
    api_key: ${{SONARR_API_KEY}}
    root_path: {root}
  anime:
    type: sonarr
    url: http://anime.lan:8989
    api_key: an-anime-key
    root_path: /anime
    target_languages: [ja, en]
    target_genre: Anime
    quick_mode: true
    colour: blue
"""

SMALL_SETTINGS = """
instances:
  old:
    type: sonarr
    url: {url}
    api_key: {key}
    root_path: /tv
    colour: blue
"""
"""One instance, and a key that the original does not know."""

SMALL_STATE = json.dumps({"series": {"/tv/A": {"tag": "dub"}}})


def settings(*, url: str = "http://sonarr.lan:8989", root: str = "/tv") -> str:
    """A `taggarr.yaml` with two instances."""
    return SETTINGS.format(url=url, root=root)


def series(
    tag: str, *, seasons: int = 1, unexpected: tuple[str, ...] = (), original: str = "japanese"
) -> dict[str, Any]:
    """One entry of `taggarr.json`."""
    one = {
        "episodes": 1,
        "original_dub": ["E01"],
        "dub": [],
        "missing_dub": ["E01:en"],
        "unexpected_languages": list(unexpected),
        "last_modified": 1749519136.4969385,
        "status": "original",
    }
    return {
        "display_name": "A",
        "tag": tag,
        "last_scan": "2025-06-26T19:22:11.769510Z",
        "original_language": original,
        "seasons": {f"Season {number}": one for number in range(1, seasons + 1)},
        "last_modified": 1749519136.4969385,
    }


def movie(tag: str, *languages: str) -> dict[str, Any]:
    """One entry of a movie."""
    return {
        "display_name": "M",
        "tag": tag,
        "last_scan": "2025-06-26T19:22:11.769510Z",
        "original_language": "japanese",
        "languages": list(languages),
        "last_modified": 1749519136.4969385,
    }


def write_state(root: Path | str, *, kind: str = "series", **entries: dict[str, Any]) -> Path:
    """Write a `taggarr.json` into a root folder: folder name → entry."""
    path = Path(root) / "taggarr.json"
    titles = {f"{root}/{name}": entry for name, entry in entries.items()}
    path.write_text(json.dumps({"version": "0.8.0", kind: titles}))
    return path
