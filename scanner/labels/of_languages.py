"""Labels beside the one of the verdict: in which languages a title can be heard, or only read. Pure.

A label is given for what the files themselves say. A track that names no language may be taken as the
original one by the policy; that alone earns no label.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.words import Phrase
from scanner.languages.codes import NO_SPEECH, Language, from_parts, matches, short_code
from scanner.probe.tracks import Facts
from scanner.verdict.file import FileVerdict, Verdict, present_targets

PLACE = "{language}"
"""What stands in a pattern for the short code of the language."""


@dataclass(frozen=True, slots=True)
class LanguageLabelRules:
    """What the owner wants: labels for no languages, for the `targets`, or for `all` that are heard.

    `every_file` asks that every file of a series holds the language, not only some. `sub_only` and
    `unknown_audio` are labels, empty where they are not wanted. `reserved` are labels that mean something
    else.
    """

    scope: Literal["off", "targets", "all"] = "off"
    pattern: str = f"audio-{PLACE}"
    every_file: bool = True
    sub_only: str = ""
    unknown_audio: str = ""
    reserved: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.scope != "off" or bool(self.sub_only or self.unknown_audio)


@dataclass(frozen=True, slots=True)
class Heard:
    """One file that has a part in the verdict of its media: its verdict, and what was read from it."""

    decision: FileVerdict
    facts: Facts

    @property
    def named(self) -> tuple[Language, ...]:
        """The languages that the tracks that count name themselves."""
        # A track that names none and is taken as one is always the first that counts.
        languages = self.decision.languages
        return languages if self.decision.assumed is None else languages[1:]

    @property
    def subtitles(self) -> tuple[Language, ...]:
        """The languages of whole subtitles: forced ones translate signs alone."""
        tracks = (track for track in self.facts.tracks if track.kind == "text" and not track.forced)
        found = (from_parts(track.language, track.region) for track in tracks if not track.commentary)
        return tuple(language for language in found if language is not None)


def language_labels(
    files: Sequence[Heard], verdict: str, targets: Sequence[Language], rules: LanguageLabelRules
) -> dict[str, dict[str, Any]] | None:
    """Return the labels that a title should carry beside that of its verdict, each with a stored phrase: why.

    None where nothing is known of it: then nothing is to change. `files` are those that count and could be
    read.
    """
    if not rules:
        return {}
    read = [file for file in files if file.facts.audio]
    if not read:
        return None
    found = dict(_heard(read, targets, rules))
    if rules.sub_only and verdict == Verdict.ORIGINAL:
        found |= _only_read(read, rules)
    if rules.unknown_audio and not any(file.named for file in read):
        found[rules.unknown_audio] = Phrase("label.unnamed", number=len(read))
    return {label: reason.stored() for label, reason in sorted(found.items()) if label not in rules.reserved}


def _heard(
    files: Sequence[Heard], targets: Sequence[Language], rules: LanguageLabelRules
) -> Iterator[tuple[str, Phrase]]:
    """Yield the label and reason of each language that is heard in enough of the files."""
    if rules.scope == "off":
        return
    held = [_keys(file.decision.languages, targets, rules.scope) for file in files]
    named = {key for file in files for key in _keys(file.named, targets, rules.scope)}
    for language in sorted(named, key=str):
        count = sum(language in keys for keys in held)
        if count < len(files) and rules.every_file:
            continue
        told = _in("heard", [str(language)], count, len(files))
        yield rules.pattern.replace(PLACE, short_code(language)), told


def _keys(languages: Sequence[Language], targets: Sequence[Language], scope: str) -> set[Language]:
    """Return what is heard: targets as the owner named them; where all are asked for, others by base."""
    found = set(present_targets(languages, targets))
    if scope == "all":
        others = (one for one in languages if not any(matches(target, one) for target in targets))
        found |= {Language(one.base) for one in others if one != NO_SPEECH}
    return found


def _only_read(files: Sequence[Heard], rules: LanguageLabelRules) -> dict[str, Phrase]:
    """Return the label of an untouched original with subtitles in a language that is wanted and not heard."""
    read = [[one for one in file.decision.missing if _is_read(one, file.subtitles)] for file in files]
    count = sum(bool(languages) for languages in read)
    if not count or (count < len(files) and rules.every_file):
        return {}
    languages = list(dict.fromkeys(str(one) for some in read for one in some))
    return {rules.sub_only: _in("read", languages, count, len(files))}


def _is_read(target: Language, subtitles: Collection[Language]) -> bool:
    return any(matches(target, language) for language in subtitles)


def _in(how: str, languages: list[str], count: int, total: int) -> Phrase:
    """That some of the files, or all, hold a language."""
    parts: dict[str, Any] = {"number": total, "languages": Phrase("language.and", codes=languages)}
    return (
        Phrase(f"label.{how}", **parts) if count == total else Phrase(f"label.{how}-in", count=count, **parts)
    )
