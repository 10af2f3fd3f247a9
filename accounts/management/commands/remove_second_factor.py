"""`manage.py remove_second_factor`: for who has lost the phone and the recovery codes."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.second_factors import remove_second_factors
from core.console import PlainCommand, argument
from core.errors import ConfigError


class Command(PlainCommand):
    """Leaves the password as it is."""

    help = "Take all second factors off an account: it then needs its password alone."
    arguments = (argument("user", help="whose account it is"),)

    def run(self, **options: Any) -> None:
        found = User.objects.filter(username__iexact=options["user"]).first()
        if found is None:
            raise ConfigError(f"There is no user called {options['user']}.")
        count = remove_second_factors(found)
        self.tell(f"{found} had {count} second factors, and has none now.")
