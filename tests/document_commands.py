"""The commands that the documents name: found, told apart by who can run them, and cleaned of remarks.

`python -m tests.document_commands KIND` prints those of one kind, one a line.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
STARTS: tuple[str, ...] = (
    "manage.py",
    "script/",
    "docker ",
    "python ",
    "python3 ",
    ".venv/",
    ".ci/",
    "curl ",
    "git ",
)
STARTS += ("useradd ", "chown ", "cp ", "systemctl ", "apt ", "taggarr ")
FENCE = re.compile(r"^ *```(\w*)")
INDENTED = re.compile(r"^(?: {4}|\t)(\S.*)$")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PROMPT = re.compile(r"^(?:\w*\$ )")
REMARK = re.compile(r"\s+#.*$|\s{2,}.*$|\s+→.*$")
MANAGE = re.compile(
    r"^(?:manage\.py|script/manage|docker compose exec web taggarr|docker exec (?:--\w+ )*\w+ taggarr)"
    r"(?:\s+|$)"
)


class Kind(StrEnum):
    """Who runs a command."""

    MANAGE = "manage"
    DOCKER = "docker"
    SCRIPT = "script"
    HOST = "host"


@dataclass(frozen=True)
class Command:
    """One command as a document has it; `text` has neither prompt nor remark."""

    document: str
    line: int
    text: str

    @property
    def kind(self) -> Kind:
        """Who runs it: our own commands by any of their names, Docker, a script of ours, or the machine."""
        if MANAGE.match(self.text):
            return Kind.MANAGE
        if self.text.startswith("docker "):
            return Kind.DOCKER
        if self.text.startswith(("script/", ".ci/", "python -m", "python3 -m", ".venv/bin/")):
            return Kind.SCRIPT
        return Kind.HOST

    @property
    def arguments(self) -> list[str]:
        """The words after `manage.py`, or all of them."""
        return shlex.split(MANAGE.sub("", self.text))


def found(documents: list[Path] | None = None) -> list[Command]:
    """Return every command of the documents, in their order."""
    return [
        command
        for document in (documents or DOCUMENTS)
        for command in _of(document.read_text(encoding="utf-8"), str(document.relative_to(ROOT)))
    ]


def _of(text: str, name: str) -> Iterator[Command]:
    fence: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if opened := FENCE.match(line):
            fence = None if fence is not None else opened[1]
            continue
        if fence in ("sh", "bash", "console") or (fence is None and INDENTED.match(line)):
            texts = [line.strip()]
        else:
            texts = SPAN.findall(line) if fence is None else []
        for one in texts:
            if command := _cleaned(one):
                yield Command(name, number, command)


def _cleaned(text: str) -> str:
    """A command without its prompt and remarks; "" where the text is none."""
    text = PROMPT.sub("", text)
    text = REMARK.sub("", text)
    return text if (text.startswith(STARTS) and " " in text) or text.startswith("script/") else ""


if __name__ == "__main__":
    for kind_wanted in sys.argv[1:]:
        for each in dict.fromkeys(command.text for command in found() if command.kind == kind_wanted):
            sys.stdout.write(each + "\n")
