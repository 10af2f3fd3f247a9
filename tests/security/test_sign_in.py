"""Signing in: guessing is slow, nothing tells who exists, and nobody is led astray."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import requests
from django.test import Client

from accounts import attempts, first_admin
from tests.waiting import PATIENCE

RIGHT = {"login": "ada", "password": "correct horse"}
WRONG = {"login": "ada", "password": "guess"}


def test_after_five_wrong_passwords_the_right_one_opens_nothing_for_a_while(admin):
    client = Client()
    for _ in range(5):
        client.post("/login", WRONG)
    answer = client.post("/login", RIGHT)

    assert "Too many failed attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_another_host_name_or_address_is_no_fresh_start(admin):
    for number in range(5):
        Client().post("/login", WRONG, headers={"host": f"nas{number}"}, REMOTE_ADDR=f"192.0.2.{number}")
    answer = Client().post("/login", RIGHT, headers={"host": "other"}, REMOTE_ADDR="192.0.2.99")

    assert "Too many failed attempts" in answer.content.decode()


def guess(times=5, name="ada"):
    """Wrong passwords for one name, each from an address of its own."""
    for number in range(times):
        Client().post("/login", {**WRONG, "login": name}, REMOTE_ADDR=f"192.0.2.{number}")


def fails(client, **options):
    return "Too many failed attempts" in client.post("/login", RIGHT, **options).content.decode()


def test_who_guesses_elsewhere_does_not_lock_the_owner_out_of_a_browser_that_is_known(admin):
    owner = Client()
    owner.post("/login", RIGHT, REMOTE_ADDR="203.0.113.9")
    owner.post("/logout")
    guess(8)

    assert fails(Client(), REMOTE_ADDR="203.0.113.8")
    assert not fails(owner, REMOTE_ADDR="203.0.113.8")


def test_who_guesses_elsewhere_does_not_lock_the_owner_out_at_home(admin):
    signed_in = Client()
    signed_in.post("/login", RIGHT, REMOTE_ADDR="203.0.113.9")
    guess(8)

    assert fails(Client(), REMOTE_ADDR="203.0.113.8")
    assert not fails(Client(), REMOTE_ADDR="203.0.113.9")


def test_a_browser_that_is_known_guesses_no_faster(admin):
    owner = Client()
    owner.post("/login", RIGHT)
    owner.post("/logout")
    for _ in range(5):
        owner.post("/login", WRONG)

    assert fails(owner)


def test_a_browser_is_known_for_the_names_that_signed_in_there_alone(admin, viewer):
    known = Client()
    known.post("/login", {"login": "vera", "password": "correct horse"})
    known.post("/logout")
    guess()

    assert fails(known, REMOTE_ADDR="203.0.113.8")


def test_nobody_makes_such_a_cookie_and_it_names_nobody(admin):
    owner = Client()
    owner.post("/login", RIGHT)
    cookie = owner.cookies["taggarr_known"]
    assert "ada" not in cookie.value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    guess()
    forged = Client()
    forged.cookies["taggarr_known"] = cookie.value.partition(":")[0] + ":x:x"

    assert fails(forged, REMOTE_ADDR="203.0.113.8")


def test_one_address_cannot_try_many_names(admin):
    told = [Client().post("/login", {**WRONG, "login": f"user{number}"}) for number in range(12)]

    assert "Too many failed attempts" in told[-1].content.decode()


def tell(address: str, path: str, form: dict[str, str]) -> requests.Response:
    """Fill a form in at a web server that is a process of its own."""
    session = requests.Session()
    page = session.get(f"{address}{path}", timeout=PATIENCE)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text
    return session.post(f"{address}{path}", {**form, "csrfmiddlewaretoken": token[1]}, timeout=PATIENCE)


@pytest.mark.usefixtures("slow_hashes")
def test_another_web_process_is_no_fresh_start(start_web, transactional_db):
    from accounts.models import User

    token = {"token": "AAAA", "username": "eve", "password": "correct horse"}
    other = start_web()
    for _ in range(10):
        Client().post("/setup", token)
    assert tell(other, "/setup", token).status_code == 429

    User.objects.create_user("ada", password="correct horse")
    for _ in range(5):
        Client().post("/login", WRONG, REMOTE_ADDR="192.0.2.1")
    answer = tell(other, "/login", RIGHT)
    assert "Too many failed attempts" in answer.text


def test_without_redis_nobody_is_locked_out_and_guessing_stays_slow(admin, settings, monkeypatch):
    settings.CACHES = {**settings.CACHES, "default": without_redis(settings)}
    monkeypatch.setattr(attempts, "_rest_until", 0.0)
    assert Client().post("/login", RIGHT).status_code == 302

    for _ in range(5):
        Client().post("/login", WRONG)
    assert "Too many failed attempts" in Client().post("/login", RIGHT).content.decode()


def without_redis(settings):
    return {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}


def test_a_header_of_a_stranger_makes_no_other_address(knock, admin):
    from allauth.account.adapter import get_adapter
    from django.test import RequestFactory

    request = RequestFactory().get("/", headers={"x-forwarded-for": "203.0.113.1"}, REMOTE_ADDR="192.0.2.7")

    assert get_adapter(request).get_client_ip(request) == "192.0.2.7"


def test_the_token_of_the_first_start_cannot_be_guessed_at_speed(db):
    form = {"token": "AAAA", "username": "eve", "password": "correct horse"}
    told = [Client().post("/setup", form).status_code for _ in range(11)]

    assert told == [200] * 10 + [429]
    assert Client().post("/setup", {**form, "token": first_admin.token()}).status_code == 429


def test_tokens_that_are_typed_are_compared_in_the_same_time_whatever_is_given(db, settings, monkeypatch):
    compared: list[str] = []

    def compare(one: str | bytes, other: str | bytes) -> bool:
        compared.append(str(one))
        return False

    monkeypatch.setattr(first_admin, "constant_time_compare", compare)
    monkeypatch.setattr("system.metrics.hmac", SimpleNamespace(compare_digest=compare))
    settings.METRICS_TOKEN = "a token for metrics"
    Client().post("/setup", {"token": first_admin.token(), "username": "eve", "password": "correct horse"})
    metrics = Client().get("/metrics", headers={"authorization": "Bearer a token for metrics"})

    assert metrics.status_code == 403
    assert len(compared) == 2
    assert first_admin.is_needed()


def test_nobody_becomes_admin_a_second_time(admin):
    from accounts.models import User

    form = {"token": first_admin.token(), "username": "eve", "password": "correct horse"}
    assert Client().post("/setup", form)["Location"] == "/"
    assert list(User.objects.values_list("username", flat=True)) == ["ada"]


def test_nobody_signs_up(db, admin):
    assert Client().get("/account/signup/").status_code == 404


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(admin):
    pages = [
        Client().post("/login", {"login": name, "password": "guess"}).content.decode()
        for name in ("ada", "nobody")
    ]
    told = [re.sub(r'value="[^"]*"', "", page) for page in pages]

    assert told[0] == told[1]


def test_a_session_from_before_the_login_is_not_the_session_after_it(admin):
    client = Client()
    client.get("/login")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key or ""
    client.cookies["taggarr_session"] = before
    client.post("/login", RIGHT)

    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(admin.pk)
    planted = Client()
    planted.cookies["taggarr_session"] = before
    assert planted.get("/wanted").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\thttps://evil.example",
    ],
)
def test_the_login_leads_to_no_other_site(address, admin):
    assert Client().post("/login", {**RIGHT, "next": address})["Location"] == "/"
    assert Client().post("/login", {**RIGHT, "next": "/wanted"})["Location"] == "/wanted"


def test_who_is_inactive_stays_outside(viewer, admin):
    viewer.is_active = False
    viewer.save()
    client = Client()
    answer = client.post("/login", {"login": "vera", "password": "correct horse"})

    assert "_auth_user_id" not in client.session
    assert "not correct" in answer.content.decode() or answer["Location"].endswith("/account/inactive/")


def test_djangos_admin_has_no_login_of_its_own(admin, viewer, as_viewer):
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer["Location"].startswith("/login?next=")
    assert Client().post("/admin/login/", {"username": "ada", "password": "correct horse"}).status_code == 302
    assert as_viewer.get("/admin/login/").status_code == 403
    assert as_viewer.get("/admin/", follow=True).status_code == 403


def test_what_allauth_stores_has_no_page_in_djangos_admin(as_admin):
    text = as_admin.get("/admin/").content.decode()

    for app in ("account", "mfa", "socialaccount", "usersessions"):
        assert f"/admin/{app}/" not in text
        assert as_admin.get(f"/admin/{app}/").status_code == 404
