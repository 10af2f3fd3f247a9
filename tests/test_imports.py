"""The shape of the code: imports run one way, pure modules stay pure, modules stay small.

The rules are those of docs/architecture.md. A new feature needs no line here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 500

_PLATFORM = {"core", "accounts", "history", "connections", "jobs"}
_SHELLS = {"storage", "providers", "notify", "system", "api", "web"}

FEATURE = _PLATFORM | _SHELLS | {"library"}
"""What a feature may import: the platform and the library. Features never import each other."""

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "history": {"core"},
    "accounts": {"core", "history"},
    "connections": {"core", "history"},
    "jobs": {"core", "history", "connections"},
    "storage": {"core", "history", "accounts", "jobs"},
    "providers": {"core", "connections", "jobs", "storage"},
    "notify": {"core", "history", "connections", "jobs"},
    "library": {"core", "history", "connections", "jobs"},
    "system": _PLATFORM | {"notify"},
    "api": _PLATFORM | {"notify", "system"},
    "web": _PLATFORM | {"notify", "system"},
    "original": FEATURE | {"scanner"},
    "taggarr": FEATURE | {"scanner", "players", "artwork", "catalogue", "original"},
    "demo": FEATURE | {"scanner", "players", "artwork", "catalogue", "original", "taggarr"},
    "bench": FEATURE | {"scanner", "players", "artwork", "catalogue", "original", "taggarr", "demo", "tests"},
    "tests": FEATURE | {"scanner", "players", "artwork", "catalogue", "original", "taggarr", "demo", "bench"},
}
"""Which of our packages each may import, beside itself; a package that is not named is a feature."""

PURE = [
    "artwork.choice",
    "artwork.identifying",
    "artwork.names",
    "artwork.nfo",
    "catalogue.codes",
    "catalogue.entries",
    "catalogue.filling",
    "catalogue.fitting",
    "catalogue.folding",
    "catalogue.formats",
    "catalogue.matching",
    "catalogue.query",
    "catalogue.values",
    "core.cage",
    "core.env",
    "core.errors",
    "core.masking",
    "core.numbers",
    "core.options",
    "core.portable",
    "core.words",
    "library.folder_look",
    "library.paths",
    "storage.caged",
    "storage.heads",
    "storage.phash",
    "storage.backends.sigv4",
    "scanner.verdict.counting",
    "scanner.labels.desired",
    "library.folder.episodes",
    "scanner.probe.tracks",
    "scanner.verdict.file",
    "scanner.labels.of_languages",
    "scanner.languages.codes",
    "library.folder.videos",
    "library.folder.listing",
    "library.folder.names",
    "library.folder.nfo",
    "library.nfo",
    "scanner.nfo.edit",
    "scanner.nfo.files",
    "scanner.probe",
    "scanner.languages.titles",
    "scanner.verdict.sentences",
    "scanner.verdict.rollup",
    "scanner.verdict.title",
    "system.backup.manifest",
    "players.clients.contract",
    "providers.contract",
    "providers.freshness",
    "original.differences",
    "original.document",
    "original.files",
    "original.settings",
    "original.state",
    "system.up",
    "system.yaml_documents",
]
"""Modules and packages that can be imported, with all they import, where there is no Django."""

FRAMEWORKS = {"django", "celery", "kombu", "redis", "psycopg", "rest_framework", "django_celery_beat"}


@cache
def modules() -> dict[str, Path]:
    """Our modules by dotted name; a package is the name of its `__init__`."""
    found: dict[str, Path] = {}
    for package in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


OURS = {name.split(".")[0] for name in modules()}


def imports(source: str, module: str, *, is_package: bool = False) -> set[str]:
    """The dotted names that a module imports at run time, inside functions too; relative ones resolved."""
    names: set[str] = set()
    for node in _run_time_nodes(ast.parse(source, filename=module)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package)
            names.update({base} | {f"{base}.{alias.name}" for alias in node.names})
    return names


def _run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`, which never run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from _run_time_nodes(node)


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)


@cache
def imports_of(module: str) -> frozenset[str]:
    path = modules()[module]
    names = imports(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
    return frozenset(names)


def reached_from(module: str) -> dict[str, str]:
    """What runs when `module` is imported, ours and others', with the module of ours that asks for it."""
    asked_by = {module: module}
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current not in modules():
            continue
        for name in imports_of(current) | {current.rpartition(".")[0]} - {""}:
            if name not in asked_by:
                asked_by[name] = current
                waiting.append(name)
    return asked_by


