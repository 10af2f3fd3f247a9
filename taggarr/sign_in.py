"""The OIDC provider and the mail server, from the environment to what Django and allauth want. No Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from core import options, servers
from core.errors import ConfigError

PROVIDER = "sso"
"""Our name of the one provider; it stands in its redirect address."""


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    ssl: bool
    starttls: bool


def client_secret() -> str:
    return options.OIDC_CLIENT_SECRET.read()


def providers() -> dict[str, Any]:
    url, client = options.OIDC_URL.read(), options.OIDC_CLIENT_ID.read()
    if not url:
        return {}
    if not client:
        raise ConfigError("TAGGARR_OIDC_URL is set and TAGGARR_OIDC_CLIENT_ID is not: set both.")
    app = {
        "provider_id": PROVIDER,
        "name": options.OIDC_NAME.read(),
        "client_id": client,
        "secret": client_secret(),
        "settings": {
            "server_url": url,
            "oauth_pkce_enabled": True,
            # Some providers refuse a scope that they do not know.
            "scope": ["openid", "profile", "email", *(["groups"] if options.OIDC_ADMIN_GROUP.read() else [])],
        },
    }
    return {"openid_connect": {"APPS": [app]}}


def mail_settings() -> MailServer | None:
    url = options.MAIL_URL.read()
    if not url:
        return None
    found = servers.mail_server(url)
    if found is None:
        raise ConfigError(
            "TAGGARR_MAIL_URL is not the address of a mail server: allowed is "
            "smtps://user:password@mail.example.org, or starttls:// or smtp://."
        )
    parts, port = found
    return MailServer(
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ssl=parts.scheme == "smtps",
        starttls=parts.scheme == "starttls",
    )
