"""Who may do what: every operation of the API, asked by everybody."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import PASSWORD, SCOPES, long_ago, session, with_key
from tests.api.operations import (
    ADD,
    CHANGE,
    DOCUMENT,
    IN_PERSON,
    LOOK,
    MADE,
    MANAGE,
    NEW_USER,
    OPERATIONS,
    OWN,
    OWN_MATTER,
)
from tests.artwork.doors import add_held_title
from tests.library.build import add_file
from tests.query_counts import compare


def test_every_operation_has_a_row():
    collection = MADE.keys() | ADD.keys() | OWN_MATTER.keys()
    assert (
        collection | LOOK.keys() | CHANGE.keys() | MANAGE.keys() | IN_PERSON.keys() | OWN.keys() == OPERATIONS
    )


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

    assert {said[name][:3] for name in (*LOOK, *MADE)} == {("viewer", "read", False)}
    assert {said[name][:3] for name in OWN_MATTER} == {("viewer", "write", False)}
    assert {said[name][:3] for name in ADD} == {("user", "write", False)}
    assert {said[name][:3] for name in CHANGE} == {("admin", "write", False)}
    assert {said[name][:3] for name in MANAGE} == {("admin", "settings", False)}
    assert {said[name][:3] for name in IN_PERSON} == {("admin", None, True)}
    assert all(said[name][3] == {"cookieAuth"} for name in IN_PERSON)
    assert all(said[name][3] == everyone for name in (*LOOK, *MADE, *OWN_MATTER, *ADD, *CHANGE, *MANAGE))


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
        **add_collection(admin),
    }


def add_collection(user):
    """A work with a copy at a place, and a list with a row in doubt; their ids."""
    from catalogue.imports import services
    from catalogue.models import Duplicate, ImportRow, Library, Location, OwnField, Picture, Season
    from system import switches
    from tests.catalogue.build import add_copy, add_work

    switches.switch("catalogue", True)
    copy = add_copy(add_work("Dune"), location=Location.objects.create(name="Attic"))
    picture = Picture.objects.create(
        work=copy.edition.work, shows="cover", digest="0" * 64, width=2, height=3
    )
    of = services.upload([b"title,media_type\nDune,book\n"], user, name="list.csv")
    pair = Duplicate.objects.create(one=copy.edition.work, other=add_work("Dune"), score=0.6)
    return {
        "duplicates": pair.pk,
        "libraries": Library.usual().pk,
        "own-fields": OwnField.objects.create(kind="book", name="Shelf mark").pk,
        "works": copy.edition.work_id,
        "editions": copy.edition_id,
        "seasons": Season.objects.create(work=copy.edition.work, number=1).pk,
        "copies": copy.pk,
        "pictures": picture.pk,
        "places": copy.location_id,
        "imports": of.pk,
        "reviews": ImportRow.objects.create(of=of, number=1, outcome="review").pk,
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


INNER = (
    *("items", "links", "routes", "candidates", "publications", "entities", "blacklist"),
    *("works", "editions", "copies", "pictures", "places", "imports", "reviews"),
    *("duplicates", "libraries", "own-fields"),
)
"""Resources below others: the id at the end of an address is that of one of these."""


def address(operation, world):
    path = operation.split(" ")[1]
    first = path.removeprefix("/system").split("/")[1]
    path = path.replace("{job_id}", str(world["jobs"])).replace("{instance}", str(world["connections"]))
    path = path.replace("{player_id}", str(world["players"]))
    path = path.replace("{entity_id}", str(world["entities"])).replace("{sha256}", "0" * 64)
    path = path.replace("{work_id}", str(world["works"])).replace("{import_id}", str(world["imports"]))
    path = path.replace("/seasons/{id}", f"/seasons/{world['seasons']}")
    path = path.replace("{connection_id}", str(world["connections"]))
    path = path.replace("{candidate_id}", str(world["candidates"]))
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
            kind = "application/zip" if "backups" in operation else "application/octet-stream"
            answer = client.generic("POST", address(operation, world), body, content_type=kind)
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


def test_what_somebody_made_is_there_for_them_alone(asking, world):
    got = {
        operation: {name: ask(client, operation, world) for name, client in asking.items()}
        for operation in MADE
    }

    right = {operation: expected(asking, status) for operation, status in MADE.items()}
    for told in right.values():
        told |= {name: 404 for name in VIEWERS if name in told}
    assert got == right


def test_how_one_stands_to_a_work_is_everybodys_own_matter(asking, world):
    for operation, (status, body) in OWN_MATTER.items():
        got = {name: ask(client, operation, world, body) for name, client in asking.items()}
        assert got == expected(asking, status, "viewer's key", "read key", "settings key")


def test_only_admins_may_change(asking, world, sonarr):
    got, right = {}, {}
    for operation, (status, wanted) in (ADD | CHANGE | MANAGE | IN_PERSON).items():
        body = body_of(wanted, world, sonarr)
        got[operation] = {name: ask(client, operation, world, body) for name, client in asking.items()}
        refused = [*VIEWERS, "read key"]
        if operation not in ADD | CHANGE:
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
    for operation in (name for name in (*LOOK, *MADE, *MANAGE, *IN_PERSON) if name.startswith("GET")):
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
