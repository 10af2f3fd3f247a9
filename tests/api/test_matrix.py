"""Who may do what: every operation of the API, asked by everybody."""

import json
from pathlib import Path

import pytest
from django.db import transaction

from tests.api.conftest import PASSWORD, with_key

DOCUMENT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}"
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
}

# The status for an admin; what everybody else gets follows from the kind of operation.
LOOK = {
    "GET /events": 200,
    "GET /files": 200,
    "GET /files/{id}": 200,
    "GET /history": 200,
    "GET /history/{id}": 200,
    "GET /instances": 200,
    "GET /instances/{id}": 200,
    "GET /instances/{id}/path-mappings": 200,
    "GET /jobs": 200,
    "GET /jobs/{id}": 200,
    "GET /jobs/{job_id}/items": 200,
    "GET /labels": 200,
    "GET /labels/{id}": 200,
    "GET /media": 200,
    "GET /media/{id}": 200,
    "GET /media/{id}/explain": 200,
    "GET /media/{id}/files": 200,
    "GET /media/{id}/seasons": 200,
    "GET /policies": 200,
    "GET /policies/{id}": 200,
    "GET /stats": 200,
    "GET /summary": 200,
    "GET /system/health": 200,
    "GET /system/status": 200,
    "GET /system/tasks": 200,
    "GET /system/tasks/{id}": 200,
    "GET /tags": 200,
    "GET /tags/{id}": 200,
}
NEW_USER = {"username": "new", "password": "some words that are long enough", "role": "viewer"}
POLICY = {"name": "New", "target_languages": ["English"]}
CHANNEL = {"name": "New", "kind": "ntfy", "values": {"topic": "dubs"}}
ADMIN = {
    "GET /api-keys": (200, None),
    "GET /api-keys/{id}": (200, None),
    "POST /api-keys": (201, {"name": "Homepage"}),
    "DELETE /api-keys/{id}": (204, None),
    "GET /channels": (200, None),
    "GET /channels/kinds": (200, None),
    "GET /channels/{id}": (200, None),
    "POST /channels": (201, CHANNEL),
    "PUT /channels/{id}": (200, CHANNEL),
    "PATCH /channels/{id}": (200, {"enabled": False}),
    # Nobody listens at its address.
    "POST /channels/{id}/test": (422, None),
    "DELETE /channels/{id}": (204, None),
    "GET /deliveries": (200, None),
    "GET /deliveries/{id}": (200, None),
    "POST /deliveries/{id}/retry": (202, None),
    "GET /system/audit": (200, None),
    "GET /system/audit/{id}": (200, None),
    "GET /settings": (200, None),
    "PATCH /settings": (200, {"retention": {"keep": 3}}),
    "GET /system/backups": (200, None),
    "GET /system/backups/{name}": (200, None),
    "GET /system/backups/{name}/download": (200, None),
    "POST /system/backups": (202, None),
    "POST /system/backups/{name}/check": (200, None),
    "POST /system/backups/{name}/restore": (202, {}),
    # Bytes are sent as they are, and these are no archive.
    "POST /system/backups/upload": (422, b"PK"),
    "DELETE /system/backups/{name}": (204, None),
    "GET /system/logs": (200, None),
    "GET /system/logs/{name}": (200, None),
    "GET /system/logs/{name}/download": (200, None),
    # Nothing is to be restored.
    "GET /system/restore": (404, None),
    "DELETE /system/restore": (404, None),
    "PATCH /system/tasks/{id}": (200, {"every": 3600}),
    "POST /system/tasks/{id}/run": (202, None),
    "GET /users": (200, None),
    "GET /users/{id}": (200, None),
    "POST /users": (201, NEW_USER),
    "PUT /users/{id}": (200, {"username": "vera", "role": "viewer"}),
    "PATCH /users/{id}": (200, {"first_name": "Vera"}),
    "DELETE /users/{id}": (204, None),
    # Nobody is to be connected: what is sent are no settings of the original.
    "POST /import": (422, {"settings": "colour: blue"}),
    "POST /instances": (201, "new instance"),
    "PUT /instances/{id}": (200, "instance"),
    "PATCH /instances/{id}": (200, {"enabled": False}),
    "DELETE /instances/{id}": (204, None),
    "POST /instances/{id}/adopt": (202, {"labels": ["dub"]}),
    "POST /instances/{id}/release": (202, None),
    "POST /instances/{id}/scan": (202, {"mode": "update"}),
    "POST /instances/{id}/test": (200, None),
    "PUT /instances/{id}/path-mappings": (200, [{"remote_prefix": "/tv", "local_prefix": "/mnt/tv"}]),
    # Nobody listens at the address: the application refuses to save it.
    "POST /instances/{id}/webhook": (422, {"url": "http://127.0.0.1:9"}),
    "POST /instances/{id}/webhook-token": (200, None),
    "POST /jobs": (202, "job"),
    "POST /jobs/{id}/cancel": (409, None),
    "POST /jobs/{id}/retry": (202, None),
    "POST /jobs/{job_id}/items/{id}/retry": (202, None),
    "PATCH /media/{id}": (200, {"excluded": True}),
    # No file is named, and the policy does not allow it.
    "POST /media/{id}/search": (422, {"confirm": True}),
    "POST /media/{id}/unmonitor": (422, {"confirm": True}),
    "POST /media/{id}/scan": (202, {}),
    "POST /policies": (201, POLICY),
    "PUT /policies/{id}": (200, POLICY),
    "PATCH /policies/{id}": (200, {"quick": True}),
    "POST /policies/{id}/preview": (200, {"target_languages": ["German"]}),
    "DELETE /policies/{id}": (204, None),
}
# The token of the instance lets in, and nothing else does.
OWN = {"POST /webhook/{instance}": (401, {"eventType": "Test"})}


