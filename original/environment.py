"""The environment variables of the original: from a `.env` file, a Compose file or this process. No Django.

They become a document like its `taggarr.yaml`, so that one reader serves for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.portable import Entry
from original.settings import texts_of

APPS = {"sonarr": ("TV", "/tv"), "radarr": ("MOVIE", "/movies")}
"""For each app the word in the name of its root folder's variable, and the folder in the original's image."""

_OPTIONS = {
    "RUN_INTERVAL_SECONDS": "run_interval_seconds",
    "START_RUNNING": "start_running",
    "QUICK_MODE": "quick_mode",
    "DRY_RUN": "dry_run",
    "WRITE_MODE": "write_mode",
    "ADD_TAG_TO_GENRE": "add_tag_to_genre",
    "TARGET_LANGUAGES": "target_languages",
    "LOG_LEVEL": "log_level",
    "LOG_PATH": "log_path",
}
_GENRES = {"sonarr": "TARGET_GENRE", "radarr": "TARGET_GENRE_MOVIES"}
# The original documents TAG_WRONG_DUB, and reads TAG_WRONG.
_TAGS = {"dub": ("TAG_DUB",), "semi": ("TAG_SEMI",), "wrong": ("TAG_WRONG", "TAG_WRONG_DUB")}
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_QUOTED = re.compile(r"""(["'])(.*?)\1\s*(?:#.*)?""")
WRONG_NOTE = (
    "TAG_WRONG_DUB was never read by the original, which wrote wrong-dub unless TAG_WRONG said otherwise: it "
    "is taken as what you meant."
)


def read_env(text: str) -> Entry:
    """Return the variables of a `.env` file with their lines."""
    entry = Entry()
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match[1], match[2]
        quoted = _QUOTED.fullmatch(value)
        entry[name] = quoted[2] if quoted else re.split(r"(?:\A|\s)#", value)[0].strip()
        entry.lines[name] = number
    return entry


def of_compose(document: Entry) -> Entry | None:
    """Return the environment of the original's service in a Compose file, None where there is none."""
    services = document.get("services")
    for service in services.values() if isinstance(services, Entry) else ():
        if not isinstance(service, Entry) or "environment" not in service:
            continue
        variables = _environment(service)
        if "taggarr" in str(service.get("image", "")) or is_original(variables):
            return variables
    return None


def is_original(variables: Mapping[str, Any]) -> bool:
    """Return whether these variables set up the original: a Sonarr or a Radarr by address."""
    return any(variables.get(f"{kind.upper()}_URL") for kind in APPS)


def unknown_in(variables: Entry) -> list[tuple[int, str]]:
    """Return the variables, with their lines, that the original does not know."""
    known = {*_OPTIONS, *_GENRES.values(), *(name for names in _TAGS.values() for name in names)}
    for kind, (word, _) in APPS.items():
        known |= {f"{kind.upper()}_URL", f"{kind.upper()}_API_KEY", f"ROOT_{word}_PATH"}
    return [(variables.lines.get(name, variables.line), name) for name in variables if name not in known]


def as_document(variables: Entry) -> tuple[Entry, list[str]]:
    """Return the variables as the original's `taggarr.yaml` would say them, and notes for a person."""
    notes = []
    defaults = _part(variables, {ours: name for name, ours in _OPTIONS.items()})
    tags = _part(variables, {tag: _first(variables, names) for tag, names in _TAGS.items()})
    if "TAG_WRONG_DUB" in variables and "TAG_WRONG" not in variables:
        notes.append(WRONG_NOTE)
    if tags:
        defaults["tags"], defaults.lines["tags"] = tags, tags.line
    instances = _part(variables, {})
    for kind, (word, folder) in APPS.items():
        if not variables.get(f"{kind.upper()}_URL"):
            continue
        names = {"url": f"{kind.upper()}_URL", "api_key": f"{kind.upper()}_API_KEY"}
        entry = _part(variables, {**names, "root_path": f"ROOT_{word}_PATH", "target_genre": _GENRES[kind]})
        entry["type"] = kind
        if not texts_of(entry.get("root_path")):
            entry["root_path"] = [folder, *(f"{folder}{number}" for number in range(2, 10))]
        instances[kind.capitalize()] = entry
    document = _part(variables, {})
    document.update({"defaults": defaults, "instances": instances})
    return document, notes


def _first(variables: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((name for name in names if variables.get(name)), names[0])


def _part(variables: Entry, wanted: Mapping[str, str]) -> Entry:
    """Return some of the variables under names of the document; an empty one counts as not set."""
    found = {key: variables[name] for key, name in wanted.items() if variables.get(name)}
    lines = {key: variables.lines.get(wanted[key], variables.line) for key in found}
    return Entry(found, line=min(lines.values(), default=variables.line), lines=lines)


def _environment(service: Entry) -> Entry:
    given = service["environment"]
    line = service.lines["environment"]
    if isinstance(given, Entry):
        found = {name: "" if value is None else str(value) for name, value in given.items()}
        return Entry(found, line=line, lines=given.lines)
    entry = Entry(line=line)
    if isinstance(given, list):
        for number, text in enumerate(given, entry.line + 1):
            name, _, value = str(text).partition("=")
            entry[name.strip()], entry.lines[name.strip()] = value.strip(), number
    return entry
