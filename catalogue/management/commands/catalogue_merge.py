"""`manage.py catalogue_merge`: make one of two works."""

from __future__ import annotations

from typing import Any

from catalogue import merging, scope
from catalogue.management.commands.catalogue_import import user_named
from catalogue.models import Work
from core.console import OK, PlainCommand, argument
from core.errors import ConfigError


class Command(PlainCommand):
    help = "Make one of two works: copies, editions, numbers, ratings and all else of the second move."
    arguments = (
        argument("kept", type=int, help="the number of the work that stays, as it stands in its address"),
        argument("gone", type=int, help="the number of the work that becomes part of it"),
        argument("--user", required=True, help="who does it, with their rights"),
        argument(
            "--take",
            action="append",
            default=[],
            choices=merging.FIELDS,
            metavar="FIELD",
            help="have this field be as the second work says",
        ),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        user = user_named(options["user"])
        works = scope.works(user).in_bulk([options["kept"], options["gone"]])
        kept, gone = (_one_of(works, options[name]) for name in ("kept", "gone"))
        done = merging.merge(kept, gone, user, taken=options["take"])
        self.answer({"merge": done.pk, "work": kept.pk}, f"{done.pk}: {gone} > {kept}")
        return OK


def _one_of(works: dict[int, Work], pk: int) -> Work:
    if pk not in works:
        raise ConfigError("catalogue.no-work")
    return works[pk]
