"""`manage.py test_instance`: does it answer, and are its folders visible here?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from scanner.joining import connect
from scanner.lookup import instance_named
from scanner.management.printing import joined_json, print_joined


class Command(PlainCommand):
    help = "Connect to an instance: its version, its root folders, and whether each is visible here."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the instance")

    def run(self, **options: Any) -> int:
        joined = connect(instance_named(options["name"]))
        if options["json"]:
            self.print_json(joined_json(joined))
        else:
            print_joined(self.out, joined)
        return OK
