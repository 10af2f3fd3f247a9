"""Sending one message through one channel."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import time
from typing import Any

import apprise
import requests
from apprise.conversion import convert_between

from core import outbound
from core.errors import ApiPermanentError, ApiTransientError, ConfigError
from core.outbound.addresses import refuse_resolved
from notify.address_options import service_of

from .contract import topics
from .models import Channel, ChannelKind, Message

TIMEOUT = 20.0
"""Seconds for a webhook to answer."""

SIGNATURE = "X-Taggarr-Signature"
TIMESTAMP = "X-Taggarr-Timestamp"

_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")
"""How Apprise logs the HTTP status of a refusal."""


def send(channel: Channel, message: Message) -> str:
    """Send a message through a channel and return, when it was taken, a sentence about what came back.

    Raises ApiTransientError where trying again may help, ApiPermanentError or ConfigError where not; the
    text shows no part of the channel's address.
    """
    if channel.kind == ChannelKind.WEBHOOK:
        return _post(channel, message)
    return _notify(channel, message)


def check_address(kind: str, address: str) -> None:
    """Raise ConfigError where no message could ever be sent to this address."""
    if kind == ChannelKind.WEBHOOK:
        if not address.startswith(("http://", "https://")):
            raise ConfigError("webhook.address")
        refuse_resolved(address)
        return
    if service_of(address) is None:
        raise ConfigError("channel.apprise")


def payload(message: Message) -> dict[str, Any]:
    """Return what a webhook gets: the message as JSON-able data."""
    return {
        "version": 1,
        "id": message.pk,
        "event": message.topic,
        "title": message.title,
        "text": message.text,
        "link": message.link,
        "instance": message.connection.name if message.connection else None,
        "time": message.created_at.isoformat(),
        "data": message.data,
    }


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body: `sha256=` and the HMAC of `timestamp.body` in hexadecimal."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def _post(channel: Channel, message: Message) -> str:
    body = json.dumps(payload(message), ensure_ascii=False).encode()
    address, timestamp = channel.address.reveal(), str(int(time.time()))
    headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, "User-Agent": "Taggarr"}
    if channel.secret:
        headers[SIGNATURE] = sign(channel.secret.reveal(), timestamp, body)
    try:
        # What it answers beside its status is not read.
        with (
            outbound.session() as session,
            session.post(address, data=body, headers=headers, timeout=TIMEOUT, stream=True) as answer,
        ):
            _judge(answer)
    except outbound.RefusedError:
        raise
    except requests.RequestException as error:
        raise ApiTransientError("webhook.silent", error=type(error).__name__) from None
    return f"The webhook answers {answer.status_code}."


def _judge(answer: requests.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500:
        raise ApiTransientError("webhook.answers", answer=status, status=status, retry_after=_later(answer))
    if 300 <= status < 400:
        raise ApiPermanentError("webhook.redirects", answer=status)
    raise ApiPermanentError("webhook.refuses", answer=status, status=status)


def _later(answer: requests.Response) -> float | None:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else None


def _notify(channel: Channel, message: Message) -> str:
    service = service_of(channel.address.reveal())
    if service is None:
        raise ConfigError("channel.apprise-again")
    text = f"{message.text}\n\n{message.link}" if message.link else message.text
    topic = topics(also_off=True).get(message.topic)
    kind = apprise.NotifyType(topic.level if topic else "info")
    name = service.service_name or "The service"
    try:
        with (
            apprise.LogCapture(level=logging.WARNING) as told,  # type: ignore[no-untyped-call]
            outbound.checked_connections(),
        ):
            # What is written is text; a service that takes HTML gets it escaped.
            body = convert_between(apprise.NotifyFormat.TEXT, service.notify_format, text)  # type: ignore[no-untyped-call]
            taken = service.notify(body=body, title=message.title, notify_type=kind)
            said = told.getvalue()
    except (OSError, ValueError, TypeError) as error:
        raise ApiTransientError("channel.unreached", error=type(error).__name__) from None
    if not taken:
        # Of Apprise's log only the status may be told: the rest may hold the address.
        status = _STATUS.search(said)
        why = f"{name} answers {status[1]} and" if status else name
        raise ApiTransientError("channel.not-taken", service=why)
    return f"{name} took the message."
