"""What is answered while the database is away: 503 everywhere, in the form that each address has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client

from accounts.keys import create_key
from accounts.models import User
from core.sql import AWAY_SENTENCE
from system.embedded.ports import HeldPort
from taggarr import front_door
from taggarr.front import Patience
from tests.security.door import ask

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def away() -> Iterator[None]:
    """No server listens where the database was."""
    port = connection.settings_dict["PORT"]
    with HeldPort() as held:
        nobody = held.number
    connection.close()
    connection.settings_dict["PORT"] = str(nobody)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port


@pytest.fixture
def visitor(client: Client) -> Client:
    """An admin's browser, which shows what is answered."""
    client.force_login(User.objects.create_superuser("admin", password="a password of mine"))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("by", ["key", "session"])
def test_the_api_says_so_as_a_problem(visitor, by):
    _, key = create_key(User.objects.get(), "k", scopes=("write", "settings"), expires_at=None)
    asking = Client(headers={"X-Api-Key": key}, raise_request_exception=False) if by == "key" else visitor
    with away():
        answers = [asking.get("/api/v1/media"), asking.post("/api/v1/jobs", {}, "application/json")]
    answers.append(asking.get("/api/v1/media"))
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    for answer in answers[:2]:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"] == "10"
        assert answer.json()["detail"] == AWAY_SENTENCE


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The database does not answer"),
        ("de", "Die Datenbank antwortet nicht"),
        ("fr", "does not answer"),
    ],
)
def test_a_page_says_so_in_the_language_of_the_browser(visitor, language, said):
    with away():
        answer = visitor.get("/library", headers={"Accept-Language": language})
        page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert said in page
    assert f'<html lang="{"de" if language == "de" else "en"}"' in page
    assert answer["Content-Security-Policy"]
    assert visitor.get("/library").status_code == 200


def test_who_signs_in_and_who_opens_the_admin_is_told_too(visitor):
    with away():
        statuses = [
            visitor.get("/login").status_code,
            visitor.post("/login", {"login": "admin", "password": "x"}).status_code,
            visitor.get("/admin/").status_code,
        ]
    assert statuses == [503, 503, 503]


def test_metrics_are_a_line_of_text_then(visitor, settings):
    settings.METRICS_TOKEN = "for the scraper"
    with away():
        answer = visitor.get("/metrics", headers={"Authorization": "Bearer for the scraper"})
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert answer.content.decode() == f"{AWAY_SENTENCE}\n"


def test_live_events_are_refused_as_any_request_is(visitor):
    with away():
        answer = visitor.get("/api/v1/events", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")


def test_whoever_asks_only_whether_we_live_waits_for_no_database(visitor, monkeypatch):
    monkeypatch.setattr("system.log_level._state", {"looked": 0.0, "level": ""})
    asked: list[str] = []

    def current() -> str:
        asked.append("the database")
        return "info"

    monkeypatch.setattr("system.log_level.current", current)
    assert visitor.get("/health/live").status_code == 200
    assert asked == []
    assert visitor.get("/login").status_code == 302
    assert asked == ["the database"]


def test_one_line_is_logged_for_each_and_no_trace(visitor, caplog):
    with away():
        visitor.get("/library")
    told = [record for record in caplog.records if record.name.startswith(("taggarr", "django.request"))]
    assert [record.name for record in told] == ["taggarr.error_pages"]
    assert told[0].exc_info is None
    assert "GET /library: the database is away: " in told[0].getMessage()


def test_another_error_is_one_that_nobody_expected(visitor, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("scanner.pages.library.library_page", fail)
    assert visitor.get("/library").status_code == 500


@pytest.mark.parametrize(
    ("path", "kind"), [("/library", "text/html"), ("/api/v1/media", "application/problem")]
)
def test_the_web_server_says_it_too_where_the_database_hangs(monkeypatch, path, kind):
    def hanging(_django: object, **rest: object) -> Patience:
        async def wait_for_ever(scope: object, receive: object, send: object) -> None:
            await asyncio.Event().wait()

        async def away() -> bool:
            return False

        return Patience(wait_for_ever, seconds=0.01, is_there=away, excuse=rest["excuse"])  # type: ignore[arg-type]

    monkeypatch.setattr(front_door, "Patience", hanging)
    answer = async_to_sync(ask)(front_door.front_door(), path)
    assert (answer.status, answer.header("Retry-After")) == (503, "10")
    assert answer.header("Content-Type").startswith(kind)
    assert "database does not answer" in answer.text
