"""`manage.py startup`: make the keys, check the surroundings, bring the database up to date."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from core import env, keys
from jobs.contract import store_periodic
from system.backup.restoring import LOCK
from system.backup.services import restore_staged
from system.checks import problems

WEB = "web"
"""The program that takes the token. Another host's log is no place for it, and its keys may be others."""


class Command(BaseCommand):
    """Prepares everything that the other programs take for granted; running it twice changes nothing."""

    help = "Make missing keys, check the servers, the keys and the data folder, and migrate the database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "program",
            nargs="?",
            default=WEB,
            metavar="PROGRAM",
            help="the program that starts then, such as worker-bulk: only web prints the token for the first "
            "account (default: web)",
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=30,
            metavar="SECONDS",
            help="how long PostgreSQL and Redis may take to answer (default: 30)",
        )
        parser.add_argument(
            "--no-token", action="store_true", help="do not print the token for the first account"
        )

    def handle(self, *, program: str, wait: float, no_token: bool, **_: Any) -> None:
        with env.refusing():
            for path in keys.make_missing_keys(settings.TAGGARR_DATA):
                self.stdout.write(f"Made {path}: keep a copy with your backups.")
            settings.SECRET_KEY = keys.secret_key(settings.TAGGARR_DATA)
            settings.ENCRYPTION_KEYS = keys.encryption_keys(settings.TAGGARR_DATA)
        if found := problems(wait):
            for problem in found:
                self.stderr.write(f"taggarr: {problem}")
            raise SystemExit(env.EXIT_REFUSED)
        with one_at_a_time(), uncollected():
            call_command("migrate", interactive=False, verbosity=0)
            if sentence := restore_staged():
                self.stdout.write(sentence)
            store_periodic()
        if program == WEB and not no_token:
            call_command("setup_token", stdout=self.stdout)
        self.stdout.write("Taggarr is ready to start.")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock in the database: containers that start together migrate one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no garbage meanwhile: migrations make models by the thousand, a third of the time was that."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
