"""The verdict on one file: a pure function of its facts, the owner's rules and the original language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from core.errors import ConfigError
from scanner.languages.codes import (
    DESCRIPTION,
    NO_SPEECH,
    ORIGINAL,
    Language,
    contains,
    matches,
)
from scanner.probe.tracks import Facts
from scanner.verdict.counting import Dropped, Undetermined, count_tracks


class Verdict(StrEnum):
    """What the audio of a file, a season or a title amounts to."""

    DUB = "dub"
    SEMI_DUB = "semi-dub"
    WRONG_DUB = "wrong-dub"
    ORIGINAL = "original"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Which rule decided a file; in the order in which the rules are tried."""

    UNREADABLE = "unreadable"
    NO_AUDIO = "no-audio"
    NO_LANGUAGE = "no-language"
    ORIGINAL_UNKNOWN = "original-unknown"
    ONLY_OTHERS = "only-other-languages"
    EXTRA_FORBIDDEN = "extra-forbidden"
    NATIVE = "native"
    ALL_TARGETS = "all-targets"
    SOME_TARGETS = "some-targets"
    NO_DUB = "no-dub"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner wants, as far as a verdict depends on it.

    `targets` are the languages wanted, in the owner's order. Raises `ConfigError` where there are none.
    """

    targets: tuple[Language, ...]
    undetermined: Undetermined = "original"
    extra_languages: Literal["tolerate", "forbid"] = "tolerate"
    native_titles: Literal["dub", "original"] = "dub"
    include_specials: bool = False
    only_monitored: bool = False

    def __post_init__(self) -> None:
        if not self.targets:
            raise ConfigError("policy.no-target")


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The verdict on one file and all that led to it.

    `present` and `missing` are targets, in the owner's order; `extra` the languages that are neither a target
    nor the original; `languages` those of the tracks that count, one for each.
    """

    verdict: Verdict
    reason: Reason
    present: tuple[Language, ...] = ()
    missing: tuple[Language, ...] = ()
    extra: tuple[Language, ...] = ()
    languages: tuple[Language, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    assumed: int | None = None
    assumed_code: str = ""

    def to_json(self) -> dict[str, Any]:
        """The reason as it is stored with a file: codes, no objects; the verdict itself is not in it."""
        return {
            "reason": str(self.reason),
            "present": [str(language) for language in self.present],
            "missing": [str(language) for language in self.missing],
            "extra": [str(language) for language in self.extra],
            "languages": [str(language) for language in self.languages],
            "dropped": [track.to_json() for track in self.dropped],
            "assumed": self.assumed,
            "assumed_code": self.assumed_code,
        }


def decide_file(facts: Facts | None, rules: Rules, original: Language | None) -> FileVerdict:
    """Return the verdict on one file. Total and deterministic.

    `facts` is None where the probe failed; `original` is None where the original language is unknown.
    """
    if facts is None:
        return _unknown(Reason.UNREADABLE, rules)
    if not facts.audio:
        return _unknown(Reason.NO_AUDIO, rules)
    if original in (ORIGINAL, DESCRIPTION):
        original = None
    counted = count_tracks(facts, rules.undetermined, original)
    if not counted.languages:
        decided = _unknown(Reason.NO_LANGUAGE, rules)
    else:
        decided = _judge(counted.languages, rules, original)
    if counted.assumed is not None:
        decided = replace(decided, assumed=counted.assumed, assumed_code=counted.assumed_code)
    return replace(decided, dropped=counted.dropped) if counted.dropped else decided


def present_targets(languages: Sequence[Language], targets: Sequence[Language]) -> tuple[Language, ...]:
    """Return the targets that these tracks satisfy, in the order of `targets`.

    A track that a target contains satisfies it. A track that may be narrower than it says (no region, or a
    macrolanguage) satisfies one target only: one Portuguese track is not both Portugal's and Brazil's. Tracks
    are dealt out so that as many targets as possible are satisfied, earlier ones first.
    """
    broad: list[Language] = []
    sure: set[Language] = set()
    for language in languages:
        matched = [target for target in targets if matches(target, language)]
        if all(contains(target, language) for target in matched):
            sure.update(matched)
        else:
            broad.append(language)
    if broad:
        sure |= _deal_out(broad, [target for target in targets if target not in sure])
    return tuple(target for target in targets if target in sure)


def _deal_out(tracks: Sequence[Language], targets: Sequence[Language]) -> set[Language]:
    """Return which targets a largest matching satisfies, one track for each (augmenting paths)."""
    taken: dict[int, Language] = {}

    def place(target: Language, tried: set[int]) -> bool:
        for index, track in enumerate(tracks):
            if index in tried or not matches(target, track):
                continue
            tried.add(index)
            if index not in taken or place(taken[index], tried):
                taken[index] = target
                return True
        return False

    # A target that holds a track for certain goes before one that the track only may be.
    for target in sorted(targets, key=lambda t: not any(contains(t, track) for track in tracks)):
        place(target, set())
    return set(taken.values())


@lru_cache(maxsize=16384)
def _judge(languages: tuple[Language, ...], rules: Rules, original: Language | None) -> FileVerdict:
    """Apply the table of rules; libraries repeat few combinations, so results are kept."""
    present = present_targets(languages, rules.targets)
    missing = tuple(target for target in rules.targets if target not in present)
    extra = tuple(dict.fromkeys(one for one in languages if _is_extra(one, rules.targets, original)))
    verdict, reason = _apply_table(present, missing, extra, rules, original)
    return FileVerdict(verdict, reason, present, missing, extra, languages)


def _apply_table(
    present: Sequence[Language],
    missing: Sequence[Language],
    extra: Sequence[Language],
    rules: Rules,
    original: Language | None,
) -> tuple[Verdict, Reason]:
    native = all(_is_original(target, original) for target in rules.targets)
    called = Verdict.DUB if rules.native_titles == "dub" else Verdict.ORIGINAL
    dubbed = any(not _is_original(target, original) for target in present)
    table = (
        (original is None and not present, Verdict.UNKNOWN, Reason.ORIGINAL_UNKNOWN),
        (extra and not present, Verdict.WRONG_DUB, Reason.ONLY_OTHERS),
        (extra and rules.extra_languages == "forbid", Verdict.WRONG_DUB, Reason.EXTRA_FORBIDDEN),
        (not missing and native, called, Reason.NATIVE),
        (not missing, Verdict.DUB, Reason.ALL_TARGETS),
        (dubbed, Verdict.SEMI_DUB, Reason.SOME_TARGETS),
        (True, Verdict.ORIGINAL, Reason.NO_DUB),
    )
    return next((verdict, reason) for applies, verdict, reason in table if applies)


def _is_original(language: Language, original: Language | None) -> bool:
    return original is not None and matches(language, original)


def _is_extra(language: Language, targets: Sequence[Language], original: Language | None) -> bool:
    if language == NO_SPEECH or _is_original(language, original):
        return False
    return not any(matches(target, language) for target in targets)


def _unknown(reason: Reason, rules: Rules) -> FileVerdict:
    return FileVerdict(Verdict.UNKNOWN, reason, missing=rules.targets)
