"""`manage.py add_instance`: connect a Sonarr, a Radarr or a plain folder."""

from __future__ import annotations

import getpass
import shlex
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from connections.kinds import kind_of
from connections.management.telling import AnswerCommand, content_of
from connections.models import Connection
from core.console import argument
from core.errors import ConfigError
from library.models import Kind
from scanner.joining import join
from scanner.models import FactsFrom

KEY_VARIABLE = "TAGGARR_NEW_API_KEY"


class Command(AnswerCommand):
    help = (
        "Connect a Sonarr, a Radarr, or a plain folder of series or movies. The API key is in Settings → "
        f"General of the app; it is asked for unless an option or the variable {KEY_VARIABLE} holds it."
    )
    arguments = (
        argument("name", help="what you call it, such as TV"),
        argument("--kind", choices=Kind.values, required=True, help="which app or folder it is"),
        argument("--policy", default="", metavar="NAME", help="the policy that it follows"),
        argument(
            "--languages",
            default="",
            metavar="LIST",
            help="make the policy, with these target languages: English,Japanese or en,pt-BR",
        ),
        argument(
            "--map",
            action="append",
            default=[],
            metavar="REMOTE=LOCAL",
            help="a folder of the app, and where it lies here; may be repeated",
        ),
        argument(
            "--facts-from",
            choices=FactsFrom.values,
            help="auto: from disk where the files are visible here, else from the app (default)",
        ),
        argument("--if-missing", action="store_true", help="do nothing where the name is taken"),
    )
    has_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--url", help="with its URL base, such as http://nas:8989/sonarr")
        where.add_argument("--folder", metavar="PATH", help="of a plain folder, such as /media/movies")
        key = parser.add_mutually_exclusive_group()
        key.add_argument("--api-key-file", metavar="FILE", help="a file that holds the API key")
        key.add_argument("--api-key", metavar="KEY", help="others on this machine can see it while this runs")

    def run(self, **options: Any) -> None:
        name, kind = options["name"], options["kind"]
        if options["if_missing"] and Connection.objects.filter(name__iexact=name.strip()).exists():
            self.answer({"connection": name, "added": False}, f"{name} is there already.")
            return
        given: dict[str, Any] = {"name": name, "url": options["url"] or options["folder"]}
        if kind_of(kind).secrets:
            given["api_key"] = _api_key(options)
        if options["map"]:
            given["path_mappings"] = [_mapping(text) for text in options["map"]]
        if options["facts_from"]:
            given["facts_from"] = options["facts_from"]
        languages = options["languages"].split(",")
        added, answer = join(kind, policy=options["policy"], languages=languages, **given)
        self.tell_answer(added, answer, policy=added.scan_settings.policy.name, added=True)
        if not self.wants_json:
            self.tell(f"Added. Next: manage.py scan --instance {shlex.quote(added.name)} --dry-run")


def _api_key(options: dict[str, Any]) -> str:
    if options["api_key"] is not None:
        return str(options["api_key"])
    if options["api_key_file"]:
        return content_of(options["api_key_file"])
    if settings.NEW_API_KEY:
        return str(settings.NEW_API_KEY)
    if not sys.stdin.isatty():
        raise ConfigError(f"Give the API key: with --api-key-file, or in the variable {KEY_VARIABLE}.")
    return getpass.getpass("API key (it is not shown): ")


def _mapping(text: str) -> dict[str, str]:
    remote, equals, local = text.rpartition("=")
    if not equals:
        raise ConfigError(f"“{text}” is no path mapping: write REMOTE=LOCAL, such as /tv=/mnt/nas/tv.")
    return {"remote": remote, "local": local}
