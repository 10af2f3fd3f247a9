"""Options of addresses: of all services of Apprise, none that is taken names a file or what to fetch."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import apprise
import pytest
from apprise.manager_plugins import NotificationManager

from core.errors import ConfigError
from notify.models import Channel, ChannelKind, Message
from notify.sending import check_address, send
from notify.through_apprise import COMMON, OPTIONS, service_of

PLUGINS = sorted(set(NotificationManager().plugins()), key=lambda plugin: plugin.__name__)
NAMES = [plugin.__name__.removeprefix("Notify") for plugin in PLUGINS]

REFUSED = {
    "Blink1",  # a light at a USB port
    "DBus",
    "GLib",
    "Gnome",
    "Growl",
    "MQTT",  # needs a library that is not there
    "MacOSX",  # runs a program
    "SMPP",
    "Syslog",
    "Vapid",  # reads and writes files of keys and subscriptions
    "Windows",
    "XMPP",
}
"""Services that nothing is sent through."""

SUSPECT = re.compile(
    r"file|folder|director|\bpath|template|attach|upload|redirect|store|storage|pgp|pem\b|privkey|"
    r"(icon|image|avatar|sound|logo|picture|media|server|blossom)[ _-]*(url|href|link)|web key|blossom",
    re.IGNORECASE,
)
"""In the name of an option, or in what Apprise calls it."""

HARMLESS = {
    "Discord": {"batch"},  # how many go in one message
    "Fluxer": {"path"},  # of a web address
    "Guilded": {"batch"},
    "Gupshup": {"template"},  # the name of one that the service keeps
    "HomeAssistant": {"prefix"},  # of a web address
    "Kaleyra": {"template"},
    "Matrix": {"path"},  # of a web address
    "Notifyre": {"template"},
    "OneSignal": {"template", "decode"},
    "SendGrid": {"template"},
    "SendPulse": {"template"},
    "Telnyx": {"profile"},
    "WhatsApp": {"template"},
}
"""Where such a word means something else; each was looked up in the code of the service."""


def listed(name: str) -> frozenset[str]:
    return COMMON | set(OPTIONS[name].split())


def test_every_service_of_apprise_is_listed_or_refused():
    assert set(OPTIONS) | REFUSED == set(NAMES)
    assert not set(OPTIONS) & REFUSED


@pytest.mark.parametrize("plugin", PLUGINS, ids=NAMES)
def test_no_option_that_is_taken_names_a_file_an_attachment_a_redirect_or_a_source(plugin):
    name = plugin.__name__.removeprefix("Notify")
    if name in REFUSED:
        return
    for option in sorted(listed(name)):
        about: dict[str, Any] = plugin.template_args.get(option, {})
        words = f"{option} {about.get('name', '')} {about.get('map_to', '')} {about.get('alias_of', '')}"
        assert not SUSPECT.search(words) or option in HARMLESS.get(name, ()), words


SPELLINGS = [
    "?template={}",
    "?a=b;template={}",
    "?image=yes;template={}",
    "?TEMPLATE={}",
    "?%20template%20={}",
    "?+template={}",
    "? template={}",
    "?:template={}",
    "?te%6dplate={}",
    "?template+={}",
    "?image=yes&&;&template={}",
    "?template=x&template={}",
    "/?template={}",
    "?image=yes?&template={}",
    "?template=file://{}",
]


@pytest.fixture
def secret(tmp_path) -> Path:
    path: Path = tmp_path / "encryption_keys"
    path.write_text('{"content": "the-key-of-everything"}')
    return path


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "address",
    [
        "discord://1234567890/abcdefghijk",
        "tgram://123456789:abcdefg_hijklmnop/12345",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "https://discord.com/api/webhooks/1234567890/abcdefghijk",
    ],
)
def test_however_the_option_is_spelt_the_file_is_not_sent(address, spelling, secret):
    try:
        service = service_of(address + spelling.format(secret))
    except ConfigError as error:
        assert str(secret) not in str(error)  # noqa: PT017 - some spellings are no option to Apprise at all
    else:
        assert service is None or not getattr(service, "template", None)


@pytest.mark.parametrize(
    "option",
    [
        *("redirect=yes", "a=b;redirect=yes", "REDIRECT=1", "store=no", "optional=yes"),
        # To another parser this is one option, which is taken.
        "verify=yes;redirect=yes",
    ],
)
def test_redirects_are_not_to_be_had(option):
    with pytest.raises(ConfigError, match="does not allow this option"):
        service_of(f"json://127.0.0.1:9/?{option}")


@pytest.mark.parametrize("address", ["vapid://a@b.example/a@b.example", "syslog://", "dbus://"])
def test_services_that_read_files_or_reach_this_machine_alone_are_refused(address):
    with pytest.raises(ConfigError, match="sends nothing through"):
        service_of(address)


@pytest.mark.parametrize(
    "address",
    [
        "discord://1234567890/abcdefghijk?format=markdown&footer=yes",
        "mailtos://a:b@mail.example.org:465?smtp=mail.example.org&from=a@b.example&to=c@d.example&mode=ssl",
        "json://127.0.0.1:9/?+X-Token=abc&:field=value&method=PUT",
        "ntfys://token@ntfy.example/topic?priority=high&tags=tv",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?footer=no&verify=no",
        "https://discord.com/api/webhooks/1234567890/abcdefghijk",
    ],
)
def test_what_people_use_is_taken(address):
    assert service_of(address) is not None


def test_a_name_that_is_no_option_is_not_repeated():
    with pytest.raises(ConfigError, match="does not allow one of these options") as refused:
        service_of("json://127.0.0.1:9/?hunter2")
    assert "hunter2" not in str(refused.value)


def test_nothing_is_attached_even_where_the_list_were_wrong(monkeypatch, secret):
    monkeypatch.setitem(OPTIONS, "Discord", "template")

    assert service_of(f"discord://1234567890/abcdefghijk?template={secret}") is None
    with pytest.raises(ConfigError, match="send out"):
        apprise.AppriseAttachment(str(secret))


def test_a_stand_in_for_a_service_gets_the_message_and_never_the_file(peer, secret, monkeypatch):
    there = peer("http", 200)
    discord = NotificationManager()["discord"]
    monkeypatch.setattr(discord, "notify_url", f"http://127.0.0.1:{there.port}/hook")
    address = "discord://1234567890/abcdefghijk"
    message = Message(topic="test", title="Title", text="Text")
    hostile = [f"{address}{spelling.format(secret)}" for spelling in SPELLINGS]

    for one in [*hostile, address]:
        channel = Channel(name="Test", kind=ChannelKind.APPRISE, address=one, topics=[])
        with contextlib.suppress(ConfigError):
            check_address(channel.kind, channel.address.reveal())
            send(channel, message)
        if not there.received_nothing() or one == address:
            assert "Text" in str(got := there.next())
            assert "the-key-of-everything" not in str(got)
