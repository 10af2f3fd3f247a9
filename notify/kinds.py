"""The forms of the most used services: what a person types, the Apprise address made of it, and the way back.

The forms of the addresses are those of the Apprise documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from core.errors import ConfigError, FieldError
from core.features import Text
from core.servers import MAIL_PORTS, mail_server
from notify.models import ChannelKind


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type; a `secret` is never shown again."""

    name: str
    label: Text
    help: Text = ""
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a kind of channel; `build` makes the address and raises FieldError, `read` undoes it."""

    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, str]], str]
    read: Callable[[str], dict[str, str]]


_MODES = {"smtp": "insecure", "smtps": "ssl", "starttls": "starttls"}
"""How Apprise calls the ways to a mail server."""


def address_of(kind: str, values: Mapping[str, str]) -> str:
    """Return the address that these values amount to. Raises FieldError where one is missing or wrong."""
    form = FORMS[ChannelKind(kind)]
    given = {field.name: str(values.get(field.name) or "").strip() for field in form.fields}
    for field in form.fields:
        if field.required and not given[field.name]:
            raise FieldError(field.name, "channel.missing", field=field.label)
    return form.build(given)


def values_of(kind: str, address: str) -> dict[str, str]:
    """Return what was typed for an address; empty where the form could not have made this address.

    An address may come from elsewhere, with options of Apprise that no form has.
    """
    form = FORMS[ChannelKind(kind)]
    try:
        values = form.read(address)
        return values if form.build(values) == address else {}
    except (ConfigError, KeyError, ValueError, IndexError):
        return {}


def _discord(given: Mapping[str, str]) -> str:
    found = re.fullmatch(
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/(\d+)/([\w-]+)/?", given["webhook"]
    )
    if not found:
        raise FieldError("webhook", "channel.discord")
    return f"discord://{found[1]}/{found[2]}/"


def _telegram(given: Mapping[str, str]) -> str:
    if not re.fullmatch(r"\d+:[\w-]+", given["token"]):
        raise FieldError("token", "channel.telegram")
    return f"tgram://{given['token']}/{quote(given['chat'], safe='@-')}/"


def _email(given: Mapping[str, str]) -> str:
    host, port, secure = _server(given["server"])
    user = f"{quote(given['user'], safe='')}:{quote(given['password'], safe='')}@" if given["user"] else ""
    scheme = "mailto" if secure == "smtp" else "mailtos"
    ends = f"from={quote(given['from'], safe='@')}&to={quote(given['to'], safe='@,')}"
    return f"{scheme}://{user}{host}:{port}?smtp={host}&{ends}&mode={_MODES[secure]}"


def _pushover(given: Mapping[str, str]) -> str:
    return f"pover://{quote(given['user'], safe='')}@{quote(given['token'], safe='')}/"


def _gotify(given: Mapping[str, str]) -> str:
    host, port, scheme, path = _web(given["server"])
    return f"gotify{'s' if scheme == 'https' else ''}://{host}{port}{path}/{quote(given['token'], safe='')}"


def _ntfy(given: Mapping[str, str]) -> str:
    host, port, scheme, _path = _web(given["server"] or "https://ntfy.sh")
    token = f"{quote(given['token'], safe='')}@" if given["token"] else ""
    return f"ntfy{'s' if scheme == 'https' else ''}://{token}{host}{port}/{quote(given['topic'], safe='')}"


def _given(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda given: given[name]


def _web(server: str) -> tuple[str, str, str, str]:
    """Return host, `:port` or nothing, scheme and path of a web address. Raises FieldError."""
    parts = urlsplit(server if "://" in server else f"https://{server}")
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FieldError("server", "channel.server")
    return _host(parts), port, parts.scheme, parts.path.rstrip("/")


def _server(server: str) -> tuple[str, int, str]:
    """Return host, port and scheme of a mail server. Raises FieldError."""
    found = mail_server(server if "://" in server else f"starttls://{server}")
    if found is None:
        raise FieldError("server", "channel.mail-server")
    parts, port = found
    return _host(parts), port, parts.scheme


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _served(parts: SplitResult, secure: str) -> str:
    """The web address of a server, of an address whose scheme is `secure` where it speaks TLS."""
    port = f":{parts.port}" if parts.port else ""
    return f"{'https' if parts.scheme == secure else 'http'}://{_host(parts)}{port}"


def _read_discord(address: str) -> dict[str, str]:
    return {"webhook": f"https://discord.com/api/webhooks/{address.removeprefix('discord://').strip('/')}"}


def _read_telegram(address: str) -> dict[str, str]:
    token, chat = address.removeprefix("tgram://").strip("/").split("/")
    return {"token": token, "chat": unquote(chat)}


def _read_email(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    secure = {mode: scheme for scheme, mode in _MODES.items()}[options["mode"]]
    port = "" if parts.port == MAIL_PORTS[secure] else f":{parts.port}"
    return {
        "server": f"{secure}://{_host(parts)}{port}",
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "from": options["from"],
        "to": options["to"],
    }


def _read_pushover(address: str) -> dict[str, str]:
    user, token = address.removeprefix("pover://").rstrip("/").split("@")
    return {"user": unquote(user), "token": unquote(token)}


def _read_gotify(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    path, _slash, token = parts.path.rpartition("/")
    return {"server": _served(parts, "gotifys") + path, "token": unquote(token)}


def _read_ntfy(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    topic, token = unquote(parts.path.removeprefix("/")), unquote(parts.username or "")
    return {"server": _served(parts, "ntfys"), "topic": topic, "token": token}


def _read_url(address: str) -> dict[str, str]:
    return {"url": address}


_TOKEN = Field("token", _("Token"), secret=True)
FORMS: dict[ChannelKind, Form] = {
    ChannelKind.DISCORD: Form(
        (
            Field(
                "webhook",
                _("Webhook"),
                _("Server settings → Integrations → Webhooks → Copy URL"),
                secret=True,
            ),
        ),
        _discord,
        _read_discord,
    ),
    ChannelKind.TELEGRAM: Form(
        (
            Field("token", _("Token of the bot"), _("BotFather gives it."), secret=True),
            Field("chat", _("Chat"), _("The id of the chat, or @name of the channel.")),
        ),
        _telegram,
        _read_telegram,
    ),
    ChannelKind.EMAIL: Form(
        (
            Field("server", _("Mail server"), _("smtps://mail.example.org, or starttls:// or smtp://")),
            Field("user", _("User"), required=False),
            Field("password", _("Password"), secret=True, required=False),
            Field("from", _("From")),
            Field("to", _("To"), _("Several are separated by commas.")),
        ),
        _email,
        _read_email,
    ),
    ChannelKind.PUSHOVER: Form(
        (Field("user", _("User key"), secret=True), Field("token", _("Application token"), secret=True)),
        _pushover,
        _read_pushover,
    ),
    ChannelKind.GOTIFY: Form(
        (Field("server", _("Server"), "https://push.example.org"), _TOKEN), _gotify, _read_gotify
    ),
    ChannelKind.NTFY: Form(
        (
            Field("server", _("Server"), _("https://ntfy.sh unless you run your own"), required=False),
            Field("topic", _("Topic")),
            Field("token", _("Access token"), secret=True, required=False),
        ),
        _ntfy,
        _read_ntfy,
    ),
    ChannelKind.APPRISE: Form(
        (Field("url", _("Apprise address"), _("Such as slack://TokenA/TokenB/TokenC"), secret=True),),
        _given("url"),
        _read_url,
    ),
    ChannelKind.WEBHOOK: Form(
        (
            Field("url", _("Address"), "https://example.org/hook", secret=True),
            Field(
                "secret", _("Secret"), _("Signs every message (HMAC-SHA256)."), secret=True, required=False
            ),
        ),
        _given("url"),
        _read_url,
    ),
}
"""What to type for every kind of channel."""
