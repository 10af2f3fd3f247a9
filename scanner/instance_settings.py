"""Adding, changing and deleting instances: the connection, how it is scanned, and what follows for its media.

Pages, API, commands, Django's admin, YAML and the first visit all come through here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connections import services
from connections.models import Connection
from connections.services import Checked
from library.models import FOLDER_KINDS, Source
from library.path_mappings import set_path_mappings
from scanner.models import FactsFrom, Policy, ScanSettings

from .policies import follow_policy

if TYPE_CHECKING:
    from accounts.models import User

SETTINGS = ("policy", "facts_from", "deep_scan_every", "brake_verdicts_percent", "brake_orphans_percent")
"""What a person sets of how an instance is scanned."""

Mappings = Iterable[tuple[str, str]]


def add(*, kind: str, name: str, url: str, api_key: str = "", check: bool = True, **given: Any) -> Connection:
    """Add an instance; it is connected to first, unless `check` is false. `given` as for `add_checked`.

    Raises FieldError.
    """
    return add_checked(
        services.check(kind=kind, name=name, url=url, secrets={"api_key": api_key}, connect=check), **given
    )


def edit(
    connection: Connection,
    *,
    name: str | None = None,
    url: str | None = None,
    api_key: str = "",
    check: bool = True,
    **given: Any,
) -> Connection:
    """Change an instance; what is not given stays. `given` as for `edit_checked`. Raises FieldError.

    A new address needs the API key again. A new address or key is connected to first, unless `check` is false
    or the instance is disabled.
    """
    checked = services.check(
        kind=connection.kind,
        name=connection.name if name is None else name,
        url=connection.url if url is None else url,
        secrets={"api_key": api_key},
        known=connection,
        connect=check and given.get("enabled", connection.enabled),
    )
    return edit_checked(connection, checked, **given)


def add_checked(
    checked: Checked,
    *,
    policy: Policy,
    enabled: bool = True,
    mappings: Mappings = (),
    **settings: Any,
) -> Connection:
    """Add an instance that `connections.services.check` let through; `settings` are those of `SETTINGS`."""
    _refuse_unknown(settings)
    settings |= _forced(checked)

    def beside(connection: Connection) -> None:
        Source.objects.create(connection=connection)
        ScanSettings.objects.create(connection=connection, policy=policy, **settings)
        set_path_mappings(connection, mappings)

    return services.add(checked, enabled=enabled, beside=beside)


def edit_checked(
    connection: Connection,
    checked: Checked,
    *,
    enabled: bool | None = None,
    mappings: Mappings | None = None,
    user: User | None = None,
    **settings: Any,
) -> Connection:
    """Change an instance to what was checked; what is not given of `SETTINGS` and mappings stays.

    With another policy its media are decided anew, and their tags follow in the background.
    """
    _refuse_unknown(settings)
    settings |= _forced(checked) if "facts_from" in settings else {}
    before = connection.scan_settings.policy_id

    def beside(connection: Connection) -> None:
        if settings:
            for field, value in settings.items():
                setattr(connection.scan_settings, field, value)
            # Only what was given: the brake may have moved meanwhile.
            connection.scan_settings.save(update_fields=list(settings))
        if mappings is not None:
            set_path_mappings(connection, mappings)

    services.edit(connection, checked, enabled=enabled, beside=beside)
    if connection.scan_settings.policy_id != before:
        follow_policy(connection, user=user)
    return connection


def delete(connection: Connection) -> None:
    """Forget an instance with its media, and cancel what runs for it.

    Its history stays, and so do the tags in the application: a scan in the mode `remove` takes those off.
    """
    services.delete(connection)


def _forced(checked: Checked) -> dict[str, Any]:
    """What a plain folder cannot choose: no app has an account of its files."""
    return {"facts_from": FactsFrom.DISK} if checked.kind in FOLDER_KINDS else {}


def _refuse_unknown(settings: dict[str, Any]) -> None:
    if unknown := settings.keys() - set(SETTINGS):
        raise TypeError(f"an instance has no setting {', '.join(sorted(unknown))}")
