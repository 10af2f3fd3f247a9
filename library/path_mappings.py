"""Path mappings: under which folder here a folder of an instance is found."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from connections.models import Connection
from core.errors import FieldError
from core.sentences import say
from library.models import PathMapping
from library.paths import check_mapping, is_full_path


@transaction.atomic
def set_path_mappings(connection: Connection, mappings: Iterable[tuple[str, str]]) -> list[PathMapping]:
    """Make these (remote, local) folders the path mappings of an instance and return them.

    A folder that is not visible here is no error: another machine may do the reading (`mapping_problems`
    tells). Raises FieldError where one is no full path, or one remote folder stands twice.
    """
    wanted = [(remote.strip(), local.strip()) for remote, local in mappings]
    for remote, local in wanted:
        check_mapping_shape(remote, local)
    if len({remote for remote, _ in wanted}) < len(wanted):
        raise FieldError("remote_prefix", say("A folder of the app can be mapped only once."))
    known = {row.remote_prefix: row for row in connection.path_mappings.all()}
    # Row by row, and only where something differs: the audit log keeps what is saved and deleted so.
    for remote in known.keys() - {remote for remote, _ in wanted}:
        known.pop(remote).delete()
    for remote, local in wanted:
        row = known.setdefault(remote, PathMapping(connection=connection, remote_prefix=remote))
        if row.local_prefix != local:
            row.local_prefix = local
            row.save()
    return [known[remote] for remote, _ in wanted]


def check_mapping_shape(remote: str, local: str) -> None:
    """Raise FieldError where a path mapping can lead nowhere on any machine."""
    if not is_full_path(remote):
        raise FieldError(
            "remote_prefix", say("Give the full path as the app names it, such as /tv or D:\\TV.")
        )
    if not local.startswith("/"):
        raise FieldError("local_prefix", say("Give the full path of the folder here: it begins with /."))


def mapping_problems(connection: Connection) -> list[str]:
    """Return one sentence for every path mapping whose folder is not visible on this machine."""
    mappings = connection.path_mappings.order_by("remote_prefix")
    found = (check_mapping(mapping.remote_prefix, mapping.local_prefix) for mapping in mappings)
    return [sentence for sentence in found if sentence]
