"""Configuration as code: all settings as one YAML document, and back. Secrets stand in it as `${NAME}`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.db import transaction

from core.errors import ConfigError
from core.features import Portable, brought
from core.portable import Apply, Entry, Problem, Reading, Section, nearest
from system.yaml_documents import YamlError, load_yaml, resolved

VERSION = 1
HEAD = "# Taggarr's settings: manage.py import_config FILE. Secrets come from the environment, as ${NAME}.\n"


class DocumentError(ConfigError):
    """A document cannot be applied. `problems` are all that is wrong with it; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def export_document() -> str:
    document: dict[str, Any] = {"version": VERSION}
    for section in sections():
        document[section.name] = section.export()
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return HEAD + text


def import_document(
    text: str, *, connect: bool = True, dry_run: bool = False, environ: Mapping[str, str] | None = None
) -> Counter[str]:
    """Apply a document, all of it or nothing; return how many entries were added, changed, or the same.

    What the document does not name stays as it is. Applying it twice changes nothing. `connect` False leaves
    out the test of addresses; `dry_run` only checks. Raises DocumentError with everything that is wrong.
    """
    todo = check(Reading(_parse(text, os.environ if environ is None else environ), connect=connect))
    if dry_run:
        return Counter()
    with transaction.atomic():
        return Counter(step.apply() for step in todo)


def sections() -> list[Section]:
    found = (section for _, portable in brought(Portable, also_off=True) for section in portable.sections)
    return sorted(found, key=lambda section: section.place)


@dataclass(frozen=True, slots=True)
class Step:
    section: str
    name: str
    apply: Apply


def check(reading: Reading) -> list[Step]:
    """Return what applies a document, in order. Raises DocumentError with everything that is wrong."""
    todo = [step for section in sections() for step in _checked(section, reading)]
    if reading.problems:
        raise DocumentError(sorted(reading.problems))
    return todo


def _checked(section: Section, reading: Reading) -> list[Step]:
    todo = []
    seen: dict[str, int] = {}
    for entry in reading.sections.get(section.name, []):
        for key in entry:
            if key not in section.keys:
                reading.refuse(
                    entry, key, f"{key} is unknown in {section.name}: {nearest(key, section.keys)}"
                )
        missing = [key for key in section.required if key not in entry]
        for key in missing:
            reading.refuse(entry, key, f"{key} is missing in {section.name}.")
        name = str(entry.get("name", "")).lower()
        if name and name in seen:
            reading.refuse(
                entry, "name", f"{entry['name']} stands twice in {section.name}: also in line {seen[name]}."
            )
        seen.setdefault(name, entry.lines.get("name", entry.line))
        apply = None if missing else section.check(entry, reading)
        if apply is not None:
            todo.append(Step(section.name, _name_of(entry, section), apply))
    return todo


def _name_of(entry: Entry, section: Section) -> str:
    """What a person calls an entry: its name, or what it does and to whom."""
    keys = (*section.required, "instance")
    return str(entry.get("name") or " ".join(str(entry[key]) for key in keys if key in entry))


def _parse(text: str, environ: Mapping[str, str]) -> dict[str, list[Entry]]:
    """Return the sections of a document. Raises DocumentError where it is not of the right shape."""
    try:
        document = load_yaml(text)
    except YamlError as error:
        raise DocumentError([error.problem]) from None
    if not isinstance(document, Entry):
        raise DocumentError([Problem(1, "The document is a mapping that begins with version: 1.")])
    known = tuple(section.name for section in sections())
    problems = []
    if document.get("version") != VERSION:
        problems.append(Problem(document.lines.get("version", 1), f"The document needs version: {VERSION}."))
    found: dict[str, list[Entry]] = {}
    for name, entries in document.items():
        if name == "version":
            continue
        line = document.lines[str(name)]
        if name not in known:
            problems.append(Problem(line, f"There is no section {name}: {nearest(str(name), known)}"))
        elif entries is not None and not (
            isinstance(entries, list) and all(isinstance(entry, Entry) for entry in entries)
        ):
            problems.append(Problem(line, f"{name} is a list of mappings: each begins with a dash."))
        else:
            found[str(name)] = [resolved(entry, environ) for entry in entries or []]
    if problems:
        raise DocumentError(sorted(problems))
    return found
