"""Messages reach real peers, and what they refuse is told apart from what may pass."""

from __future__ import annotations

import json

import pytest

from core.errors import ApiPermanentError, ApiTransientError, ConfigError
from notify.kinds import address_of
from notify.models import Message
from notify.sending import check_address, send
from notify.services import send_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return Message.objects.create(
        topic="wrong_dub", title="My TV: wrong dub in Dark", text="Dark holds German.", data={"count": 1}
    )


def test_a_webhook_gets_the_message_as_json_signed_so_that_it_can_check(peer, channel, message):
    hook = peer("http", secret="s3cret")
    send(channel(hook.port, secret="s3cret"), message)
    body = json.loads(hook.next()["body"])
    assert (body["event"], body["title"], body["data"]) == ("wrong_dub", message.title, {"count": 1})


@pytest.mark.parametrize("secret", ["another", ""])
def test_who_does_not_know_the_secret_is_found_out(peer, channel, message, secret):
    with pytest.raises(ApiPermanentError, match="401"):
        send(channel(peer("http", secret="s3cret").port, secret=secret), message)


def test_without_a_secret_nothing_is_signed(peer, channel, message):
    hook = peer("http")
    send(channel(hook.port), message)
    assert "X-Taggarr-Signature" not in hook.next()["headers"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, ApiTransientError),
        (429, ApiTransientError),
        (404, ApiPermanentError),
        (302, ApiPermanentError),
    ],
)
def test_what_a_webhook_answers_decides_whether_to_try_again(peer, channel, message, status, error):
    with pytest.raises(error) as caught:
        send(channel(peer("http", status).port), message)
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after", None) == (7 if status == 429 else None)


def test_a_webhook_that_is_away_may_come_back_and_its_address_is_not_told(channel, message):
    with pytest.raises(ApiTransientError) as caught:
        send(channel(1), message)
    assert "127.0.0.1" not in str(caught.value)


def test_an_email_arrives_at_a_mail_server(peer, channel, message):
    server = peer("smtp")
    address = address_of(
        "email",
        {"server": f"smtp://127.0.0.1:{server.port}", "from": "taggarr@example.org", "to": "me@example.org"},
    )
    send(channel(kind="email", address=address), message)
    mail = server.next()
    assert (mail["from"], mail["to"]) == ("taggarr@example.org", ["me@example.org"])
    assert mail["subject"] == message.title
    assert "Dark holds German." in mail["text"]


def test_a_mail_server_that_is_away_may_come_back(channel, message):
    address = address_of(
        "email", {"server": "smtp://127.0.0.1:1", "from": "a@example.org", "to": "b@example.org"}
    )
    with pytest.raises(ApiTransientError, match="did not take the message"):
        send(channel(kind="email", address=address), message)


def test_ntfy_and_gotify_servers_get_the_message(peer, channel, message):
    ntfy = peer("http")
    send(
        channel(
            kind="ntfy",
            address=address_of("ntfy", {"server": f"http://127.0.0.1:{ntfy.port}", "topic": "taggarr"}),
        ),
        message,
    )
    assert "Dark holds German." in ntfy.next()["body"]
    gotify = peer("http")
    address = address_of("gotify", {"server": f"http://127.0.0.1:{gotify.port}/push", "token": "abc"})
    send(channel(name="G", kind="gotify", address=address), message)
    got = gotify.next()
    assert got["path"] == "/push/message"
    assert json.loads(got["body"])["title"] == message.title


def test_the_status_of_a_refusal_is_told_and_no_token(peer, channel, message):
    server = f"http://127.0.0.1:{peer('http', 401).port}"
    address = address_of("gotify", {"server": server, "token": "a-token-of-mine"})
    with pytest.raises(ApiTransientError, match="Gotify answers 401 and did not take") as caught:
        send(channel(kind="gotify", address=address), message)
    assert "a-token-of-mine" not in str(caught.value)


def test_the_test_button_sends_a_real_message_and_forgets_failures(peer, channel):
    hook = peer("http")
    known = channel(hook.port, failures=3, last_error="Away.")
    assert send_test(known) == "The webhook answers 200."
    assert json.loads(hook.next()["body"])["event"] == "test"
    known.refresh_from_db()
    assert (known.failures, known.last_error) == (0, "")
    assert known.last_sent_at is not None


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("apprise", "nonsense://x"),
        ("apprise", "does not know this address"),
        ("webhook", "ftp://example.org"),
    ],
)
def test_an_address_that_nothing_could_be_sent_to_is_refused(kind, address):
    with pytest.raises(ConfigError):
        check_address(kind, address)


def test_a_webhook_to_the_metadata_service_of_a_cloud_is_refused():
    with pytest.raises(ConfigError, match=r"169\.254\.169\.254"):
        check_address("webhook", "http://169.254.169.254/latest")


def test_a_stored_address_that_apprise_does_not_know_any_more(channel, message):
    with pytest.raises(ConfigError, match="enter it again"):
        send(channel(kind="apprise", address="nonsense://x"), message)
