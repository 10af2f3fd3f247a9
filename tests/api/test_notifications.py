"""Channels and deliveries over the API."""

import pytest

from jobs.models import Job
from notify.models import Channel, Message
from notify.services import deliver

pytestmark = pytest.mark.django_db
NTFY = {"name": "Phone", "kind": "ntfy", "values": {"topic": "dubs", "token": "tk_abcdefghijkx9Qz"}}


def added(in_person, **changes):
    answer = in_person.post("/api/v1/channels", {**NTFY, **changes}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_channel_is_added_and_its_secret_never_read(in_person):
    channel = added(in_person)

    assert channel["values"]["topic"] == "dubs"
    assert channel["values"]["token"] == "****x9Qz"
    assert "wrong_dub" in channel["topics"]
    assert "tk_abcdefghijk" not in str(in_person.get("/api/v1/channels").content)
    assert "tk_abcdefghijkx9Qz" in Channel.objects.get().address.reveal()


def test_what_was_read_may_be_sent_back_and_leaves_the_secret(in_person):
    channel = added(in_person)
    stored = Channel.objects.get().address

    again = in_person.put(f"/api/v1/channels/{channel['id']}", channel, format="json")

    assert again.status_code == 200, again.content
    assert Channel.objects.get().address == stored
    assert again.json()["values"] == channel["values"]


def test_one_value_is_changed_and_an_empty_secret_is_forgotten(in_person):
    address = f"/api/v1/channels/{added(in_person)['id']}"

    in_person.patch(address, {"values": {"topic": "other"}}, format="json")
    assert in_person.get(address).json()["values"]["topic"] == "other"
    assert in_person.get(address).json()["values"]["token"] == "****x9Qz"

    values = in_person.patch(address, {"values": {"token": ""}}, format="json").json()["values"]
    assert "token" not in values or values["token"] == ""


def test_a_stored_secret_is_not_sent_to_a_new_server(in_person):
    address = f"/api/v1/channels/{added(in_person)['id']}"

    answer = in_person.patch(address, {"values": {"server": "https://evil.example.org"}}, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "values.token"
    assert "evil" not in Channel.objects.get().address.reveal()


def test_another_kind_needs_its_own_values(in_person):
    address = f"/api/v1/channels/{added(in_person)['id']}"

    refused = in_person.patch(address, {"kind": "pushover"}, format="json")
    assert refused.status_code == 422
    assert Channel.objects.get().kind == "ntfy"

    values = {"user": "u" * 30, "token": "a" * 30}
    assert in_person.patch(address, {"kind": "pushover", "values": values}, format="json").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"values": {}}, "values.topic"),
        ({"values": {"topic": "dubs", "wish": "x"}}, "values.wish"),
        ({"values": {"topic": 5}}, "values"),
        ({"kind": "pigeon"}, "kind"),
        ({"topics": ["test"]}, "topics.0"),
        ({"name": ""}, "name"),
        ({"instances": [0]}, "instances"),
        ({"instances": ["1"]}, "instances"),
        ({"instances": {}}, "instances"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(in_person, changes, field):
    answer = in_person.post("/api/v1/channels", {**NTFY, **changes}, format="json")

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Channel.objects.exists()


def test_a_name_that_is_taken_is_refused(in_person):
    added(in_person)

    answer = in_person.post("/api/v1/channels", {**NTFY, "name": "phone"}, format="json")

    assert answer.status_code == 422
    assert "already" in answer.json()["detail"]


def test_a_channel_of_some_instances_and_then_of_all(in_person, plain_instance):
    channel = added(in_person, instances=[plain_instance.pk])
    assert channel["instances"] == [plain_instance.pk]

    changed = in_person.patch(f"/api/v1/channels/{channel['id']}", {"instances": []}, format="json")

    assert changed.json()["instances"] == []


def test_every_kind_tells_what_it_needs(api):
    kinds = {kind["kind"]: kind["values"] for kind in api.get("/api/v1/channels/kinds").json()}

    assert {"discord", "telegram", "email", "pushover", "gotify", "ntfy", "apprise", "webhook"} == set(kinds)
    assert [value["name"] for value in kinds["ntfy"] if value["required"]] == ["topic"]
    assert all(value["secret"] for value in kinds["ntfy"] if value["name"] == "token")


def test_deliveries_tell_what_was_sent_and_are_tried_again(api):
    channel = Channel.objects.create(name="Hook", kind="webhook", address="http://127.0.0.1:9/secret-part")
    message = deliver([channel], Message(topic="wrong_dub", title="Wrong dub", text="Lantern is German."))
    other = Channel.objects.create(name="Other", kind="webhook", address="http://127.0.0.1:9/")
    assert message is not None
    item = Job.objects.get(name="notify").items.get(step="send")
    item.state, item.error = "failed", "It did not answer."
    item.save()

    (shown,) = api.get(f"/api/v1/deliveries?channel={channel.pk}&state=failed").json()["results"]
    assert (shown["title"], shown["error"], shown["channel"]) == (
        "Wrong dub",
        "It did not answer.",
        channel.pk,
    )
    assert api.get(f"/api/v1/deliveries?channel={other.pk}").json()["count"] == 0
    assert api.get("/api/v1/deliveries?topic=dub_lost").json()["count"] == 0

    again = api.post(f"/api/v1/deliveries/{item.pk}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    assert api.post(f"/api/v1/deliveries/{item.pk}/retry").status_code == 409


def test_items_of_other_jobs_are_no_deliveries(api):
    other = Job.objects.create(name="scan", state="completed").items.create(step="media", key="media:1")

    assert api.get(f"/api/v1/deliveries/{other.pk}").status_code == 404