def test_every_operation_has_a_row():
    assert LOOK.keys() | ADMIN.keys() | OWN.keys() == OPERATIONS


@pytest.fixture
def kept(tmp_path, settings, db):
    """A log file and a backup by their names; called, it writes them anew."""
    from system.backup.services import make_backup, path_of

    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    backup = path_of(make_backup().name)
    files = {tmp_path / "logs" / "web.log": b"started\n", backup: backup.read_bytes()}

    def write():
        for path, content in files.items():
            path.write_bytes(content)

    write.names = {"logs": "web.log", "backups": backup.name}  # type: ignore[attr-defined]
    return write


@pytest.fixture
def world(series_instance, admin, viewer, kept):
    """One row of everything; the ids for the addresses."""
    from django.utils import timezone

    from accounts.models import ApiKey
    from history.models import AuditEntry
    from history.services import record
    from jobs.models import Job, JobItem, Schedule
    from library.models import File, ManagedLabel, Media, Policy, Season, Tag
    from notify.models import Channel, Message

    series_instance.held_since = timezone.now()
    series_instance.save()
    unused = Policy.objects.create(name="Unused", target_languages=["fra"])
    media = Media.objects.create(instance=series_instance, arr_id=1, title="Lantern", path="/tv/Lantern")
    season = Season.objects.create(media=media, number=1)
    file = File.objects.create(media=media, season=season, path="/tv/Lantern/1.mkv", engine="matroska")
    job = Job.objects.create(
        name="scan", params={"mode": "update"}, state="completed", instance=series_instance
    )
    item = JobItem.objects.create(job=job, step="media", key="media:1", media=media, state="failed")
    channel = Channel.objects.create(name="Phone", kind="webhook", address="http://127.0.0.1:9/hook")
    sent = Job.objects.create(name="notify", state="completed")
    Message.objects.create(topic="wrong_dub", title="Wrong dub", text="Lantern", delivery=sent)
    delivery = sent.items.create(
        step="send", key="channel:1", state="failed", params={"channel": channel.pk, "message": 1}
    )
    return {
        **kept.names,
        "kept": kept,
        "channels": channel.pk,
        "deliveries": delivery.pk,
        "audit": AuditEntry.objects.create(action="changed", kind="instance", target="Sonarr").pk,
        "instances": series_instance.pk,
        "policies": unused.pk,
        "media": media.pk,
        "files": file.pk,
        "jobs": job.pk,
        "items": item.pk,
        "tags": Tag.objects.create(instance=series_instance, arr_id=1, label="dub").pk,
        "labels": ManagedLabel.objects.create(instance=series_instance, label="dub", found=True).pk,
        "history": record("job", "Something", media=media).pk,
        "tasks": Schedule.objects.create(job="cleanup", every=86400).pk,
        "users": viewer.pk,
        "api-keys": ApiKey.objects.create(owner=viewer, name="spare", digest="0" * 64, prefix="tgr_").pk,
        "webhook": series_instance.pk,
    }


