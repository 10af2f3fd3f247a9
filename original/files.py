"""Finding and reading the original's files: settings, variables, states. No Django.

Environment variables, from a `.env` file, a Compose file or this process, become a document like its
`taggarr.yaml`, so that one reader serves for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.portable import Entry, Problem
from original.settings import Original, read_settings, texts_of
from original.state import State, read_state
from system.yaml_documents import YamlError, load_yaml, resolved

SETTINGS = ("taggarr.yaml", "taggarr.yml", "config.yaml", "config.yml")
COMPOSE = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
VARIABLES = ".env"
STATE = "taggarr.json"
LARGEST = 200 * 2**20
"""Bytes of a file that is read at all: a state of 50,000 titles has some 50 MB."""


@dataclass(slots=True)
class Found:
    """What was read: the settings, the states, and the names of the sources in the order of reading."""

    original: Original = field(default_factory=Original)
    states: list[State] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def read_path(path: Path, environ: Mapping[str, str]) -> Found:
    """Return the settings and states of the original in a folder, or in one file.

    In a folder `taggarr.yaml` is taken, else a Compose file, else `.env`, else `environ`; variables of a
    `.env` beside a file are filled in as those of `environ` are. States are also looked for in the root
    folders that the settings name. Raises ConfigError where there is nothing to read.
    """
    folder = path if path.is_dir() else path.parent
    variables = _variables(folder, path)
    environ = {**environ, **{name: str(value) for name, value in variables.items()}}
    found = Found()
    if path.is_dir():
        config = next((path / name for name in (*SETTINGS, *COMPOSE) if (path / name).is_file()), None)
        if config is None and is_original(variables):
            config = path / VARIABLES
    else:
        config = None if path.suffix == ".json" else path
    if config is not None:
        found.original = read_settings_text(_read(config), environ)
        found.sources.append(str(config))
    elif is_original(environ):
        found.original = _from_variables(Entry(environ))
        found.sources.append("the environment of this process")
    _read_states(found, [path] if path.suffix == ".json" and path.is_file() else [folder / STATE])
    if not found.sources:
        raise ConfigError(
            f"There is nothing of the original in {path}: give the folder or the file of its taggarr.yaml, "
            ".env, docker-compose.yml or taggarr.json."
        )
    return found


def read_texts(settings: str, state: str = "", name: str = "") -> Found:
    """Return what stands in the text of a file of settings and, where there is one, of a `taggarr.json`.

    No variable is filled in.
    """
    found = Found(original=read_settings_text(settings, {}))
    if state:
        found.states.append(read_state(state, name or STATE))
    return found


def read_settings_text(text: str, environ: Mapping[str, str]) -> Original:
    """Return the settings in a text: a `taggarr.yaml`, a Compose file, or lines of variables."""
    try:
        document = load_yaml(text)
    except YamlError as error:
        if is_original(read_env(text)):
            return _from_variables(read_env(text), listed=True)
        return Original(problems=[error.problem])
    if not isinstance(document, Entry):
        variables = read_env(text)
        if is_original(variables):
            return _from_variables(variables, listed=True)
        return Original(problems=[Problem(1, "These are no settings of the original.")])
    document = resolved(document, environ)
    compose = of_compose(document)
    return _from_variables(compose, listed=True) if compose is not None else read_settings(document)


def _from_variables(variables: Entry, *, listed: bool = False) -> Original:
    document, notes = as_document(variables)
    original = read_settings(document)
    original.notes = notes + original.notes
    original.unknown += unknown_in(variables) if listed else []
    return original


def _read_states(found: Found, places: Iterable[Path]) -> None:
    roots = [Path(root) / STATE for one in found.original.instances for root in one.roots]
    seen = set()
    for place in [*places, *roots]:
        if place.is_file() and (real := place.resolve()) not in seen:
            seen.add(real)
            found.states.append(read_state(_read(place), str(place)))
            found.sources.append(str(place))


def _variables(folder: Path, path: Path) -> Entry:
    file = folder / VARIABLES
    return read_env(_read(file) if file.is_file() and file != path else "")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path} is too large to be a file of the original.")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None


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
    known = {*_OPTIONS, *_GENRES.values(), *(name for names in _TAGS.values() for name in names)}
    for kind, (word, _) in APPS.items():
        known |= {f"{kind.upper()}_URL", f"{kind.upper()}_API_KEY", f"ROOT_{word}_PATH"}
    return [(variables.lines.get(name, variables.line), name) for name in variables if name not in known]


def as_document(variables: Entry) -> tuple[Entry, list[str]]:
    """Return the variables as the original's `taggarr.yaml` would say them, and notes for a person."""
    notes = []
    defaults = _part(variables, {ours: name for name, ours in _OPTIONS.items()})
    tags = _part(
        variables,
        {
            tag: next((name for name in names if variables.get(name)), names[0])
            for tag, names in _TAGS.items()
        },
    )
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
