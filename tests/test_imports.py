"""The shape of the code: imports run one way, pure modules stay pure, modules stay small.

The rules are those of docs/architecture.md. A new app needs a line in `MAY_IMPORT`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 500

_BASE = {"library", "history", "jobs"}
_FEATURES = {"accounts", "notify", "scanner", "system"}

MAY_IMPORT: dict[str, set[str]] = {
    "library": set(),
    "history": {"library"},
    "jobs": {"library", "history"},
    "accounts": _BASE,
    "notify": _BASE,
    "scanner": _BASE,
    "system": _BASE | {"taggarr"},  # it starts the project's processes, so it reads the project's options
    "api": _BASE | _FEATURES,
    "web": _BASE | _FEATURES,
    "taggarr": _BASE | _FEATURES | {"api", "web"},
    "demo": _BASE | _FEATURES | {"taggarr"},
    "bench": _BASE | _FEATURES | {"taggarr", "demo", "tests"},
    "tests": _BASE | _FEATURES | {"api", "web", "taggarr", "demo", "bench"},
}
"""Which of our packages each of our packages may import, beside itself."""

PURE = [
    "library.errors",
    "library.folder_look",
    "library.numbers",
    "library.paths",
    "library.portable",
    "library.secrets",
    "library.sentences",
    "scanner.counting",
    "scanner.desired",
    "scanner.episodes",
    "scanner.facts",
    "scanner.file_verdict",
    "scanner.language_labels",
    "scanner.languages",
    "scanner.movie_file",
    "scanner.nfo",
    "scanner.nfo_files",
    "scanner.probe",
    "scanner.titles",
    "scanner.truth_table",
    "scanner.verdict",
    "system.backup.manifest",
    "system.original.differences",
    "system.original.document",
    "system.original.environment",
    "system.original.files",
    "system.original.settings",
    "system.original.state",
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


def test_every_package_is_known_to_the_import_rule():
    unknown = {name.split(".")[0] for name in modules()} - MAY_IMPORT.keys()

    assert not unknown, f"say in MAY_IMPORT what these packages may import: {sorted(unknown)}"


def test_imports_run_one_way():
    wrong = []
    for module in modules():
        own = module.split(".")[0]
        for name in sorted(imports_of(module)):
            package = name.split(".")[0]
            if package in MAY_IMPORT and package != own and package not in MAY_IMPORT[own]:
                wrong.append(f"{module} imports {name}, but {own} may not import {package}")

    assert not wrong, "\n" + "\n".join(wrong)


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
    import scanner.nfo as nfo
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
        "scanner.nfo",
    }
    assert imports("from . import a", "jobs.engine", is_package=True) == {"jobs.engine", "jobs.engine.a"}


def test_the_reader_follows_imports_through_packages():
    reached = reached_from("tests.test_imports")

    assert reached["tests"] == "tests.test_imports"
    assert {"ast", "pathlib.Path", "pytest"} <= reached.keys()
    assert "django" not in reached
