"""Who may do what: every operation of the API, asked by everybody."""

import json
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import PASSWORD, SCOPES, long_ago, session, with_key
from tests.artwork.doors import add_held_title
from tests.library.build import add_file
from tests.query_counts import compare

DOCUMENT = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}"
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
}

# The status for an admin; what everybody else gets follows from the kind of operation.
LOOK = {
    "GET /artwork/entities": 200,
    "GET /artwork/entities/{id}": 200,
    "GET /artwork/entities/{id}/preview": 200,
    "GET /artwork/entities/{entity_id}/candidates": 200,
    "GET /artwork/entities/{entity_id}/candidates/{id}": 200,
    "GET /artwork/entities/{entity_id}/publications": 200,
    "GET /artwork/entities/{entity_id}/publications/{id}": 200,
    "GET /artwork/held": 200,
    "GET /artwork/held/{connection}": 200,
    # Nothing is kept.
    "GET /artwork/pictures/{sha256}": 404,
    "GET /artwork/pictures/{sha256}/thumbnail": 404,
    "GET /events": 200,
    "GET /files": 200,
    "GET /files/{id}": 200,
    "GET /history": 200,
    "GET /history/{id}": 200,
    "GET /connections": 200,
    "GET /connections/kinds": 200,
    "GET /connections/{id}": 200,
    "GET /connections/{id}/adoption": 200,
    "GET /connections/{id}/held": 200,
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
    "GET /players": 200,
    "GET /players/routes": 200,
    "GET /players/routes/{id}": 200,
    "GET /players/{id}": 200,
    "GET /players/{id}/outages": 200,
    "GET /players/{id}/stats": 200,
    "GET /players/{player_id}/links": 200,
    "GET /players/{player_id}/links/{id}": 200,
    "GET /players/{player_id}/links/{id}/preview": 200,
    "GET /policies": 200,
    "GET /policies/{id}": 200,
    "GET /policies/{id}/versions": 200,
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
# What needs an admin, or a key of theirs with the scope `write`: the status, and the body that is sent.
CHANGE = {
    "POST /artwork/entities/actions": (202, {"action": "publish", "filter": {}}),
    "PATCH /artwork/entities/{id}": (200, {"locks": ["*"]}),
    "POST /artwork/entities/{id}/discard": (200, None),
    "POST /artwork/entities/{id}/leave-out": (200, {"type": "poster"}),
    "POST /artwork/entities/{id}/identify": (422, {"provider": "tmdb", "id": "1"}),
    "POST /artwork/entities/{id}/prepare": (202, None),
    "POST /artwork/entities/{id}/publish": (202, None),
    "POST /artwork/held/{connection}/release": (202, None),
    # There is no such candidate.
    "POST /artwork/entities/{id}/reject": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/take-back": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/select": (422, {"candidate": 4711}),
    "POST /artwork/entities/{id}/verify": (202, {}),
    # It failed.
    "POST /artwork/entities/{entity_id}/publications/{id}/undo": (422, None),
    "POST /system/tasks/{id}/run": (202, None),
    "POST /connections/{id}/adopt": (202, {"labels": ["dub"]}),
    "POST /connections/{id}/decline": (200, None),
    "POST /connections/{id}/leave": (204, {"labels": ["dub"]}),
    "POST /connections/{id}/reconsider": (204, None),
    "POST /connections/{id}/release": (202, None),
    "POST /connections/{id}/scan": (202, {"mode": "update"}),
    "POST /jobs": (202, "job"),
    "POST /jobs/{id}/cancel": (409, None),
    "POST /jobs/{id}/retry": (202, None),
    "POST /jobs/{job_id}/items/{id}/retry": (202, None),
    "PATCH /media/{id}": (200, {"excluded": True}),
    # No file is named, and the policy does not allow it.
    "POST /media/{id}/search": (422, {"confirm": True}),
    "POST /media/{id}/unmonitor": (422, {"confirm": True}),
    "POST /media/{id}/scan": (202, {}),
    "POST /players/{id}/failed/clear": (200, {"number": 1}),
    "POST /players/{id}/failed/purge": (200, {"number": 1}),
    "POST /players/{id}/failed/retry": (200, {"number": 1}),
    "POST /players/{id}/reconcile": (202, {"everything": True}),
    # Nothing was released.
    "POST /players/{id}/hold": (422, None),
    "POST /players/{id}/release": (202, None),
    "POST /players/{id}/send": (202, None),
    "POST /players/{player_id}/links/{id}/dismiss": (200, None),
    # Nothing was taken back.
    "POST /players/{player_id}/links/{id}/give-back": (422, None),
    # There is no such item.
    "POST /players/{player_id}/links/{id}/pin": (422, {"item": "4711"}),
    "POST /players/{player_id}/links/{id}/retry": (200, None),
    "POST /players/{player_id}/links/{id}/take-back": (200, {}),
    "POST /players/{player_id}/links/{id}/unpin": (200, None),
    "POST /policies": (201, POLICY),
    "PUT /policies/{id}": (200, POLICY),
    "PATCH /policies/{id}": (200, {"quick": True}),
    # It was never otherwise.
    "POST /policies/{id}/revert": (422, {}),
    "POST /policies/{id}/preview": (200, {"target_languages": ["German"]}),
    "DELETE /policies/{id}": (204, None),
}
# With the scope `settings`.
MANAGE = {
    "GET /api-keys": (200, None),
    "GET /api-keys/{id}": (200, None),
    "GET /channels": (200, None),
    "GET /channels/kinds": (200, None),
    "GET /channels/{id}": (200, None),
    # Nobody listens at its address.
    "POST /channels/{id}/test": (422, None),
    "GET /deliveries": (200, None),
    "GET /deliveries/{id}": (200, None),
    "POST /deliveries/{id}/retry": (202, None),
    "GET /system/audit": (200, None),
    "GET /system/audit/{id}": (200, None),
    "GET /settings": (200, None),
    "PATCH /settings": (200, {"retention": {"keep": 3}}),
    "GET /system/backups": (200, None),
    "GET /system/backups/{name}": (200, None),
    "POST /system/backups": (202, None),
    "POST /system/backups/{name}/check": (200, None),
    # Bytes are sent as they are, and these are no archive.
    "POST /system/backups/upload": (422, b"PK"),
    "DELETE /system/backups/{name}": (204, None),
    "GET /system/logs": (200, None),
    "GET /system/logs/{name}": (200, None),
    # Nothing is to be restored.
    "GET /system/restore": (404, None),
    "DELETE /system/restore": (404, None),
    "PATCH /system/tasks/{id}": (200, {"every": 3600}),
    "GET /users": (200, None),
    "GET /users/{id}": (200, None),
    # Nobody is to be connected: what is sent are no settings of the original.
    "POST /import": (422, {"settings": "colour: blue"}),
    "POST /connections": (201, "new instance"),
    "PUT /connections/{id}": (200, "instance"),
    "PATCH /connections/{id}": (200, {"enabled": False}),
    "DELETE /connections/{id}": (204, None),
    "POST /connections/{id}/test": (200, None),
    "DELETE /players/routes/{id}": (204, None),
    "PATCH /players/routes/{id}": (200, {"pattern": "Audio: {label}"}),
    # It is there.
    "POST /players/routes": (422, "route"),
    "PUT /players/routes/{id}": (200, "route"),
    "POST /players/{id}/leave": (202, {}),
    "POST /players/{id}/mappings": (200, None),
    "POST /players/{id}/pause": (200, None),
    "POST /players/{id}/resume": (200, None),
    # Nobody listens at the address: the application refuses to save it.
    "POST /connections/{id}/webhook": (422, {"url": "http://127.0.0.1:9"}),
    "POST /connections/{id}/webhook-token": (200, None),
}
# No key will do, nor a session whose sign-in is long ago.
IN_PERSON = {
    "POST /api-keys": (201, {"name": "Homepage"}),
    "DELETE /api-keys/{id}": (204, None),
    "POST /channels": (201, CHANNEL),
    "PUT /channels/{id}": (200, CHANNEL),
    "PATCH /channels/{id}": (200, {"enabled": False}),
    "DELETE /channels/{id}": (204, None),
    "GET /system/backups/{name}/download": (200, None),
    "POST /system/backups/{name}/restore": (202, {}),
    "GET /system/logs/{name}/download": (200, None),
    # That is no Stash.
    "POST /players/hook/{source}/token": (404, None),
    "POST /users": (201, NEW_USER),
    "PUT /users/{id}": (200, {"username": "vera", "role": "viewer"}),
    "PATCH /users/{id}": (200, {"first_name": "Vera"}),
    "DELETE /users/{id}": (204, None),
}
# The token of the instance lets in, and nothing else does.
OWN = {
    "POST /webhook/{instance}": (401, {"eventType": "Test"}),
    "POST /players/hook/{source}": (401, {"id": 17, "type": "Scene.Update.Post"}),
}


def test_every_operation_has_a_row():
    assert LOOK.keys() | CHANGE.keys() | MANAGE.keys() | IN_PERSON.keys() | OWN.keys() == OPERATIONS


def test_the_document_says_what_each_operation_needs():
    said = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": (
            operation.get("x-role"),
            operation.get("x-scope"),
            operation.get("x-recent-sign-in", False),
            {name for way in operation.get("security", []) for name in way},
        )
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    everyone = {"apiKey", "bearer", "cookieAuth"}

    assert {said[name][:3] for name in LOOK} == {("viewer", "read", False)}
    assert {said[name][:3] for name in CHANGE} == {("admin", "write", False)}
    assert {said[name][:3] for name in MANAGE} == {("admin", "settings", False)}
    assert {said[name][:3] for name in IN_PERSON} == {("admin", None, True)}
    assert all(said[name][3] == {"cookieAuth"} for name in IN_PERSON)
    assert all(said[name][3] == everyone for name in (*LOOK, *CHANGE, *MANAGE))


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
    from library.models import Media, Season, Tag
    from notify.models import Channel, Message
    from scanner.models import ManagedLabel, Policy

    series_instance.scan_settings.held_since = timezone.now()
    series_instance.scan_settings.save()
    unused = Policy.objects.create(name="Unused", target_languages=["fra"])
    media = Media.objects.create(connection=series_instance, arr_id=1, title="Lantern", path="/tv/Lantern")
    season = Season.objects.create(media=media, number=1)
    file = add_file(media=media, season=season, path="/tv/Lantern/1.mkv", engine="matroska")
    job = Job.objects.create(
        name="scan", params={"mode": "update"}, state="completed", connection=series_instance
    )
    item = JobItem.objects.create(
        job=job, step="media", key="media:1", subject_kind="media", subject_id=media.pk, state="failed"
    )
    player, link, route = add_player(series_instance)
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
        "connections": series_instance.pk,
        "policies": unused.pk,
        "media": media.pk,
        "files": file.pk,
        "jobs": job.pk,
        "items": item.pk,
        "tags": Tag.objects.create(connection=series_instance, arr_id=1, label="dub").pk,
        "labels": ManagedLabel.objects.create(connection=series_instance, label="dub", found=True).pk,
        "history": record("job", "Something", subject=media).pk,
        "tasks": Schedule.objects.create(job="cleanup", every=86400).pk,
        "users": viewer.pk,
        "api-keys": ApiKey.objects.create(owner=viewer, name="spare", digest="0" * 64, prefix="tgr_").pk,
        "webhook": series_instance.pk,
        "players": player.pk,
        "links": link.pk,
        "routes": route.pk,
        **add_held_title(media),
    }


