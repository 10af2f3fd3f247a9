"""Why our verdict on a title differs from the original's. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from original.settings import TAGS
from original.state import Remembered

VERDICTS = {"dub": "dub", "semi": "semi-dub", "wrong": "wrong-dub"}
ORIGINAL, UNKNOWN = "original", "unknown"


def verdict_of(entry: Remembered, labels: tuple[str, ...] = tuple(TAGS.values())) -> str:
    """Return our word for the tag that the original gave; empty where it is none of its three.

    `labels` are those for dub, semi-dub and wrong-dub.
    """
    if not entry.tag:
        return ORIGINAL
    words = dict(zip(labels, VERDICTS.values(), strict=True)) | dict(
        zip(TAGS.values(), VERDICTS.values(), strict=True)
    )
    return words.get(entry.tag.lower(), "")


def cause_of(entry: Remembered, theirs: str, ours: str, reason: Mapping[str, Any]) -> str:
    """Return in one sentence why `theirs` and `ours` differ, as far as the two accounts tell.

    `reason` is the stored reason of our verdict.
    """
    codes = ", ".join(entry.unexpected or entry.languages) or "a language"
    lower = ("original", "semi-dub")
    table = (
        (entry.seasons == 0, "It found no folder whose name begins with Season, and called nothing a dub."),
        (ours == UNKNOWN, "It also judged what cannot be read, and titles of an unknown original language."),
        (
            theirs == "wrong-dub" and ours == ORIGINAL,
            f"It did not take {codes} for {entry.original_language or 'the original'}.",
        ),
        (
            theirs == "wrong-dub",
            f"It saw {codes}: one language beside the wanted ones made a title wrong, commentaries included.",
        ),
        (entry.seasons is None and ours == "semi-dub", "It knew no semi-dub for movies."),
        (
            bool(reason.get("left_out", {}).get("specials")),
            "It counted specials that lie in a Season folder.",
        ),
        (
            ours in lower and theirs in ("dub", "semi-dub"),
            "It counted commentaries, took unlabelled tracks of Matroska files for English, and called a "
            "wanted language a dub even where it is the original one.",
        ),
        (
            theirs in lower,
            "It looked no further where a track named no language, and knew few codes with a region.",
        ),
        (True, "The files may have changed since it looked."),
    )
    return next(sentence for applies, sentence in table if applies)
