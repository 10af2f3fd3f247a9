"""One's own account in a real browser: passkeys, the pages, and links from other sites."""

from __future__ import annotations

import pytest

from tests.browser.test_accessible import serious

pytestmark = pytest.mark.e2e
PASSWORD = "correct horse battery"
PAGES = ("password/change/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "sessions/", "connections/")


@pytest.fixture
def ada(transactional_db):
    from accounts.models import Role, User

    return User.objects.create_user("ada", password=PASSWORD, role=Role.ADMIN)


def sign_in(page):
    page.goto("/login")
    page.fill("input[name=login]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:not(#mfa_login) button.first")
    page.wait_for_url("**/setup/instance")


def confirm(page):
    page.goto("/account/2fa/totp/activate/")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.first")
    page.wait_for_url("**/totp/activate/")


def test_the_pages_of_an_account_are_accessible_and_complain_of_nothing(open_page, ada, complaints):
    page = open_page("/login")
    sign_in(page)
    page.goto("/account/2fa/webauthn/add/")
    found = {"reauthenticate": serious(page)}
    confirm(page)
    for path in PAGES:
        page.goto(f"/account/{path}")
        found[path] = serious(page)

    assert {path: violations for path, violations in found.items() if violations} == {}
    assert complaints == []


def test_a_passkey_is_added_and_opens_the_door_without_a_password(open_page, ada, complaints, live_server):
    page = open_page("/login")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**key, "isUserVerified": True}})
    home = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{home}/login")
    page.fill("input[name=login]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:not(#mfa_login) button.first")
    page.wait_for_url("**/setup/instance")
    page.goto(f"{home}/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.first")
    page.wait_for_url("**/webauthn/add/")
    page.fill("input[name=name]", "Laptop")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")

    page.context.clear_cookies()
    page.goto(f"{home}/login")
    page.click("#passkey_login")
    page.wait_for_url("**/setup/instance")
    assert complaints == []


def test_a_link_of_another_site_finds_the_visitor_signed_in(open_page, ada, live_server):
    page = open_page("/login")
    sign_in(page)
    other = "http://other.localhost/"
    target = f"{live_server.url}/account/sessions/"
    page.route(
        other, lambda route: route.fulfill(content_type="text/html", body=f'<a href="{target}">go</a>')
    )
    page.goto(other)
    page.click("a")
    page.wait_for_url("**/account/sessions/")

    page.wait_for_selector("text=Sessions", state="attached")


def test_the_camera_confirms_that_it_is_still_there(open_page, ada, monkeypatch):
    from demo import screenshots

    monkeypatch.setattr(screenshots, "PASSWORD", PASSWORD)
    page = open_page("/login")
    sign_in(page)
    page.goto("/account/2fa/totp/activate/")
    assert "/account/reauthenticate/" in page.url

    screenshots.visit(page, "/account/2fa/totp/activate/")
    assert page.url.endswith("/account/2fa/totp/activate/")
