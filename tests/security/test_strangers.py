"""What is secret comes out nowhere: not to strangers, not to viewers, not into logs, messages and files."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.test import Client

from tests.connections.build import set_api_key
from tests.streams import sent
from tests.web.files import make_files

from .routes import existing, routes

CANARY = "canary-7f3a91-"
SECRETS = [f"{CANARY}{name}" for name in ("api-key", "channel", "signature", "password", "setting")]
SETTINGS = {
    "TAGGARR_METRICS_TOKEN": SECRETS[4],
    "TAGGARR_OIDC_CLIENT_SECRET": SECRETS[4],
    "TAGGARR_MAIL_URL": f"smtp://taggarr:{SECRETS[4]}@127.0.0.1",
    "TAGGARR_DATABASE_PASSWORD": SECRETS[4],
    "TAGGARR_REDIS_PASSWORD": SECRETS[4],
}
PUBLIC = re.compile(
    r"^/(ping|health/|login|setup|account/(login|inactive|password/reset|oidc|2fa/webauthn/login|connections/login)"
    r"|api/v1/(schema|docs)/|static/|logout|theme|language|account/logout|account/connections/signup)"
)
"""What answers to anybody."""


@pytest.fixture
def store_secrets(settings, tmp_path, monkeypatch):
    """Puts a canary in every secret that is stored or set, and makes one row at least of everything."""
    return partial(_store_secrets, settings, tmp_path, monkeypatch)


@pytest.fixture
def secrets_stored(rows, store_secrets):
    return store_secrets(rows)


def _store_secrets(settings, tmp_path, monkeypatch, rows):
    from accounts.keys import create_key
    from accounts.models import User
    from history import audit
    from library.models import Tag
    from notify.models import Channel
    from scanner.models import ManagedLabel

    set_api_key(SECRETS[0])
    address = f"https://hook.example/{SECRETS[1]}"
    Channel.objects.create(name="Hook", kind="webhook", address=address, secret=SECRETS[2], topics=[])
    zoe = User.objects.create_user("zoe", password=SECRETS[3])
    create_key(zoe, "Homepage", expires_at=None)
    audit.note("changed")
    Tag.objects.create(connection=rows.sonarr, arr_id=1, label="dub")
    ManagedLabel.objects.create(connection=rows.sonarr, label="dub")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    settings.TAGGARR_DATA = tmp_path
    make_files(tmp_path)
    return rows


NOTHING_THERE = re.compile(
    r"^/(admin/(r|x|django_celery_beat)\b|account/|kept/|api/v1/artwork/pictures/|lists/\w+/views/"
    r"|artwork/pictures/\d+/preview|api/v1/artwork/candidates/\d+/preview|api/v1/collection/pictures/\d+/file)"
)
"""Where a row, or a picture, is named that this test does not make."""

NOT_THEIRS = re.compile(r"^/api/v1/collection/(imports|reviews|duplicates)/")
"""What whoever made it sees, and an admin."""


def addresses() -> list[str]:
    found = [route.filled(existing) for route in routes()]
    assert len(found) > 250
    return found


def text_of(answer: Any) -> str:
    body = sent(answer) if answer.streaming else answer.content
    return str(body.decode("utf-8", "replace"))


def stored_tables() -> Iterator[tuple[str, str]]:
    """Every table by its name, with all that stands in it."""
    from django.db import connection as database

    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            yield table, "\n".join(row[0] for row in cursor.fetchall())


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_no_route_tells_a_stranger_anything(secrets_stored, admin):
    open_ones: list[str] = []
    for address in addresses():
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address)
            assert not leaks(text_of(answer)), address
            if answer.status_code == 200 and not PUBLIC.match(address):
                open_ones.append(f"{method} {address}")

    assert open_ones == []


@pytest.mark.parametrize("role", [pytest.param("viewer", marks=pytest.mark.uncounted), "admin"])
def test_no_page_and_no_answer_holds_a_secret_for_anybody(role, secrets_stored, as_viewer, as_admin):
    client = {"viewer": as_viewer, "admin": as_admin}[role]
    missing: list[str] = []
    opened: list[str] = []
    for route in routes():
        address = route.filled(existing)
        if address == "/api/v1/events" or "logout" in address:
            continue
        answer = client.get(address)
        assert not leaks(text_of(answer)), address
        hidden = NOTHING_THERE.search(address) or (role == "viewer" and NOT_THEIRS.search(address))
        if route.has_ids and answer.status_code == 404 and not hidden:
            missing.append(address)
        if role == "viewer" and address.startswith("/admin/") and answer.status_code == 200:
            opened.append(address)

    assert (missing, opened) == ([], [])


def test_no_secret_comes_into_logs_events_messages_files_and_exports(secrets_stored, settings, tmp_path):
    from connections import services
    from connections.models import Connection
    from core import logs
    from core.errors import FieldError
    from history.models import AuditEntry, Event
    from notify.models import Message
    from tests.commands import run

    stream = io.StringIO()
    logs.configure(logs.logging_settings("debug", "json"))
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    try:
        connection = Connection.objects.get(pk=secrets_stored.sonarr.pk)
        with pytest.raises(FieldError) as caught:
            services.test(connection)
        logging.getLogger("anything").error("with %s and %r", connection.secret, caught.value, exc_info=True)
        exported = run("export_config").out
    finally:
        logs.configure(settings.LOGGING)

    assert not leaks(stream.getvalue())
    assert stream.getvalue()
    assert not leaks(str(caught.value) + repr(connection))
    assert not leaks(exported)
    for model in (Event, AuditEntry, Message):
        assert not leaks(json.dumps(list(model.objects.values()), default=str))
    for table, text in stored_tables():
        assert not leaks(text), table


@pytest.mark.django_db(transaction=True)
def test_no_secret_stands_in_a_backup(committed_rows, store_secrets):
    from system.backup import services

    store_secrets(committed_rows)
    made = services.path_of(services.make_backup().name)
    with zipfile.ZipFile(made) as archive:
        for name in archive.namelist():
            assert not leaks(archive.read(name).decode("utf-8", "replace")), name
    assert made.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "/api/v1/users/{user}", {"is_superuser": True}),
        ("patch", "/api/v1/users/{user}", {"is_staff": True, "first_name": "x"}),
        ("patch", "/api/v1/users/{user}", {"id": 1}),
        ("post", "/api/v1/api-keys", {"name": "x", "digest": "0" * 64}),
        ("post", "/api/v1/api-keys", {"name": "x", "owner": 1, "prefix": "tgr_"}),
        ("patch", "/api/v1/connections/{instance}", {"webhook_token": "x"}),
        ("patch", "/api/v1/connections/{instance}", {"breaker": "open"}),
        ("patch", "/api/v1/media/{media}", {"verdict": "wrong-dub"}),
        ("patch", "/api/v1/media/{media}", {"instance": 1}),
    ],
)
def test_fields_that_are_not_offered_are_not_taken(method, path, body, rows, admin, viewer):
    from accounts.models import ApiKey
    from tests.api.conftest import session

    def protected() -> list[Any]:
        users = type(viewer).objects.order_by("pk").values_list("pk", "is_superuser", "is_staff", "role")
        connection = (
            type(rows.sonarr).objects.values_list("source__webhook_token", "breaker").get(pk=rows.sonarr.pk)
        )
        media = (
            type(rows.series[0])
            .objects.values_list("scan_state__verdict", "connection")
            .get(pk=rows.series[0].pk)
        )
        return [list(users), connection, media]

    client, before = session(admin), protected()
    where = path.format(user=viewer.pk, instance=rows.sonarr.pk, media=rows.series[0].pk)
    answer = getattr(client, method)(where, body, format="json")

    assert answer.status_code in (200, 201, 422), answer.content
    assert protected() == before
    assert not ApiKey.objects.filter(digest="0" * 64).exists()
    assert set(ApiKey.objects.values_list("owner", flat=True)) <= {admin.pk}


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "%%", "Title_1"])
def test_wildcards_of_the_database_are_letters_like_others(wildcard, rows, admin):
    from tests.api.conftest import SCOPES, with_key

    assert with_key(admin, *SCOPES).get("/api/v1/media", {"search": wildcard}).json()["count"] == 0


def test_whether_an_instance_is_there_takes_no_other_way_through_the_code(rows, monkeypatch):
    import hmac

    from core import hook_tokens

    compared: list[bool] = []

    def compare(one: str, other: str) -> bool:
        compared.append(len(one) == len(other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(hook_tokens, "hmac", type("Spied", (), {"compare_digest": staticmethod(compare)}))
    for connection in (rows.sonarr.pk, 999_999):
        Client().post(
            f"/api/v1/webhook/{connection}/guess", {"eventType": "Test"}, content_type="application/json"
        )

    assert compared == [True, True]


def test_the_token_of_one_instance_opens_no_other(rows):
    from library.webhooks import make_token

    token = make_token(rows.sonarr)
    body = {"eventType": "Test"}

    def call(connection: Any) -> int:
        where = f"/api/v1/webhook/{connection.pk}"
        return Client().post(where, body, "application/json", headers={"x-webhook-token": token}).status_code

    assert (call(rows.sonarr), call(rows.radarr)) == (200, 401)


@pytest.mark.parametrize(
    "title", ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", '"><b class=x>']
)
def test_a_title_is_text_wherever_it_is_shown(title, rows, as_admin):
    rows.series[0].title = title
    rows.series[0].save()
    for address in (f"/media/{rows.series[0].pk}", "/library", "/", "/wanted"):
        assert title not in as_admin.get(address).content.decode()


def test_a_title_is_text_in_a_mail_too(db):
    from apprise import NotifyFormat
    from django.utils import timezone

    from notify import sending, through_apprise
    from notify.models import Channel, Message

    sent: list[str] = []

    class Service:
        notify_format = NotifyFormat.HTML
        service_name = "Mail"

        def notify(self, body: str, **_: Any) -> bool:
            sent.append(body)
            return True

    patch = pytest.MonkeyPatch()
    patch.setattr(through_apprise, "service_of", lambda _address: Service())
    try:
        message = Message(
            pk=1, topic="scan_completed", title="t", text="<img src=x>", created_at=timezone.now()
        )
        sending.send(Channel(name="x", kind="apprise", address="mailto://x", topics=[]), message)
    finally:
        patch.undo()

    assert "<img" not in sent[0]
    assert "&lt;img" in sent[0]
