"""`manage.py artwork_preview`: which pictures would be chosen now, and why?"""

from __future__ import annotations

from typing import Any

from artwork.jobs import titles_called
from artwork.models import Entity
from artwork.preparing import would_change
from connections.services import connection_named
from core.console import OK, PlainCommand, argument


class Command(PlainCommand):
    help = "Say of which titles other pictures would be chosen by the settings as they are; nobody is asked."
    arguments = (
        argument("title", nargs="?", help="a part of the title's name"),
        argument("--connection", help="only the titles of this connection"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        if options["title"]:
            titles = titles_called(options["title"])
        else:
            titles = list(Entity.objects.filter(title=None, media__isnull=False).order_by("name", "pk"))
        if options["connection"]:
            connection = connection_named(options["connection"])
            titles = [one for one in titles if one.connection_id == connection.pk]
        found = {title: changes for title in titles if (changes := would_change(title))}
        rows = [{"title": str(title), "changes": list(map(str, told))} for title, told in found.items()]
        self.answer({"titles": rows}, [f"{title}: {one}" for title, told in found.items() for one in told])
        return OK
