"""What is kept beside the connection of a player: how it is written to, and where its folders lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from connections.fields import Field, MappingsField, NumberField, SwitchField, TextField
from connections.kinds import Beside
from connections.models import Connection
from core.errors import ConfigError
from library.paths import is_full_path
from players import index, links
from players.models import Link, LinkState, PlayerMapping, PlayerSettings
from players.rules.matching import Grade

if TYPE_CHECKING:
    from accounts.models import User

PLAYERS = ("plex", "jellyfin", "emby", "kodi")
"""The kinds of connections that are players."""


def _checked_mappings(pairs: list[dict[str, str]]) -> list[dict[str, str]]:
    for pair in pairs:
        if not is_full_path(pair["source"]):
            raise ConfigError("mapping.remote")
        if not is_full_path(pair["player"]) and "://" not in pair["player"]:
            raise ConfigError("player.mapping-path", path=pair["player"])
    if len({(pair["source"], pair["player"]) for pair in pairs}) < len(pairs):
        raise ConfigError("mapping.twice")
    return sorted(pairs, key=lambda pair: (pair["source"], pair["player"]))


FIELDS: tuple[Field, ...] = (
    MappingsField(
        name="player_mappings",
        title=_("Folders"),
        help=_("A folder as Sonarr, Radarr or Stash names it, and the same one as the player does."),
        columns=("source", "player"),
        check=_checked_mappings,
    ),
    TextField(
        name="libraries",
        title=_("Libraries"),
        help=_("The names of the player's libraries to write to, with commas between; empty for all."),
    ),
    NumberField(
        name="strictness",
        rare=True,
        title=_("Write where a match is at least this sure (percent)"),
        help=_("100 is the same file, 95 the same folder, 80 an id that one item has alone."),
        default=int(Grade.ID),
        least=int(Grade.TITLE),
        most=int(Grade.PATH),
    ),
    NumberField(
        name="brake_percent",
        rare=True,
        title=_("Stop and ask when more titles would lose a label or change than (percent)"),
        default=20,
        most=100,
    ),
    NumberField(
        name="most_a_second",
        rare=True,
        title=_("Calls a second at most"),
        help=_("Fewer while it is slow, fails, or has just come back."),
        default=25,
        least=1,
        most=1000,
    ),
    NumberField(
        name="connect_seconds",
        rare=True,
        title=_("Wait for a connection (seconds)"),
        default=5,
        least=1,
        most=30,
    ),
    NumberField(
        name="read_seconds",
        rare=True,
        title=_("Wait for an answer (seconds)"),
        help=_("Longer where it has been slow all along."),
        default=30,
        least=5,
        most=120,
    ),
    NumberField(
        name="keep_failed_days",
        rare=True,
        title=_("Forget what failed after (days)"),
        default=30,
        least=1,
        most=365,
    ),
    SwitchField(
        name="is_subset",
        title=_("It has only some of your titles: do not report missing ones"),
    ),
    SwitchField(name="dry_run", title=_("Only show what would be written")),
    SwitchField(name="may_be_off", title=_("It may be off: do not report that as a problem")),
)


def _read(connection: Connection) -> dict[str, Any]:
    settings: PlayerSettings | None = getattr(connection, "player", None)
    if settings is None:
        return {}
    rows = connection.player_mappings.all()
    mappings = [{"source": row.source_prefix, "player": row.player_prefix} for row in rows]
    names = [field.name for field in FIELDS if field.name not in ("player_mappings", "libraries")]
    return {
        "player_mappings": sorted(mappings, key=lambda pair: (pair["source"], pair["player"])),
        "libraries": ", ".join(settings.libraries),
        **{name: getattr(settings, name) for name in names},
    }


@transaction.atomic
def _save(connection: Connection, values: Mapping[str, Any], user: User | None) -> None:  # noqa: ARG001
    """What changes where titles are found, or whether they are written, has everything looked at again."""
    given = dict(values)
    mappings = given.pop("player_mappings", None)
    if "libraries" in given:
        names = (name.strip() for name in given["libraries"].split(","))
        given["libraries"] = [name for name in names if name]
    settings, is_new = PlayerSettings.objects.get_or_create(connection=connection, defaults=given)
    if mappings is not None:
        set_mappings(connection, [(pair["source"], pair["player"]) for pair in mappings])
    if is_new:
        return
    for name, value in given.items():
        setattr(settings, name, value)
    if "libraries" in given:
        settings.indexed_at = None
        given["indexed_at"] = None
    settings.save(update_fields=list(given))
    _look_again(connection)


def set_mappings(connection: Connection, wanted: Sequence[tuple[str, str]]) -> None:
    """Make these the path mappings of a player."""
    rows = PlayerMapping.objects.filter(player=connection)
    known = {(row.source_prefix, row.player_prefix): row for row in rows}
    # Row by row: the audit log keeps what is saved and deleted so.
    for pair in known.keys() - set(wanted):
        known[pair].delete()
    for source, player in set(wanted) - known.keys():
        PlayerMapping.objects.create(player=connection, source_prefix=source, player_prefix=player)


@transaction.atomic
def accept_mappings(connection: Connection) -> int:
    """Take over the path mappings that were proposed; return how many."""
    settings = PlayerSettings.objects.select_for_update().get(connection=connection)
    proposed = [(pair["source"], pair["player"]) for pair in settings.proposed]
    known = [(one.source, one.player) for one in index.mappings_of(settings.pk)]
    set_mappings(connection, [*known, *proposed])
    settings.proposed = []
    settings.save(update_fields=["proposed"])
    _look_again(connection)
    return len(proposed)


def _look_again(connection: Connection) -> None:
    """Find all titles of a player anew, and send what waits; a pinned item stays."""
    rows = Link.objects.filter(player=connection)
    rows.exclude(state=LinkState.CLAIMED).update(item_ids=[])
    links.make_all_due(connection)


def _state(connection: Connection) -> dict[str, Any]:
    settings: PlayerSettings | None = getattr(connection, "player", None)
    names = ("held_since", "held_reason", "indexed_at", "proposed")
    return {name: getattr(settings, name) for name in names} if settings else {}


def _may_be_off(connection: Connection) -> bool:
    settings: PlayerSettings | None = getattr(connection, "player", None)
    return settings is not None and settings.may_be_off


BESIDE = Beside(
    kinds=PLAYERS,
    title=_("Player"),
    fields=lambda _kind: FIELDS,
    read=_read,
    save=_save,
    state=_state,
    may_be_off=_may_be_off,
    rows=("player",),
    lists=("player_mappings",),
)
