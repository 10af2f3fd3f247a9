"""What is kept beside the connection of a Stash: which of its scenes go to players."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connections.fields import Field, SwitchField, TextField
from connections.kinds import Beside
from connections.models import Connection
from core.errors import ConfigError
from library.paths import is_full_path
from players import links
from players.models import StashSettings, Subject

if TYPE_CHECKING:
    from accounts.models import User

_LISTS = ("only_folders", "only_tags", "without_tags")


def _checked_folders(text: str) -> str:
    for folder in _listed(text):
        if not is_full_path(folder):
            raise ConfigError("stash.folder", path=folder)
    return text


FIELDS: tuple[Field, ...] = (
    SwitchField(
        name="organized_only",
        title=_("Only organized scenes"),
        help=_("What is not marked as organized is not sent, and stays as it is where it was sent before."),
        default=True,
    ),
    TextField(
        name="only_folders",
        title=_("Only below these folders"),
        help=_("As Stash names them, with commas between; empty for all."),
        check=_checked_folders,
    ),
    TextField(
        name="only_tags",
        title=_("Only with one of these tags"),
        help=_("With commas between; empty for all scenes."),
    ),
    TextField(
        name="without_tags",
        title=_("Without these tags"),
        help=_("Scenes with one of them are not sent, and lose in players what Taggarr wrote."),
    ),
)


def _listed(text: str) -> list[str]:
    return [name for one in text.split(",") if (name := one.strip())]


def _read(connection: Connection) -> dict[str, Any]:
    settings: StashSettings | None = getattr(connection, "stash", None)
    if settings is None:
        return {}
    lists = {name: ", ".join(getattr(settings, name)) for name in _LISTS}
    return {"organized_only": settings.organized_only, **lists}


def _save(connection: Connection, values: Mapping[str, Any], user: User | None) -> None:  # noqa: ARG001
    """What changes which scenes are sent has all of them looked at again."""
    given = {name: _listed(value) if name in _LISTS else value for name, value in values.items()}
    settings, is_new = StashSettings.objects.get_or_create(connection=connection, defaults=given)
    if is_new:
        return
    for name, value in given.items():
        setattr(settings, name, value)
    settings.whole_at = None
    settings.save(update_fields=[*given, "whole_at"])
    subjects = Subject.objects.filter(source=connection)
    subjects.update(read_at=None)
    links.make_due(list(subjects.values_list("pk", flat=True)))


def _state(connection: Connection) -> dict[str, Any]:
    settings: StashSettings | None = getattr(connection, "stash", None)
    if settings is None:
        return {}
    return {
        "has_hook_token": bool(settings.hook_token),
        "hooked_at": settings.hooked_at,
        "read_until": settings.read_until,
    }


BESIDE = Beside(
    kinds=("stash",),
    title=_("Scenes"),
    fields=lambda _kind: FIELDS,
    read=_read,
    save=_save,
    state=_state,
    rows=("stash",),
)
