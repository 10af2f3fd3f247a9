"""The settings of the original, from its `taggarr.yaml` or what amounts to one. No Django."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.portable import Entry, Problem, Unset

OPTIONS = ("target_languages", "tags", "target_genre", "dry_run", "quick_mode", "add_tag_to_genre")
ONLY_DEFAULTS = ("run_interval_seconds", "start_running", "write_mode", "log_level", "log_path")
REQUIRED = ("type", "url", "api_key", "root_path")
TAGS = {"dub": "dub", "semi": "semi-dub", "wrong": "wrong-dub"}
"""What the original calls its tags, and how they read unless renamed."""

_LABEL = re.compile(r"[a-z0-9-]{1,50}")
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")
_WRITE_MODES = {
    1: "write_mode 1 rewrote everything: start a scan in the mode rewrite instead.",
    2: "write_mode 2 took all tags off: start a scan in the mode remove instead.",
}
INTERVAL = 7200
"""Seconds between two runs of the original, unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class OriginalInstance:
    """One Sonarr or Radarr as the original knew it. `labels` are those for dub, semi-dub and wrong-dub.

    `lines` say where each of its keys stands, those of the defaults included.
    """

    name: str
    kind: str
    url: Any
    api_key: Any
    roots: tuple[str, ...]
    languages: tuple[str, ...]
    labels: tuple[str, str, str]
    genre: str
    dry_run: bool
    quick: bool
    dub_genre: bool
    line: int
    lines: dict[str, int]

    @property
    def wishes(self) -> tuple[object, ...]:
        """All that makes a policy: instances with the same wishes share one."""
        return (self.languages, self.labels, self.genre, self.dry_run, self.quick, self.dub_genre)


@dataclass(slots=True)
class Original:
    """What was read, what is wrong with it, and what there is no place for.

    `unknown` are keys that neither the original nor we know; `notes` are sentences for a person. `interval`
    is in seconds, None where none is named.
    """

    instances: list[OriginalInstance] = field(default_factory=list)
    interval: int | None = None
    enabled: bool = True
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_settings(document: object) -> Original:
    """Return the settings in a `taggarr.yaml`; what is wrong stands in its `problems`, never raised."""
    found = Original()
    if not isinstance(document, Entry) or not isinstance(document.get("instances"), Entry):
        found.problems.append(Problem(1, "There are no instances: this is no taggarr.yaml."))
        return found
    _list_unknown(document, ("defaults", "instances"), "", found)
    defaults = document.get("defaults")
    if defaults is None:
        defaults = Entry(line=document.line)
    if not isinstance(defaults, Entry):
        found.problems.append(Problem(document.lines["defaults"], "defaults is a mapping."))
        return found
    _list_unknown(defaults, OPTIONS + ONLY_DEFAULTS, "defaults.", found)
    _read_defaults(defaults, found)
    for name, entry in document["instances"].items():
        if isinstance(entry, Entry):
            _list_unknown(entry, REQUIRED + OPTIONS, f"instances.{name}.", found)
            _read_instance(str(name), entry, defaults, found)
        else:
            line = document["instances"].lines[name]
            found.problems.append(
                Problem(line, f"{name} is a mapping with type, url, api_key and root_path.")
            )
    return found


def texts_of(value: object) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else []
    return [str(part).strip() for part in parts if str(part).strip()]


def legal_label(text: str) -> str:
    """Return a label as Sonarr and Radarr store it, empty where they would refuse it."""
    label = text.strip().lower()
    return label if _LABEL.fullmatch(label) else ""


def _read_defaults(defaults: Entry, found: Original) -> None:
    reader = _Reader((defaults,), found)
    if "run_interval_seconds" in defaults:
        found.interval = reader.whole("run_interval_seconds", INTERVAL)
    found.enabled = reader.switch("start_running", default=True)
    if note := _WRITE_MODES.get(reader.whole("write_mode", 0)):
        found.notes.append(note)
    if "log_level" in defaults:
        found.notes.append("log_level is not taken over: set TAGGARR_LOG_LEVEL, or System → Logs.")
    if "log_path" in defaults:
        found.notes.append("log_path is not taken over: logs lie in the data folder.")


