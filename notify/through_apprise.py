"""Sending through Apprise, and what its addresses may ask for: a list of options for every service.

Apprise takes options that have it read a file of this machine and send it out (`template`, `keyfile`), fetch
something from another machine, or follow a redirect. So an option is taken only where it stands here, and a
service that stands nowhere here is refused. `tests/notify/test_options.py` looks at every plugin of Apprise.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import apprise
from apprise.conversion import convert_between
from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict
from apprise.utils.parse import parse_url

from core import outbound
from core.errors import ApiTransientError, ConfigError

COMMON = frozenset(("cto", "emojis", "format", "overflow", "retry", "rto", "tz", "verify", "wait"))
"""Options that every service has: time limits, the form of the text, whether certificates are checked."""

_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")
"""How Apprise logs the HTTP status of a refusal."""

_PREFIXES = ("+", "-", ":")
"""Begin names that a person makes up: headers, fields, places in a template of the service."""

_LIST = Path(__file__).with_name("apprise_options.txt")
_NOTHING: dict[str, dict[str, str]] = {"qsd": {}, "qsd+": {}, "qsd-": {}, "qsd:": {}}

OPTIONS = {
    name: options.strip()
    for name, _, options in (line.partition(":") for line in _LIST.read_text(encoding="utf-8").splitlines())
}
"""The options of each service, by the name of its class in Apprise; `+`, `-` and `:` stand for made-up names.

Not listed, though Apprise has them: what names a file (`template` where it is a path, `keyfile`, `pgp`,
`store`) or a thing to attach, what the service or Apprise would fetch from elsewhere (`avatar_url`, `wkd`),
`redirect`, and `optional`, which has a failure pass for a success.
"""


def notify(address: str, title: str, text: str, level: str) -> str:
    """Send a text; return, when it was taken, a sentence about what came back. Raises as `sending.send`."""
    service = service_of(address)
    if service is None:
        raise ConfigError("channel.apprise-again")
    name = service.service_name or "The service"
    try:
        with (
            apprise.LogCapture(level=logging.WARNING) as told,  # type: ignore[no-untyped-call]
            outbound.checked_connections(),
        ):
            # What is written is text; a service that takes HTML gets it escaped.
            body = convert_between(apprise.NotifyFormat.TEXT, service.notify_format, text)  # type: ignore[no-untyped-call]
            taken = service.notify(body=body, title=title, notify_type=apprise.NotifyType(level))
            said = told.getvalue()
    except (OSError, ValueError, TypeError) as error:
        raise ApiTransientError("channel.unreached", error=type(error).__name__) from None
    if not taken:
        # Of Apprise's log only the status may be told: the rest may hold the address.
        status = _STATUS.search(said)
        why = f"{name} answers {status[1]} and" if status else name
        raise ApiTransientError("channel.not-taken", service=why)
    return f"{name} took the message."


def service_of(address: str) -> apprise.NotifyBase | None:
    """Return the service that an address names, None where Apprise knows none.

    Raises ConfigError for a service or an option that is not on the list. What is looked at is what Apprise's
    own parser makes of the address: it splits and decodes in its own way. The service is made of just that.
    """
    # What Apprise has to say of a wrong address may repeat it.
    with apprise.LogCapture(level=logging.CRITICAL):  # type: ignore[no-untyped-call]
        parts = url_to_dict(address)  # type: ignore[no-untyped-call]
        if parts is None:
            return None
        _refuse_options(parts, parse_url(address, verify_host=False) or _NOTHING)  # type: ignore[no-untyped-call]
        found: apprise.NotifyBase | None = apprise.Apprise.instantiate(
            parts, asset=apprise.AppriseAsset(http_redirects=False), suppress_exceptions=True
        )
    return found


def _refuse_options(*parsed: dict[str, Any]) -> None:
    plugin = NotificationManager()[parsed[0]["schema"]]  # type: ignore[no-untyped-call]
    name = plugin.__name__.removeprefix("Notify")
    if name not in OPTIONS:
        raise ConfigError("channel.service", service=plugin.service_name)
    allowed = COMMON | set(OPTIONS[name].split())
    made_up = tuple(prefix for prefix in _PREFIXES if prefix in allowed)
    refused = {key for parts in parsed for key in parts["qsd"] if not key.startswith(made_up)} - allowed
    # Apprise takes a blank for a plus sign, so a name may be made up that does not look it.
    refused |= {sign for sign in _PREFIXES if sign not in allowed and any(p[f"qsd{sign}"] for p in parsed)}
    if refused:
        # Any other name may be a part of a secret that was typed in the wrong place.
        known = sorted(refused & set(plugin.template_args))
        code = "channel.option" if known else "channel.unnamed-option"
        raise ConfigError(code, options=known, allowed=sorted(allowed))


def _refuse_attachment(*_: Any, **__: Any) -> bool:
    """Attach nothing. We never do, so whatever a service wants to attach came out of an address."""
    raise ConfigError("channel.local-file")


apprise.AppriseAttachment.add = _refuse_attachment  # type: ignore[method-assign]
