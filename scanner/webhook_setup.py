"""Creating our webhook in Sonarr or Radarr, as a person would under Settings → Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connections.models import Connection
from core.errors import ApiError, ApiPermanentError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from library.clients import ArrClient, app_client_for
from library.webhooks import make_token

if TYPE_CHECKING:
    from accounts.models import User

NAME = "Taggarr"
IMPLEMENTATION = "Webhook"
POST = 1
"""The method of the request, as both applications number it."""

TRIGGERS = (
    "onDownload",
    "onUpgrade",
    "onRename",
    "onSeriesAdd",
    "onSeriesDelete",
    "onEpisodeFileDelete",
    "onMovieAdded",
    "onMovieDelete",
    "onMovieFileDelete",
)
"""What we want to hear of; each application knows some of them."""


def connect_webhook(connection: Connection, address: str, *, user: User | None = None) -> int:
    """Create the webhook in the application, or bring ours up to date; return its id there.

    The application calls `address` before it saves, with a token made for it. Raises ApiError where it
    cannot be asked, or cannot call us; then the token is the one from before.
    """
    client = app_client_for(connection)
    known = next(
        (
            one
            for one in client.notifications()
            if (one.get("implementation"), one.get("name")) == (IMPLEMENTATION, NAME)
        ),
        None,
    )
    form = known or _form(client)
    before = connection.source.webhook_token
    token = make_token(connection)
    try:
        saved = client.save_notification(_filled(form, address, token))
    except ApiError:
        connection.source.webhook_token = before
        connection.source.save(update_fields=["webhook_token"])
        raise
    record(
        EventKind.BY_HAND,
        Phrase("hand.webhook", name=connection.name),
        connection=connection,
        actor=user,
    )
    return saved


def _form(client: ArrClient) -> dict[str, Any]:
    for form in client.notification_forms():
        if form.get("implementation") == IMPLEMENTATION:
            return form
    raise ApiPermanentError("webhook.none", name=client.name)


def _filled(form: dict[str, Any], address: str, token: str) -> dict[str, Any]:
    values = {"url": address, "method": POST, "username": NAME.lower(), "password": token}
    fields = [
        {**field, "value": values.get(str(field.get("name")), field.get("value"))}
        for field in form.get("fields") or []
    ]
    known = {name: True for name in TRIGGERS if name in form}
    return {**form, **known, "name": NAME, "fields": fields}
