"""One's own account: second factors, sessions, passwords; and nobody else's."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import password_resets
from accounts.models import ApiKey, ResetRequest
from core.errors import ConfigError
from system.health import find_issues
from tests.api.conftest import long_ago, with_key
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
    with override_settings(MFA_TOTP_TOLERANCE=1):  # half a minute may end in between
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
    assert "The code is wrong" in again.content.decode()


def test_codes_cannot_be_guessed_at_speed(admin, monkeypatch):
    secret = activate(signed_in())
    client = begin()
    for number in range(6):
        client.post("/account/2fa/authenticate/", {"code": f"{number:06}"})
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later - 55)
    answer = client.post("/account/2fa/authenticate/", {"code": code_of(secret)})

    assert "Too many failed attempts" in answer.content.decode()
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
    from core import secrets

    with pytest.raises(ConfigError, match="second factor cannot be decrypted"):
        secrets.check_all()
    secrets.drop_all()
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


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/128.0.0.0 Mobile", "Chrome on Android"),
        ("curl/8.9.1", "curl/8.9.1"),
    ],
)
def test_a_session_tells_its_browser_in_words(agent, named, admin):
    from accounts.sessions import browser_of

    assert browser_of(agent) == named


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


def ask_for_reset(address="ada@example.org", **options):
    return Client().post("/account/password/reset/", {"email": address}, **options)


@pytest.mark.parametrize(
    "headers", [{"host": "10.6.6.6"}, {"host": "evil", "x-forwarded-host": "evil.example"}]
)
def test_the_link_in_the_mail_leads_where_the_owner_said_whatever_host_was_asked(headers, admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    ask_for_reset(headers=headers)
    password_resets.send_due()

    text = mails[0].body
    links = re.findall(r"https?://\S+", text)
    assert [
        link.startswith("https://taggarr.example.org/taggarr/account/password/reset/key/") for link in links
    ] == [True]
    assert "evil" not in text
    assert "10.6.6.6" not in text


def test_the_link_in_the_mail_sets_a_new_password(admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    ask_for_reset()
    password_resets.send_due()
    link = re.findall(r"https?://\S+", mails[0].body)[0].removeprefix("https://taggarr.example.org/taggarr")
    client = Client()
    form = client.get(link)["Location"]
    client.post(form, {"password1": NEW, "password2": NEW})

    assert Client().post("/login", {"login": "ada", "password": NEW}).status_code == 302


def test_who_has_no_account_gets_no_mail_and_the_same_answer(admin, mails):
    known = ask_for_reset()
    assert password_resets.send_due() == 0
    admin.email = "ada@example.org"
    admin.save()
    unknown = ask_for_reset()
    password_resets.send_due()

    assert known["Location"] == unknown["Location"]
    assert len(mails) == 1


def work_of(address):
    """The statements that a request for a new password asks of the database."""
    with CaptureQueriesContext(connection) as asked:
        assert ask_for_reset(address).status_code == 302
    return [re.sub(r"'[^']*'", "?", query["sql"]) for query in asked.captured_queries]


def test_a_reset_costs_the_same_whether_there_is_an_account_or_not(admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    work_of("warm@example.org")

    assert work_of("ada@example.org") == work_of("eve@example.org")
    assert mails == []


def test_a_mail_server_that_is_away_tells_nobody_who_has_an_account(admin, mails, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    admin.email = "ada@example.org"
    admin.save()
    told = [ask_for_reset(f"{name}@example.org") for name in ("ada", "eve")]
    assert [(one.status_code, one["Location"]) for one in told] == [
        (302, "/account/password/reset/done/")
    ] * 2

    password_resets.send_due()

    (issue,) = (one for one in find_issues(live=False) if one.code == "unsent_mails")
    assert "Connection refused" in issue.what
    assert "ada" not in str(issue)
    left = ResetRequest.objects.exclude(attempts=0).get()
    assert (left.address, left.attempts) == ("ada@example.org", 1)


def test_a_mail_that_could_not_be_sent_is_sent_later_and_given_up_after_an_hour(admin, mails, settings):
    admin.email = "ada@example.org"
    admin.save()
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    ask_for_reset()
    password_resets.send_due()
    settings.EMAIL_BACKEND = working
    assert password_resets.send_due() == 0  # not yet
    ResetRequest.objects.update(due_at=Now())
    assert password_resets.send_due() == 1
    assert not ResetRequest.objects.exists()

    ask_for_reset()
    ResetRequest.objects.update(made_at=Now() - timedelta(minutes=61))
    assert password_resets.send_due() == 0
    assert not ResetRequest.objects.exists()


def test_mails_cannot_be_asked_for_at_speed(admin, mails):
    admin.email = "ada@example.org"
    admin.save()
    told = [ask_for_reset().status_code for _ in range(7)]
    password_resets.send_due()

    assert told[-1] == 429
    assert len(mails) == 5


def test_no_page_changes_or_adds_a_mail_address(admin):
    client = signed_in()

    assert client.get("/account/email/").status_code == 404
    assert client.get("/account/signup/").status_code == 404
    assert client.get("/account/confirm-email/").status_code == 404


# A recent sign-in

PERSONAL = (
    "/settings/users",
    "/settings/users/{user}",
    "/settings/keys",
    "/settings/notifications/add/ntfy",
    "/admin/",
    "/admin/accounts/user/",
)


@pytest.mark.parametrize("path", PERSONAL)
def test_what_would_outlive_a_session_asks_for_a_recent_sign_in(path, admin):
    client = signed_in()
    where = path.format(user=admin.pk)
    assert client.get(where).status_code == 200

    long_ago(client)
    told = client.get(where)
    assert (told.status_code, told["Location"]) == (302, f"/account/reauthenticate/?next={where}")
    assert client.get("/settings/connections").status_code == 200

    wrong = client.post(told["Location"], {"password": "a guess"})
    assert wrong.status_code == 200
    assert client.get(where).status_code == 302
    assert client.post(told["Location"], {"password": PASSWORD})["Location"] == where
    assert client.get(where).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/settings/users/4711/delete",
        "/settings/keys/4711/delete",
        "/settings/notifications/4711",
        "/settings/notifications/4711/delete",
        "/system/backups/taggarr-20260101-000000.zip/restore",
    ],
)
def test_no_act_that_would_outlive_a_session_follows_an_old_sign_in(path, admin):
    client = signed_in()
    # There is no such thing: whoever gets so far was let in.
    assert "reauthenticate" not in client.post(path).get("Location", "")

    long_ago(client)
    assert client.post(path)["Location"].startswith("/account/reauthenticate/?next=")


def test_a_form_that_was_open_too_long_changes_nothing(admin, viewer):
    client = signed_in()
    long_ago(client)
    page = f"http://testserver/settings/users/{viewer.pk}"
    form = {"username": "vera", "role": "admin", "is_active": "on", "password": NEW}

    assert client.post(f"/settings/users/{viewer.pk}", form).status_code == 302
    told = client.post(f"/settings/users/{viewer.pk}/delete", headers={"referer": page})
    assert told["Location"] == f"/account/reauthenticate/?next=/settings/users/{viewer.pk}"
    evil = client.post(f"/settings/users/{viewer.pk}/delete", headers={"referer": "https://evil.example/x"})
    assert evil["Location"] == "/account/reauthenticate/?next=/"
    assert client.post("/settings/keys", {"name": "k"}).status_code == 302
    assert not ApiKey.objects.exists()
    viewer.refresh_from_db()
    assert (viewer.role, viewer.check_password(PASSWORD)) == ("viewer", True)
    # What was typed is not kept either.
    assert NEW not in str(dict(client.session.items()))


def test_a_second_factor_makes_a_sign_in_recent_too(admin, monkeypatch):
    client = signed_in()
    secret = activate(client)
    admin.refresh_from_db()
    admin.set_unusable_password()
    admin.save()
    client = Client()
    client.force_login(admin)
    long_ago(client)
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    there = client.get(client.get("/settings/keys")["Location"])["Location"]
    assert there == "/account/2fa/reauthenticate/?next=%2Fsettings%2Fkeys"

    assert client.post(there, {"code": code_of(secret)})["Location"] == "/settings/keys"
    assert client.get("/settings/keys").status_code == 200


# Who is switched off


def test_the_sessions_of_who_was_switched_off_do_not_come_back(admin, viewer, as_admin):
    theirs, key = [signed_in("vera"), signed_in("vera")], with_key(viewer)
    viewer.is_active = False
    viewer.save()  # whoever does it: a page, Django's admin, a command
    assert [one.get("/wanted").status_code for one in theirs] == [302, 302]
    assert key.get("/api/v1/media").status_code == 401

    viewer.is_active = True
    viewer.save()
    assert [one.get("/wanted").status_code for one in theirs] == [302, 302]
    assert not Session.objects.filter(session_key__in=[one.session.session_key for one in theirs]).exists()
