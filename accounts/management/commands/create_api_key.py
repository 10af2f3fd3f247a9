"""`manage.py create_api_key`: a key for a program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.keys import LIFE, create_key
from accounts.models import Scope, User
from core.console import PlainCommand
from core.errors import ConfigError


class Command(PlainCommand):
    """Makes a key and prints it, alone on its line, for a script to take."""

    help = "Make an API key and print it: it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--user", required=True, help="whose key it is: it can never do more than its owner"
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            default=[],
            help="what it may do but look: write (scan, tag, policies) or settings; may be repeated",
        )
        parser.add_argument(
            "--network", action="append", default=[], help="where it may come from; may be repeated"
        )
        life = parser.add_mutually_exclusive_group()
        life.add_argument("--days", type=int, default=LIFE.days, help="how long it lives (%(default)s)")
        life.add_argument("--never-expires", action="store_true", help="it lives until it is deleted")

    def run(self, **options: Any) -> None:
        owner = User.objects.filter(username__iexact=options["user"]).first()
        if owner is None:
            raise ConfigError(f"There is no user called {options['user']}.")
        forever = options["never_expires"]
        _, text = create_key(
            owner,
            options["name"],
            scopes=options["scope"],
            networks=options["network"],
            expires_at=None if forever else timezone.now() + timedelta(days=options["days"]),
        )
        self.tell(text)
