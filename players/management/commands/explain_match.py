"""`manage.py explain_match`: why is this title that one of the player, or none?"""

from __future__ import annotations

from typing import Any

from core.console import PlainCommand, argument
from players.explain import explain_match


class Command(PlainCommand):
    help = "Say where a title is looked for in every player, what was found there, and how sure that is."
    arguments = (argument("subject", help="its key (media:42), or a part of its title"),)
    has_json = True

    def run(self, **options: Any) -> None:
        found = [one.to_json() for one in explain_match(options["subject"])]
        if self.wants_json:
            self.print_json(found)
            return
        for one in found:
            self.tell(f"{one['subject']} in {one['player']}: {one['state']}", "bold")
            for place in one["places"]:
                self.tell(f"  looked for at {place}")
            for item in one["candidates"]:
                sign = "*" if item["written"] else " "
                where = ", ".join(item["paths"])
                self.tell(f"  {sign} {item['grade']:>3}  {item['title']} ({where}): {item['why']}")
            if one["error"]:
                self.tell(f"  {one['error']}", "yellow")
