"""Players that save what they know beside videos: libraries of theirs that lie where our titles do."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence

from connections.models import Connection
from core.errors import TaggarrError
from library.contract import Writer, Writers, Writes
from library.models import Media
from players.clients.contract import Library
from players.connections import CLIENTS, client_for
from players.index import mappings_of
from players.rules import paths

logger = logging.getLogger(__name__)


def savers_of(connection: Connection) -> Iterator[tuple[Connection, Sequence[Writer] | None]]:
    kinds = [kind for kind, client in CLIENTS.items() if client.abilities.saves_files]
    folders: set[str] | None = None
    for player in Connection.objects.filter(kind__in=kinds, enabled=True).order_by("pk"):
        try:
            libraries = client_for(player, read_only=True).libraries()
        except TaggarrError as error:
            logger.info("%s was not asked what it saves beside videos: %s", player, error)
            yield player, None
            continue
        saving = [one for one in libraries if _writes(one)]
        if saving and folders is None:
            folders = _folders_of(connection)
        mappings = mappings_of(player.pk)
        there = [place for folder in folders or () for place in paths.in_player(folder, mappings)]
        yield player, [Writer(one.title, _writes(one)) for one in saving if _holds(one, there)]


def _folders_of(connection: Connection) -> set[str]:
    """The folders in which the titles of a connection lie."""
    titles = Media.objects.filter(connection=connection).exclude(path="")
    return {str(paths.pure(path).parent) for path in titles.values_list("path", flat=True)}


def _writes(library: Library) -> frozenset[Writes]:
    told = ((Writes.NFOS, library.saves_nfos), (Writes.PICTURES, library.saves_pictures))
    return frozenset(what for what, is_on in told if is_on)


def _holds(library: Library, folders: Collection[str]) -> bool:
    """Whether one of these folders lies in a library."""
    roots = [paths.key(root) for root in library.folders]
    return any(paths.key(folder)[: len(root)] == root for folder in folders for root in roots)


BRINGS = Writers(savers_of)
