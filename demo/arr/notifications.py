"""Connections of the kind Webhook: their form, and the calls that they make.

`NotificationResource` of the applications' OpenAPI documents; the fields are those of the Webhook that both
offer under Settings → Connect.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from typing import Any

import orjson

SECONDS = 30.0

_TRIGGERS = {
    "sonarr": (
        "onGrab",
        "onDownload",
        "onUpgrade",
        "onImportComplete",
        "onRename",
        "onSeriesAdd",
        "onSeriesDelete",
        "onEpisodeFileDelete",
        "onEpisodeFileDeleteForUpgrade",
    ),
    "radarr": (
        "onGrab",
        "onDownload",
        "onUpgrade",
        "onRename",
        "onMovieAdded",
        "onMovieDelete",
        "onMovieFileDelete",
        "onMovieFileDeleteForUpgrade",
    ),
}
_COMMON = (
    "onHealthIssue",
    "includeHealthWarnings",
    "onHealthRestored",
    "onApplicationUpdate",
    "onManualInteractionRequired",
)


def form(kind: str) -> dict[str, Any]:
    """An empty Webhook connection."""
    fields = [("url", "textbox", None), ("method", "select", 1)]
    fields += [("username", "textbox", None), ("password", "password", None)]
    return {
        "onGrab": False,
        **dict.fromkeys((*_TRIGGERS[kind], *_COMMON), False),
        "fields": [
            {"order": order, "name": name, "label": name.capitalize(), "type": shape, "value": value}
            for order, (name, shape, value) in enumerate(fields)
        ],
        "implementationName": "Webhook",
        "implementation": "Webhook",
        "configContract": "WebhookSettings",
        "tags": [],
    }


def value_of(notification: dict[str, Any], name: str) -> Any:
    return next((field.get("value") for field in notification["fields"] if field["name"] == name), None)


def test_of(kind: str) -> dict[str, Any]:
    """What the applications send when a connection is tried."""
    named = {"id": 1, "title": "Test Title", "path": "C:\\testpath"}
    return {"eventType": "Test", "series" if kind == "sonarr" else "movie": named}


def send(notification: dict[str, Any], payload: dict[str, Any]) -> int:
    """Calls the receiver; the status that it answers, 0 where none came."""
    request = urllib.request.Request(  # noqa: S310 - the receiver is our own test's
        str(value_of(notification, "url")),
        orjson.dumps(payload),
        {"Content-Type": "application/json"},
        method="POST",
    )
    user, password = (value_of(notification, name) or "" for name in ("username", "password"))
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    request.add_header("Authorization", f"Basic {encoded}")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return 0
