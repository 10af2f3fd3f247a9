"""Sending one message through one channel."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import requests

from core import outbound
from core.errors import ApiPermanentError, ApiTransientError, ConfigError
from core.outbound.addresses import refuse_resolved

from .contract import topics
from .models import Channel, ChannelKind, Message

TIMEOUT = 20.0
"""Seconds for a webhook to answer."""

SIGNATURE = "X-Taggarr-Signature"
TIMESTAMP = "X-Taggarr-Timestamp"


def send(channel: Channel, message: Message) -> str:
    """Send a message through a channel and return, when it was taken, a sentence about what came back.

    Raises ApiTransientError where trying again may help, ApiPermanentError or ConfigError where not; the
    text shows no part of the channel's address.
    """
    if channel.kind == ChannelKind.WEBHOOK:
        return _post(channel, message)
    from notify import through_apprise  # only where it is used: it costs a process 6 MiB

    text = f"{message.text}\n\n{message.link}" if message.link else message.text
    topic = topics(also_off=True).get(message.topic)
    level = topic.level if topic else "info"
    return through_apprise.notify(channel.address.reveal(), message.title, text, level)


def check_address(kind: str, address: str) -> None:
    """Raise ConfigError where no message could ever be sent to this address."""
    if kind == ChannelKind.WEBHOOK:
        if not address.startswith(("http://", "https://")):
            raise ConfigError("webhook.address")
        refuse_resolved(address)
        return
    from notify.through_apprise import service_of

    if service_of(address) is None:
        raise ConfigError("channel.apprise")


def payload(message: Message) -> dict[str, Any]:
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
