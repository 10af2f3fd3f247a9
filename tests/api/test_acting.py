"""Acting on a title through the API: confirmed, and only where the policy allows it."""

from __future__ import annotations

import pytest


@pytest.fixture
def media(series_instance):
    from tests.library.build import add_file, add_title

    media = add_title(
        connection=series_instance, arr_id=1, title="Lantern", path="/tv/L", verdict="wrong-dub"
    )
    add_file(media=media, path="/tv/L/1.mkv", episode_ids=[1], verdict="wrong-dub")
    return media


@pytest.fixture
def client(admin):
    from tests.api.conftest import SCOPES, with_key

    return with_key(admin, *SCOPES)


@pytest.mark.parametrize("act", ["search", "unmonitor"])
@pytest.mark.parametrize(("body", "field"), [({}, "confirm"), ({"confirm": False}, "confirm")])
def test_nothing_is_done_unless_it_is_confirmed(client, media, sonarr, act, body, field):
    sonarr.clear_journal()
    answer = client.post(f"/api/v1/media/{media.pk}/{act}", body, format="json")
    assert answer.status_code == 422
    assert field in str(answer.json())
    assert sonarr.journal() == []


def test_a_file_of_another_media_is_refused(client, media):
    answer = client.post(f"/api/v1/media/{media.pk}/search", {"confirm": True, "file": 10**6}, format="json")
    assert answer.status_code == 422
    assert "no file of this title" in str(answer.json())


@pytest.mark.parametrize(
    ("act", "option", "done", "path"),
    [
        ("search", "allow_search", "Asked Sonarr to search for a replacement for Lantern", "/api/v3/command"),
        (
            "unmonitor",
            "allow_unmonitor",
            "Sonarr no longer monitors Lantern",
            "/api/v3/episode/monitor",
        ),
    ],
)
def test_acting_needs_the_leave_of_the_policy(client, media, sonarr, act, option, done, path):
    from scanner.models import Policy

    body = {"confirm": True, "file": media.files.get().pk}
    sonarr.clear_journal()
    refused = client.post(f"/api/v1/media/{media.pk}/{act}", body, format="json")
    assert refused.status_code == 422
    assert option in refused.json()["detail"]
    assert sonarr.journal() == []
    Policy.objects.update(**{option: True})
    answer = client.post(f"/api/v1/media/{media.pk}/{act}", body, format="json")
    assert answer.status_code == 200
    assert answer.json()["done"].startswith(done)
    assert [call["path"] for call in sonarr.journal()] == [path]


def test_the_list_of_what_needs_attention_is_set_and_searched(client, media):
    answer = client.patch(f"/api/v1/media/{media.pk}", {"needs_attention": True}, format="json")
    assert answer.json()["needs_attention"] is True
    listed = client.get("/api/v1/media?needs_attention=true").json()
    assert [one["id"] for one in listed["results"]] == [media.pk]
    assert client.get("/api/v1/media?needs_attention=false").json()["results"] == []
