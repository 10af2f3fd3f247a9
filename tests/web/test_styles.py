"""The style sheet, where a name that is used twice makes one of both pages wrong."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

STYLES = Path(__file__).parents[2] / "static" / "taggarr" / "app.css"


def selectors() -> list[str]:
    """What stands before a brace, outside of `@media` and its like."""
    text = re.sub(r"/\*.*?\*/", "", STYLES.read_text(), flags=re.DOTALL)
    flat = re.sub(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
    return [found.strip() for found in re.findall(r"([^{}]+)\{", flat)]


def test_every_selector_has_one_place():
    counted = Counter(selectors())
    assert len(counted) > 100
    assert [selector for selector, times in counted.items() if times > 1] == []
