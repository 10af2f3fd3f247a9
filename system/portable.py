"""Configuration as code: all settings as one YAML document, and back. Secrets stand in it as `${NAME}`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml
from django.db import transaction

from library.errors import ConfigError
from library.portable import Apply, Entry, Problem, Reading, Section, Unset, nearest, sections

VERSION = 1
HEAD = "# Taggarr's settings: manage.py import_config FILE. Secrets come from the environment, as ${NAME}.\n"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class DocumentError(ConfigError):
    """A document cannot be applied. `problems` are all that is wrong with it; nothing was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def export_document() -> str:
    """Return the settings as a YAML document, without any secret."""
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
    reading = Reading(_parse(text, os.environ if environ is None else environ), connect=connect)
    todo = [apply for section in sections() for apply in _checked(section, reading)]
    if reading.problems:
        raise DocumentError(sorted(reading.problems))
    if dry_run:
        return Counter()
    with transaction.atomic():
        return Counter(apply() for apply in todo)


def _checked(section: Section, reading: Reading) -> list[Apply]:
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
            todo.append(apply)
    return todo


class _Loader(yaml.SafeLoader):
    """Keeps the lines of mappings and keys. It makes plain data only."""

    def construct_yaml_map(self, node: yaml.MappingNode) -> Any:
        entry = Entry()
        entry.line = node.start_mark.line + 1
        entry.lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
        yield entry
        entry.update({str(key): one for key, one in self.construct_mapping(node, deep=True).items()})


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_yaml_map)


def _parse(text: str, environ: Mapping[str, str]) -> dict[str, list[Entry]]:
    """Return the sections of a document. Raises DocumentError where it is not of the right shape."""
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "it cannot be read"
        raise DocumentError([Problem(mark.line + 1 if mark else 1, f"This is no YAML: {why}.")]) from None
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
            found[str(name)] = [_resolved(entry, environ) for entry in entries or []]
    if problems:
        raise DocumentError(sorted(problems))
    return found


def _resolved(value: Any, environ: Mapping[str, str]) -> Any:
    """Return a value with every `${NAME}` replaced; one that is all of a text may be `Unset`."""
    if isinstance(value, Entry):
        entry = Entry((key, _resolved(one, environ)) for key, one in value.items())
        entry.line, entry.lines = value.line, value.lines
        return entry
    if isinstance(value, list):
        return [_resolved(one, environ) for one in value]
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if name not in environ:
            return Unset(name)
    return _VARIABLE.sub(lambda found: environ[found[1]], value)
