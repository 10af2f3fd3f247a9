"""The rules of the verdict: from facts to files (`file_verdict`), from files to seasons, series and movies.

All of it is pure, total and deterministic; docs/truth-table.md is made from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scanner.languages.codes import Language
from scanner.verdict.file import FileVerdict, Reason, Rules, Verdict, decide_file

__all__ = [
    "FileInput",
    "FileVerdict",
    "Reason",
    "RollUp",
    "RollUpReason",
    "Rules",
    "SeasonInput",
    "SeasonVerdict",
    "Verdict",
    "combine",
    "decide_file",
    "roll_up",
]

FILES_LISTED = 20
"""How many files a stored reason names; it counts all of them."""

FILES_IN_SENTENCE = 3


class RollUpReason(StrEnum):
    """Which rule decided a media."""

    NO_FILES = "no-files"
    ALL_LEFT_OUT = "all-left-out"
    NOTHING_KNOWN = "nothing-known"
    WRONG_FILES = "wrong-files"
    ALL_DUB = "all-dub"
    SOME_DUB = "some-dub"
    NONE_DUB = "none-dub"


@dataclass(frozen=True, slots=True)
class FileInput:
    """One file of a media. `decision` is None where it was not probed: it stands outside the roll-up."""

    name: str
    decision: FileVerdict | None


@dataclass(frozen=True, slots=True)
class SeasonInput:
    """The files of one season; `number` is None for a movie and for files that belong to no known season."""

    number: int | None
    files: tuple[FileInput, ...]
    monitored: bool = True


@dataclass(frozen=True, slots=True)
class SeasonVerdict:
    """The verdict on one season. `counts` maps verdicts to numbers of files.

    `left_out` is `specials` or `unmonitored` where the policy keeps the season out of the series' verdict,
    else empty.
    """

    number: int | None
    verdict: Verdict
    counts: dict[str, int]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class RollUp:
    """The verdict on a series or a movie; `reason` is made of JSON types and described in docs/rules.md."""

    verdict: Verdict
    reason: dict[str, Any]
    seasons: tuple[SeasonVerdict, ...]


def roll_up(seasons: Sequence[SeasonInput], rules: Rules) -> RollUp:
    """Return the verdict on a title from the files of its seasons (a movie is one season without a number).

    Files that are unknown, and files that were not probed, are left out and counted in the reason. Total and
    deterministic; the order of the files changes only the order in which the reason names them.
    """
    judged = tuple(_roll_up_season(season, rules) for season in seasons)
    inside = [season for season, verdict in zip(seasons, judged, strict=True) if not verdict.left_out]
    files = [
        _Placed(season.number, f.name, f.decision) for season in inside for f in season.files if f.decision
    ]
    known = [file for file in files if file.decision.verdict != Verdict.UNKNOWN]
    unknown = [file for file in files if file.decision.verdict == Verdict.UNKNOWN]
    verdict = combine(file.decision.verdict for file in known)
    left_out = _left_out(seasons, judged)
    code = _code(verdict, bool(files), bool(left_out))
    deciding = [file for file in known if _decides(file, verdict)]
    # The one file that says it all, or stands for others of which nothing is known.
    alone = known if len(known) == 1 else [] if known else unknown[:1]
    reason = {
        "code": str(code),
        "wanted": [str(language) for language in rules.targets],
        "first": alone[0].decision.to_json() if alone else None,
        "files_counted": len(known),
        "counts": _counts(file.decision for file in files),
        "missing": _tally(file.decision.missing for file in deciding),
        "extra": _tally(file.decision.extra for file in deciding),
        "files": [file.to_json() for file in deciding[:FILES_LISTED]],
        "files_total": len(deciding),
        "unknown": [file.to_json() for file in unknown[:FILES_LISTED]],
        "unknown_total": len(unknown),
        "left_out": left_out,
    }
    return RollUp(verdict, reason, judged)


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on a whole from the verdicts on its parts; unknown parts are left out."""
    known = set(verdicts) - {Verdict.UNKNOWN}
    if not known:
        return Verdict.UNKNOWN
    if Verdict.WRONG_DUB in known:
        return Verdict.WRONG_DUB
    if known == {Verdict.DUB}:
        return Verdict.DUB
    return Verdict.SEMI_DUB if known & {Verdict.DUB, Verdict.SEMI_DUB} else Verdict.ORIGINAL


@dataclass(frozen=True, slots=True)
class _Placed:
    season: int | None
    name: str
    decision: FileVerdict

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "season": self.season,
            "verdict": str(self.decision.verdict),
            "reason": str(self.decision.reason),
        }


def _roll_up_season(season: SeasonInput, rules: Rules) -> SeasonVerdict:
    decisions = [file.decision for file in season.files if file.decision]
    return SeasonVerdict(
        number=season.number,
        verdict=combine(decision.verdict for decision in decisions),
        counts=_counts(decisions),
        left_out=why_left_out(season.number, season.monitored, rules),
    )


def why_left_out(number: int | None, monitored: bool, rules: Rules) -> str:
    """Why the policy keeps a season out: as `specials`, as `unmonitored`; empty where it does not."""
    if number == 0 and not rules.include_specials:
        return "specials"
    return "unmonitored" if rules.only_monitored and not monitored else ""


def _code(verdict: Verdict, any_file: bool, any_left_out: bool) -> RollUpReason:
    if verdict == Verdict.UNKNOWN and any_file:
        return RollUpReason.NOTHING_KNOWN
    if verdict == Verdict.UNKNOWN:
        return RollUpReason.ALL_LEFT_OUT if any_left_out else RollUpReason.NO_FILES
    return {
        Verdict.WRONG_DUB: RollUpReason.WRONG_FILES,
        Verdict.DUB: RollUpReason.ALL_DUB,
        Verdict.SEMI_DUB: RollUpReason.SOME_DUB,
        Verdict.ORIGINAL: RollUpReason.NONE_DUB,
    }[verdict]


def _decides(file: _Placed, verdict: Verdict) -> bool:
    """Whether a person who asks "why this verdict?" wants to see the file."""
    if verdict == Verdict.SEMI_DUB:
        return file.decision.verdict != Verdict.DUB
    return file.decision.verdict == verdict


def _counts(decisions: Iterable[FileVerdict]) -> dict[str, int]:
    counted = Counter(str(decision.verdict) for decision in decisions)
    return {str(verdict): counted[verdict] for verdict in Verdict if counted[verdict]}


def _tally(groups: Iterable[Sequence[Language]]) -> dict[str, int]:
    """Return in how many of the groups each language stands, by code."""
    return dict(Counter(str(language) for group in groups for language in dict.fromkeys(group)))


def _left_out(seasons: Sequence[SeasonInput], judged: Sequence[SeasonVerdict]) -> dict[str, int]:
    """Return how many files stand outside the roll-up, by cause."""
    counts: Counter[str] = Counter()
    for season, verdict in zip(seasons, judged, strict=True):
        for file in season.files:
            if cause := verdict.left_out or ("" if file.decision else "not_probed"):
                counts[cause] += 1
    return dict(counts)
