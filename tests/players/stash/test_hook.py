"""What Stash tells is taken at once, whatever it is, and read later."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from connections.models import Connection
from players import metrics
from players.models import Link, LinkState, StashSettings, Subject, TouchedGroup
from players.sources import add_routes
from players.stash import hook
from players.stash.noting import note

from .conftest import follow, queries, send

pytestmark = pytest.mark.django_db(transaction=True)
UPDATE = {"args": {"hookContext": {"id": 17, "type": "Scene.Update.Post", "input": {"title": "x"}}}}


@pytest.fixture
def told(source: Connection):
    """Sends a hook with the token of the Stash."""
    token = hook.make_token(source)
    client = APIClient()

    def tell(body: Any, **headers: str) -> Any:
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(
            f"/api/v1/players/hook/{source.pk}",
            text,
            content_type="application/json",
            headers=headers or {"X-Webhook-Token": token},
        )

    return tell


@pytest.fixture
def routed(player: Connection, source: Connection) -> Connection:
    add_routes()
    return player


def due() -> dict[str, str]:
    return dict(Link.objects.filter(due_at__isnull=False).values_list("subject__key", "state"))


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (UPDATE, {"scene:17"}),
        ({"id": "17", "type": "Scene.Create.Post"}, {"scene:17"}),
        ({"id": 17, "type": "Scene.Destroy.Post"}, {"scene:17"}),
        ({"ids": [1, 2, 2, "3"]}, {"scene:1", "scene:2", "scene:3"}),
    ],
)
def test_what_changed_is_due_in_two_seconds(told, routed, body, keys):
    answer = told(body)
    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    assert due().keys() == keys
    soon = timezone.now() + timedelta(seconds=2.1)
    assert not Link.objects.exclude(
        due_at__gt=timezone.now() - timedelta(seconds=1), due_at__lt=soon
    ).exists()
    assert StashSettings.objects.get().hooked_at


def test_it_takes_two_statements_and_asks_nobody(told, routed, stash):
    stash.clear_journal()
    with CaptureQueriesContext(
        database,
    ) as made:
        told(UPDATE)
    assert len([one for one in made if "SAVEPOINT" not in one["sql"]]) <= 2
    assert queries(stash) == 0


@pytest.mark.parametrize(
    "type",
    ["Scene.Play.Post", "SceneMarker.Update.Post", "Tag.Create.Post", "Image.Update.Post", "x"],
)
def test_what_concerns_no_scene_does_nothing(told, routed, type):
    answer = told({"id": 3, "type": type})
    assert (answer.status_code, answer.json()) == (200, {"taken": False})
    assert not Subject.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", ""),
        ("[]", ""),
        ({}, ""),
        ({"id": 3}, ""),
        ({"id": "x", "type": "Scene.Update.Post"}, "id"),
        ({"id": 2**40, "type": "Scene.Update.Post"}, "id"),
        ({"ids": [1, "x"]}, "ids.1"),
        ({"ids": list(range(1001))}, "ids"),
        ({"args": {}}, "args.hookContext"),
        ({"args": {"hookContext": {"id": None, "type": "x"}}}, "args.hookContext.id"),
        ("[" * 100_000, ""),
        ('{"id": 1e400, "type": "Scene.Update.Post"}', "id"),
        ('{"id": NaN, "type": "Scene.Update.Post"}', ""),
        ({"id": True, "type": "Scene.Update.Post"}, "id"),
        ({"id": -1, "type": "Scene.Update.Post"}, "id"),
        ({"id": 3, "type": "Scene\x00.Update.Post"}, "type"),
        ({"id": 3, "type": "x" * 101}, "type"),
        ({"id": 3, "type": "\ud800"}, "type"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_field(told, body, field):
    answer = told(body)
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert field in fields or not field
    assert not Subject.objects.exists()


def test_a_body_of_more_than_256_kb_is_refused(told):
    assert told(json.dumps({"ids": [1], "x": "y" * 300_000})).status_code == 413


def test_the_token_opens_by_header_password_or_address(source):
    token = hook.make_token(source)
    address = f"/api/v1/players/hook/{source.pk}"
    basic = base64.b64encode(f"stash:{token}".encode()).decode()
    client = APIClient()
    answers = [
        client.post(address, UPDATE, format="json", headers={"X-Webhook-Token": token}),
        client.post(address, UPDATE, format="json", headers={"Authorization": f"Basic {basic}"}),
        client.post(f"{address}/{token}", UPDATE, format="json"),
    ]
    assert [answer.status_code for answer in answers] == [202] * 3


def test_no_other_token_opens_it(told, source):
    assert told(UPDATE, **{"X-Webhook-Token": "wrong"}).status_code == 401
    assert told("{", **{"X-Webhook-Token": "wrong"}).status_code == 401
    elsewhere = APIClient().post(f"/api/v1/players/hook/{source.pk + 1}", UPDATE, format="json")
    assert elsewhere.status_code == 401
    assert elsewhere["WWW-Authenticate"] == 'Basic realm="Taggarr hook"'
    Connection.objects.update(enabled=False)
    assert told(UPDATE).status_code == 401


def test_a_token_is_refused_by_as_many_statements_whether_its_source_is_there_or_not(
    told, source, read_just_now
):
    client = APIClient()
    told(UPDATE, **{"X-Webhook-Token": "wrong"})  # what a process looks up once
    counted = []
    for pk in (source.pk, source.pk + 1):
        with CaptureQueriesContext(database) as made:
            answer = client.post(
                f"/api/v1/players/hook/{pk}", UPDATE, format="json", headers={"X-Webhook-Token": "wrong"}
            )
        counted.append((answer.status_code, answer.content, len(made)))
    assert counted[0] == counted[1]
    assert counted[0][0] == 401


def test_the_token_before_opens_it_for_a_day(source):
    old, new = hook.make_token(source), hook.make_token(source)
    assert [hook.opened_by(source.pk, token) for token in (old, new)] == [True, True]
    StashSettings.objects.update(token_made_at=timezone.now() - hook.OVERLAP)
    assert [hook.opened_by(source.pk, token) for token in (old, new)] == [False, True]


def test_a_storm_of_hooks_is_one_link_a_scene_and_puts_nothing_off(told, routed):
    told({"ids": list(range(1, 101))})
    first = dict(Link.objects.values_list("pk", "due_at"))
    for _ in range(20):
        told({"ids": list(range(100, 0, -1))})
    assert dict(Link.objects.values_list("pk", "due_at")) == first
    # What waits already is not written again.
    assert set(Subject.objects.values_list("wanted", flat=True)) == {1}


@pytest.mark.parametrize(
    ("link", "subject"),
    [
        ({"state": LinkState.CLAIMED}, {}),
        ({"state": LinkState.IN_SYNC, "due_at": None}, {}),
        ({"tries": 1}, {}),
        ({"due_at": timezone.now() + timedelta(days=1)}, {}),
        ({}, {"read_of": 1}),
        ({}, {"gone": True}),
    ],
)
def test_what_may_have_been_read_since_it_was_told_is_noted_again(source, routed, link, subject):
    note(source.pk, ["17"], by_hook=True)
    Link.objects.update(**link)
    Subject.objects.update(**subject)
    note(source.pk, ["17"], by_hook=True)
    assert Subject.objects.get().wanted == 2


def test_what_waits_for_one_player_and_is_new_to_another_is_noted_again(source, routed, plex, add_player):
    note(source.pk, ["17"], by_hook=True)
    add_player(plex, "emby")
    add_routes()
    Link.objects.exclude(player=routed).delete()
    note(source.pk, ["17"], by_hook=True)
    assert Subject.objects.get().wanted == 2
    assert Link.objects.count() == 2


def test_what_changes_while_it_is_sent_is_sent_again(source, routed, stash, plex):
    follow(source)
    send(routed)
    link = Link.objects.select_related("subject").first()
    assert link is not None
    Link.objects.filter(pk=link.pk).update(state=LinkState.CLAIMED)
    note(source.pk, [link.subject.key.removeprefix("scene:")], by_hook=True)
    before = link.subject.wanted
    link.refresh_from_db()
    assert (link.state, link.subject.wanted) == (LinkState.CLAIMED, before + 1)


def test_what_a_person_dismissed_or_what_failed_is_due_once_it_changes(source, routed):
    note(source.pk, ["17"])
    for state in (LinkState.DISMISSED, LinkState.FAILED, LinkState.NOT_THERE):
        Link.objects.update(state=state, tries=4, due_at=None)
        note(source.pk, ["17"])
        link = Link.objects.get()
        assert (link.state, link.tries) == (LinkState.DUE, 0)


@pytest.mark.parametrize(
    ("type", "group"),
    [
        ("Tag.Update.Post", "tags"),
        ("Studio.Update.Post", "studios"),
        ("Performer.Update.Post", "performers"),
        ("Tag.Destroy.Post", "all"),
        ("Tag.Merge.Post", "all"),
        ("Group.Update.Post", "all"),
    ],
)
def test_a_tag_studio_or_performer_is_noted_once(told, type, group):
    for _ in range(3):
        assert told({"id": 5, "type": type}).status_code == 202
    assert [row.group for row in TouchedGroup.objects.all()] == [group]


def test_hooks_are_counted_by_what_came_of_them(told, source):
    told(UPDATE)
    told({"id": 1, "type": "Gallery.Update.Post"})
    told({})
    told("no JSON")
    told(UPDATE, **{"X-Webhook-Token": "wrong"})
    families = {family.name: family for family in metrics.players()}
    found = {sample.labels["outcome"]: sample.value for sample in families["taggarr_player_hooks"].samples}
    assert found == {"accepted": 1, "ignored": 1, "body": 2, "token": 1}
