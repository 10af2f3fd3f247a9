"""The truth table as a document: `python -m tests.scanner.truth_table > docs/truth-table.md`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import django

from scanner.languages.codes import Language, display_name, from_parts, normalise, require
from scanner.probe.tracks import Facts, Track
from scanner.verdict.rollup import (
    FileInput,
    FileVerdict,
    Reason,
    Rules,
    SeasonInput,
    Verdict,
    decide_file,
    roll_up,
)
from scanner.verdict.sentences import file_sentence

_HEAD = """# Truth table

Made from the code by `python -m tests.scanner.truth_table`; do not edit it by hand. The rules in words
are in [rules.md](rules.md).
"""

_ENGLISH = Rules((Language("eng"),))
_BOTH = Rules((Language("eng"), Language("deu")))
_PORTUGUESE = Rules((Language("por", "br"), Language("por", "pt")))


@dataclass(frozen=True, slots=True)
class Case:
    """One row: the facts of a file (None: it could not be read), the original language, the rules."""

    tracks: tuple[Track, ...] | None
    original: str = "jpn"
    rules: Rules = _ENGLISH
    partial: bool = False

    def decide(self) -> FileVerdict:
        facts = None if self.tracks is None else Facts(self.tracks, partial=self.partial)
        return decide_file(facts, self.rules, normalise(self.original))


def _audio(*tracks: str | Track | None) -> tuple[Track, ...]:
    """Return tracks from codes (None: the file names no language) and from tracks that say more."""
    made = (t if isinstance(t, Track) else _track(t) for t in tracks)
    return tuple(replace(track, index=index) for index, track in enumerate(made))


def _track(
    code: str | None,
    title: str = "",
    *,
    commentary: bool = False,
    descriptive: bool = False,
    enabled: bool = True,
) -> Track:
    language = normalise(code)
    return Track(
        kind="audio",
        index=0,
        language=language.base if language else code,
        region=language.region if language else None,
        title=title,
        commentary=commentary,
        descriptive=descriptive,
        enabled=enabled,
    )


SECTIONS: dict[str, tuple[Case, ...]] = {
    "One wanted language": (
        Case(_audio("jpn", "eng")),
        Case(_audio("eng")),
        Case(_audio("jpn")),
        Case(_audio("fra")),
        Case(_audio("jpn", "fra")),
        Case(_audio("jpn", "eng", "fra")),
        Case(_audio("zxx")),
    ),
    "Two wanted languages": (
        Case(_audio("jpn", "eng", "deu"), rules=_BOTH),
        Case(_audio("jpn", "eng"), rules=_BOTH),
        Case(_audio("jpn"), rules=_BOTH),
        Case(_audio("fra"), rules=_BOTH),
        Case(_audio("eng"), "eng", _BOTH),
        Case(_audio("deu"), "eng", _BOTH),
    ),
    "The original is what is wanted": (
        Case(_audio("eng"), "eng"),
        Case(_audio("eng"), "eng", replace(_ENGLISH, native_titles="original")),
        Case(_audio("eng", "fra"), "eng"),
        Case(_audio("fra"), "eng"),
    ),
    "Other languages are forbidden": (
        Case(_audio("jpn", "eng"), rules=replace(_ENGLISH, extra_languages="forbid")),
        Case(_audio("jpn", "eng", "fra"), rules=replace(_ENGLISH, extra_languages="forbid")),
        Case(_audio("eng", "zxx"), rules=replace(_ENGLISH, extra_languages="forbid")),
    ),
    "The original language is unknown": (
        Case(_audio("eng"), ""),
        Case(_audio("eng"), "", _BOTH),
        Case(_audio("fra"), ""),
        Case(_audio(None), ""),
    ),
    "Tracks without a language": (
        Case(_audio(None)),
        Case(_audio(None, "eng")),
        Case(_audio("eng", None)),
        Case(_audio("und", "und")),
        Case(_audio(None), rules=replace(_ENGLISH, undetermined="ignore")),
        Case(_audio(None), rules=replace(_ENGLISH, undetermined=Language("eng"))),
        Case(_audio(None), partial=True),
        Case(_audio("mul", "mis")),
        Case(_audio("eng", "mul"), rules=_BOTH),
        Case(_audio("qtz", "eng")),
        Case(_audio("qtz"), rules=replace(_ENGLISH, undetermined="ignore")),
        Case(_audio("qaa", "eng")),
        Case(_audio(_track(None, "English Dub"))),
        Case(_audio("jpn", _track("und", "English 5.1"))),
        Case(_audio(_track(None, "Japanese (English subs)"))),
        Case(_audio(_track("jpn", "English"))),
    ),
    "Commentary, audio description and music": (
        Case(_audio("jpn", _track("eng", "Commentary"))),
        Case(_audio("jpn", _track("eng", commentary=True))),
        Case(_audio("jpn", _track("eng", "Director's Cut"))),
        Case(_audio(_track("eng", "Commentary"))),
        Case(_audio(_track("eng", commentary=True))),
        Case(_audio("jpn", _track("eng", "Audio Description"))),
        Case(_audio("jpn", _track("eng", descriptive=True))),
        Case(_audio("jpn", "qad")),
        Case(_audio("jpn", _track("eng", "Isolated Score"))),
        Case(_audio(_track("eng", "Isolated Score"))),
        Case(_audio("jpn", _track("eng", enabled=False))),
    ),
    "Regions and macrolanguages": (
        Case(_audio("por-br"), rules=Rules((Language("por"),))),
        Case(_audio("por"), rules=Rules((Language("por", "br"),))),
        Case(_audio("por-pt"), rules=Rules((Language("por", "br"),))),
        Case(_audio("por"), rules=_PORTUGUESE),
        Case(_audio("por", "por"), rules=_PORTUGUESE),
        Case(_audio("por-pt", "por"), rules=_PORTUGUESE),
        Case(_audio("spa-mx"), rules=Rules((require("Spanish (Latino)"),))),
        Case(_audio("spa-us"), rules=Rules((require("Spanish (Latino)"),))),
        Case(_audio("spa-es"), rules=Rules((require("Spanish (Latino)"),))),
        Case(_audio("cmn"), rules=Rules((Language("zho"),))),
        Case(_audio("zho"), rules=Rules((Language("cmn"),))),
        Case(_audio("yue"), rules=Rules((Language("cmn"),))),
        Case(_audio("yue"), rules=Rules((Language("zho", "tw"),))),
        Case(_audio("cmn"), rules=Rules((Language("zho", "tw"),))),
        Case(_audio("yue"), rules=Rules((Language("zho", "hk"),))),
        Case(_audio("ind"), rules=Rules((Language("msa"),))),
        Case(_audio("smi"), rules=Rules((Language("sme"),))),
        Case(_audio("sla"), rules=Rules((Language("rus"),))),
    ),
    "Nothing to judge": (
        Case(None),
        Case(()),
    ),
}
"""All rows, by the heading they stand under."""

_ROLL_UPS: tuple[tuple[Verdict, ...], ...] = (
    (Verdict.DUB, Verdict.DUB),
    (Verdict.DUB, Verdict.ORIGINAL),
    (Verdict.DUB, Verdict.SEMI_DUB),
    (Verdict.SEMI_DUB, Verdict.ORIGINAL),
    (Verdict.ORIGINAL, Verdict.ORIGINAL),
    (Verdict.DUB, Verdict.WRONG_DUB),
    (Verdict.ORIGINAL, Verdict.WRONG_DUB),
    (Verdict.DUB, Verdict.UNKNOWN),
    (Verdict.UNKNOWN, Verdict.UNKNOWN),
    (),
)


def truth_table() -> str:
    parts = [_HEAD]
    for heading, cases in SECTIONS.items():
        parts.append(f"## {heading}\n")
        parts.append(
            _table(("wanted", "original", "audio tracks", "options", "verdict", "why"), _rows(cases))
        )
    parts.append("## From files to seasons, series and movies\n")
    parts.append(_table(("files", "whole"), _roll_up_rows()))
    return "\n".join(parts)


def _rows(cases: tuple[Case, ...]) -> Iterator[tuple[str, ...]]:
    for case in cases:
        decided = case.decide()
        yield (
            ", ".join(display_name(language) for language in case.rules.targets),
            display_name(require(case.original)) if case.original else "unknown",
            _tracks_text(case.tracks),
            _options_text(case),
            f"**{decided.verdict}**",
            file_sentence(decided.to_json()),
        )


def _tracks_text(tracks: tuple[Track, ...] | None) -> str:
    if tracks is None:
        return "(unreadable)"
    return " · ".join(_track_text(track) for track in tracks) or "(none)"


def _track_text(track: Track) -> str:
    language = from_parts(track.language, track.region)
    name = display_name(language) if language else f"`{track.language}`" if track.language else "no language"
    flags = [
        name
        for name, is_set in (
            ("commentary", track.commentary),
            ("description", track.descriptive),
            ("disabled", not track.enabled),
        )
        if is_set
    ]
    title = f' "{track.title}"' if track.title else ""
    return name + title + "".join(f" [{flag}]" for flag in flags)


def _options_text(case: Case) -> str:
    plain = Rules(case.rules.targets)
    named = {
        "undetermined": case.rules.undetermined,
        "extra_languages": case.rules.extra_languages,
        "native_titles": case.rules.native_titles,
    }
    options = [f"`{name}: {value}`" for name, value in named.items() if value != getattr(plain, name)]
    return ", ".join([*options, *(["partial facts"] if case.partial else [])])


def _roll_up_rows() -> Iterator[tuple[str, ...]]:
    for verdicts in _ROLL_UPS:
        files = (FileInput("", FileVerdict(verdict, Reason.NO_DUB)) for verdict in verdicts)
        whole = roll_up([SeasonInput(1, tuple(files))], _ENGLISH).verdict
        yield " · ".join(verdicts) or "(none)", f"**{whole}**"


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")
    django.setup()  # for the words
    sys.stdout.write(truth_table())
