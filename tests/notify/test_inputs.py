"""What a form shows of a stored channel, what stays, and what an address becomes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FieldError
from core.masking import masked_but_end
from notify.inputs import is_from_elsewhere, shown_secrets, shown_values, take_input
from notify.kinds import address_of, values_of
from notify.models import Channel
from tests.notify.test_kinds import TYPED

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1, max_size=12)


def stored(kind, **changes):
    channel = Channel(kind=kind)
    take_input(channel, {**TYPED.get(kind, {}), **changes})
    return channel


@pytest.mark.parametrize("kind", TYPED)
def test_an_address_is_read_back_into_what_makes_it(kind):
    address = address_of(kind, TYPED[kind])

    values = values_of(kind, address)

    assert values
    assert address_of(kind, values) == address


@given(user=TEXT, password=TEXT, sender=TEXT, to=TEXT, port=st.integers(1, 65535))
def test_no_character_of_a_mail_account_is_lost(user, password, sender, to, port):
    typed = {
        "server": f"smtp://mail.lan:{port}",
        "user": user,
        "password": password,
        "from": sender,
        "to": to,
    }
    typed = {name: value.strip() for name, value in typed.items()}
    if all(typed.values()):
        values = values_of("email", address_of("email", typed))
        assert {**typed, "server": ""} == {**values, "server": ""}


@given(topic=TEXT, token=TEXT)
def test_no_character_of_a_token_is_lost(topic, token):
    typed = {"server": "http://[::1]:8080", "topic": topic.strip(), "token": token.strip()}
    if all(typed.values()):
        assert values_of("ntfy", address_of("ntfy", typed)) == typed


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("ntfy", "ntfys://ntfy.sh/topic?priority=high"),
        ("discord", "discord://a/b/c/"),
        ("email", "mailtos://me:pw@example.org"),
        ("telegram", "tgram://1:a/"),
        ("gotify", "https://example.org"),
    ],
)
def test_an_address_that_no_form_makes_is_left_as_it_is(kind, address):
    channel = Channel(kind=kind, address=address)
    assert is_from_elsewhere(channel)
    assert set(shown_values(channel).values()) <= {""}

    take_input(channel, {})

    assert channel.address.reveal() == address


def test_what_is_secret_is_shown_by_its_end_alone():
    channel = stored("email", password="correct horse")
    assert shown_values(channel)["server"] == "smtps://mail.example.org"
    assert "password" not in shown_values(channel)
    assert shown_secrets(channel) == {"password": "****orse"}
    assert masked_but_end("short") == "****"


def test_a_secret_that_is_left_empty_stays():
    channel = stored("telegram")
    before = values_of("telegram", channel.address.reveal())["token"]

    take_input(channel, {"token": "", "chat": "@other"})

    assert values_of("telegram", channel.address.reveal()) == {"token": before, "chat": "@other"}


def test_a_stored_secret_is_not_sent_to_a_server_that_was_just_typed():
    channel = stored("gotify")
    with pytest.raises(FieldError, match="never sent to a new server") as caught:
        take_input(channel, {"server": "https://elsewhere.example", "token": ""})
    assert caught.value.field == "token"

    take_input(channel, {"server": "https://elsewhere.example", "token": "new"})

    now = values_of("gotify", channel.address.reveal())
    assert now == {"server": "https://elsewhere.example", "token": "new"}


def test_an_optional_secret_can_be_forgotten():
    channel = Channel(kind="webhook")
    take_input(channel, {"url": "https://example.org/hook", "secret": "shared"})
    take_input(channel, {"url": "", "secret": ""})
    assert (channel.address.reveal(), channel.secret.reveal()) == ("https://example.org/hook", "shared")

    take_input(channel, {"url": "", "secret": ""}, forget=["secret"])

    assert (channel.address.reveal(), channel.secret.reveal()) == ("https://example.org/hook", "")


def test_what_is_missing_names_its_field():
    with pytest.raises(FieldError) as caught:
        take_input(Channel(kind="ntfy"), {"token": "x"})
    assert caught.value.field == "topic"
