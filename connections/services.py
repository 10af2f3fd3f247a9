"""What is done with connections of every kind: adding, editing, deleting and testing them.

Pages, API, commands, YAML and the first visit all call these; what apps keep beside a connection goes with it
(`connections.kinds.Beside`). A wrong field raises `FieldError`, which names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from core.errors import ApiAuthError, ApiError, ConfigError, FieldError
from core.portable import nearest
from core.words import Phrase

from . import breaker, kinds
from .fields import Coming, Field, cleaned
from .kinds import Answer, ConnectionKind, Target
from .models import Connection

if TYPE_CHECKING:
    from accounts.models import User

OWN = ("name", "url", "enabled")
"""What every connection is given, beside the fields of its kind."""

_before_deletion: list[Callable[[Connection], object]] = []


def before_deletion(act: Callable[[Connection], object]) -> None:
    """Have this done before a connection is deleted, in the same transaction."""
    _before_deletion.append(act)


def there() -> QuerySet[Connection]:
    """The connections that there are for people now, with what apps keep beside them."""
    found = Connection.objects.filter(kind__in=kinds.slugs())
    for slug in kinds.slugs():
        for one in kinds.beside(slug):
            found = found.select_related(*one.rows) if one.rows else found
            found = found.prefetch_related(*one.lists)
    return found


def values_of(connection: Connection) -> dict[str, Any]:
    """What the fields of a connection hold, all but its secrets."""
    kind = kinds.kind_of(connection.kind)
    found = cleaned(kind.options, {}, {**connection.options})
    for one in kinds.beside(connection.kind):
        found |= one.read(connection)
    return found


@dataclass(frozen=True, slots=True)
class Checked:
    """A connection's settings as they may be saved; `found` where it was connected to.

    `beside` holds what apps keep of it: everything of a new connection, what changes of a `known` one.
    """

    kind: str
    name: str
    url: str
    enabled: bool
    secrets: Mapping[str, str]
    options: Mapping[str, Any]
    beside: Mapping[str, Any]
    known: Connection | None = None
    found: Answer | None = None

    @property
    def differs(self) -> bool:
        row = self.known
        return (
            row is None
            or bool(self.beside)
            or (row.name, row.url, row.enabled) != (self.name, self.url, self.enabled)
            or row.options != self.options
            or not row.holds(self.secrets)
        )

    def save(self, *, user: User | None = None) -> Connection:
        """Add or change the connection, and return it. A breaker that waits for an edit is closed."""
        row = self.known or Connection(kind=self.kind)
        row.name, row.url, row.enabled, row.options = self.name, self.url, self.enabled, dict(self.options)
        columns = ["name", "url", "enabled", "options", "updated_at"]
        if not row.holds(self.secrets):
            row.keep_secrets(self.secrets)
            columns.append("secret")
        with transaction.atomic():
            # Of a known one no more than that: breaker and rate may have moved meanwhile.
            row.save(update_fields=columns if self.known else None)
            for one in kinds.beside(self.kind):
                self._save_beside(one, row, user)
            if self.found is not None:
                _note_answer(row, self.found)
            else:
                breaker.close(row)
        return row

    def _save_beside(self, one: kinds.Beside, row: Connection, user: User | None) -> None:
        values = {
            field.name: _made(field, self.beside[field.name])
            for field in one.fields(self.kind)
            if field.name in self.beside
        }
        if values or self.known is None:
            one.save(row, values, user)


def add(kind: str, *, connect: bool = True, user: User | None = None, **given: Any) -> Connection:
    """Add a connection; it is connected to first where it is enabled, unless `connect` is false.

    `given` holds `name`, `url`, and whatever its kind asks for. Raises FieldError.
    """
    return check(kind, given, connect=connect).save(user=user)


def edit(
    connection: Connection, *, connect: bool = True, user: User | None = None, **given: Any
) -> Connection:
    """Change a connection; what is not given stays. Raises FieldError."""
    return check(connection.kind, given, known=connection, connect=connect).save(user=user)


def check(
    kind: str, given: Mapping[str, Any], *, known: Connection | None = None, connect: bool = True
) -> Checked:
    """Check what is to be saved for a new connection, or for the `known` one as it stands in the database.

    An empty secret keeps the stored one, but not with a new address: a stored secret is never sent to a host
    that somebody has just named. None forgets it. A new address, secret or option of an enabled connection
    is tried, where `connect` says so.
    """
    found = kind_now(kind)
    fields = kinds.fields_of(found)
    if unknown := sorted(given.keys() - {*OWN, *(field.name for field in fields)}):
        has = ", ".join(field.name for field in fields) or "none"
        raise FieldError(unknown[0], "connection.no-field", kind=str(found.title), field=unknown[0], has=has)
    name = _checked_name(str(given.get("name", known.name if known else "")), known)
    address = str(given.get("url", known.url if known else found.default_url))
    url = _checked("url", found.clean_address, address)
    enabled = bool(given.get("enabled", known.enabled if known else True))
    stored = _stored(known, found, given)
    secrets = _checked_secrets(found, url, given, known, stored)
    options = cleaned(found.options, given, known.options if known else {})
    beside: dict[str, Any] = {}
    for one in kinds.beside(kind):
        kept = one.read(known) if known else {}
        wanted = cleaned(one.fields(kind), given, kept)
        beside |= {name: value for name, value in wanted.items() if name not in kept or kept[name] != value}
    changed = known is None or (known.url, known.options, stored) != (url, options, secrets)
    answer = None
    if connect and enabled and changed:
        answer = connect_to(kind, Target(url, secrets, options))
    return Checked(kind, name, url, enabled, secrets, options, beside, known, answer)


def _checked_secrets(
    kind: ConnectionKind,
    url: str,
    given: Mapping[str, Any],
    known: Connection | None,
    stored: Mapping[str, str],
) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for field in kind.secrets:
        value = given.get(field.name, "")
        if known is not None and value == "":
            value = stored.get(field.name, "")
            if value and url != known.url:
                raise FieldError(field.name, "connection.secret-again", secret=field.title)
        if value or field.required:
            wanted[field.name] = field.clean(value or "")
    return wanted


def connect_to(kind: str, target: Target) -> Answer:
    """Connect to an address and return what answers.

    The sentence of the FieldError says what is wrong: the address, a secret, another program, or no answer.
    """
    found = kind_now(kind)
    _checked("url", found.may_connect, target.url)
    try:
        return found.test(target)
    except ApiAuthError as error:
        raise FieldError(found.secrets[0].name if found.secrets else "url", error.phrase) from None
    except ApiError as error:
        raise FieldError("url", error.phrase) from None


def test(connection: Connection) -> Answer:
    """Connect to a connection and return what answers; its breaker lets calls through again."""
    url = _checked("url", kinds.kind_of(connection.kind).clean_address, connection.url)
    answer = connect_to(connection.kind, Target(url, connection.secrets(), connection.options))
    _note_answer(connection, answer)
    return answer


def notes_on(connection: Connection, answer: Answer) -> list[str]:
    """What apps have to say about an answer: a sentence for each thing that may need a hand."""
    return [note for one in kinds.beside(connection.kind) for note in one.notes(connection, answer)]


def may_be_off(connection: Connection) -> bool:
    """Whether it is no problem that a connection does not answer now."""
    return any(one.may_be_off(connection) for one in kinds.beside(connection.kind))


def connection_named(name: str) -> Connection:
    """The connection of this name, whatever its case. Raises ConfigError where there is none."""
    found = there().filter(name__iexact=name.strip()).first()
    if found is None:
        known = tuple(there().values_list("name", flat=True))
        hint = nearest(name, known) if known else Phrase("connection.none-yet")
        raise ConfigError("connection.unknown", name=name, hint=hint)
    return found


def delete(connection: Connection) -> None:
    """Forget a connection with all that is known through it. Its history stays."""
    with transaction.atomic():
        for act in _before_deletion:
            act(connection)
        connection.delete()


def _made(field: Field, value: Any) -> Any:
    """The row of which only the name was known while this was checked; anything else as it is."""
    return field.clean(str(value)) if isinstance(value, Coming) else value


def _stored(known: Connection | None, kind: ConnectionKind, given: Mapping[str, Any]) -> dict[str, str]:
    """The secrets of a known connection; none where they do not open and are being replaced."""
    if known is None:
        return {}
    try:
        return known.secrets()
    except ConfigError:
        if any(given.get(field.name) for field in kind.secrets):
            return {}
        raise


def kind_now(slug: str) -> ConnectionKind:
    """A kind that there is for people now. Raises FieldError, also where its feature is switched off."""
    try:
        found = kinds.kind_of(slug)
    except ConfigError as error:
        raise FieldError("kind", error.phrase) from None
    if slug not in kinds.slugs():
        raise FieldError("kind", "connection.kind-off", kind=slug)
    return found


def _checked(field: str, check: Callable[[str], Any], value: str) -> Any:
    try:
        return check(value)
    except ConfigError as error:
        raise FieldError(field, error.phrase) from None


def _checked_name(name: str, known: Connection | None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise FieldError("name", "connection.name-length")
    same = Connection.objects.filter(name__iexact=name)
    if known is not None:
        same = same.exclude(pk=known.pk)
    if same.exists():
        raise FieldError("name", "connection.name-taken", name=name)
    return name


def _note_answer(connection: Connection, answer: Answer) -> None:
    Connection.objects.filter(pk=connection.pk).update(version=answer.version)
    breaker.close(connection)
    connection.refresh_from_db(fields=["version", "breaker", "breaker_failures", "breaker_reason"])
