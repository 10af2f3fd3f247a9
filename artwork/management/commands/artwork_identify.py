"""`manage.py artwork_identify`: which one of a provider is a title that nobody knows for certain?"""

from __future__ import annotations

from typing import Any

from artwork import care
from artwork.jobs import title_called
from artwork.management.ending import tell
from core.console import OK, PlainCommand, argument
from jobs import services


class Command(PlainCommand):
    help = "Say which one of a provider a title is; without an id, list what it may be."
    arguments = (
        argument("title", help="a part of the title's name"),
        argument("id", nargs="?", help="one of those that it may be, such as tmdb:603"),
        argument("--undo", action="store_true", help="it is another one: forget what was told of that"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        title = title_called(options["title"])
        if options["undo"]:
            job = care.take_identity_back(title, None)
        elif options["id"]:
            provider, _, id = options["id"].partition(":")
            job = care.identify(title, provider, id, None)
        else:
            lines = [f"{one['provider']}:{one['id']} {one['title']} ({one['year']})" for one in title.matches]
            self.answer(
                {"matches": title.matches}, "\n".join(lines) or f"{title}: there is nothing to choose."
            )
            return OK
        return tell(self, services.run_inline(job))