def add_player(source):
    """A player that the brake holds, a title of it that failed, and the route by which that goes there."""
    from django.utils import timezone

    from connections.models import Connection
    from players.clients.contract import Kind
    from players.models import Link, PlayerSettings, Route, Subject
    from players.rules.matching import Title
    from players.sources import State

    player = Connection(name="Plex", kind="plex", url="http://127.0.0.1:9")
    player.keep_secrets({"token": "t" * 20})
    player.save()
    PlayerSettings.objects.create(connection=player, held_since=timezone.now())
    state = State(Title(Kind.SHOW, "Lantern", None, "/tv/Lantern"), labels=("dub",)).to_json()
    subject = Subject.objects.create(source=source, key="media:1", kind="show", title="Lantern", state=state)
    link = Link.objects.create(subject=subject, player=player, state="failed", cause="refused_value")
    return player, link, Route.objects.create(source=source, player=player)


VIEWERS = ("viewer's key", "key that outgrew its owner", "viewer session")
CALLERS = (
    "nobody",
    *VIEWERS,
    "read key",
    "write key",
    "settings key",
    "key with all scopes",
    "key for another network",
    "admin session",
    "admin session, old sign-in",
)


FEW = {"nobody", "viewer session", "admin session"}


@pytest.fixture(params=["few", pytest.param("the rest", marks=pytest.mark.uncounted)])
def asking(request, callers):
    """Whoever asks. The same lines answer them all: they are counted for a few."""
    return {name: client for name, client in callers.items() if (name in FEW) is (request.param == "few")}


