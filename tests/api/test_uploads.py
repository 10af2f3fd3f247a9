"""Large bodies: taken where a file is asked for, from those who may send it, and nowhere else."""

import pytest
import requests
from asgiref.sync import async_to_sync
from django.db import OperationalError

from accounts.keys import create_key
from api.uploads import allowance
from catalogue.allowances import FORM
from catalogue.imports.services import MOST, MOST_OF_ADMINS
from system.backup.services import LARGEST_UPLOAD
from taggarr.front import LARGEST_BODY
from tests.api.conftest import PASSWORD
from tests.waiting import PATIENCE

LARGE = b"PK" + b"0" * LARGEST_BODY
ARCHIVE = {"Content-Type": "application/zip"}
UPLOAD = "/api/v1/system/backups/upload"

pytestmark = pytest.mark.django_db(transaction=True)


def key_of(user, *scopes):
    return {"X-Api-Key": create_key(user, "test", scopes=scopes, expires_at=None)[1]}


@pytest.fixture
def status(web):
    """The status of the answer to a large body."""

    def post(path, headers, **options):
        return requests.post(
            f"{web}{path}", LARGE, headers={**ARCHIVE, **headers}, timeout=PATIENCE, **options
        )

    return post


def test_an_admin_may_send_a_large_archive_and_nobody_else(status, admin, viewer):
    # It is read, and is no archive.
    assert status(UPLOAD, key_of(admin, "settings")).status_code == 422

    for headers in ({}, key_of(admin, "write"), key_of(viewer), {"X-Api-Key": "wrong"}):
        refused = status(UPLOAD, headers)
        assert (refused.status_code, refused.json()["status"]) == (413, 413)


def test_an_admin_may_send_nothing_large_elsewhere(status, admin):
    for path in ("/api/v1/policies", "/api/v1/webhook/1"):
        assert status(path, key_of(admin, "settings")).status_code == 413


def test_an_admin_may_send_a_large_file_from_the_page(web, status, admin, client):
    assert client.login(username=admin.username, password=PASSWORD)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}

    # The form's own token is missing: it was read, and refused for that.
    assert status("/system/backups/upload", {}, cookies=cookies).status_code == 403
    assert status("/system/backups/upload", {}, cookies={"taggarr_session": "x"}).status_code == 413


@pytest.mark.parametrize(
    ("role", "scopes", "given"),
    [
        ("admin", ("settings",), LARGEST_UPLOAD),
        ("admin", ("write",), 0),
        ("viewer", ("read",), 0),
        (None, (), 0),
    ],
)
def test_a_key_may_send_as_much_as_its_scope_and_its_owner_allow(role, scopes, given, admin, viewer):
    owner = {"admin": admin, "viewer": viewer}.get(role)
    key = key_of(owner, *scopes)["X-Api-Key"] if owner else "wrong"
    asked = {"type": "http", "method": "POST", "path": UPLOAD, "headers": [(b"x-api-key", key.encode())]}

    assert async_to_sync(allowance)(asked) == given


@pytest.mark.parametrize(
    ("role", "given"), [("viewer", 0), ("user", MOST + FORM), ("admin", MOST_OF_ADMINS + FORM)]
)
def test_who_adds_things_may_send_a_list_and_an_admin_a_larger_one(role, given, admin, viewer, settings):
    settings.FORWARD_AUTH_HEADER = "Remote-User"
    type(viewer).objects.filter(username="vera").update(role="user" if role == "user" else "viewer")

    name = "ada" if role == "admin" else "vera"
    assert async_to_sync(allowance)(named(name, "/collection/imports/upload")) == given


def test_nobody_sends_anything_large_while_the_database_is_away(monkeypatch, caplog):
    def away(*_):
        raise OperationalError("the database is away")

    monkeypatch.setattr("api.uploads.get_user", away)

    assert async_to_sync(allowance)(named("ada", UPLOAD)) == 0
    assert "nobody can be told from an admin now: the database is away" in caplog.messages


def named(name, path):
    return {"type": "http", "method": "POST", "path": path, "headers": [(b"remote-user", name.encode())]}


@pytest.mark.parametrize(("name", "given"), [("ADA", LARGEST_UPLOAD), ("vera", 0), ("nobody", 0), ("", 0)])
def test_an_admin_whom_a_proxy_names_may_send_as_much(name, given, admin, viewer, settings):
    settings.FORWARD_AUTH_HEADER = "Remote-User"
    page = named(name, "/system/backups/upload")

    assert async_to_sync(allowance)(page) == given
    assert async_to_sync(allowance)(named(name, UPLOAD)) == 0
    settings.FORWARD_AUTH_API = True
    assert async_to_sync(allowance)(named(name, UPLOAD)) == given
    settings.FORWARD_AUTH_HEADER = ""
    assert async_to_sync(allowance)(page) == 0


def test_an_admin_who_is_switched_off_may_not(admin, settings):
    settings.FORWARD_AUTH_HEADER = "Remote-User"
    type(admin).objects.update(is_active=False)

    assert async_to_sync(allowance)(named("ada", "/system/backups/upload")) == 0
