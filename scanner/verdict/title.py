"""The verdict on a title from what its files hold: pure, and the same for a scan, a change and a preview.

Made for a whole library at once: what is the same in thousands of files is decided once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from library.paths import last_part
from scanner.languages.codes import Language, matches
from scanner.probe.tracks import Facts
from scanner.verdict.file import FileVerdict, Rules, decide_file
from scanner.verdict.rollup import FileInput, RollUp, SeasonInput, roll_up


def episode_name(season: int, episodes: Sequence[int]) -> str:
    """Return how a person calls the episodes of a file: S01E02, S01E02-E03 for a double."""
    first, last = min(episodes), max(episodes)
    return f"S{season:02}E{first:02}" + (f"-E{last:02}" if last > first else "")


@dataclass(frozen=True, slots=True)
class VideoFile:
    """One file of a title, with the verdict that it had before.

    `facts` is None where there are none to decide by. `away` says that it cannot be reached now, `skipped`
    that a quick scan did not read it. One that is not `counted` is beside the movie. `pk` is None where it is
    not stored yet.
    """

    reason: Mapping[str, Any]
    facts: Facts | None
    away: bool
    skipped: bool
    pk: int | None
    season_id: int | None
    path: str
    episodes: Sequence[int]
    counted: bool
    verdict: str

    def name(self, season: int | None) -> str:
        """Return how a person calls it: by its episodes, else by its file name."""
        if season is None or not self.episodes:
            return last_part(self.path)
        return episode_name(season, self.episodes)


@dataclass(frozen=True, slots=True)
class KnownSeason:
    """One season, with the verdict and the counts that it had before."""

    pk: int
    number: int
    monitored: bool
    verdict: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """What a title amounts to. `decisions` are those on its files, in their order; `heard` are the files with
    a part in the verdict and facts.

    Where it is `waiting` none of its files can be reached, and of one nothing is known from before: it keeps
    the verdict that it has. Of the `named` files, in which a language is known, `lacking` lack the original.
    """

    decisions: Sequence[FileVerdict]
    rolled: RollUp
    waiting: bool
    named: int
    lacking: int
    heard: Sequence[tuple[FileVerdict, Facts]]


@dataclass(slots=True)
class Decider:
    """Decides titles under one policy's rules; files with the same facts and original language once.

    The keys are objects' ids: what they belong to is kept with them, so that no id is given again.
    """

    rules: Rules
    _decided: dict[tuple[int, Language | None], tuple[Facts | None, FileVerdict]] = field(
        default_factory=dict
    )
    _reasons: dict[int, dict[str, Any]] = field(default_factory=dict)

    def decide(
        self, files: Sequence[VideoFile], seasons: Sequence[KnownSeason], original: Language | None
    ) -> TitleVerdict:
        """Return the verdict on a title.

        A file that could not be reached and was never read is left out, as one that cannot be read.
        """
        decisions = [self._file(file.facts, original) for file in files]
        groups = _by_season(files, seasons, decisions)
        rolled = roll_up(list(groups.values()), self.rules)
        left_out = {key for key, season in zip(groups, rolled.seasons, strict=True) if season.left_out}
        named = [decision.languages for decision in decisions if decision.languages] if original else []
        return TitleVerdict(
            decisions=decisions,
            rolled=rolled,
            waiting=_is_waiting(files),
            named=len(named),
            lacking=sum(not any(matches(one, original) for one in some) for some in named if original),
            heard=[
                (decision, file.facts)
                for file, decision in zip(files, decisions, strict=True)
                if file.facts and file.counted and not file.skipped and file.season_id not in left_out
            ],
        )

    def reason(self, decision: FileVerdict) -> dict[str, Any]:
        """A decision as it is stored with a file; not to be changed."""
        if id(decision) not in self._reasons:
            self._reasons[id(decision)] = decision.to_json()
        return self._reasons[id(decision)]

    def _file(self, facts: Facts | None, original: Language | None) -> FileVerdict:
        key = (id(facts), original)
        if key not in self._decided:
            self._decided[key] = (facts, decide_file(facts, self.rules, original))
        return self._decided[key][1]


def _by_season(
    files: Sequence[VideoFile], seasons: Sequence[KnownSeason], decisions: Sequence[FileVerdict]
) -> dict[int | None, SeasonInput]:
    """Return the files by season, as the roll-up takes them; those of no season stand in one of their own."""
    known = {season.pk: season for season in seasons}
    inputs: dict[int | None, list[FileInput]] = {season.pk: [] for season in seasons}
    for file, decision in zip(files, decisions, strict=True):
        if file.counted:
            season = known.get(file.season_id or 0)
            name = file.name(season.number if season else None)
            inputs.setdefault(file.season_id, []).append(FileInput(name, None if file.skipped else decision))
    return {
        pk: SeasonInput(known[pk].number, tuple(found), known[pk].monitored)
        if pk in known
        else SeasonInput(None, tuple(found))
        for pk, found in inputs.items()
    }


def _is_waiting(files: Sequence[VideoFile]) -> bool:
    """Whether no file can be reached, and of one nothing is known from before."""
    here = any(not (file.away or file.skipped) for file in files)
    return not here and any(file.away and file.facts is None for file in files)
