import socket

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_ping_answers_without_a_key(client, method):
    answer = getattr(client, method)("/ping")

    assert answer.status_code == 200
    assert answer.content == (b'{"status": "OK"}' if method == "get" else b"")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("hangs", [False, True])
def test_ping_tells_that_the_database_is_away(client, monkeypatch, hangs):
    with socket.create_server(("127.0.0.1", 0)) as server:  # which takes connections and never says a word
        monkeypatch.setitem(connection.settings_dict, "PORT", server.getsockname()[1])
        if not hangs:
            server.close()

        answer = client.get("/ping")

    assert answer.status_code == 503
    assert answer.json() == {"status": "database unavailable"}


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_ping_changes_nothing(client, method):
    assert getattr(client, method)("/ping").status_code == 405


def test_a_foreign_host_name_is_refused(client):
    assert client.get("/ping", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_security_headers_are_on_every_answer(client):
    answer = client.get("/ping")

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
