"""What Taggarr changes outside of itself, by its own code: who does it, and that a dry run cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ApiPermanentError
from library.clients import ArrClient, client_class

ROOT = Path(__file__).resolve().parents[2]
APPS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "demo", "tests"})
WRITERS = {
    # Guarded by `due_media`: no dry run, no hold, not excluded.
    "create_tag": {"scanner/scan/reconcile.py"},
    "edit_tags": {"scanner/labels/bulk_edit.py"},
    "command": {"scanner/scan/reconcile.py"},
    # Guarded by `_need_leave`: the policy must allow it and be no dry run.
    "search": {"scanner/acting.py"},
    "unmonitor": {"scanner/acting.py"},
    # An admin asks for it, and it changes no connection but the one with our name.
    "save_notification": {"scanner/webhook_setup.py"},
}
"""The calls by which Sonarr and Radarr are changed, and the only modules that make them."""

FILES = {
    # In folders that are open to Taggarr, and there nothing but NFO files that exist.
    "scanner/nfo/files.py",
    # There too, pictures and NFO files: all of them with a journal, and none that somebody else put there.
    "artwork/publishing/folder.py",
    # Below TAGGARR_DATA, or its own programs' files.
    "jobs/scheduler.py",
    "library/posters.py",
    "system/backup/services.py",
    "system/backup/writing.py",
    "system/cleanup.py",
    "scanner/root_watch.py",
    "storage/backends/local.py",
    # Where a person has the plugin for Stash put, and the outcome of an import.
    "players/stash/plugin.py",
    "catalogue/management/commands/catalogue_import.py",
    # Into an archive that is exported: a file without a name, or the one that a person named.
    "catalogue/exporting.py",
    "catalogue/formats/tellico_writing.py",
    "core/data_folder.py",
    "core/keys.py",
    # Into a temporary folder, in which an upgrade is tried.
    "system/rehearsal/rehearsing.py",
    "system/rehearsal/scratch.py",
    # The translations and documents of the program itself, when they are made.
    "system/command_docs.py",
    "taggarr/translations.py",
}
"""The modules that write, rename or delete files, beside those that run the embedded servers."""

RUNNING = ("system/embedded/", "system/up.py", "system/nursery.py", "system/supervisor.py")
CHANGES = {"write_text", "write_bytes", "unlink", "rename", "rmtree", "copyfile", "copytree", "copy", "touch"}
CHANGES |= {"symlink_to", "mkdir", "fchown", "fchmod", "chown", "chmod", "O_CREAT", "O_WRONLY", "O_RDWR"}
NO_FILES = {
    "copy": {
        "contextvars",
        "entry",
        "row",
        "connection",
        "context",
        "cursor",
        "told",
        "one",
        "held",
        "picture",
    },
    "touch": {"cache", "noting"},
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def attributes(tree: ast.AST) -> Iterator[ast.Attribute]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def methods_that_write() -> set[str]:
    found = set()
    for name, tree in sources():
        if not name.startswith("library/clients/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
                calls = any(one.attr == "_call" for one in attributes(node))
                found |= {node.name} if calls or texts & {"PUT", "POST", "DELETE", "PATCH"} else set()
    return found


def test_sonarr_and_radarr_are_changed_by_these_modules_alone():
    assert methods_that_write() == set(WRITERS)
    found: dict[str, set[str]] = {name: set() for name in WRITERS}
    for module, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            on = ast.unparse(node.func.value)
            if node.func.attr in found and ("client" in on):
                found[node.func.attr].add(module)

    assert found == WRITERS


def test_files_are_changed_by_these_modules_alone():
    found = set()
    for module, tree in sources():
        writes = any(one.attr in CHANGES and not _is_no_file(one) for one in attributes(tree))
        if (writes or any(map(_opens_to_write, ast.walk(tree)))) and not module.startswith(RUNNING):
            found.add(module)

    assert found == FILES


def _opens_to_write(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in ("open", "fdopen"):
        return False
    given = [*node.args, *(one.value for one in node.keywords)]
    modes = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(set(mode) & set("wax+") and set(mode) <= set("wax+bt") for mode in modes)


def _is_no_file(one: ast.Attribute) -> bool:
    return any(word in ast.unparse(one.value) for word in NO_FILES.get(one.attr, ()))


@pytest.mark.parametrize("kind", ["sonarr", "radarr"])
def test_the_client_of_a_dry_run_changes_nothing_whatever_it_is_asked(kind, request):
    stand_in = request.getfixturevalue(kind)
    client: ArrClient = client_class(kind)(stand_in.url, stand_in.api_key, tries=1, read_only=True)
    asked = {
        "create_tag": ("dub",),
        "edit_tags": ([1], [1], "add"),
        "command": ("RescanSeries", 1),
        "search": (1, [1]),
        "unmonitor": (1, [1]),
        "save_notification": ({"name": "x"},),
    }
    assert asked.keys() == WRITERS.keys()
    for name, arguments in asked.items():
        with pytest.raises(ApiPermanentError, match="a dry run sends nothing"):
            getattr(client, name)(*arguments)

    assert [entry for entry in stand_in.journal() if entry["method"] != "GET"] == []
