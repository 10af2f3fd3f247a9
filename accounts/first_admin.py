"""The first admin of an installation: made in the browser by whoever can read the log."""

from __future__ import annotations

import base64

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Role, User
from accounts.users import add_user
from core import sql
from core.errors import FieldError

# Any number does, as long as it stays the same: "admi" in ASCII.
FIRST_ADMIN_LOCK = 0x61646D69


def is_needed() -> bool:
    return not User.objects.exists()


def token() -> str:
    """Return the token that the first visitor must give: 100 bits, as five groups of four characters.

    It follows from this installation's secret key, so that every process knows it and none stores it. It
    opens nothing once there is a user.
    """
    digest = salted_hmac("taggarr.first-admin", "1", algorithm="sha256").digest()
    text = base64.b32encode(digest).decode("ascii")[:20]
    return "-".join(text[start : start + 4] for start in range(0, 20, 4))


@transaction.atomic
def create(given_token: str, username: str, password: str) -> User:
    """Make the first admin and return it. Of two that come at once only one succeeds.

    Raises FieldError for a wrong token, where there is a user by now, or a password that is too weak.
    """
    if not constant_time_compare(given_token.strip().upper(), token()):
        raise FieldError("token", "first-admin.token")
    sql.fetch("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMIN_LOCK])
    if not is_needed():
        raise FieldError("username", "first-admin.exists")
    return add_user(username, password, role=Role.ADMIN)