def test_imports_run_one_way():
    wrong = []
    for module in modules():
        own = module.split(".")[0]
        allowed = MAY_IMPORT.get(own, FEATURE) | {own}
        for name in sorted(imports_of(module)):
            package = name.split(".")[0]
            if package in OURS and package not in allowed:
                wrong.append(f"{module} imports {name}, but {own} may not import {package}")

    assert not wrong, "\n" + "\n".join(wrong)


def test_modules_import_each_other_in_no_circle():
    ours = {name for name in modules() if name.split(".")[0] != "tests"}
    graph = {
        name: {one for one in imports_of(name) & ours if one != name and not name.startswith(f"{one}.")}
        for name in ours
    }
    TopologicalSorter(graph).prepare()


STAGES = ("languages", "probe", "facts", "verdict", "labels", "nfo", "scan")


def test_a_stage_of_the_scanner_imports_no_later_one():
    wrong = []
    for module in modules():
        stage = _stage(module)
        for name in imports_of(module) if stage is not None else ():
            other = _stage(name)
            if stage is not None and other is not None and other > stage:
                wrong.append(f"{module} imports {name}")

    assert not wrong, "\n" + "\n".join(wrong)


def _stage(module: str) -> int | None:
    parts = module.split(".")
    if len(parts) < 2 or parts[0] != "scanner" or parts[1] not in STAGES or "migrations" in parts:
        return None
    return STAGES.index(parts[1])


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_reach_no_framework(name):
    members = [module for module in modules() if module == name or module.startswith(f"{name}.")]
    assert members, f"{name} is no longer there: take it out of PURE or name it anew"

    wrong = [
        f"{member} reaches {reached} through {asker}"
        for member in members
        for reached, asker in reached_from(member).items()
        if reached.split(".")[0] in FRAMEWORKS
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_module_is_longer_than_the_limit():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for module, path in modules().items()
        if ".migrations." not in module
    }
    long = {path: lines for path, lines in lengths.items() if lines > MAX_LINES}

    assert not long, f"split these by what they are about (at most {MAX_LINES} lines): {long}"


def test_no_module_is_a_drawer_for_everything():
    drawers = [
        name for name in modules() if name.split(".")[-1] in {"util", "utils", "helpers", "misc", "common"}
    ]

    assert not drawers, f"name these after what they do: {drawers}"


def test_the_reader_of_imports_sees_every_form():
    source = """
import os.path
from library import models
from . import sibling
from .deep.er import thing
from .. import above
if TYPE_CHECKING:
    from web import views
def later():
    import scanner.nfo.edit as nfo
"""

    assert imports(source, "jobs.engine.claim") == {
        "os.path",
        "library",
        "library.models",
        "jobs.engine",
        "jobs.engine.sibling",
        "jobs.engine.deep.er",
        "jobs.engine.deep.er.thing",
        "jobs",
        "jobs.above",
        "scanner.nfo.edit",
    }
    assert imports("from . import a", "jobs.engine", is_package=True) == {"jobs.engine", "jobs.engine.a"}


def test_the_reader_follows_imports_through_packages():
    reached = reached_from("tests.test_imports")

    assert reached["tests"] == "tests.test_imports"
    assert {"ast", "pathlib.Path", "pytest"} <= reached.keys()
    assert "django" not in reached
