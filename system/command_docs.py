"""The tables in docs/cli.md and docs/connections.md, made from the commands and the kinds of connections.

`python -m system.command_docs` brings the files up to date; their prose and examples are written by hand.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from connections.fields import ChoiceField, Field
from core.loading import load

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "cli.md"
CONNECTIONS = ROOT / "docs" / "connections.md"
MARK = re.compile(r"<!-- arguments of (\w+) -->\n(?:\|.*\n)*")
FIELDS_HEAD = "| field | what it is | type | default |\n|---|---|---|---|\n"
FIELDS = re.compile(r"<!-- fields of (\w+) -->\n(?:\|.*\n)*")

# What every command of Django has.
_COMMON = {option.dest for option in BaseCommand().create_parser("", "")._actions} | {"help"}


def own_commands() -> dict[str, BaseCommand]:
    found = get_commands()
    ours = sorted(name for name, app in found.items() if (ROOT / app / "__init__.py").exists())
    return {name: load_command_class(found[name], name) for name in ours}


def table_of(command: BaseCommand, name: str) -> str:
    """Return a table of the arguments of a command, empty where it has none of its own."""
    actions = command.create_parser("manage.py", name)._actions
    own = [action for action in actions if action.dest not in _COMMON]
    own.sort(key=lambda action: bool(action.option_strings))  # as `--help` does
    if not own:
        return ""
    rows = [f"| {_shown(action)} | {action.help or ''} |" for action in own]
    return "\n".join(["| argument | what it does |", "|---|---|", *rows]) + "\n"


def brought_up_to_date(text: str, commands: dict[str, BaseCommand]) -> str:
    """Return a document with the table after each `<!-- arguments of NAME -->` as the command has it now."""

    def table(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- arguments of {name} -->\n{table_of(commands[name], name)}"

    return MARK.sub(table, text)


def fields_brought_up_to_date(text: str) -> str:
    """Return a document with the table after each `<!-- fields of KIND -->` as the kind has it now."""
    from connections.kinds import fields_of, kind_of

    def table(found: re.Match[str]) -> str:
        fields = "".join(map(_field_row, fields_of(kind_of(found[1]), also_off=True)))
        return f"<!-- fields of {found[1]} -->\n{FIELDS_HEAD}{fields}"

    return FIELDS.sub(table, text)


def _field_row(field: Field) -> str:
    about = f"{field.title}. {field.help}".removesuffix(". ")
    words = ", ".join(f"`{word}`" for word, _ in field.choices) if isinstance(field, ChoiceField) else ""
    default = "*must be given*" if field.required else f"`{field.default}`" if field.default else ""
    only = f" (only where `{field.when[0]}` is {' or '.join(map(str, field.when[1]))})" if field.when else ""
    return f"| `{field.name}` | {about}{only} | {words or field.type} | {default} |\n"


def _shown(action: argparse.Action) -> str:
    """One argument as it is typed: `--mode update|rewrite|remove`, `NAME`."""
    if isinstance(action.metavar, str):
        value = action.metavar
    elif action.choices is not None:
        value = "\\|".join(map(str, action.choices))
    else:
        value = action.dest.upper()
    if not action.option_strings:
        return f"`{value}`"
    takes_value = action.nargs != 0
    return f"`{', '.join(action.option_strings)}{' ' + value if takes_value else ''}`"


def main() -> None:
    load()
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(brought_up_to_date(text, own_commands()), encoding="utf-8")
    CONNECTIONS.write_text(
        fields_brought_up_to_date(CONNECTIONS.read_text(encoding="utf-8")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
