"""Hooks of MkDocs: the documents at the root of the repository become pages of the site too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
AT_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "THREAT_MODEL.md")
LINK = re.compile(r"(\]\()([^)\s]+)")


def on_files(files: Files, config: Any) -> Files:
    """Add the documents at the root, as if they lay in docs/."""
    for name in AT_ROOT:
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=moved_down(text)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead the links to documents at the root to their pages."""
    return moved_up(markdown) if page.file.src_uri not in AT_ROOT else markdown


def moved_down(text: str) -> str:
    """The text of a document at the root, its links as they are seen from docs/."""
    return LINK.sub(lambda found: found[1] + found[2].removeprefix("docs/"), text)


def moved_up(text: str) -> str:
    """The text of a document below docs/, its links to the root as they are beside those documents."""
    names = "|".join(map(re.escape, AT_ROOT))
    return re.sub(rf"(\]\((?:\.\./)*)\.\./({names})", r"\1\2", text)
