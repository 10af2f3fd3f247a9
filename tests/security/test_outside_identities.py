"""People whom somebody else signs in: an OIDC provider, or a proxy."""

from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.test import Client

from tests.api.conftest import long_ago

ISSUER = "http://sso.lan"
CALLBACK = "/account/oidc/sso/login/callback/"
PROXY = "10.0.0.2"


@pytest.fixture
def provider(settings):
    """An OIDC provider; `claims` are what it says of whoever comes."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "Home",
                    "client_id": "taggarr",
                    "secret": "client-secret",
                    "settings": {"server_url": ISSUER, "oauth_pkce_enabled": True},
                }
            ]
        }
    }
    claims: dict[str, Any] = {"sub": "1234", "preferred_username": "kim", "email": "kim@example.org"}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as net:
        net.get(
            f"{ISSUER}/.well-known/openid-configuration",
            json={
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/userinfo",
                "jwks_uri": f"{ISSUER}/jwks",
            },
        )
        net.post(f"{ISSUER}/token", json={"access_token": "at", "token_type": "Bearer"})
        net.add_callback(responses.GET, f"{ISSUER}/userinfo", lambda _request: (200, {}, json.dumps(claims)))
        yield claims


def come(client: Client | None = None, **query: str) -> Any:
    """Go to the provider and come back; the answer to that."""
    client = client or Client()
    there = client.post("/account/oidc/sso/login/")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    answer = client.get(CALLBACK, {"code": "c", "state": asked["state"], **query})
    return client, answer, asked


def test_the_login_page_offers_the_provider_and_goes_there_only_by_a_form(provider, admin):
    assert "Sign in with Home" in Client().get("/login").content.decode()
    assert Client().get("/account/oidc/sso/login/").status_code == 200
    _, _, asked = come()
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"


def test_behind_a_proxy_and_below_a_path_the_provider_sends_people_back_there(
    provider, knock, settings, admin
):
    settings.TRUSTED_PROXIES, settings.TAGGARR_HOSTS = [PROXY], ["home.example.org"]
    settings.BASE_PATH = settings.FORCE_SCRIPT_NAME = "/taggarr"
    through = {"x-forwarded-proto": "https", "x-forwarded-host": "home.example.org"}
    page = knock("/taggarr/login", headers=through, client=PROXY)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    cookie = re.search(r"taggarr_csrf=[^;]+", page.header("set-cookie"))
    assert cookie
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "https://home.example.org"}
    answer = knock(
        "/taggarr/account/oidc/sso/login/",
        method="POST",
        headers={**through, **form, "cookie": cookie[0]},
        body=[f"csrfmiddlewaretoken={token[1]}".encode()],
        client=PROXY,
    )

    assert answer.status == 302
    asked = parse_qs(urlsplit(answer.header("location")).query)
    assert asked["redirect_uri"] == [f"https://home.example.org/taggarr{CALLBACK}"]


def test_whom_nobody_knows_gets_no_account_by_itself(provider, admin):
    from accounts.models import User

    client, _, _ = come()

    assert client.get("/wanted").status_code == 302
    assert list(User.objects.values_list("username", flat=True)) == ["ada"]


def test_where_the_owner_wants_it_they_become_viewers(provider, admin, settings):
    from accounts.models import User

    settings.NEW_USERS = True
    client, _, _ = come()

    assert client.get("/wanted").status_code == 200
    made = User.objects.get(username="kim")
    assert not made.is_admin
    assert not made.has_usable_password()


def test_a_name_that_is_taken_is_not_taken_over(provider, admin, settings):
    from accounts.models import User

    settings.NEW_USERS = True
    provider.update(preferred_username="ada", email="")
    client, _, _ = come()

    assert client.session.get("_auth_user_id") != str(admin.pk)
    assert User.objects.get(username="ada").pk == admin.pk


def test_a_mail_address_is_no_proof_of_whose_account_it_is(provider, admin, settings):
    settings.NEW_USERS = True
    provider["email_verified"] = True
    admin.email = "kim@example.org"
    admin.save()
    client, _, _ = come()

    assert client.session.get("_auth_user_id") != str(admin.pk)


def test_an_account_is_connected_by_whoever_is_signed_in_to_it(provider, viewer, settings, admin):
    client = Client()
    client.post("/login", {"login": "vera", "password": "correct horse"})
    client.post("/account/reauthenticate/", {"password": "correct horse"})
    there = client.post("/account/oidc/sso/login/?process=connect")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    client.get(CALLBACK, {"code": "c", "state": state})

    later, _, _ = come()
    assert later.session["_auth_user_id"] == str(viewer.pk)


def test_the_groups_of_the_provider_give_and_take_the_role(provider, admin, settings):
    from accounts.models import User

    settings.NEW_USERS, settings.OIDC_ADMIN_GROUP = True, "admins"
    provider["groups"] = ["users", "admins"]
    come()
    assert User.objects.get(username="kim").is_admin

    provider["groups"] = ["users"]
    come()
    assert User.objects.get(username="kim").role == "viewer"

    User.objects.filter(username="kim").update(role="user")
    come()
    assert User.objects.get(username="kim").role == "user"


def test_the_last_admin_stays_one_whatever_the_provider_says(provider, settings, admin):
    from accounts.models import User

    settings.NEW_USERS, settings.OIDC_ADMIN_GROUP = True, "admins"
    provider["groups"] = ["admins"]
    come()
    User.objects.exclude(username="kim").delete()
    provider["groups"] = []
    come()

    assert User.objects.get(username="kim").is_admin


def test_an_answer_that_nobody_asked_for_signs_nobody_in(provider, admin, settings):
    settings.NEW_USERS = True
    client, _, _ = come(state="forged")

    assert client.get("/wanted").status_code == 302


def test_a_provider_at_a_forbidden_address_is_not_asked(admin, settings):
    from accounts.adapters import ProviderAdapter
    from core.outbound import RefusedError

    with pytest.raises(RefusedError):
        ProviderAdapter().get_requests_session().get(
            "http://169.254.169.254/.well-known/openid-configuration"
        )


@pytest.fixture
def forwarding(settings):
    settings.TRUSTED_PROXIES = [PROXY]
    settings.FORWARD_AUTH_HEADER = "Remote-User"
    middleware = list(settings.MIDDLEWARE)
    at = middleware.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    middleware.insert(at, "accounts.forward_auth.ForwardAuthMiddleware")
    settings.MIDDLEWARE = middleware
    backends = [*settings.AUTHENTICATION_BACKENDS, "accounts.forward_auth.ForwardAuthBackend"]
    settings.AUTHENTICATION_BACKENDS = backends


def session_of(answer):
    """The cookie of the session that an answer begins."""
    found = re.search(r"taggarr_session=[^;]+", answer.header("set-cookie"))
    assert found, "it begins no session"
    return found[0]


@pytest.mark.parametrize("name", ["vera", "VERA"])
def test_whom_a_listed_proxy_names_is_signed_in(name, knock, forwarding, rows, viewer):
    answer = knock("/wanted", headers={"remote-user": name}, client=PROXY)

    assert answer.status == 200
    assert "vera" in answer.text


@pytest.mark.parametrize("header", ["remote-user", "remote_user", "Remote-User"])
def test_whom_anybody_else_names_is_not(header, knock, forwarding, viewer):
    assert knock("/wanted", headers={header: "vera"}, client="10.0.0.3").status == 302


def test_below_a_path_it_is_the_same(knock, forwarding, rows, viewer, settings):
    settings.BASE_PATH = settings.FORCE_SCRIPT_NAME = "/taggarr"

    assert knock("/taggarr/wanted", headers={"remote-user": "vera"}, client=PROXY).status == 200
    stranger = knock("/taggarr/wanted", headers={"remote-user": "vera"}, client="10.0.0.3")
    assert stranger.header("location").startswith("/taggarr/login?")


def test_the_session_ends_with_the_header(knock, forwarding, rows, viewer):
    first = knock("/wanted", headers={"remote-user": "vera"}, client=PROXY)
    cookie = session_of(first)

    assert knock("/wanted", headers={"cookie": cookie, "remote-user": "vera"}, client=PROXY).status == 200
    assert knock("/wanted", headers={"cookie": cookie}, client=PROXY).status == 302


def test_a_session_of_one_is_not_handed_to_another(knock, forwarding, rows, viewer, admin):
    first = knock("/wanted", headers={"remote-user": "vera"}, client=PROXY)
    cookie = session_of(first)
    second = knock("/wanted", headers={"cookie": cookie, "remote-user": "ada"}, client=PROXY)

    assert "ada" in second.text
    assert cookie.partition("=")[2] not in second.header("set-cookie")


@pytest.mark.parametrize(("wanted", "status"), [(False, 302), (True, 200)])
def test_who_is_unknown_gets_an_account_only_where_the_owner_wants_it(
    wanted, status, knock, forwarding, rows, viewer, settings
):
    from accounts.models import User

    settings.NEW_USERS = wanted
    assert knock("/wanted", headers={"remote-user": "kim"}, client=PROXY).status == status
    found = User.objects.filter(username="kim")
    assert [user.is_admin for user in found] == [False] * wanted


def test_who_is_switched_off_stays_outside(knock, forwarding, viewer):
    viewer.is_active = False
    viewer.save()

    assert knock("/wanted", headers={"remote-user": "vera"}, client=PROXY).status == 302


def test_below_the_api_the_header_is_not_believed(knock, forwarding, rows, viewer, settings):
    named = {"remote-user": "vera"}
    assert knock("/api/v1/media", headers=named, client=PROXY).status == 401
    told = knock("/metrics", headers=named, client=PROXY)
    assert (told.status, told.header("set-cookie")) == (403, "")

    settings.FORWARD_AUTH_API = True
    assert knock("/api/v1/media", headers=named, client=PROXY).status == 200


def test_a_page_may_go_on_asking_the_api_where_the_proxy_adds_no_header(knock, forwarding, rows, viewer):
    cookie = session_of(knock("/wanted", headers={"remote-user": "vera"}, client=PROXY))

    assert knock("/api/v1/media", headers={"cookie": cookie}, client=PROXY).status == 200
    assert knock("/wanted", headers={"cookie": cookie, "remote-user": "vera"}, client=PROXY).status == 200


def test_whom_a_proxy_names_shows_the_password_that_they_have_here(knock, forwarding, rows, admin):
    named = {"remote-user": "ada"}
    cookie = session_of(knock("/wanted", headers=named, client=PROXY))
    asked = knock("/settings/keys", headers={**named, "cookie": cookie}, client=PROXY)

    assert (asked.status, asked.header("location")) == (302, "/account/reauthenticate/?next=/settings/keys")


def test_whom_a_proxy_names_and_who_has_nothing_else_is_believed_on_pages(knock, forwarding, rows, admin):
    admin.set_unusable_password()
    admin.save()
    named = {"remote-user": "ada"}
    cookie = session_of(knock("/wanted", headers=named, client=PROXY))

    assert knock("/settings/keys", headers={**named, "cookie": cookie}, client=PROXY).status == 200
    api = knock("/api/v1/system/logs/web.log/download", headers={**named, "cookie": cookie}, client=PROXY)
    assert api.status == 403


def known_to_the_provider(user):
    from allauth.socialaccount.models import SocialAccount

    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider="sso", uid="1234")


def test_who_has_no_password_signs_in_again_at_the_provider(provider, admin):
    known_to_the_provider(admin)
    client, _, _ = come()
    assert client.get("/settings/keys").status_code == 200

    long_ago(client)
    page = client.get(client.get("/settings/keys")["Location"])["Location"]
    assert page.startswith("/account/oidc/sso/login/")
    there = client.post(page)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(there["Location"]).query).items()}
    assert asked["prompt"] == "login"
    back = client.get(CALLBACK, {"code": "c", "state": asked["state"]})
    assert back["Location"] == "/settings/keys"
    assert client.get("/settings/keys").status_code == 200


def test_a_provider_that_did_not_ask_makes_no_recent_sign_in(provider, admin, monkeypatch):
    from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

    known_to_the_provider(admin)
    claims = {**provider, "auth_time": int(time.time()) - 3600}
    original = OpenIDConnectOAuth2Adapter.complete_login

    def complete(self, request, app, token, **more):
        found = original(self, request, app, token, **more)
        found.account.extra_data = {"id_token": claims, "userinfo": claims}
        return found

    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "complete_login", complete)
    client, _, _ = come()

    assert client.get("/wanted").status_code == 200
    assert client.get("/settings/keys").status_code == 302
