"""What answers tell browsers, cookies, other origins, and links from other sites."""

from __future__ import annotations

import pytest
from django.test import Client

CROSS = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize("path", ["/login", "/api/v1/tags", "/ping", "/nothing", "/static/taggarr/app.css"])
def test_every_answer_forbids_what_it_need_not_allow(path, admin):
    answer = Client().get(path)

    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/login", "/admin/login/", "/api/v1/tags"])
def test_no_answer_can_be_framed(path, admin):
    assert Client().get(path, follow=True)["X-Frame-Options"] == "DENY"


def sign_in(**options):
    client = Client()
    client.post("/login", {"login": "ada", "password": "correct horse"}, **options)
    return client.cookies


def test_cookies_are_for_our_own_pages_alone(admin):
    for cookie in sign_in().values():
        assert (cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("Strict", True, "")


def test_over_tls_cookies_are_secure_and_browsers_are_told_to_insist(admin, settings):
    cookies = sign_in(secure=True)

    assert {name for name, cookie in cookies.items() if cookie["secure"]} == {
        "taggarr_csrf",
        "taggarr_known",
        "taggarr_session",
    }
    assert Client().get("/ping", secure=True)["Strict-Transport-Security"] == "max-age=2592000"
    assert "Strict-Transport-Security" not in Client().get("/ping")


def test_behind_a_listed_proxy_the_scheme_is_the_visitors(knock, settings, admin):
    settings.TRUSTED_PROXIES = ["10.0.0.2"]
    over_tls = {"x-forwarded-proto": "https"}

    assert "Secure" in knock("/login", headers=over_tls, client="10.0.0.2").header("set-cookie")
    assert "Secure" not in knock("/login", headers=over_tls, client="10.0.0.3").header("set-cookie")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://home.example.org"])
def test_scripts_of_other_origins_are_answered_only_where_they_are_named(origin, settings, admin):
    settings.CORS_ALLOWED_ORIGINS = ["https://home.example.org"]
    preflight = {"origin": origin, "access-control-request-method": "GET"}

    for answer in (
        Client().get("/api/v1/tags", headers={"origin": origin}),
        Client().options("/api/v1/tags", headers=preflight),
    ):
        assert "Access-Control-Allow-Origin" not in answer


def test_a_named_origin_may_call_the_api_without_the_visitors_session_and_nothing_else(settings, admin):
    settings.CORS_ALLOWED_ORIGINS = ["https://home.example.org"]
    origin = {"origin": "https://home.example.org"}

    answer = Client().get("/api/v1/tags", headers=origin)
    assert answer["Access-Control-Allow-Origin"] == "https://home.example.org"
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in Client().get("/login", headers=origin)


def test_a_link_of_another_site_comes_in_by_a_step_of_our_own(as_viewer, rows):
    stranger = Client().get("/wanted?x=1&y=%22%3E%3Cscript%3E", headers=CROSS)

    text = stranger.content.decode()
    assert stranger.status_code == 200
    assert 'content="0;url=/wanted?x=1&amp;y=%22%3E%3Cscript%3E"' in text
    assert "<script" not in text
    assert stranger["Cache-Control"] == "no-store"
    assert stranger["X-Frame-Options"] == "DENY"
    assert as_viewer.get("/wanted", headers=CROSS).context is not None


@pytest.mark.parametrize("change", [{"sec-fetch-dest": "iframe"}, {"sec-fetch-mode": "cors"}])
def test_only_what_a_visitor_opens_takes_that_step(change, admin):
    assert Client().get("/wanted", headers={**CROSS, **change}).status_code == 302


def test_an_address_that_looks_like_another_host_stays_here(knock):
    assert "url=/%2Fevil.example/x" in knock("//evil.example/x", headers=CROSS).text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8484", "nas.evil.example"])
def test_a_foreign_host_name_is_refused_before_anything_else(host, admin):
    assert Client().get("/login", headers={"host": host}).status_code == 400
