"""YAML that people write: its data with the line of every key, and `${NAME}` filled in. No Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from library.errors import ConfigError
from library.portable import Entry, Problem, Unset

MOST_VALUES = 100_000
"""No file of settings comes near."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class YamlError(ConfigError):
    """The text is no YAML. `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Loader(yaml.SafeLoader):
    """Keeps the lines of mappings and keys. It makes plain data only."""

    def construct_yaml_map(self, node: yaml.MappingNode) -> Any:
        lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
        entry = Entry(line=node.start_mark.line + 1, lines=lines)
        yield entry
        entry.update({str(key): one for key, one in self.construct_mapping(node, deep=True).items()})


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_yaml_map)


def load_yaml(text: str) -> Any:
    """Return the data of a document; its mappings are `Entry`.

    Raises YamlError; also where it is nested too deeply, or names so often what it wrote once that it would
    fill the memory.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _values_in(node, {}) > MOST_VALUES:
            raise YamlError(
                Problem(1, f"This is no YAML for us: it comes to more than {MOST_VALUES} values.")
            )
        return loader.construct_document(node)
    except RecursionError:
        raise YamlError(Problem(1, "This is no YAML for us: it is nested too deeply.")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "reason", "it cannot be read")
        raise YamlError(Problem(mark.line + 1 if mark else 1, f"This is no YAML: {why}.")) from None


def _values_in(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node comes to, with those that an alias repeats; within itself it has no end."""
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # of a node that is met again within itself
        inner = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = (part for one in inner for part in (one if isinstance(one, tuple) else (one,)))
        known[id(node)] = 1 + sum(_values_in(part, known) for part in parts)
    return known[id(node)]


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
