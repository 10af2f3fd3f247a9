"""The matrix of seasons and episodes of a title."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from library.models import Media, Season
from library.paths import last_part
from scanner.explain import season_left_out
from scanner.models import FileProblem
from scanner.verdict.sentences import file_sentence

MOST_GAPS = 60
"""Beyond, episodes without a file are not drawn: numbers that run through a whole series leave large gaps."""


class _Shown(NamedTuple):
    """What a cell shows of a file: to load a thousand of them whole takes as long as all the rest."""

    pk: int
    season: int | None
    episodes: Sequence[int]
    path: str
    verdict: str
    reason: dict[str, Any]
    languages: Sequence[str]
    error: str
    counted: bool
    problem: str


_OF_STATE = ("verdict", "reason", "languages", "error", "counted", "problem")
_COLUMNS = ("pk", "season", "episodes", "path", *(f"scan_state__{name}" for name in _OF_STATE))


@dataclass(frozen=True, slots=True)
class Cell:
    """One file, or where `file` is None an episode without one. `out` says that it decides nothing."""

    label: str
    file: int | None = None
    verdict: str = ""
    languages: Sequence[str] = ()
    text: str = ""
    out: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One season with its files; `season` is None for files of no season.

    `left_out` says why the policy keeps it out of the title's verdict, empty where it does not. Without
    cells it has no file where that `is_known`; else the app has files that nobody has looked at yet.
    """

    season: Season | None
    cells: list[Cell]
    left_out: str = ""
    is_known: bool = True


def matrix(media: Media) -> list[Row]:
    """Return the rows of a title, specials last; two queries. A movie has one row without a season."""
    seasons = list(media.seasons.select_related("scan_state"))
    files = [_Shown(*row) for row in media.files.values_list(*_COLUMNS)]
    of_season: dict[int | None, list[_Shown]] = defaultdict(list)
    for file in files:
        of_season[file.season].append(file)
    ordered = sorted(seasons, key=lambda season: (season.number == 0, season.number))
    rules, is_known = media.scan_state.policy.rules, bool(files) or not media.arr_file_count
    rows, told = [], _Sentences()
    for season in ordered:
        left_out = season_left_out(season, rules)
        rows.append(Row(season, _cells(of_season[season.pk], bool(left_out), told), left_out, is_known))
    if of_season[None]:
        rows.append(Row(None, _cells(of_season[None], False, told)))
    return rows


class _Sentences(dict[str, str]):
    """Why files have their verdict, in the language of the page.

    Each reason is told once: of a thousand files most have one of a few.
    """

    def of(self, reason: dict[str, Any]) -> str:
        key = repr(reason)
        if key not in self:
            self[key] = file_sentence(reason).told
        return self[key]


def _cells(files: Iterable[_Shown], left_out: bool, told: _Sentences) -> list[Cell]:
    """Return the cells of one season in the order of its episodes, with those that have no file between."""
    ordered = sorted(files, key=lambda file: (min(file.episodes, default=1 << 30), file.path))
    known = {number for file in ordered for number in file.episodes}
    missing = set(range(1, max(known, default=0))) - known
    if len(missing) > MOST_GAPS:
        missing = set()
    cells: list[tuple[int, Cell]] = [(number, Cell(str(number))) for number in missing]
    cells += [(min(file.episodes, default=1 << 30), _cell(file, left_out, told)) for file in ordered]
    return [cell for _, cell in sorted(cells, key=lambda pair: pair[0])]


def _cell(file: _Shown, left_out: bool, told: _Sentences) -> Cell:
    return Cell(
        label=_label(file),
        file=file.pk,
        verdict=file.verdict,
        languages=file.reason.get("languages", file.languages),
        text=file.error or told.of(file.reason),
        out=left_out or not file.counted or file.problem == FileProblem.NOT_PROBED,
    )


def _label(file: _Shown) -> str:
    """Return the episode numbers of a file, `3-4` for a double; a word where it has none."""
    if not file.episodes:
        return last_part(file.path)[:14] if file.season else "▶"
    first, last = min(file.episodes), max(file.episodes)
    return f"{first}-{last}" if last > first else str(first)