def session(user):
    """A browser's session, with the token that its forms carry."""
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    assert client.login(username=user.username, password=PASSWORD)
    client.get("/admin/login/")
    token = "t" * 32
    client.cookies["taggarr_csrf"] = token
    client.credentials(HTTP_X_CSRFTOKEN=token)
    return client


@pytest.fixture
def callers(admin, viewer):
    from rest_framework.test import APIClient

    from accounts.models import User

    other = User.objects.create_user("otto", password=PASSWORD)
    return {
        "nobody": APIClient(),
        "viewer key": with_key(viewer, "viewer"),
        "admin key": with_key(admin, "admin"),
        "viewer session": session(viewer),
        "admin session": session(admin),
        "other viewer": session(other),
    }


def address(operation, world):
    path = operation.split(" ")[1]
    first = path.removeprefix("/system").split("/")[1]
    path = path.replace("{job_id}", str(world["jobs"])).replace("{instance}", str(world["instances"]))
    named = str(world.get("items" if "items" in path else first))
    return "/api/v1" + path.replace("{id}", named).replace("{name}", named)


def body_of(wanted, world, stand_in):
    instance = {"name": "Sonarr", "kind": "sonarr", "url": stand_in.url, "policy": world["policies"]}
    named = {
        "instance": instance,
        "new instance": {**instance, "name": "New", "api_key": stand_in.api_key},
        "job": {"name": "reconcile", "instance": world["instances"]},
    }
    return named[wanted] if isinstance(wanted, str) else wanted


def ask(client, operation, world, body=None):
    """The status of the answer; what the request changed is undone."""
    method = operation.split(" ")[0].lower()
    # Files do not come back with a transaction.
    world["kept"]()
    with transaction.atomic():
        if isinstance(body, bytes):
            answer = client.generic("POST", address(operation, world), body, content_type="application/zip")
        else:
            answer = getattr(client, method)(address(operation, world), body, format="json")
        transaction.set_rollback(True)
    return answer.status_code


def expected(admin, viewer):
    return {
        "nobody": 401,
        "viewer key": viewer,
        "admin key": admin,
        "viewer session": viewer,
        "admin session": admin,
        "other viewer": viewer,
    }


@pytest.mark.parametrize("operation", sorted(LOOK))
def test_everybody_who_is_signed_in_may_look(operation, callers, world):
    got = {name: ask(client, operation, world) for name, client in callers.items()}

    assert got == expected(LOOK[operation], LOOK[operation])


@pytest.mark.parametrize("operation", sorted(ADMIN))
def test_only_admins_may_change(operation, callers, world, sonarr):
    status, wanted = ADMIN[operation]
    body = body_of(wanted, world, sonarr)

    got = {name: ask(client, operation, world, body) for name, client in callers.items()}

    assert got == expected(status, 403)


@pytest.mark.parametrize("operation", sorted(OWN))
def test_only_the_token_opens_the_webhook(operation, callers, world):
    status, body = OWN[operation]

    assert {ask(client, operation, world, body) for client in callers.values()} == {status}
