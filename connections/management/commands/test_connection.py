"""`manage.py test_connection`: does it answer, and is anything to be done?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from connections.management.telling import AnswerCommand
from connections.services import connection_named, test
from core.console import OK


class Command(AnswerCommand):
    help = "Connect to a program, a service or a folder: what answers, and what may need a hand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the connection")

    def run(self, **options: Any) -> int:
        connection = connection_named(options["name"])
        self.tell_answer(connection, test(connection))
        return OK
