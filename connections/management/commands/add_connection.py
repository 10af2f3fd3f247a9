"""`manage.py add_connection`: connect a program, a service or a folder of any kind."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser

from connections import kinds, services
from connections.fields import Field, SecretField
from connections.management.telling import AnswerCommand, content_of
from core.console import OK
from core.errors import ConfigError, FieldError
from core.portable import nearest


class Command(AnswerCommand):
    help = "Connect a program, a service or a folder. What each kind is asked for: docs/connections.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what you call it, such as TV")
        parser.add_argument("--kind", choices=kinds.slugs(also_off=True), required=True, help="what it is")
        parser.add_argument("--url", required=True, help="its address; of a folder the path")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="a field of its kind; may be repeated, each pair of a list of mappings too",
        )
        parser.add_argument(
            "--secret-file",
            action="append",
            default=[],
            metavar="FIELD=FILE",
            help="a file that holds a secret; at a terminal one that is missing is asked for",
        )

    def run(self, **options: Any) -> int:
        kind = services.kind_now(options["kind"])
        fields = {field.name: field for field in kinds.fields_of(kind)}
        given = _texts(options["set"], fields)
        given |= {name: content_of(file) for name, file in _texts(options["secret_file"], fields).items()}
        for field in fields.values():
            if isinstance(field, SecretField) and field.required and field.name not in given:
                given[field.name] = _asked(field)
        values = {name: fields[name].from_text(text) for name, text in given.items()}
        checked = services.check(options["kind"], {"name": options["name"], "url": options["url"], **values})
        assert checked.found is not None  # noqa: S101  (what is enabled is connected to, or the check raises)
        self.tell_answer(checked.save(), checked.found, added=True)
        return OK


def _texts(pairs: list[str], fields: dict[str, Field]) -> dict[str, str]:
    """The texts by field, those of one that is given several times in lines."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ConfigError(f"“{pair}” names no field: write FIELD=VALUE.")
        if name not in fields:
            raise FieldError(name, f"There is no field {name}: {nearest(name, tuple(fields))}")
        found.setdefault(name, []).append(text)
    return {name: "\n".join(texts) for name, texts in found.items()}


def _asked(field: SecretField) -> str:
    if not sys.stdin.isatty():
        raise ConfigError(f"Give the {field.title}: with --secret-file {field.name}=FILE.")
    return getpass.getpass(f"{field.title} (it is not shown): ")
