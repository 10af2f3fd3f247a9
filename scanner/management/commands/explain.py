"""`manage.py explain`: why this verdict?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from core.console import OK, PlainCommand
from scanner.explain import explain
from scanner.lookup import media_named
from scanner.management.explaining import print_explanation


class Command(PlainCommand):
    help = "Say why a series or movie has its verdict: every file, its tracks, the rule that decided."
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("media", help="its number, or a part of its title")

    def run(self, **options: Any) -> int:
        explanation = explain(media_named(options["media"]))
        if options["json"]:
            self.print_json(explanation.to_json())
        else:
            print_explanation(self.out, explanation)
        return OK
