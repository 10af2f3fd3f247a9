"""Path mappings: under which folder here a folder of an instance is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction

from connections.models import Connection
from core.errors import ConfigError
from core.words import Phrase
from library.models import PathMapping
from library.paths import check_mapping, is_full_path, local_path


@transaction.atomic
def set_path_mappings(connection: Connection, mappings: Iterable[tuple[str, str]]) -> None:
    """Make these (remote, local) folders, which `checked_mappings` let through, those of an instance."""
    wanted = dict(mappings)
    known = {row.remote_prefix: row for row in PathMapping.objects.filter(connection=connection)}
    # Row by row, and only where something differs: the audit log keeps what is saved and deleted so.
    for remote in known.keys() - wanted.keys():
        known[remote].delete()
    for remote, local in wanted.items():
        row = known.get(remote) or PathMapping(connection=connection, remote_prefix=remote)
        if row.local_prefix != local:
            row.local_prefix = local
            row.save()


def checked_mappings(pairs: list[dict[str, str]]) -> list[dict[str, str]]:
    """Path mappings in the order in which they are kept.

    A folder that is not visible here is no error: another machine may do the reading (`mapping_problems`
    tells). Raises ConfigError where one can lead nowhere on any machine, or one folder stands twice.
    """
    for pair in pairs:
        if not is_full_path(pair["remote"]):
            raise ConfigError("mapping.remote")
        if not pair["local"].startswith("/"):
            raise ConfigError("mapping.local")
    if len({pair["remote"] for pair in pairs}) < len(pairs):
        raise ConfigError("mapping.twice")
    return sorted(pairs, key=lambda pair: pair["remote"])


def mapping_problems(connection: Connection) -> list[str]:
    """Return one sentence for every path mapping whose folder is not visible on this machine."""
    mappings = connection.path_mappings.order_by("remote_prefix")
    found = (check_mapping(mapping.remote_prefix, mapping.local_prefix) for mapping in mappings)
    return [sentence for sentence in found if sentence]


def folder_problems(connection: Connection, folders: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each root folder of an app that is not visible on this machine."""
    mappings = list(connection.path_mappings.all())
    folders = list(folders)
    if not folders:
        yield Phrase("mapping.no-roots")
    for path in folders:
        local = local_path(path, mappings)
        if not local.startswith("/"):
            yield Phrase("mapping.elsewhere", path=path)
        elif problem := check_mapping(path, local):
            yield problem