@pytest.fixture
def callers(admin, viewer):
    from rest_framework.test import APIClient

    from accounts.models import User

    other = User.objects.create_user("otto", password=PASSWORD, role="admin")
    outgrown = with_key(other, *SCOPES)
    other.role = "viewer"
    other.save()
    old = session(admin)
    long_ago(old)
    return {
        "nobody": APIClient(),
        "viewer's key": with_key(viewer),
        # Of an admin who has become a viewer since.
        "key that outgrew its owner": outgrown,
        "read key": with_key(admin, "read"),
        "write key": with_key(admin, "write"),
        "settings key": with_key(admin, "settings"),
        "key with all scopes": with_key(admin, *SCOPES),
        "key for another network": with_key(admin, *SCOPES, networks=["192.0.2.0/24"]),
        "viewer session": session(viewer),
        "admin session": session(admin),
        "admin session, old sign-in": old,
    }


INNER = ("items", "links", "routes", "candidates", "publications", "entities")
"""Resources below others: the id at the end of an address is that of one of these."""


def address(operation, world):
    path = operation.split(" ")[1]
    first = path.removeprefix("/system").split("/")[1]
    path = path.replace("{job_id}", str(world["jobs"])).replace("{instance}", str(world["connections"]))
    path = path.replace("{player_id}", str(world["players"]))
    path = path.replace("{entity_id}", str(world["entities"])).replace("{sha256}", "0" * 64)
    path = path.replace("{source}", str(world["connections"]))
    path = path.replace("{connection}", str(world["connections"]))
    inner = next((name for name in INNER if name in path.split("/")), first)
    named = str(world.get(inner))
    return "/api/v1" + path.replace("{id}", named).replace("{name}", named)


