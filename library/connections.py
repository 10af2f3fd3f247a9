"""Sonarr, Radarr and plain folders as kinds of connections, and what the library keeps of one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from connections.fields import MappingsField, SecretField
from connections.kinds import Answer, Beside, ConnectionKind, Connections, Target
from connections.models import Connection
from core.errors import ApiTransientError, ConfigError, FieldError, StorageError
from core.outbound.transport import checked_key
from library.clients import client_class
from library.folder_look import look_at
from library.models import Kind, Source, is_folder
from library.path_mappings import checked_mappings, folder_problems, set_path_mappings
from library.root_folders import sentence
from library.roots import MediaRoots

if TYPE_CHECKING:
    from accounts.models import User

CHECK_TIMEOUT = 10.0
"""Seconds: a person waits for the answer."""

PING_TIMEOUT = 5.0
"""Seconds: the tick waits for it."""

OLDEST = 4
"""The first version of both applications that tells the original language of a title."""

LONGEST_PATH = 500

API_KEY = SecretField(
    name="api_key", title=_("API key"), help=_("In the app under Settings → General"), check=checked_key
)
PATH_MAPPINGS = MappingsField(
    name="path_mappings",
    rare=True,
    title=_("Path mappings"),
    help=_(
        "One per line: the folder as the app names it = the same folder here, such as /tv = /media/tv."
        " None: paths are taken as the app names them."
    ),
    columns=("remote", "local"),
    check=checked_mappings,
)


def _app(kind: Kind, about: Any, colour: str) -> ConnectionKind:
    return ConnectionKind(
        slug=kind.value,
        title=kind.label,
        about=about,
        address_help=_("With the URL base where there is one, such as http://nas:8989/sonarr"),
        secrets=(API_KEY,),
        test=lambda target: _test_app(kind, target),
        ping=_ping_app,
        colour=colour,
    )


def _test_app(kind: str, target: Target) -> Answer:
    client = client_class(kind)(target.url, target.secrets["api_key"], timeout=CHECK_TIMEOUT, tries=1)
    status = client.status()
    if status.app_name != client.app:
        raise FieldError("url", "instance.other-app", found=status.app_name, app=client.app)
    _check_version(client.app, status.version)
    folders = tuple(client.root_folders())
    return Answer(status.app_name, status.version, folders)


def _ping_app(connection: Connection) -> None:
    client_class(connection.kind)(
        connection.url, connection.reveal("api_key"), name=connection.name, timeout=PING_TIMEOUT
    ).ping()


def _check_version(app: str, version: str) -> None:
    found = re.match(r"\d+", version)
    if found and int(found[0]) < OLDEST:
        raise FieldError("url", "instance.too-old", app=app, version=version, oldest=OLDEST)


def _folder(kind: Kind, about: Any) -> ConnectionKind:
    return ConnectionKind(
        slug=kind.value,
        title=kind.label,
        about=about,
        address_help=_("The full path as the workers see it, such as /media/movies"),
        test=_test_folder,
        ping=_ping_folder,
        address_title=_("Folder"),
        clean_address=_clean_path,
        may_connect=_refuse_elsewhere,
        colour="#8f9bb3",
    )


def _clean_path(path: str) -> str:
    """Return a path in its one spelling. Raises ConfigError where media can lie at no such path."""
    text = path.strip()
    if not text.startswith("/") or not text.isprintable() or len(text) > LONGEST_PATH:
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


def _test_folder(target: Target) -> Answer:
    if trouble := sentence(target.url, look_at(target.url)):
        raise FieldError("url", trouble)
    return Answer("", "", (target.url,))


def _ping_folder(connection: Connection) -> None:
    if trouble := sentence(connection.url, look_at(connection.url)):
        raise ApiTransientError(trouble, counts_for_breaker=True)


def _read(connection: Connection) -> dict[str, Any]:
    """The path mappings, by the folder of the app; those that were prefetched cost no query."""
    if is_folder(connection) or not hasattr(connection, "source"):
        return {}
    rows = sorted((row.remote_prefix, row.local_prefix) for row in connection.path_mappings.all())
    return {"path_mappings": [{"remote": remote, "local": local} for remote, local in rows]}


def _save(connection: Connection, values: Mapping[str, Any], _user: User | None) -> None:
    Source.objects.get_or_create(connection=connection)
    if "path_mappings" in values:
        set_path_mappings(connection, [(pair["remote"], pair["local"]) for pair in values["path_mappings"]])


def _state(connection: Connection) -> dict[str, Any]:
    source = connection.source
    return {"last_sync_at": source.last_sync_at, "has_webhook_token": bool(source.webhook_token)}


BRINGS = Connections(
    kinds=(
        _app(Kind.SONARR, _("The series that it manages"), "#35c5f4"),
        _app(Kind.RADARR, _("The movies that it manages"), "#ffc230"),
        _folder(Kind.SERIES_FOLDER, _("Series without any app")),
        _folder(Kind.MOVIE_FOLDER, _("Movies without any app")),
    ),
    beside=(
        Beside(
            kinds=tuple(Kind.values),
            title=_("Files"),
            fields=lambda kind: (PATH_MAPPINGS,) if kind in (Kind.SONARR, Kind.RADARR) else (),
            read=_read,
            save=_save,
            state=_state,
            notes=lambda connection, answer: (
                () if is_folder(connection) else folder_problems(connection, answer.folders)
            ),
            rows=("source",),
            lists=("path_mappings",),
        ),
    ),
)
