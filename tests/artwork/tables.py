"""The tables of artwork as a document: `python -m tests.artwork.tables > docs/artwork-tables.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from artwork.choice.scoring import Candidate, Rule, usual_rule
from artwork.choice.selecting import select, why_not
from artwork.names import SLOTS, ArtType, Kind, Place, Profile, names_for, nfo_name

HEAD = """# Names and an example of a choice

Made from the code by `python -m tests.artwork.tables`; do not edit it by hand. What stands behind it is told
in [Artwork](artwork.md).
"""
PLACES = {
    "A movie in a folder of its own": Place(Kind.MOVIE, "Comet (2021)", own_folder=True),
    "A movie that shares its folder": Place(Kind.MOVIE, "Comet (2021)", own_folder=False),
    "A series": Place(Kind.SERIES),
    "Its second season": Place(Kind.SEASON, season=2, folder="Season 02"),
    "Its specials": Place(Kind.SEASON, season=0, folder="Specials"),
    "An episode": Place(Kind.EPISODE, "Season 02/Harbour S02E01", season=2),
}
PLAYED = (Profile.KODI, Profile.JELLYFIN, Profile.PLEX)
EXAMPLE = {
    "German, few pixels": Candidate("tmdb", "a", "de", 1000, 1500, 0.60, 20),
    "German, one vote of 10": Candidate("fanart", "b", "de", 1000, 1426, 1.0, 1),
    "English, 900 votes": Candidate("tmdb", "c", "en", 2000, 3000, 0.92, 900),
    "Japanese, the original": Candidate("tmdb", "d", "ja", 2000, 3000, 0.80, 40),
    "without text": Candidate("tvdb", "e", None, 2000, 3000, 0.75, 8),
    "Korean, one vote of 10": Candidate("tmdb", "f", "ko", 2000, 3000, 1.0, 1),
    "German, much too wide": Candidate("tmdb", "g", "de", 1920, 1080, 0.9, 60),
}
LANGUAGES = ("de", "en", "original", "none")
WHY = {
    "tier": "its language comes later",
    "score": "fewer points",
    "shape": "another shape than a poster",
}


def tables() -> str:
    return "\n".join([HEAD, *_names(), *_example()])


def _names() -> Iterator[str]:
    yield "## What each player reads\n"
    yield "The profile *universal* writes all of them.\n"
    for title, place in PLACES.items():
        yield f"### {title}\n"
        rows = [_row(str(art), place, art) for art in SLOTS[place.kind]]
        rows.append(_row("a second fanart", place, ArtType.FANART, 1))
        nfo = ["NFO", *(f"`{name}`" if (name := nfo_name(one, place)) else "" for one in PLAYED)]
        yield from _table(
            ["picture", "Kodi", "Jellyfin", "Plex"], [*(row for row in rows if any(row[1:])), nfo]
        )


def _row(title: str, place: Place, art: ArtType, rank: int = 0) -> list[str]:
    extension = "png" if art in (ArtType.CLEARLOGO, ArtType.CLEARART, ArtType.DISCART) else "jpg"
    of = [names_for(one, place, art, rank, extension) for one in PLAYED]
    return [title, *(", ".join(f"`{name}`" for name in names) for names in of)]


def _example() -> Iterator[str]:
    yield "## How a poster is chosen\n"
    yield f"Of a Japanese movie, where `art_languages` is `{', '.join(LANGUAGES)}`.\n"
    yield from _chosen(usual_rule(ArtType.POSTER, LANGUAGES))
    yield "With `poster = tiers no` points alone decide:\n"
    yield from _chosen(Rule(ArtType.POSTER, LANGUAGES, tiers=False))


def _chosen(rule: Rule) -> Iterator[str]:
    found = select(EXAMPLE.values(), rule, original="ja")
    names = {one.key: name for name, one in EXAMPLE.items()}
    order = [*(one.candidate for one in found.ranking), *(one for one, _ in found.refused)]
    scored = {one.candidate.key: one for one in found.ranking}
    rows = []
    for one in order:
        reason, parts = why_not(one.key, found), scored.get(one.key)
        figures = (
            [str(parts.tier + 1) if rule.tiers else "", f"{parts.score:.1f}", *map(_percent, _parts(parts))]
            if parts
            else [""] * 6
        )
        rows.append([names[one.key], *figures, WHY[reason.why.value] if reason else "**chosen**"])
    heads = ["picture", "place of its language", "points", "size", "votes", "language", "provider", "why"]
    yield from _table(heads, rows)


def _parts(scored: object) -> list[float]:
    return [getattr(scored, name) for name in ("resolution", "votes", "language", "provider")]


def _percent(part: float) -> str:
    return f"{round(100 * part)} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(tables())
