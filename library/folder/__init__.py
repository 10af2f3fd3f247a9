"""Plain folders of series or movies: what names and NFO files tell, and what lies where."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

WORDS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
"""The words that tell what a file or folder is, by what they are for."""


def any_of(kind: str) -> str:
    """Return the pattern that finds any of the words of a kind."""
    return f"(?:{'|'.join(map(re.escape, WORDS[kind]))})"
