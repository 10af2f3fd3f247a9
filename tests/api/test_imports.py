"""Coming from the original Taggarr through the API."""

from __future__ import annotations

import pytest

from connections.models import Connection
from tests.api.conftest import SCOPES, with_key
from tests.original.build import SMALL_SETTINGS, SMALL_STATE


@pytest.fixture
def ask(admin, sonarr):
    """Posts the settings of an original beside the stand-in, changed as is wanted."""
    client = with_key(admin, *SCOPES)

    def post(**body):
        settings = SMALL_SETTINGS.format(url=sonarr.url, key=sonarr.api_key)
        state = SMALL_STATE
        return client.post("/api/v1/import", {"settings": settings, "state": state, **body}, format="json")

    return post


def test_a_dry_run_tells_all_and_makes_nothing(ask):
    answer = ask(dry_run=True)

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert {"what": "connections", "name": "old", "outcome": "added"} in told["made"]
    assert told["labels"] == {"old": ["dub", "semi-dub", "wrong-dub"]}
    assert told["remembered"] == {"taggarr.json": {"dub": 1}}
    assert [one["key"] for one in told["unknown"]] == ["instances.old.colour"]
    assert not Connection.objects.exists()


def test_settings_and_tags_are_taken_over(ask):
    assert ask().json()["dry_run"] is False
    assert Connection.objects.get().managed_labels.count() == 3
    assert {one["outcome"] for one in ask().json()["made"]} == {"same"}


def test_everything_that_is_wrong_is_told_and_no_variable_is_read(ask, monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "do-not-show-this")
    text = SMALL_SETTINGS.format(url="http://sonarr", key="${SOME_SECRET}").replace(
        "type: sonarr", "type: plex"
    )
    answer = ask(settings=text)

    assert answer.status_code == 422
    assert "The type of old is sonarr or radarr, not plex." in str(answer.json()["errors"])
    assert "do-not-show-this" not in answer.content.decode()
    assert not Connection.objects.exists()
