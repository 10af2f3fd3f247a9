"""What is done with connections of every kind: adding, editing, deleting and testing them.

Pages, API, commands, Django's admin, YAML and the first visit all call these, with what their feature adds
around it. A wrong field raises `FieldError`, which names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.errors import ApiAuthError, ApiError, ConfigError, FieldError

from . import breaker, kinds
from .kinds import Answer
from .models import Connection

if TYPE_CHECKING:
    pass

Beside = Callable[[Connection], object]
"""What a feature saves of its own beside a connection, in the same transaction."""

_before_deletion: list[Beside] = []


def before_deletion(act: Beside) -> None:
    """Have this done before a connection is deleted, in the same transaction."""
    _before_deletion.append(act)


@dataclass(frozen=True, slots=True)
class Checked:
    """A connection's settings as they may be saved; `found` where it was connected to."""

    kind: str
    name: str
    url: str
    secrets: Mapping[str, str]
    found: Answer | None = None

    def note(self, connection: Connection) -> None:
        """After it was saved: remember what answered, and let calls through again."""
        if self.found is not None:
            _note_answer(connection, self.found)
        else:
            breaker.close(connection)

    def differs(self, connection: Connection) -> bool:
        """Whether saving it would change the connection."""
        same = (connection.name, connection.url) == (self.name, self.url)
        return not (same and connection.holds(self.secrets))


def check(
    *,
    kind: str,
    name: str,
    url: str,
    secrets: Mapping[str, str],
    known: Connection | None = None,
    connect: bool = True,
) -> Checked:
    """Check what is to be saved for a new connection, or for the `known` one as it stands in the database.

    An empty secret keeps the stored one, but not with a new address: a stored secret is never sent to a host
    that somebody has just named. A new address or secret is connected to, where `connect` says so.
    """
    found = _kind(kind)
    name = _checked_name(name, known)
    url = _checked("url", found.clean_address, url)
    stored = _stored(known, secrets)
    wanted: dict[str, str] = {}
    for field in found.secrets:
        given = secrets.get(field.name, "")
        if known is not None and not given:
            if url != known.url and stored.get(field.name):
                raise FieldError(field.name, "connection.secret-again", secret=field.title)
            given = stored.get(field.name, "")
        if given or field.required:
            wanted[field.name] = _checked(field.name, field.check, given)
    changed = known is None or url != known.url or stored != wanted
    answer = connect_to(kind, url, wanted) if connect and changed else None
    return Checked(kind, name, url, wanted, answer)


def connect_to(kind: str, url: str, secrets: Mapping[str, str]) -> Answer:
    """Connect to an address and return what answers.

    The sentence of the FieldError says what is wrong: the address, a secret, another program, or no answer.
    """
    found = _kind(kind)
    _checked("url", found.may_connect, url)
    try:
        return found.test(url, secrets)
    except ApiAuthError as error:
        raise FieldError(found.secrets[0].name if found.secrets else "url", error.phrase) from None
    except ApiError as error:
        raise FieldError("url", error.phrase) from None


def test(connection: Connection) -> Answer:
    """Connect to a connection and return what answers; its breaker lets calls through again."""
    url = _checked("url", kinds.kind_of(connection.kind).clean_address, connection.url)
    answer = connect_to(connection.kind, url, connection.secrets())
    _note_answer(connection, answer)
    return answer


def add(
    checked: Checked,
    *,
    enabled: bool = True,
    options: Mapping[str, Any] | None = None,
    beside: Beside | None = None,
) -> Connection:
    """Add a connection that was checked and return it. `beside` saves what a feature keeps of it."""
    connection = Connection(
        kind=checked.kind,
        name=checked.name,
        url=checked.url,
        enabled=enabled,
        options=dict(options or {}),
    )
    connection.keep_secrets(checked.secrets)
    with transaction.atomic():
        connection.save()
        if beside:
            beside(connection)
        checked.note(connection)
    return connection


def edit(
    connection: Connection,
    checked: Checked,
    *,
    enabled: bool | None = None,
    options: Mapping[str, Any] | None = None,
    beside: Beside | None = None,
) -> Connection:
    """Change a connection to what was checked and return it; what is None stays.

    A breaker that waits for an edit is closed.
    """
    fields = ["name", "url", "updated_at"]
    connection.name, connection.url = checked.name, checked.url
    if not connection.holds(checked.secrets):
        connection.keep_secrets(checked.secrets)
        fields.append("secret")
    if enabled is not None:
        connection.enabled = enabled
        fields.append("enabled")
    if options is not None:
        connection.options = dict(options)
        fields.append("options")
    with transaction.atomic():
        # Only what was given: breaker and rate may have moved meanwhile.
        connection.save(update_fields=fields)
        if beside:
            beside(connection)
        checked.note(connection)
    return connection


def delete(connection: Connection) -> None:
    """Forget a connection with all that is known through it. Its history stays."""
    with transaction.atomic():
        for act in _before_deletion:
            act(connection)
        connection.delete()


def _stored(known: Connection | None, given: Mapping[str, str]) -> dict[str, str]:
    """The secrets of a known connection; none where no key opens them and they are being replaced."""
    if known is None:
        return {}
    try:
        return known.secrets()
    except ConfigError:
        if any(given.values()):
            return {}
        raise


def _kind(slug: str) -> kinds.ConnectionKind:
    try:
        return kinds.kind_of(slug)
    except ConfigError as error:
        raise FieldError("kind", error.phrase) from None


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
