"""YAML that people write: its data with the line of every key, and `${NAME}` filled in. No Django.

A document holds texts, numbers, true, false and nothing; lists and mappings of these. What YAML 1.1 knows
beside that (dates, numbers to the base of 60 or 8, infinity, sets, objects) is a text here, or refused: some
of it takes minutes to read, and nobody means it. The values are made of the events of the parser, so nothing
here recurses, and the work never grows faster than the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from core.errors import ConfigError
from core.portable import Entry, Problem, Unset

MOST_VALUES = 100_000
"""No file of settings comes near."""

DEEPEST = 50
"""So many lists and mappings stand within each other at most."""

MOST_DIGITS = 20

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null"), None),
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
"""What plain words mean, in lower case: https://yaml.org/type/bool.html and null.html, but for y and n."""

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is built in, as in the wheels; it is some ten times as fast."""

_TAGS = re.compile(r"^%TAG", re.MULTILINE)
"""libyaml compares each such line with all before it."""

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What an escape can write that no text of PostgreSQL holds."""

_TEXT_TAG = "tag:yaml.org,2002:str"


class YamlError(ConfigError):
    """The text is no YAML. `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def load_yaml(text: str) -> Any:
    """Return the data of a document; its mappings are `Entry`, their keys the texts as they stand there.

    Raises YamlError; also where it is nested too deeply, names so often what it wrote once that it would fill
    the memory, has a key twice, or a tag other than `!!str`.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise YamlError(Problem(1, "This is no YAML: it is no Unicode text.")) from None
    if found := _TAGS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise YamlError(Problem(line, "This is no YAML for us: it has a %TAG."))
    builder = _Builder()
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "reason", "it cannot be read")
        # libyaml finds the end of a text in a line behind its last.
        line = min(mark.line + 1, text.count("\n") + 1) if mark else 1
        raise YamlError(Problem(line, f"This is no YAML: {why}.")) from None
    return builder.document


def _events(text: str) -> Iterator[Any]:
    parser = _PARSER(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read. `begun` is how many values there were before it."""

    value: Any
    anchor: str | None
    begun: int
    key: str | None = None
    key_line: int = 0
    merged: list[Entry] = field(default_factory=list)


class _Builder:
    def __init__(self) -> None:
        self.document: Any = None
        self._documents = 0
        self._open: list[_Open] = []
        self._named: dict[str, tuple[Any, int]] = {}
        self._values = 0
        """So many values a full copy of what was read so far would have."""

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    _refuse(event, "it holds more than one document")
            case yaml.AliasEvent():
                self._repeat(event)
            case yaml.ScalarEvent():
                self._count(event, 1)
                if _NO_TEXT.search(event.value):
                    _refuse(event, "it holds a character that is none")
                is_plain = event.implicit[0]
                if not is_plain:
                    _refuse_tag(event)
                value = value_of(event.value) if is_plain and not self._awaits_key() else event.value
                if event.anchor:
                    self._named[event.anchor] = (value, 1)
                self._put(event, value)
            case yaml.CollectionStartEvent():
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._end(event)

    def _begin(self, event: Any) -> None:
        _refuse_tag(event)
        if self._awaits_key():
            _refuse(event, "a key is a text")
        if len(self._open) >= DEEPEST:
            _refuse(event, "it is nested too deeply")
        if event.anchor:
            self._named.pop(event.anchor, None)  # it is not known until it has ended
        begun = self._values
        self._count(event, 1)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        value: Any = Entry(line=event.start_mark.line + 1) if is_mapping else []
        self._open.append(_Open(value, event.anchor, begun))

    def _end(self, event: Any) -> None:
        ended = self._open.pop()
        for source in ended.merged:
            self._count(event, len(source))
            for key, value in source.items():
                ended.value.setdefault(key, value)
        if ended.anchor:
            self._named[ended.anchor] = (ended.value, self._values - ended.begun)
        self._put(event, ended.value)

    def _repeat(self, event: Any) -> None:
        """Take the value that an alias names; it counts as if it were written here."""
        if event.anchor not in self._named:
            _refuse(event, f"*{event.anchor[:50]} names nothing that was written before, or itself")
        value, size = self._named[event.anchor]
        self._count(event, size)
        if self._awaits_key() and not isinstance(value, str):
            _refuse(event, "a key is a text")
        self._put(event, value)

    def _put(self, event: Any, value: Any) -> None:
        """Put a value where it belongs: as the document, into a list, as a key or under one."""
        if not self._open:
            self.document = value
            return
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
        elif inside.key is None:
            line = event.start_mark.line + 1
            if value in inside.value.lines:
                _refuse(event, f"{value[:50]} stands twice, also in line {inside.value.lines[value]}")
            inside.key, inside.key_line = value, line
            inside.value.lines[value] = line
        else:
            key, inside.key = inside.key, None
            if key == "<<":
                del inside.value.lines[key]
                inside.merged += _mergeable(event, value)
            else:
                inside.value[key] = value

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, Entry) and self._open[-1].key is None

    def _count(self, event: Any, number: int) -> None:
        self._values += number
        if self._values > MOST_VALUES:
            _refuse(event, f"it comes to more than {MOST_VALUES} values")


def value_of(text: str) -> str | int | float | bool | None:
    """Return what a plain word of YAML means here."""
    if len(text) <= MOST_DIGITS + 2:
        lower = text.lower()
        if lower in _WORDS:
            return _WORDS[lower]
        if _NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) <= MOST_DIGITS:
            return float(text) if "." in text else int(text)
    return text


def _mergeable(event: Any, value: Any) -> list[Entry]:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, Entry) for source in sources):
        _refuse(event, "<< takes a mapping, or a list of mappings")
    return sources


def _refuse_tag(event: Any) -> None:
    """Raise YamlError for a tag, which could make something else of a value."""
    if event.tag not in (None, "!", _TEXT_TAG):
        _refuse(event, f"it has the tag {event.tag[:50]}")


def _refuse(event: Any, why: str) -> NoReturn:
    raise YamlError(Problem(event.start_mark.line + 1, f"This is no YAML for us: {why}."))


def resolved(value: Any, environ: Mapping[str, str]) -> Any:
    """Return a value with every `${NAME}` replaced; one that is all of a text may be `Unset`."""
    if isinstance(value, Entry):
        found = ((key, resolved(one, environ)) for key, one in value.items())
        return Entry(found, line=value.line, lines=value.lines)
    if isinstance(value, list):
        return [resolved(one, environ) for one in value]
    if not isinstance(value, str):
        return value
    for name in _VARIABLE.findall(value):
        if name not in environ:
            return Unset(name)
    return _VARIABLE.sub(lambda found: environ[found[1]], value)
