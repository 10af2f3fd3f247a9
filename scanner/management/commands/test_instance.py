"""`manage.py test_instance`: does it answer, and are its folders visible here?"""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from scanner.joining import connect
from scanner.lookup import instance_named
from scanner.management.printing import joined_json, joined_lines


class Command(PlainCommand):
    help = "Connect to an instance: its version, its root folders, and whether each is visible here."
    arguments = (argument("instance", help="its name"),)
    has_json = True

    def run(self, **options: Any) -> None:
        joined = connect(instance_named(options["instance"]))
        self.answer(joined_json(joined), joined_lines(joined))
