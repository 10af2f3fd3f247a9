"""The secrets of second factors: they stand encrypted within JSON, which no model field of ours sees."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator

from accounts.models import User
from history import audit

SECRETS = ("secret", "seed")
"""Where they stand: of an authenticator app, and of the recovery codes."""


class SecondFactors:
    table: str = Authenticator._meta.db_table

    def check(self) -> None:
        for row in Authenticator.objects.iterator():
            for name in _names(row):
                get_adapter().decrypt(row.data[name])

    def renew(self) -> int:
        count = 0
        for row in Authenticator.objects.select_for_update():
            names = _names(row)
            for name in names:
                row.data[name] = get_adapter().encrypt(get_adapter().decrypt(row.data[name]))
            if names:
                row.save(update_fields=["data"])
                count += len(names)
        return count

    def drop(self) -> None:
        """Forget all. Passkeys are no secrets, and stay."""
        Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).delete()


def note_change(sender: Any, user: User, **_: Any) -> None:  # noqa: ARG001
    """Keep in the audit log that somebody's second factors changed; not what is in them."""
    audit.note("changed", kind="second factor", target=str(user))


def remove_second_factors(user: User) -> int:
    """Take all second factors off an account, for who has lost them; return how many."""
    count, _ = Authenticator.objects.filter(user_id=user.pk).delete()
    return int(count)


def _names(row: Any) -> list[str]:
    return [name for name in SECRETS if isinstance(row.data.get(name), str)]
