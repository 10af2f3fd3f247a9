"""`manage.py catalogue_unmerge`: make two works of one again."""

from __future__ import annotations

from typing import Any

from catalogue import merging
from catalogue.management.commands.catalogue_import import user_named
from catalogue.models import Merge
from core.console import OK, PlainCommand, argument
from core.errors import ConfigError


class Command(PlainCommand):
    help = "Make two works again of those that were made one, exactly as they were."
    arguments = (
        argument("number", type=int, help="the number that catalogue_merge said"),
        argument("--user", required=True, help="who does it, with their rights"),
    )
    has_json = True

    def run(self, **options: Any) -> int:
        user = user_named(options["user"])
        of = Merge.objects.filter(pk=options["number"]).first()
        if of is None:
            raise ConfigError("catalogue.no-merge", number=options["number"])
        done = merging.undo(of, user)
        self.answer({"works": [done.kept_id, done.gone_id]}, f"{done.kept_id}, {done.gone_id}")
        return OK
