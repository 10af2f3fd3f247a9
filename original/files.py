"""Finding and reading the original's files. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigError
from core.portable import Entry, Problem
from original.environment import as_document, is_original, of_compose, read_env, unknown_in
from original.settings import Original, read_settings
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