def _read_instance(name: str, entry: Entry, defaults: Entry, found: Original) -> None:
    before = len(found.problems)
    reader = _Reader((entry, defaults), found)
    for key in REQUIRED:
        if key not in entry:
            found.problems.append(Problem(entry.line, f"{key} is missing in the instance {name}."))
    kind = reader.text("type")
    if "type" in entry and kind not in ("sonarr", "radarr"):
        reader.refuse("type", f"The type of {name} is sonarr or radarr, not {kind}.")
    instance = OriginalInstance(
        name=name,
        kind=kind,
        url=entry.get("url"),
        api_key=entry.get("api_key"),
        roots=tuple(root.rstrip("/") or "/" for root in reader.list("root_path")),
        languages=tuple(reader.list("target_languages") or ["en"]),
        labels=reader.labels(),
        genre=reader.text("target_genre"),
        dry_run=reader.switch("dry_run"),
        quick=reader.switch("quick_mode"),
        dub_genre=reader.switch("add_tag_to_genre"),
        line=entry.line,
        lines={**defaults.lines, **entry.lines},
    )
    if len(found.problems) == before:
        found.instances.append(instance)


class _Reader:
    """Reads one option from the first of these mappings that has it."""

    def __init__(self, entries: Sequence[Entry], found: Original) -> None:
        self._entries = entries
        self._found = found

    def value(self, key: str) -> Any:
        value = next((entry[key] for entry in self._entries if entry.get(key) is not None), None)
        if isinstance(value, Unset):
            self.refuse(key, f"The variable {value.name} is not set: set it, or write the value here.")
            return None
        return value

    def refuse(self, key: str, text: str) -> None:
        line = next((entry.lines[key] for entry in self._entries if key in entry.lines), 1)
        problem = Problem(line, text)
        if problem not in self._found.problems:
            self._found.problems.append(problem)

    def text(self, key: str) -> str:
        value = self.value(key)
        return "" if value is None else str(value).strip()

    def list(self, key: str) -> list[str]:
        value = self.value(key)
        for part in value if isinstance(value, list) else ():
            if isinstance(part, Unset):
                self.refuse(key, f"The variable {part.name} is not set: set it, or write the value here.")
        return texts_of(value)

    def switch(self, key: str, *, default: bool = False) -> bool:
        value = self.value(key)
        if value is None:
            return default
        word = str(value).strip().lower()
        if word not in _TRUE + _FALSE:
            self.refuse(key, f"{key} is true or false, not {value}.")
        return word in _TRUE

    def whole(self, key: str, default: int) -> int:
        value = self.value(key)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            self.refuse(key, f"{key} is a whole number, not {value}.")
            return default

    def labels(self) -> tuple[str, str, str]:
        dub, semi, wrong = (self._label(name) for name in TAGS)
        return dub, semi, wrong

    def _label(self, name: str) -> str:
        for entry in self._entries:
            tags = entry.get("tags")
            if isinstance(tags, Entry) and tags.get(name) is not None:
                if isinstance(tags[name], Unset):
                    self.refuse("tags", f"The variable {tags[name].name} is not set: set it.")
                    return ""
                label = legal_label(str(tags[name]))
                if not label:
                    self.refuse(
                        "tags", f"“{tags[name]}” is no tag that Sonarr and Radarr take: use a-z, 0-9 and -."
                    )
                return label
            if tags is not None and not isinstance(tags, Entry):
                self.refuse("tags", "tags is a mapping with dub, semi and wrong.")
        return TAGS[name]


def _list_unknown(entry: Entry, known: Sequence[str], where: str, found: Original) -> None:
    found.unknown += [(entry.lines.get(key, entry.line), where + key) for key in entry if key not in known]
    tags = entry.get("tags")
    if "tags" in known and isinstance(tags, Entry):
        _list_unknown(tags, tuple(TAGS), f"{where}tags.", found)
