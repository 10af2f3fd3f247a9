"""Plain folders as kinds of connections: a path in place of an address, and no secret."""

from __future__ import annotations

import os

from django.utils.translation import gettext_lazy as _

from connections.kinds import Answer, ConnectionKind
from connections.models import Connection
from core.errors import ApiTransientError, ConfigError, FieldError, StorageError
from library.folder_look import look_at
from library.models import Kind
from library.root_folders import sentence
from library.roots import MediaRoots

LONGEST = 500


def _clean(path: str) -> str:
    """Return a path in its one spelling. Raises ConfigError where media can lie at no such path."""
    text = path.strip()
    if not text.startswith("/") or not text.isprintable() or len(text) > LONGEST:
        raise ConfigError("folder.full-path")
    clean = os.path.normpath(text)
    if clean.strip("/") == "":
        raise ConfigError("folder.not-root")
    return clean if not clean.startswith("//") else clean[1:]


def _refuse_elsewhere(path: str) -> None:
    """Raise ConfigError where a folder is none that is open to media (`library.roots`)."""
    try:
        MediaRoots(f"{path}/any", []).check(path)
    except StorageError as error:
        raise ConfigError(error.phrase) from None


def _test(path: str) -> Answer:
    if trouble := sentence(path, look_at(path)):
        raise FieldError("url", trouble)
    return Answer("", "", (path,))


def _ping(connection: Connection) -> None:
    if trouble := sentence(connection.url, look_at(connection.url)):
        raise ApiTransientError(trouble, counts_for_breaker=True)


def _kind(kind: Kind) -> ConnectionKind:
    return ConnectionKind(
        slug=kind.value,
        title=kind.label,
        address_help=_("The full path as the workers see it, such as /media/movies"),
        test=lambda path, _secrets: _test(path),
        ping=_ping,
        address_title=_("Folder"),
        clean_address=_clean,
        may_connect=_refuse_elsewhere,
        colour="#8f9bb3",
    )


SERIES_FOLDER = _kind(Kind.SERIES_FOLDER)
MOVIE_FOLDER = _kind(Kind.MOVIE_FOLDER)
