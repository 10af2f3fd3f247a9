"""Which audio tracks of a file count, and in which language each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from scanner.languages.codes import DESCRIPTION, ORIGINAL, SEVERAL, Language
from scanner.languages.titles import is_commentary, is_description, is_music, spoken
from scanner.probe.tracks import Facts, Track

UNDETERMINED = "und"
"""Codes of ISO 639-2: several languages, of which none is named, and one that nobody determined."""

Undetermined = Literal["original", "ignore"] | Language
"""What the first track without a language is: the original language, nothing, or the language named."""


class Why(StrEnum):
    """Why a track does not count."""

    COMMENTARY_FLAG = "commentary-flag"
    COMMENTARY_TITLE = "commentary-title"
    DESCRIPTION_FLAG = "description-flag"
    DESCRIPTION_TITLE = "description-title"
    MUSIC_TITLE = "music-title"
    NO_LANGUAGE = "no-language"
    UNKNOWN_CODE = "unknown-code"
    SEVERAL_LANGUAGES = "several-languages"
    ORIGINAL_UNKNOWN = "original-unknown"


@dataclass(frozen=True, slots=True)
class Dropped:
    """One audio track that does not count. `index` counts the audio tracks of the file from 0; `code` is what
    the file has for its language where that is no known one.
    """

    index: int
    why: Why
    title: str = ""
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        """The track as it is stored with the reason of a verdict."""
        return {"index": self.index, "why": str(self.why), "title": self.title, "code": self.code}


@dataclass(frozen=True, slots=True)
class Counted:
    """The languages of the tracks that count, in file order; what was dropped; and what was assumed.

    `assumed` is the index of the track that names no language and got one by the rule for such tracks;
    `assumed_code` what the file has for its language, where that is a code.
    """

    languages: tuple[Language, ...]
    dropped: tuple[Dropped, ...] = ()
    assumed: int | None = None
    assumed_code: str = ""


def count_tracks(facts: Facts, undetermined: Undetermined, original: Language | None) -> Counted:
    """Return the languages of the tracks that count.

    Commentaries, audio descriptions and isolated scores do not; words in titles never drop the last of the
    tracks. A track that names no language is in the one that its title is the name of, if it is. The first
    other track without a language is what `undetermined` says (never for partial facts), a later one does not
    count.
    """
    tracks, dropped = _without_commentary(facts.audio)
    languages: list[Language] = []
    assumed, assumed_code = None, ""
    for position, track in enumerate(tracks):
        language = spoken(track.language, track.region, track.title)
        unlabelled = language is None
        if unlabelled and position == 0 and not facts.partial and undetermined != "ignore":
            language = ORIGINAL if undetermined == "original" else undetermined
        meant = original if language is not None and language.base == ORIGINAL.base else language
        if meant is None:
            why = why_unlabelled(track) if language is None else Why.ORIGINAL_UNKNOWN
            code = unknown_code(track) if language is None else ""
            dropped.append(Dropped(track.index, why, track.title, code))
            continue
        languages.append(meant)
        if unlabelled:
            assumed, assumed_code = track.index, unknown_code(track)
    dropped.sort(key=lambda track: track.index)
    return Counted(tuple(languages), tuple(dropped), assumed, assumed_code)


def unknown_code(track: Track) -> str:
    """Return the code of a track that is no known language, as the file has it; "" where it has none."""
    return "" if track.language in (None, UNDETERMINED) else str(track.language)


def why_unlabelled(track: Track) -> Why:
    if track.language == SEVERAL:
        return Why.SEVERAL_LANGUAGES
    return Why.UNKNOWN_CODE if unknown_code(track) else Why.NO_LANGUAGE


def why_by_title(track: Track) -> Why | None:
    """Return why a track should not count by the words of its title, None where it should."""
    if not track.title:
        return None
    if is_commentary(track.title):
        return Why.COMMENTARY_TITLE
    if is_description(track.title, track.language):
        return Why.DESCRIPTION_TITLE
    return Why.MUSIC_TITLE if is_music(track.title) else None


def _without_commentary(audio: Sequence[Track]) -> tuple[list[Track], list[Dropped]]:
    """Return the tracks that are no commentary, no description and no isolated score, and the others."""
    dropped: list[Dropped] = []
    unmarked: list[Track] = []
    for track in audio:
        if why := _why_by_flag(track):
            dropped.append(Dropped(track.index, why, track.title))
        else:
            unmarked.append(track)
    named = {track.index: why for track in unmarked if (why := why_by_title(track))}
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
