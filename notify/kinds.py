"""The forms of the most used services: what a person types, and the Apprise address made of it.

The forms of the addresses are those of the Apprise documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from library.errors import ConfigError

from .models import ChannelKind


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to type; a `secret` is never shown again."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a kind of channel; `build` makes the address and raises ConfigError."""

    fields: tuple[Field, ...]
    build: Callable[[Mapping[str, str]], str]


def address_of(kind: str, values: Mapping[str, str]) -> str:
    """Return the address that these values amount to. Raises ConfigError where one is missing or wrong."""
    form = FORMS[ChannelKind(kind)]
    given = {field.name: str(values.get(field.name) or "").strip() for field in form.fields}
    for field in form.fields:
        if field.required and not given[field.name]:
            raise ConfigError(f"{field.label} is missing.")
    return form.build(given)


def _discord(given: Mapping[str, str]) -> str:
    found = re.fullmatch(
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/(\d+)/([\w-]+)/?", given["webhook"]
    )
    if not found:
        raise ConfigError("This is no webhook of Discord: it begins with https://discord.com/api/webhooks/.")
    return f"discord://{found[1]}/{found[2]}/"


def _telegram(given: Mapping[str, str]) -> str:
    if not re.fullmatch(r"\d+:[\w-]+", given["token"]):
        raise ConfigError("This is no token of a Telegram bot: BotFather gives one such as 123456:ABC-DEF.")
    return f"tgram://{given['token']}/{quote(given['chat'], safe='@-')}/"


def _email(given: Mapping[str, str]) -> str:
    host, port, secure = _server(given["server"], {"smtp": 25, "smtps": 465, "starttls": 587}, "starttls")
    user = f"{quote(given['user'], safe='')}:{quote(given['password'], safe='')}@" if given["user"] else ""
    scheme = "mailto" if secure == "smtp" else "mailtos"
    mode = {"smtp": "insecure", "smtps": "ssl", "starttls": "starttls"}[secure]
    ends = f"from={quote(given['from'], safe='@')}&to={quote(given['to'], safe='@,')}"
    return f"{scheme}://{user}{host}:{port}?smtp={host}&{ends}&mode={mode}"


def _pushover(given: Mapping[str, str]) -> str:
    return f"pover://{quote(given['user'], safe='')}@{quote(given['token'], safe='')}/"


def _gotify(given: Mapping[str, str]) -> str:
    host, port, scheme, path = _web(given["server"])
    return f"gotify{'s' if scheme == 'https' else ''}://{host}{port}{path}/{quote(given['token'], safe='')}"


def _ntfy(given: Mapping[str, str]) -> str:
    host, port, scheme, _ = _web(given["server"] or "https://ntfy.sh")
    token = f"{quote(given['token'], safe='')}@" if given["token"] else ""
    return f"ntfy{'s' if scheme == 'https' else ''}://{token}{host}{port}/{quote(given['topic'], safe='')}"


def _given(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda given: given[name]


def _web(server: str) -> tuple[str, str, str, str]:
    """Return host, `:port` or nothing, scheme and path of a web address. Raises ConfigError."""
    parts = urlsplit(server if "://" in server else f"https://{server}")
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("Give the address of the server, such as https://push.example.org.")
    return parts.hostname, port, parts.scheme, parts.path.rstrip("/")


def _server(server: str, ports: Mapping[str, int], usual: str) -> tuple[str, int, str]:
    """Return host, port and scheme of a mail server. Raises ConfigError."""
    parts = urlsplit(server if "://" in server else f"{usual}://{server}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in ports or not parts.hostname:
        raise ConfigError(
            "Give the mail server as smtps://mail.example.org, or starttls:// or smtp:// before its name."
        )
    return parts.hostname, port or ports[parts.scheme], parts.scheme


_TOKEN = Field("token", "Token", secret=True)
FORMS: dict[ChannelKind, Form] = {
    ChannelKind.DISCORD: Form(
        (Field("webhook", "Webhook", "Server settings → Integrations → Webhooks → Copy URL", secret=True),),
        _discord,
    ),
    ChannelKind.TELEGRAM: Form(
        (
            Field("token", "Token of the bot", "BotFather gives it.", secret=True),
            Field("chat", "Chat", "The id of the chat, or @name of the channel."),
        ),
        _telegram,
    ),
    ChannelKind.EMAIL: Form(
        (
            Field("server", "Mail server", "smtps://mail.example.org, or starttls:// or smtp://"),
            Field("user", "User", required=False),
            Field("password", "Password", secret=True, required=False),
            Field("from", "From"),
            Field("to", "To", "Several are separated by commas."),
        ),
        _email,
    ),
    ChannelKind.PUSHOVER: Form(
        (Field("user", "User key", secret=True), Field("token", "Application token", secret=True)), _pushover
    ),
    ChannelKind.GOTIFY: Form((Field("server", "Server", "https://push.example.org"), _TOKEN), _gotify),
    ChannelKind.NTFY: Form(
        (
            Field("server", "Server", "https://ntfy.sh unless you run your own", required=False),
            Field("topic", "Topic"),
            Field("token", "Access token", secret=True, required=False),
        ),
        _ntfy,
    ),
    ChannelKind.APPRISE: Form(
        (Field("url", "Apprise address", "Such as slack://TokenA/TokenB/TokenC", secret=True),),
        _given("url"),
    ),
    ChannelKind.WEBHOOK: Form(
        (
            Field("url", "Address", "https://example.org/hook", secret=True),
            Field("secret", "Secret", "Signs every message (HMAC-SHA256).", secret=True, required=False),
        ),
        _given("url"),
    ),
}
"""What to type for every kind of channel."""
