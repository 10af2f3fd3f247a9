"""docs/cli.md tells of every command and every argument."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from connections.kinds import slugs
from system import command_docs
from system.command_docs import (
    CONNECTIONS,
    DOCUMENT,
    FIELDS,
    MARK,
    brought_up_to_date,
    fields_brought_up_to_date,
    own_commands,
    table_of,
)

NAMES = sorted(own_commands())


def sections() -> dict[str, str]:
    """The text of each section of the document, by the command in its title."""
    parts = re.split(r"^## (\w+)\n", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_tables_are_those_of_the_commands():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == brought_up_to_date(text, own_commands()), "run: python -m system.command_docs"


def test_the_tables_of_fields_are_those_of_every_kind_of_connection():
    text = CONNECTIONS.read_text(encoding="utf-8")
    assert text == fields_brought_up_to_date(text), "run: python -m system.command_docs"
    assert sorted(found[1] for found in FIELDS.finditer(text)) == sorted(slugs(also_off=True))


WITHOUT_SETTINGS = """
import sys
from pathlib import Path
from system import command_docs

command_docs.DOCUMENT, command_docs.CONNECTIONS = map(Path, sys.argv[1:])
command_docs.main()
"""


@pytest.mark.parametrize("apart", [True, False], ids=["without settings", "with settings"])
def test_stale_tables_are_made_anew(apart, tmp_path, monkeypatch):
    stale = {}
    for name in ("DOCUMENT", "CONNECTIONS"):
        kept = getattr(command_docs, name)
        path = stale[name] = tmp_path / kept.name
        path.write_text(kept.read_text(encoding="utf-8").replace("| `", "| `stale "), encoding="utf-8")
    wanted = [DOCUMENT.read_text(encoding="utf-8"), CONNECTIONS.read_text(encoding="utf-8")]
    if apart:
        left = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [sys.executable, "-c", WITHOUT_SETTINGS, *map(str, stale.values())]
        subprocess.run(command, cwd=command_docs.ROOT, env=left, check=True)
    else:
        for name, path in stale.items():
            monkeypatch.setattr(command_docs, name, path)
        command_docs.main()
    assert [path.read_text(encoding="utf-8") for path in stale.values()] == wanted


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_section_with_an_example_and_its_arguments(name):
    section = sections().get(name)
    assert section is not None, f"docs/cli.md has no section for {name}"
    assert f"    $ manage.py {name}" in section
    assert [found[1] for found in MARK.finditer(section)] == [name]


def test_no_section_tells_of_a_command_that_is_gone():
    assert sorted(sections()) == NAMES


def test_an_argument_is_shown_as_it_is_typed():
    commands = own_commands()
    table = table_of(commands["scan"], "scan")
    assert "| `--mode update\\|rewrite\\|remove` | update: what is new" in table
    assert "| `--instance NAME` |" in table
    assert "| `--dry-run` |" in table
    assert "--verbosity" not in table
    assert "| `JOB` |" in table_of(commands["cancel_job"], "cancel_job")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_says_what_it_is_for(name):
    command = own_commands()[name]
    assert command.help.endswith(".")
    parser = command.create_parser("manage.py", name)
    assert all(action.help for action in parser._actions)
