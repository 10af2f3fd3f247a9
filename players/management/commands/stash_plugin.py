"""`manage.py stash_plugin`: the plugin by which a Stash tells us what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connections.services import connection_named, there
from core.console import PlainCommand, argument
from core.errors import ConfigError
from core.words import Phrase
from players.stash.plugin import write_plugin


class Command(PlainCommand):
    help = "Write the plugin for Stash into a folder: Stash then tells Taggarr of every change at once."
    arguments = (
        argument("folder", type=Path, help="the plugins folder of Stash, or any other to copy it from"),
        argument("--address", required=True, help="Taggarr as Stash sees it, such as http://taggarr:8484"),
        argument("--stash", default="", help="the connection, where there are several"),
    )
    has_json = True

    def run(self, **options: Any) -> None:
        known = list(there().filter(kind="stash"))
        stash = connection_named(options["stash"]) if options["stash"] else next(iter(known), None)
        if stash is None or stash.kind != "stash" or (len(known) > 1 and not options["stash"]):
            names = [str(one) for one in known]
            raise ConfigError("stash.which", names=names) if names else ConfigError("stash.none")
        files = [str(path) for path in write_plugin(stash, options["folder"], options["address"])]
        self.answer({"files": files}, [*files, Phrase("stash.reload", stash=stash)])
