"""`manage.py artwork_publish`: have the pictures that were chosen stand beside their titles."""

from __future__ import annotations

from typing import Any

from artwork import care
from artwork.choosing import discard
from artwork.jobs import PUBLISH, publish_now, run_here, title_called, titles_called
from artwork.management.ending import tell
from artwork.models import State
from artwork.publishing.journal import By, undo
from connections.services import connection_named
from core.console import OK, PlainCommand, argument
from core.errors import ConfigError
from jobs import services


class Command(PlainCommand):
    help = "Publish the titles whose pictures changed, here and now; or those that hold a text in their name."
    arguments = (
        argument("title", nargs="?", help="a part of the title's name"),
        argument("--connection", help="only the titles of this connection"),
        argument("--release", action="store_true", help="publish what waits for you, and ask no more"),
        argument("--undo", action="store_true", help="bring back what stood there before the last time"),
        argument("--discard", action="store_true", help="choose again what was published"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        if options["undo"] or options["discard"]:
            return self._take_back(options["title"] or "", undoes=options["undo"])
        if options["release"]:
            job = services.run_inline(care.release(connection_named(options["connection"] or ""), None))
        elif options["title"]:
            job = services.run_inline(publish_now(titles_called(options["title"])))
        else:
            job = run_here(PUBLISH, options["connection"])
        return tell(self, job)

    def _take_back(self, name: str, *, undoes: bool) -> int:
        title = title_called(name)
        if not undoes:
            number = discard(title)
            self.answer({"changed": number}, f"{title}: {number}")
            return OK
        last = title.publications.filter(state=State.DONE, undoes=None, restores=False).first()
        if last is None:
            raise ConfigError("artwork.nothing-to-undo")
        files = len(undo(last, By()).steps)
        self.answer({"files": files}, f"{title}: {files}")
        return OK
