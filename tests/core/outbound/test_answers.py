"""From an HTTP answer to JSON or to a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import urllib3

from core import outbound
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError
from core.outbound.answers import (
    LONGEST_RETRY_AFTER,
    MissingError,
    no_answer,
    read_json,
    refusal,
    retry_after,
)
from core.outbound.records import read_whole

URL = "http://nas:8989"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
JSON = "application/json; charset=utf-8"


def response(status: int, headers: dict[str, str] | None = None, url: str = f"{URL}/api/v3/tag"):
    made = requests.Response()
    made.status_code = status
    made.url = url
    made.headers.update(headers or {})
    return made


def refused(status: int, body: bytes = b"", headers: dict[str, str] | None = None, **options: str):
    return refusal("Sonarr", options.pop("base", URL), response(status, headers, **options), body)


def read(status: int, content_type: str, body: bytes) -> Any:
    return read_json(status, content_type, [body], read_whole)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 17 ", 17),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        ("9" * 400, LONGEST_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


def test_json_is_read_whatever_its_content_type_says_of_the_charset():
    assert read(200, JSON, b'{"a": [1, null]}') == {"a": [1, None]}
    assert read(200, "", b"[]") == []


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "", JSON])
def test_a_web_page_is_told_as_such_and_may_be_gone_next_time(content_type):
    with pytest.raises(ApiTransientError, match=r"web page.*behind a login") as caught:
        read(200, content_type, b"\n<!DOCTYPE html><html></html>")
    assert not caught.value.counts_for_breaker


def test_another_content_type_is_named():
    with pytest.raises(ApiTransientError, match="text/plain and not JSON"):
        read(200, "text/plain", b"pong")


@pytest.mark.parametrize("body", [b'[{"id": 1}, {"i', b"", b"[" * 200_000, b'{"a": "\xff"}'])
def test_damaged_json_may_be_whole_next_time(body):
    with pytest.raises(ApiTransientError, match="not whole JSON") as caught:
        read(200, JSON, body)
    assert not caught.value.counts_for_breaker


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_an_error_of_its_own(status):
    error = refused(status)
    assert isinstance(error, ApiAuthError)
    assert "refused the API key" in str(error)


@pytest.mark.parametrize(
    ("status", "counts"), [(408, False), (429, False), (500, False), (502, True), (503, True), (504, True)]
)
def test_passing_trouble_is_transient_and_counts_where_the_app_is_down(status, counts):
    error = refused(status, headers={"Retry-After": "7"})
    assert isinstance(error, ApiTransientError)
    assert (error.status, error.retry_after, error.counts_for_breaker) == (status, 7, counts)


def test_a_404_of_the_app_differs_from_that_of_a_proxy():
    assert isinstance(refused(404, b'{"message": "NotFound"}', {"Content-Type": JSON}), MissingError)
    of_proxy = refused(404, b"404 page not found", {"Content-Type": "text/plain"})
    assert isinstance(of_proxy, ApiPermanentError)
    assert not isinstance(of_proxy, MissingError)
    assert f"is {URL} the right address?" in str(of_proxy)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b'[{"propertyName": "Label", "errorMessage": "Not allowed."}, {"errorMessage": "Nor this"}, 3]',
            "Not allowed.; Nor this",
        ),
        (b'{"message": "Series with\\n ID 5 does not exist"}', "Series with ID 5 does not exist"),
        (b'{"title": "One or more validation errors occurred."}', "One or more validation errors occurred"),
        (b'{"error": "Nope"}', "Nope"),
    ],
)
def test_what_the_app_says_stands_in_the_sentence(body, said):
    assert f"answered 400: {said}" in str(refused(400, body))


@pytest.mark.parametrize("body", [b"", b"<html>", b"7", b"[]", b'{"message": {"deep": 1}}'])
def test_a_refusal_without_words_is_still_a_sentence(body):
    assert str(refused(500, body)) == "Sonarr answered 500."


def test_long_words_are_cut():
    assert len(str(refused(500, b'{"message": "' + b"x" * 5000 + b'"}'))) < 300


def location(target: str) -> dict[str, str]:
    return {"Location": target}


def test_a_redirect_under_a_url_base_says_what_to_add():
    error = refused(307, headers=location("/sonarr/api/v3/tag"))
    assert str(error) == "Sonarr has a URL base: add /sonarr to the address."


def test_a_redirect_from_a_wrong_url_base_says_which_is_right():
    error = refused(
        307,
        headers=location("/sonarr/tv/api/v3/tag"),
        url="http://nas:8989/tv/api/v3/tag",
        base="http://nas:8989/tv",
    )
    assert str(error) == "Sonarr has the URL base /sonarr: put it in place of /tv in the address."


def test_a_redirect_to_https_says_so():
    error = refused(301, headers=location("https://nas:8989/api/v3/tag"))
    assert "put https:// into the address" in str(error)


@pytest.mark.parametrize(
    "target", ["https://user:secret@auth.lan/login?rd=secret", "/login?returnUrl=secret", ""]
)
def test_any_other_redirect_may_be_a_login_and_its_query_is_not_shown(target):
    error = refused(302, headers=location(target))
    assert isinstance(error, ApiPermanentError)
    assert "is it behind a login?" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError("bad"), "TLS certificate"),
        (requests.exceptions.ConnectTimeout(), "did not answer within 30 seconds"),
        (requests.exceptions.ConnectionError("Read timed out."), "did not answer within 30 seconds"),
        (requests.exceptions.ChunkedEncodingError(), "broke in the middle"),
        (requests.exceptions.ContentDecodingError(), "broke in the middle"),
        (requests.exceptions.ConnectionError(ConnectionRefusedError(111, "refused")), "nothing answers"),
        (requests.exceptions.ConnectionError(ConnectionResetError(104, "reset")), "closed without an answer"),
        (requests.exceptions.ConnectionError(OSError(113, "No route to host")), "reached: No route to host"),
        (requests.exceptions.ConnectionError("odd"), "closed without an answer"),
    ],
)
def test_no_answer_is_told_in_words_and_counts_for_the_breaker(error, words):
    told = no_answer("Sonarr", URL, error, 30)
    assert isinstance(told, ApiTransientError)
    assert told.counts_for_breaker
    assert words in str(told)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("nas"), URL, "slow"),
            requests.exceptions.ReadTimeout,
        ),
        (urllib3.exceptions.ProtocolError("cut"), requests.exceptions.ChunkedEncodingError),
        (urllib3.exceptions.DecodeError("no gzip"), requests.exceptions.ContentDecodingError),
        (urllib3.exceptions.SSLError("bad record"), requests.exceptions.SSLError),
    ],
)
def test_a_body_that_breaks_off_is_an_error_of_requests(broken, told):
    class Raw:
        pieces = iter([b"half"])

        def read1(self, _size, *, decode_content):
            assert decode_content
            for piece in self.pieces:
                return piece
            raise broken

    answer = response(200)
    answer.raw = Raw()
    with pytest.raises(told):
        outbound.read_whole(answer, most=100, seconds=10)


def test_an_address_that_is_none_does_not_get_better():
    told = no_answer("Sonarr", "http://[", requests.exceptions.InvalidURL("bad"), 30)
    assert isinstance(told, ApiPermanentError)


def test_causes_that_lead_in_a_circle_end():
    first, second = requests.exceptions.ConnectionError(), ValueError()
    first.__context__, second.__context__ = second, first
    assert "closed without an answer" in str(no_answer("Sonarr", URL, first, 30))
