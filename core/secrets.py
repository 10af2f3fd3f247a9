"""Secrets at rest: sealed in the database and in memory, opened where they are used and nowhere else.

Loading a row decrypts nothing: its secret is a `Secret`, whose `reveal()` the sender of a request calls. All
encrypted fields are found by themselves for checking, renewing and dropping; an app that keeps secrets in
another shape registers a `Vault` in `AppConfig.ready`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute

from core import masking
from core.errors import ConfigError


def cipher() -> MultiFernet:
    """The cipher of `TAGGARR_ENCRYPTION_KEYS`: the first key encrypts, every key decrypts."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def seal(plain: str, place: str) -> str:
    """Encrypt a text for the one place where it opens; the empty one stays empty. From now on logs mask it.

    The place stands within what is encrypted, so that nobody without a key can change it.
    """
    masking.remember(plain)
    return cipher().encrypt(f"{place}\0{plain}".encode()).decode() if plain else ""


def unseal(token: str, place: str) -> str:
    """The text that was sealed for this place, which logs mask from now on.

    Raises ConfigError where no key opens it, and where it was sealed for another place.
    """
    if not token:
        return ""
    try:
        sealed_for, _, plain = cipher().decrypt(token.encode()).decode().partition("\0")
    except InvalidToken:
        raise ConfigError("secret.sealed") from None
    if sealed_for != place:
        raise ConfigError("secret.moved")
    masking.remember(plain)
    return plain


class Secret:
    """A sealed text. It is false where empty, and shows itself as `****` wherever it is printed.

    `place` is where it opens; None while no row holds it.
    """

    __slots__ = ("place", "token")

    def __init__(self, token: str, place: str | None = None) -> None:
        self.token = token
        self.place = place

    def reveal(self) -> str:
        """The plain text, which logs mask from now on. Raises ConfigError where it does not open here."""
        return unseal(self.token, self.place or "")

    def moved_to(self, place: str) -> Secret:
        """The same text, sealed for another place. Raises ConfigError where it does not open here."""
        return self if self.place == place else Secret(seal(self.reveal(), place), place)

    def holds(self, plain: str) -> bool:
        """Whether this is the text within; takes the same time for all texts of a length."""
        return hmac.compare_digest(self.reveal().encode(), plain.encode())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self.token == other.token or self.holds(other.reveal())

    __hash__ = None  # type: ignore[assignment]  # equal ones may have other tokens

    def __bool__(self) -> bool:
        return bool(self.token)

    def __str__(self) -> str:
        return masking.MASK if self.token else ""

    def __repr__(self) -> str:
        return f"<Secret {self}>"


class _Sealing(DeferredAttribute):
    """Seals a plain text that is assigned to the field; what was loaded opens in the row that holds it."""

    field: EncryptedTextField

    def __get__(self, row: models.Model | None, owner: Any = None) -> Any:
        value = super().__get__(row, owner)
        if row is not None and isinstance(value, Secret) and value.place is None:
            return Secret(value.token, self.field.place_in(row))
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        if isinstance(value, str):
            place = self.field.place_in(row)
            value = Secret(seal(value, place), place)
        row.__dict__[self.field.attname] = value


class RowKey(models.BigAutoField):  # type: ignore[type-arg]
    """A primary key that is taken before the row is written, so that secrets can be sealed for it."""

    def get_pk_value_on_save(self, instance: models.Model) -> Any:
        """The next number of the table's sequence, for a row that has none yet."""
        table = instance._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [f'"{table}"', self.column])
            return cursor.fetchone()[0]


if TYPE_CHECKING:
    _SecretTextField = models.TextField[Secret | str, Secret]
else:
    _SecretTextField = models.TextField


class EncryptedTextField(_SecretTextField):
    """Text that stands encrypted in the database (Fernet tokens) and is a `Secret` in Python.

    Each opens in its own row and column alone: what is copied to another by SQL is refused. Its model has a
    `RowKey`, or gives its rows their keys itself.
    """

    descriptor_class = _Sealing

    def place_in(self, row: models.Model) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}:{row.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal it for the row, whose key may have been made a moment ago."""
        secret: Secret = super().pre_save(model_instance, add)
        if not secret:
            return secret
        if model_instance.pk is None:
            raise TypeError(f"{self.model._meta.label} needs a RowKey: its secrets are sealed for their rows")
        moved = secret.moved_to(self.place_in(model_instance))
        setattr(model_instance, self.attname, moved)
        return moved

    def to_python(self, value: Any) -> Any:
        """Leave a secret sealed: the text of one is a mask."""
        return value if isinstance(value, Secret) else super().to_python(value)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Check a sealed value by whether there is one."""
        super().validate(str(value), model_instance)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            raise TypeError("assign a secret to its row, and save that: it is sealed for it")
        return value.token if isinstance(value, Secret) else value

    def from_db_value(self, value: str, *_: object) -> Secret:
        return Secret(value)


def secret_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


class Vault(Protocol):
    """Keeps secrets of its own in a table."""

    table: str

    def check(self) -> None:
        """Decrypt all. Raises ConfigError where one does not decrypt."""

    def renew(self) -> int:
        """Encrypt all with the first key, in the caller's transaction; return how many."""

    def drop(self) -> None:
        """Forget all, for who has lost the key."""


class _Fields:
    def __init__(self, model: Any, names: list[str]) -> None:
        self.rows = model._default_manager
        self.names = names
        self.table: str = model._meta.db_table

    def check(self) -> None:
        for row in self.rows.only("pk", *self.names).iterator():
            for name in self.names:
                getattr(row, name).reveal()

    def renew(self) -> int:
        rows = list(self.rows.select_for_update().only("pk", *self.names))
        for row in rows:
            for name in self.names:
                setattr(row, name, getattr(row, name).reveal())
        # Without `save`: nothing of this is a change of settings.
        self.rows.bulk_update(rows, self.names, batch_size=500)
        return sum(bool(getattr(row, name)) for row in rows for name in self.names)

    def drop(self) -> None:
        self.rows.update(**dict.fromkeys(self.names, ""))


_registered: list[Vault] = []


def register_vault(vault: Vault) -> None:
    """Have these secrets checked, renewed and dropped with the others."""
    _registered.append(vault)


def check_all() -> None:
    """Decrypt every stored secret; tables that do not exist yet hold none.

    Raises ConfigError where one does not decrypt.
    """
    tables = set(connection.introspection.table_names())
    for vault in _vaults():
        if vault.table in tables:
            vault.check()


def renew_all() -> int:
    """Encrypt every stored secret with the first key, in the caller's transaction; return how many."""
    return sum(vault.renew() for vault in _vaults())


def drop_all() -> None:
    for vault in _vaults():
        vault.drop()


def _vaults() -> Iterator[Vault]:
    for model in apps.get_models():
        if names := secret_fields(model):
            yield _Fields(model, names)
    yield from _registered
