"""`manage.py setup_token`: print the token with which the first visitor makes the admin account."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import first_admin


class Command(BaseCommand):
    """Prints nothing where there is an account."""

    help = "Print the token for making the first account in the browser; nothing once there is one."

    def handle(self, **_: Any) -> None:
        if first_admin.is_needed():
            self.stdout.write(
                f"No account yet: open Taggarr in a browser and enter the token {first_admin.token()}"
            )
