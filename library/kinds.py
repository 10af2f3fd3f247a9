"""Sonarr and Radarr as kinds of connections: how one is tested and pinged."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from connections.kinds import Answer, ConnectionKind, SecretField
from connections.models import Connection
from core.errors import FieldError
from core.outbound.transport import checked_key
from library.clients import client_class
from library.models import Kind

CHECK_TIMEOUT = 10.0
"""Seconds: a person waits for the answer."""

PING_TIMEOUT = 5.0
"""Seconds: the tick waits for it."""

OLDEST = 4
"""The first version of both applications that tells the original language of a title."""

API_KEY = SecretField("api_key", "API key", checked_key)


def _kind(kind: Kind, colour: str) -> ConnectionKind:
    return ConnectionKind(
        slug=kind.value,
        title=kind.label,
        address_help=_("With the URL base where there is one, such as http://nas:8989/sonarr"),
        address_title=_("Address"),
        secrets=(API_KEY,),
        test=lambda url, secrets: _test(kind, url, secrets),
        ping=_ping,
        colour=colour,
    )


def _test(kind: str, url: str, secrets: Mapping[str, str]) -> Answer:
    client = client_class(kind)(url, secrets["api_key"], timeout=CHECK_TIMEOUT, tries=1)
    status = client.status()
    if status.app_name != client.app:
        raise FieldError("url", "instance.other-app", found=status.app_name, app=client.app)
    _check_version(client.app, status.version)
    folders = tuple(folder.path for folder in client.root_folders())
    return Answer(status.app_name, status.version, folders)


def _ping(connection: Connection) -> None:
    client_class(connection.kind)(
        connection.url, connection.reveal("api_key"), name=connection.name, timeout=PING_TIMEOUT
    ).ping()


def _check_version(app: str, version: str) -> None:
    found = re.match(r"\d+", version)
    if found and int(found[0]) < OLDEST:
        raise FieldError("url", "instance.too-old", app=app, version=version, oldest=OLDEST)


SONARR = _kind(Kind.SONARR, "#35c5f4")
RADARR = _kind(Kind.RADARR, "#ffc230")
