"""Short ways to write a file's facts, an owner's rules, and the verdict on both."""

from __future__ import annotations

from typing import Any

from scanner.languages.codes import Language, normalise
from scanner.probe.tracks import Facts, Track
from scanner.verdict.rollup import FileVerdict, Rules, decide_file
from scanner.verdict.sentences import file_sentence


def lang(code: str) -> Language:
    language = normalise(code)
    assert language is not None
    return language


def rules(*codes: str, **options) -> Rules:
    return Rules(tuple(lang(code) for code in codes), **options)


def facts(*tracks: str | dict[str, Any] | None, partial: bool = False) -> Facts:
    """Facts from languages, or from more of a track's fields."""
    made = [track if isinstance(track, dict) else {"language": track} for track in tracks]
    for track in made:
        code = track.get("language")
        if code and (language := normalise(code)):
            track["language"], track["region"] = language.base, language.region
    return Facts(tuple(Track("audio", i, **track) for i, track in enumerate(made)), partial=partial)


def decide(tracks: list[Any], wanted: Rules, original: str | None = "jpn", **options):
    return decide_file(facts(*tracks, **options), wanted, normalise(original))


ENGLISH = rules("eng")


def why(decided: FileVerdict) -> str:
    """Why a file has its verdict, as a person reads it."""
    return file_sentence(decided.to_json())
