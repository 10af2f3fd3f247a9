"""Season and episode numbers from the name of a file, for files that Sonarr does not number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from library.folder import WORDS, any_of

SPECIALS = 0
"""The season that Sonarr puts specials into."""

_MOST_EPISODES = 50
"""No file holds more episodes; a wider range is something else (in episodes)."""


@dataclass(frozen=True, slots=True)
class EpisodeNumbers:
    """What a name tells. Without a season (None), `episodes` count through the whole series."""

    season: int | None = None
    episodes: tuple[int, ...] = ()


# More episodes behind the first: E02, -E03, -03, x04, +E05, " & E06".
_MORE = (
    r"(?P<more>(?:\s*[-+&_.~]?\s*(?:s\d{1,4}\s*)?(?:ep?|x(?!26[456]))\s*\d{1,4}(?!\d)"
    r"|[-~+]\d{1,4}(?!\d|[a-uw-z]))*)"
)

_SEASON_EPISODE = re.compile(
    r"(?<![a-z0-9])s(?P<season>\d{1,4})[\s._-]*(?:ep?|x)[\s._]*(?P<first>\d{1,4})" + _MORE + r"(?!\d)"
)
_SEASON_X_EPISODE = re.compile(
    r"(?<![\dx])(?<!\d\.)(?P<season>\d{1,2})x(?!26[456])(?P<first>\d{2,4})"
    r"(?P<more>(?:\s*[-+&x]\s*(?:\d{1,2}x)?\d{2,4}(?![\dp]))*)(?!\d)"
)
_SEASON_WORD, _EPISODE_WORD = any_of("season"), any_of("episode")
_SPELLED = re.compile(
    rf"(?<![a-z]){_SEASON_WORD}[\s._-]*(?P<season>\d{{1,4}})[\s._,-]*(?:{_EPISODE_WORD}[\s._-]*|e)(?P<first>\d{{1,4}})(?!\d)"
)
_EPISODE_ONLY = re.compile(
    rf"(?<![a-z0-9])(?:{_EPISODE_WORD}[\s._-]*|e|#)(?P<first>\d{{1,4}})(?:v\d)?" + _MORE + r"(?![\da-z])"
)
_SPECIAL = re.compile(rf"(?<![a-z]){any_of('special')}[\s._-]*(?P<first>\d{{1,3}})(?:v\d)?(?![\da-z])")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[\s._-](?:0[1-9]|1[0-2])[\s._-](?:0[1-9]|[12]\d|3[01])(?!\d)")

# What else holds numbers in a name: the form of picture and sound, years, groups and checksums in brackets.
_NOISE = re.compile(
    r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}"
    r"|(?<![a-z0-9])(?:\d{3,4}[pi]|\d{3,4}x\d{3,4}|[xh][\s.]?26[456]|\d{1,2}[\s-]?bits?|[a-z]{2,4}[\s]?[257]\.[01]"
    r"|[257]\.[01]|4k|mp[34]|ac3)(?![a-z0-9])"
)
_DASHED_NUMBER = re.compile(r"[\s_]-[\s_](?P<first>\d{1,4})(?:v\d)?(?P<more>(?:[-~]\d{1,4})?)(?![\da-z])")
_LEADING_NUMBER = re.compile(r"^(?P<first>\d{1,4})(?:v\d)?(?P<more>(?:[-~]\d{1,4})?)(?=[\s._-]|$)(?!\.\d)")
_TRAILING_NUMBER = re.compile(r"[\s._](?P<first>\d{1,4})(?:v\d)?(?P<more>)$")

_SUFFIX = re.compile(r"\.(?=[a-z0-9-]{2,6}$)[a-z0-9-]*[a-z][a-z0-9-]*$")
_SEASON_FOLDER = re.compile(rf"(?<![a-z])(?:{_SEASON_WORD}[\s._-]*|s)(?P<season>\d{{1,4}})(?![\dex])")


def parse_episodes(path: str) -> EpisodeNumbers:
    """Return season and episodes that the path of a file tells (inside the series' folder, best).

    Read are S01E02 and its doubles, 1x02, `Season 1 Episode 2`, E100, `Episode 5`, and bare or absolute
    numbers (`01.mkv`, `[Group] Title - 1071 [1080p].mkv`); where the name has no season, the folder's counts
    (`Season 2`, `Specials`). Dates are not numbers of episodes. A name that tells nothing gives no numbers.
    """
    above, _, name = unicodedata.normalize("NFC", path).replace("\\", "/").lower().rpartition("/")
    folder = _season_of_folder(above.rpartition("/")[2])
    stem = _SUFFIX.sub("", name)
    for find in (_with_season, _special, _episode_only, _bare_number):
        if found := find(stem):
            season = found.season if found.season is not None else folder
            return EpisodeNumbers(season, found.episodes)
    return EpisodeNumbers(folder)


def _with_season(stem: str) -> EpisodeNumbers | None:
    for pattern in (_SEASON_EPISODE, _SEASON_X_EPISODE, _SPELLED):
        if match := pattern.search(stem):
            return EpisodeNumbers(int(match["season"]), _episodes(match))
    return None


def _special(stem: str) -> EpisodeNumbers | None:
    match = _SPECIAL.search(_NOISE.sub(" ", stem))
    return EpisodeNumbers(SPECIALS, (int(match["first"]),)) if match else None


def _episode_only(stem: str) -> EpisodeNumbers | None:
    match = _EPISODE_ONLY.search(_NOISE.sub(" ", stem))
    return EpisodeNumbers(None, _episodes(match)) if match else None


def _bare_number(stem: str) -> EpisodeNumbers | None:
    if _DATE.search(stem):
        return None
    rest = _NOISE.sub(" ", stem).strip(" ._-")
    for pattern in (_DASHED_NUMBER, _LEADING_NUMBER, _TRAILING_NUMBER):
        match = pattern.search(rest)
        # Only behind a dash is 1999 a number of episodes: elsewhere it is a year.
        if match and (pattern is _DASHED_NUMBER or not 1900 <= int(match["first"]) < 2100):
            return EpisodeNumbers(None, _episodes(match))
    return None


def _episodes(match: re.Match[str]) -> tuple[int, ...]:
    """Return the episodes of a match: the first, and those of `more` (`E02E04`; `-E04` for all between)."""
    first = int(match["first"])
    more = match.groupdict().get("more") or ""
    others = [int(number) for number in re.findall(r"(?<![\ds])\d+(?!x\d)", more)]
    last = max(others, default=first)
    is_range = bool(re.search(r"[-~]", more)) and first < last < first + _MOST_EPISODES
    if is_range:
        return tuple(range(first, last + 1))
    return tuple(sorted({first, *(other for other in others if first < other < first + _MOST_EPISODES)}))


def _season_of_folder(name: str) -> int | None:
    if name.strip() in WORDS["specials_folders"]:
        return SPECIALS
    match = _SEASON_FOLDER.search(name)
    return int(match["season"]) if match else None
