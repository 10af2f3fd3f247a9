"""What the scanner keeps of an instance: its policy, how its files are read, and when to stop and ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connections.fields import ChoiceField, DurationField, Field, NumberField, RowField
from connections.kinds import Beside, Connections
from connections.models import Connection
from library.models import FOLDER_KINDS, Kind
from scanner.models import FactsFrom, Policy, ScanSettings

from .policies import follow_policy

if TYPE_CHECKING:
    from accounts.models import User

FIELDS: tuple[Field, ...] = (
    RowField(name="policy", title=_("Policy"), rows=Policy.objects.all, section="policies"),
    ChoiceField(
        name="facts_from",
        rare=True,
        title=_("Read tracks from"),
        default=FactsFrom.AUTO.value,
        choices=FactsFrom.choices,
    ),
    DurationField(
        name="deep_scan_every",
        rare=True,
        title=_("Look at every file again after"),
        help=_("Otherwise a scan reads only what has changed."),
        default=7 * 24 * 3600,
    ),
    NumberField(
        name="brake_verdicts_percent",
        rare=True,
        title=_("Stop and ask when more verdicts change than (percent)"),
        default=20,
        most=100,
    ),
    NumberField(
        name="brake_orphans_percent",
        rare=True,
        title=_("Stop and ask when more titles vanish than (percent)"),
        default=10,
        most=100,
    ),
)


def _fields(kind: str) -> tuple[Field, ...]:
    """All; a plain folder has no app that could have an account of its files."""
    return tuple(field for field in FIELDS if field.name != "facts_from" or kind not in FOLDER_KINDS)


def _settings(connection: Connection) -> ScanSettings | None:
    found: ScanSettings | None = getattr(connection, "scan_settings", None)
    return found


def _read(connection: Connection) -> dict[str, Any]:
    settings = _settings(connection)
    if settings is None:
        return {}
    return {field.name: getattr(settings, field.name) for field in _fields(connection.kind)}


def _save(connection: Connection, values: Mapping[str, Any], user: User | None) -> None:
    """With another policy its titles are decided anew, and their tags follow in the background."""
    settings = _settings(connection)
    if settings is None:
        folder = {"facts_from": FactsFrom.DISK} if connection.kind in FOLDER_KINDS else {}
        ScanSettings.objects.create(connection=connection, **folder, **values)
        return
    before = settings.policy_id
    for name, value in values.items():
        setattr(settings, name, value)
    # Only what was given: the brake may have moved meanwhile.
    settings.save(update_fields=list(values))
    if settings.policy_id != before:
        follow_policy(connection, user=user)


def _state(connection: Connection) -> dict[str, Any]:
    settings = _settings(connection)
    names = ("last_full_scan_at", "last_deep_scan_at", "held_since", "held_reason")
    return {name: getattr(settings, name) for name in names} if settings else {}


BRINGS = Connections(
    beside=(
        Beside(
            kinds=tuple(Kind.values),
            title=_("Scans"),
            fields=_fields,
            read=_read,
            save=_save,
            state=_state,
            rows=("scan_settings__policy",),
        ),
    )
)