def body_of(wanted, world, stand_in):
    instance = {"name": "Sonarr", "kind": "sonarr", "url": stand_in.url}
    values = {"policy": world["policies"]}
    named = {
        "instance": {**instance, "values": values},
        "new instance": {**instance, "name": "New", "values": {**values, "api_key": stand_in.api_key}},
        "job": {"name": "reconcile", "instance": world["connections"]},
        "route": {"source": world["connections"], "player": world["players"]},
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


def expected(asking, status, *refused):
    """This status for all but strangers, and those who are refused."""
    told = dict.fromkeys(CALLERS, status) | dict.fromkeys(refused, 403)
    told |= {"nobody": 401, "key for another network": 401}
    return {name: told[name] for name in asking}


def test_everybody_who_is_signed_in_may_look(asking, world):
    got = {
        operation: {name: ask(client, operation, world) for name, client in asking.items()}
        for operation in LOOK
    }

    assert got == {operation: expected(asking, status) for operation, status in LOOK.items()}


def test_only_admins_may_change(asking, world, sonarr):
    got, right = {}, {}
    for operation, (status, wanted) in (CHANGE | MANAGE | IN_PERSON).items():
        body = body_of(wanted, world, sonarr)
        got[operation] = {name: ask(client, operation, world, body) for name, client in asking.items()}
        refused = [*VIEWERS, "read key"]
        if operation not in CHANGE:
            refused += ["write key"]
        if operation not in MANAGE:
            refused += ["settings key"]
        if operation in IN_PERSON:
            refused += ["key with all scopes", "admin session, old sign-in"]
        right[operation] = expected(asking, status, *refused)

    assert got == right


def test_every_route_that_is_looked_at_takes_the_queries_of_the_table(
    read_just_now, callers, world, empty_caches
):
    client = callers["admin session"]
    client.get("/api/v1/artwork/entities")  # reads the switches once more
    counts = {}
    for operation in [*LOOK, *(name for name in (*MANAGE, *IN_PERSON) if name.startswith("GET"))]:
        with CaptureQueriesContext(connection) as queries:
            client.get(address(operation, world))
        counts[operation] = len(queries)

    compare("routes", counts)


@pytest.mark.django_db
def test_who_signed_in_long_ago_is_told_where_to_go(admin):
    client = session(admin)
    long_ago(client)
    answer = client.post("/api/v1/users", NEW_USER, format="json")

    told = answer.json()
    assert (answer.status_code, told["type"]) == (403, "recent-sign-in-required")
    assert told["sign_in"] == "/account/reauthenticate/"
    client.credentials(HTTP_X_CSRFTOKEN="t" * 32)
    client.post(told["sign_in"], {"password": PASSWORD})
    assert client.post("/api/v1/users", NEW_USER, format="json").status_code == 201


@pytest.mark.parametrize("operation", sorted(OWN))
def test_only_the_token_opens_the_webhook(operation, callers, world):
    status, body = OWN[operation]

    assert {ask(client, operation, world, body) for client in callers.values()} == {status}
