"""What people type becomes an address that Apprise understands."""

from __future__ import annotations

from typing import Any

import apprise
import pytest

from core.errors import ConfigError
from notify.kinds import FORMS, address_of

TYPED = {
    "discord": {"webhook": "https://discord.com/api/webhooks/123456/abc-DEF_ghi"},
    "telegram": {"token": "123456789:ABCdefGHIjklMNOpqrstUVwxyz012345678", "chat": "-1001234"},
    "email": {
        "server": "smtps://mail.example.org",
        "user": "me@example.org",
        "password": "p@ss/word:1",
        "from": "taggarr@example.org",
        "to": "a@example.org,b@example.org",
    },
    "pushover": {"user": "u" * 30, "token": "a" * 30},
    "gotify": {"server": "https://push.example.org:8443/base", "token": "Abc123"},
    "ntfy": {"server": "", "topic": "taggarr", "token": "tk_secret"},
    "apprise": {"url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
}
SERVICES = {
    "discord": "Discord",
    "telegram": "Telegram",
    "email": "E-Mail",
    "pushover": "Pushover",
    "gotify": "Gotify",
    "ntfy": "ntfy",
    "apprise": "Slack",
}


@pytest.mark.parametrize("kind", TYPED)
def test_every_form_makes_an_address_of_its_service(kind):
    service = apprise.Apprise.instantiate(address_of(kind, TYPED[kind]))
    assert service is not None
    assert service.service_name == SERVICES[kind]


def test_a_password_with_special_characters_survives():
    service: Any = apprise.Apprise.instantiate(address_of("email", TYPED["email"]))
    assert (service.user, service.password) == ("me@example.org", "p@ss/word:1")
    assert service.secure
    assert {to for _, to in service.targets} == {"a@example.org", "b@example.org"}


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("discord", {"webhook": "https://example.org/hook"}, "not a Discord webhook"),
        ("telegram", {"token": "abc", "chat": "1"}, "not the token of a Telegram bot"),
        ("telegram", {"token": "1:a"}, "Chat is missing"),
        ("email", {"server": "ftp://mail", "from": "a", "to": "b"}, "Enter the mail server"),
        ("email", {"server": "smtp://mail:x", "from": "a", "to": ""}, "To is missing"),
        ("gotify", {"server": "://", "token": "a"}, "Enter the server's address"),
    ],
)
def test_what_is_wrong_is_said(kind, values, message):
    with pytest.raises(ConfigError, match=message):
        address_of(kind, values)


def test_every_kind_has_a_form():
    from notify.models import ChannelKind

    assert FORMS.keys() == set(ChannelKind)
