"""Connections for tests, with all that the apps keep beside them. This is read before Django is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connections.models import Connection
    from scanner.models import Policy

BESIDE = ("webhook_token", "last_sync_at", "orphans_held", "orphans_released")


def make_connection(
    name: str = "TV",
    kind: str = "sonarr",
    *,
    url: str = "http://sonarr.test",
    api_key: str = "key",
    policy: Policy | None = None,
    **fields: Any,
) -> Connection:
    """Make a connection with its source and scan settings; `fields` are those of any of the three.

    Without a policy it gets the first there is, or one that wants English.
    """
    from connections.models import Connection
    from library.models import Source
    from scanner.models import Policy, ScanSettings

    own = {field.name for field in Connection._meta.concrete_fields}
    connection = Connection(
        name=name, kind=kind, url=url, **{key: fields.pop(key) for key in [*fields] if key in own}
    )
    connection.keep_secrets({"api_key": api_key})
    connection.save()
    source = {key: fields.pop(key) for key in [*fields] if key in BESIDE}
    Source.objects.create(connection=connection, **source)
    policy = policy or Policy.objects.first()
    policy = policy or Policy.objects.create(name="English", target_languages=["eng"])
    ScanSettings.objects.create(connection=connection, policy=policy, **fields)
    return connection


def set_api_key(api_key: str, **found: Any) -> None:
    """Give the connections that a query finds another API key."""
    from connections.models import Connection

    for connection in Connection.objects.filter(**found):
        connection.keep_secrets({"api_key": api_key})
        connection.save(update_fields=["secret"])
