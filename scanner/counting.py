"""Which audio tracks of a file count, and in which language each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from .facts import Facts, Track
from .languages import DESCRIPTION, ORIGINAL, Language, from_parts
from .titles import is_commentary, is_description

Undetermined = Literal["original", "ignore"] | Language
"""What the first track without a language is: the original language, nothing, or the language named."""


class Why(StrEnum):
    """Why a track does not count."""

    COMMENTARY_FLAG = "commentary-flag"
    COMMENTARY_TITLE = "commentary-title"
    DESCRIPTION_FLAG = "description-flag"
    DESCRIPTION_TITLE = "description-title"
    NO_LANGUAGE = "no-language"
    ORIGINAL_UNKNOWN = "original-unknown"


_WHY_TEXTS = {
    Why.COMMENTARY_FLAG: "the file marks it as a commentary",
    Why.COMMENTARY_TITLE: "its title says commentary",
    Why.DESCRIPTION_FLAG: "the file marks it as an audio description",
    Why.DESCRIPTION_TITLE: "its title says audio description",
    Why.NO_LANGUAGE: "it names no language",
    Why.ORIGINAL_UNKNOWN: "it stands for the original language, which is unknown",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """One audio track that does not count. `index` counts the audio tracks of the file from 0."""

    index: int
    why: Why
    title: str = ""

    def __str__(self) -> str:
        name = f" '{self.title}'" if self.title else ""
        return f"Audio track {self.index + 1}{name} does not count: {_WHY_TEXTS[self.why]}."

    def to_json(self) -> dict[str, Any]:
        """The track as it is stored with the reason of a verdict."""
        return {"index": self.index, "why": str(self.why), "title": self.title}


@dataclass(frozen=True, slots=True)
class Counted:
    """The languages of the tracks that count, in file order; what was dropped; and what was assumed.

    `assumed` is the index of the track that names no language and got one by the rule for such tracks.
    """

    languages: tuple[Language, ...]
    dropped: tuple[Dropped, ...] = ()
    assumed: int | None = None


def count_tracks(facts: Facts, undetermined: Undetermined, original: Language | None) -> Counted:
    """Return the languages of the tracks that count.

    Commentaries and audio descriptions do not; words in titles never drop the last of the tracks. The first
    track without a language is what `undetermined` says (never for partial facts), a later one does not
    count.
    """
    tracks, dropped = _without_commentary(facts.audio)
    languages: list[Language] = []
    assumed = None
    for position, track in enumerate(tracks):
        language = from_parts(track.language, track.region)
        unlabelled = language is None
        if unlabelled and position == 0 and not facts.partial and undetermined != "ignore":
            language = ORIGINAL if undetermined == "original" else undetermined
        meant = original if language is not None and language.base == ORIGINAL.base else language
        if meant is None:
            why = Why.NO_LANGUAGE if language is None else Why.ORIGINAL_UNKNOWN
            dropped.append(Dropped(track.index, why, track.title))
            continue
        languages.append(meant)
        if unlabelled:
            assumed = track.index
    dropped.sort(key=lambda track: track.index)
    return Counted(tuple(languages), tuple(dropped), assumed)


def _without_commentary(audio: Sequence[Track]) -> tuple[list[Track], list[Dropped]]:
    """Return the tracks that are neither commentary nor description, and the others."""
    dropped: list[Dropped] = []
    unmarked: list[Track] = []
    for track in audio:
        if why := _why_by_flag(track):
            dropped.append(Dropped(track.index, why, track.title))
        else:
            unmarked.append(track)
    named = {track.index: why for track in unmarked if track.title and (why := _why_by_title(track.title))}
    if len(named) == len(unmarked):
        # Titles that call every track a commentary say nothing: a show of that name, a sports broadcast.
        return unmarked, dropped
    dropped += [Dropped(t.index, named[t.index], t.title) for t in unmarked if t.index in named]
    return [track for track in unmarked if track.index not in named], dropped


def _why_by_flag(track: Track) -> Why | None:
    if track.commentary:
        return Why.COMMENTARY_FLAG
    if track.descriptive or track.language == DESCRIPTION.base:
        return Why.DESCRIPTION_FLAG
    return None


@lru_cache(maxsize=16384)
def _why_by_title(title: str) -> Why | None:
    if is_commentary(title):
        return Why.COMMENTARY_TITLE
    return Why.DESCRIPTION_TITLE if is_description(title) else None
