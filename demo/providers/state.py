"""What the stand-in providers know: titles with their texts, dates and people, and the art of each.

state = ProviderState()
state.add_movie(603, "The Lost Reel", tmdb_id=603, premiered="1999-03-31")

All three tell of the same titles, each in its own shape.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from demo.providers.art import Art, art_of

Kind = Literal["movie", "series"]


@dataclass(slots=True)
class Work:
    """One movie or series. `titles`, `plots` and `taglines` are by language of two letters.

    `status` is released, ended or continuing. `seasons` says how many episodes each has; `changed` is when it
    was changed last, in seconds since 1970; `merged_into` is the id of the title it was made one with.
    """

    kind: Kind
    id: int
    imdb_id: str
    titles: dict[str, str]
    language: str = "en"
    plots: dict[str, str] = field(default_factory=dict)
    taglines: dict[str, str] = field(default_factory=dict)
    premiered: str = "2019-03-01"
    ended: str = ""
    status: str = "released"
    runtime: int = 100
    rating: float = 7.5
    votes: int = 120
    genres: list[str] = field(default_factory=lambda: ["Drama", "Mystery"])
    studios: list[str] = field(default_factory=lambda: ["Harbour Light Pictures"])
    countries: list[str] = field(default_factory=lambda: ["US", "DE"])
    certifications: dict[str, str] = field(default_factory=lambda: {"US": "PG-13", "DE": "12"})
    collection: str = ""
    cast: list[list[str]] = field(default_factory=lambda: [["Ida Marlow", "Nell"], ["Tom Birch", "Otto"]])
    crew: list[list[str]] = field(default_factory=lambda: [["Ruth Hale", "Director"]])
    seasons: dict[int, int] = field(default_factory=dict)
    changed: float = 0.0
    merged_into: int = 0

    @property
    def title(self) -> str:
        return self.titles[self.language]

    @property
    def art(self) -> list[Art]:
        return art_of(self.kind, self.id, tuple(self.titles), tuple(self.seasons))


class ProviderState:
    """All that the stand-in knows. A title has one number at all providers, at TheTVDB plus 1000."""

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}

    def add_movie(self, id: int, title: str, **fields: Any) -> Work:
        """Adds a movie; `fields` are those of `Work`."""
        return self._add("movie", id, title, fields)

    def add_series(self, id: int, title: str, seasons: dict[int, int], **fields: Any) -> Work:
        fields.setdefault("status", "continuing")
        return self._add("series", id, title, {"seasons": seasons, **fields})

    def _add(self, kind: Kind, id: int, title: str, fields: dict[str, Any]) -> Work:
        titles = {"en": title, **fields.pop("titles", {})}
        plots = fields.pop("plots", {one: f"{name}: a story." for one, name in titles.items()})
        imdb = fields.pop("imdb_id", f"tt{(7 if kind == 'movie' else 8) * 10**6 + id:07}")
        work = Work(kind, id, imdb, titles, plots=plots, **fields)
        self.works[f"{kind}:{id}"] = work
        return work

    def work(self, kind: str, id: int) -> Work | None:
        """A title by its number, where it was not made one with another."""
        found = self.works.get(f"{kind}:{id}")
        return found if found and not found.merged_into else None

    def of(self, kind: str) -> Iterator[Work]:
        return (work for work in self.works.values() if work.kind == kind)

    def titled(self, kind: str, query: str, year: int | None) -> list[Work]:
        """The titles that a search finds: its words stand in one of their titles."""
        wanted = query.casefold()
        return [
            work
            for work in self.of(kind)
            if any(wanted in title.casefold() for title in work.titles.values())
            and year in (None, int(work.premiered[:4]))
            and not work.merged_into
        ]

    def touch(self, kind: str, id: int, at: float | None = None) -> None:
        """Something about a title changes."""
        self.works[f"{kind}:{id}"].changed = time.time() if at is None else at

    def to_json(self) -> dict[str, Any]:
        works = [asdict(work) for work in self.works.values()]
        # JSON knows no numbers as keys.
        return {
            "works": [
                {**work, "seasons": {str(number): many for number, many in work["seasons"].items()}}
                for work in works
            ]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ProviderState:
        state = cls()
        for row in data["works"]:
            seasons = {int(number): many for number, many in row["seasons"].items()}
            state.works[f"{row['kind']}:{row['id']}"] = Work(**{**row, "seasons": seasons})
        return state

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json()), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> ProviderState:
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
