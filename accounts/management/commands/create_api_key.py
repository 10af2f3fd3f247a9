"""`manage.py create_api_key`: a key for a program."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.keys import create_key
from accounts.models import Role, User
from library.console import OK, PlainCommand
from library.errors import ConfigError


class Command(PlainCommand):
    """Makes a key and prints it, alone on its line, for a script to take."""

    help = "Make an API key and print it: it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """What for, and whose."""
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--user", required=True, help="whose key it is: it can never do more than its owner"
        )
        parser.add_argument(
            "--role", choices=Role.values, default=Role.VIEWER, help="viewer (only look) or admin"
        )

    def run(self, **options: Any) -> int:
        """Make it."""
        owner = User.objects.filter(username__iexact=options["user"]).first()
        if owner is None:
            raise ConfigError(f"There is no user called {options['user']}.")
        _, text = create_key(owner, options["name"], role=options["role"])
        self.tell(text)
        return OK
