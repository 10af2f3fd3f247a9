"""`manage.py explain`: why this verdict?"""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from scanner.explain import explain
from scanner.lookup import media_named
from scanner.management.printing import explanation_lines


class Command(PlainCommand):
    help = "Say why a series or movie has its verdict: every file, its tracks, the rule that decided."
    arguments = (argument("media", help="its number, or a part of its title"),)
    has_json = True

    def run(self, **options: Any) -> None:
        explanation = explain(media_named(options["media"]))
        self.answer(explanation.to_json(), explanation_lines(explanation))
