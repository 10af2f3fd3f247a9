"""All secrets that stand encrypted in the database: checking, renewing and dropping them.

Those in an `EncryptedTextField` are found by themselves; an app that keeps some in another shape names a
`Keeper` in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from django.apps import apps
from django.db import connection

from library.fields import EncryptedTextField


class Keeper(Protocol):
    """Keeps secrets of its own in a table."""

    table: str

    def check(self) -> None:
        """Decrypt all. Raises ConfigError where one does not decrypt."""

    def renew(self) -> int:
        """Encrypt all with the first key, in the caller's transaction; return how many."""

    def drop(self) -> None:
        """Forget all, for who has lost the key."""


class _Fields:
    """The encrypted fields of one model."""

    def __init__(self, model: Any, names: list[str]) -> None:
        self.rows = model._default_manager
        self.names = names
        self.table: str = model._meta.db_table

    def check(self) -> None:
        for name in self.names:
            for _secret in self.rows.values_list(name, flat=True).iterator():
                pass  # reading it decrypts it

    def renew(self) -> int:
        rows = list(self.rows.select_for_update().only("pk", *self.names))
        # Without `save`: nothing of this is a change of settings.
        self.rows.bulk_update(rows, self.names, batch_size=500)
        return sum(bool(getattr(row, name)) for row in rows for name in self.names)

    def drop(self) -> None:
        self.rows.update(**dict.fromkeys(self.names, ""))


_named: list[Keeper] = []


def add_keeper(keeper: Keeper) -> None:
    """Have a keeper of secrets asked with the others."""
    _named.append(keeper)


def check_all() -> None:
    """Decrypt every stored secret; tables that do not exist yet hold none.

    Raises ConfigError where one does not decrypt.
    """
    tables = set(connection.introspection.table_names())
    for keeper in _keepers():
        if keeper.table in tables:
            keeper.check()


def renew_all() -> int:
    """Encrypt every stored secret with the first key, in the caller's transaction; return how many."""
    return sum(keeper.renew() for keeper in _keepers())


def drop_all() -> None:
    """Forget every stored secret."""
    for keeper in _keepers():
        keeper.drop()


def _keepers() -> Iterator[Keeper]:
    for model in apps.get_models():
        names = [field.name for field in model._meta.get_fields() if isinstance(field, EncryptedTextField)]
        if names:
            yield _Fields(model, names)
    yield from _named
