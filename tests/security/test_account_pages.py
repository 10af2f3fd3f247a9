"""One's own account: second factors, sessions, passwords; and nobody else's."""

from __future__ import annotations

import re
import time

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from library.errors import ConfigError
from tests.commands import run

PASSWORD = "correct horse"
NEW = "another long battery staple"


def signed_in(name: str = "ada") -> Client:
    client = Client()
    assert client.post("/login", {"login": name, "password": PASSWORD}).status_code == 302
    return client


def code_of(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def activate(client: Client) -> str:
    """Add an authenticator app; return its secret."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/").content.decode()
    found = re.search(r'id="authenticator_secret"[^>]* value="([A-Z2-7]+)"', page)
    assert found, page
    answer = client.post("/account/2fa/totp/activate/", {"code": code_of(found[1])})
    assert answer.status_code == 302, answer.content.decode()
    return found[1]


def begin(name: str = "ada") -> Client:
    client = Client()
    answer = client.post("/login", {"login": name, "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    return client


def test_with_an_authenticator_app_the_password_alone_opens_nothing(admin, monkeypatch):
    secret = activate(signed_in())
    client = begin()
    assert client.get("/wanted").status_code == 302
    assert client.get("/api/v1/tags").status_code == 401

    tomorrow = time.time() + 60  # a code serves once
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert client.post("/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/wanted").status_code == 200


def test_a_code_serves_once(admin, monkeypatch):
    secret = activate(signed_in())
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    code = code_of(secret)

    assert begin().post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    again = begin().post("/account/2fa/authenticate/", {"code": code})
    assert "Incorrect code" in again.content.decode()


def test_codes_cannot_be_guessed_at_speed(admin, monkeypatch):
    secret = activate(signed_in())
    client = begin()
    for number in range(6):
        client.post("/account/2fa/authenticate/", {"code": f"{number:06}"})
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later - 55)
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})

    assert "Too many failed login attempts" in answer.content.decode()
    assert client.get("/wanted").status_code == 302


def test_the_secrets_of_second_factors_stand_encrypted_and_follow_the_keys(admin, settings):
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    secret = activate(signed_in())
    stored = {row.type: dict(row.data) for row in Authenticator.objects.all()}
    assert secret not in str(stored)
    assert stored["totp"]["secret"].startswith("gAAAAA")
    assert stored["recovery_codes"]["seed"].startswith("gAAAAA")

    new = Fernet.generate_key().decode()
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [new, *old]
    assert "2 secrets" in run("rotate_encryption_key").out
    settings.ENCRYPTION_KEYS = [new]
    assert get_adapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret

    settings.ENCRYPTION_KEYS = old
    from library import stored_secrets

    with pytest.raises(ConfigError, match="second factor does not decrypt"):
        stored_secrets.check_all()
    stored_secrets.drop_all()
    assert not Authenticator.objects.exists()


def test_who_has_lost_everything_is_helped_at_the_machine(admin):
    activate(signed_in())

    assert run("remove_second_factor", "ADA").out == "ada had 2 second factors, and has none now.\n"
    assert signed_in().get("/wanted").status_code == 200
    assert run("remove_second_factor", "nobody").code == 2


def test_a_second_factor_is_added_only_by_whoever_knows_the_password(admin):
    client = signed_in()  # and left open for somebody else

    assert client.get("/account/2fa/totp/activate/")["Location"].startswith("/account/reauthenticate/")


def test_sessions_are_listed_and_ended(admin):
    here, there = signed_in(), signed_in()
    page = here.get("/account/sessions/").content.decode()
    chosen = re.findall(r'name="session" value="(\d+)"', page)
    assert len(chosen) == 1
    assert "This one" in page

    here.post("/account/sessions/", {"session": chosen[0]})

    assert there.get("/wanted").status_code == 302
    assert here.get("/wanted").status_code == 200


def test_all_other_sessions_are_ended_at_once(admin):
    here, others = signed_in(), [signed_in(), signed_in()]
    here.post("/account/sessions/")

    assert [one.get("/wanted").status_code for one in others] == [302, 302]
    assert here.get("/wanted").status_code == 200


@pytest.mark.parametrize("chosen", ["x", "-1", "99999999", "9" * 5000, "1 OR 1=1"])
def test_what_is_no_session_ends_none(chosen, admin):
    here, other = signed_in(), signed_in()
    assert here.post("/account/sessions/", {"session": chosen}).status_code == 302

    assert other.get("/wanted").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(admin, viewer):
    from allauth.usersessions.models import UserSession

    theirs, mine = signed_in("ada"), signed_in("vera")
    theirs_id = UserSession.objects.get(user=admin).pk
    mine.post("/account/sessions/", {"session": theirs_id})
    mine.post("/account/sessions/")

    assert theirs.get("/wanted").status_code == 200


def test_a_change_of_password_ends_every_other_session(admin):
    here, there = signed_in(), signed_in()
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/account/password/change/", form).status_code == 302

    assert there.get("/wanted").status_code == 302
    assert here.get("/wanted").status_code == 200
    assert "This one" in here.get("/account/sessions/").content.decode()


def test_a_password_that_an_admin_sets_ends_all_sessions_of_that_user(admin, viewer, as_admin):
    theirs = signed_in("vera")
    form = {"username": "vera", "role": "viewer", "is_active": "on", "password": NEW}
    assert as_admin.post(f"/settings/users/{viewer.pk}", form).status_code == 302

    assert theirs.get("/wanted").status_code == 302


def test_who_is_switched_off_is_out_at_once(admin, viewer, as_admin):
    theirs = signed_in("vera")
    as_admin.post(f"/settings/users/{viewer.pk}", {"username": "vera", "role": "viewer"})

    assert theirs.get("/wanted").status_code == 302


def test_what_happens_to_an_account_stands_in_the_audit_log(admin, django_capture_on_commit_callbacks):
    from history.models import AuditEntry

    client, _other = signed_in(), signed_in()
    with django_capture_on_commit_callbacks(execute=True):
        activate(client)
    client.post("/account/sessions/")

    found = set(AuditEntry.objects.values_list("action", "kind"))
    assert ("changed", "second factor") in found
    assert ("ended sessions", "session") in found


@pytest.mark.parametrize(
    "path", ["2fa/", "sessions/", "password/change/", "connections/", "2fa/totp/activate/"]
)
def test_the_pages_of_an_account_are_for_who_is_signed_in(path, admin):
    assert Client().get(f"/account/{path}").status_code == 302


def test_without_a_mail_server_there_is_no_link_to_reset_a_password(admin):
    assert Client().get("/account/password/reset/").status_code == 404
    assert "/account/password/reset/" not in Client().get("/login").content.decode()


@pytest.fixture
def mails(settings, mailoutbox):
    from taggarr.sign_in import MailServer

    settings.MAIL = MailServer("mail.example.org", 465, "", "", ssl=True, starttls=False)
    settings.PUBLIC_URL = "https://taggarr.example.org/taggarr"
    return mailoutbox


def ask_for_reset(**options):
    return Client().post("/account/password/reset/", {"email": "ada@example.org"}, **options)


@pytest.mark.parametrize(
    "headers", [{"host": "10.6.6.6"}, {"host": "evil", "x-forwarded-host": "evil.example"}]
)
def test_the_link_in_the_mail_leads_where_the_owner_said_whatever_host_was_asked(headers, admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    ask_for_reset(headers=headers)

    text = mails[0].body
    links = re.findall(r"https?://\S+", text)
    assert [
        link.startswith("https://taggarr.example.org/taggarr/account/password/reset/key/") for link in links
    ] == [True]
    assert "evil" not in text
    assert "10.6.6.6" not in text


def test_who_has_no_account_gets_no_mail_and_the_same_answer(admin, mails):
    known = ask_for_reset()
    admin.email = "ada@example.org"
    admin.save()
    unknown = ask_for_reset()

    assert known["Location"] == unknown["Location"]
    assert len(mails) == 1


def test_mails_cannot_be_asked_for_at_speed(admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    told = [ask_for_reset().status_code for _ in range(7)]

    assert told[-1] == 429
    assert len(mails) == 5
