"""What an admin does about a title: put it on the list, unmonitor it; and coming from the original."""

from __future__ import annotations

import io

import pytest

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from tests.original.build import SMALL_SETTINGS, SMALL_STATE

pytestmark = pytest.mark.usefixtures("no_messages")


def test_a_title_is_put_on_the_list_and_taken_off(rows, as_admin, as_viewer):
    media = rows.series[2]
    assert "Nothing is on the list" in as_viewer.get("/wanted/attention").content.decode()

    answer = as_admin.post(f"/media/{media.pk}/attention", {"listed": "1"})
    assert answer["Location"] == f"/media/{media.pk}"
    text = as_viewer.get("/wanted/attention").content.decode()
    assert media.title in text
    assert "No file counts: 3 among the specials." in text
    assert "Mark as done" not in text
    assert "Mark as done" in as_admin.get(f"/media/{media.pk}").content.decode()

    answer = as_admin.post(f"/media/{media.pk}/attention", {"listed": "0", "from": "list"})
    assert answer["Location"] == "/wanted/attention"
    media.refresh_from_db()
    assert not media.scan_state.needs_attention


def test_a_search_is_offered_only_where_the_policy_allows_it(rows, as_admin, as_viewer):
    media = rows.series[0]
    address = f"/media/{media.pk}?file={media.files.first().pk}"
    assert "Search for a replacement…" not in as_admin.get(address).content.decode()
    rows.policy.allow_search = True
    rows.policy.save()
    assert "Search for a replacement…" in as_admin.get(address).content.decode()
    assert "Search for a replacement…" not in as_viewer.get(address).content.decode()


def test_unmonitoring_is_offered_only_for_a_wrong_dub_and_where_the_policy_allows_it(rows, as_admin):
    wrong, right = rows.series[2], rows.series[0]

    def offered(media) -> bool:
        file = media.files.first()
        return "Unmonitor…" in as_admin.get(f"/media/{media.pk}?file={file.pk}").content.decode()

    assert not offered(wrong)
    rows.policy.allow_unmonitor = True
    rows.policy.save()
    assert offered(wrong)
    assert not offered(right)
    wrong.files.update(monitored=False)
    assert not offered(wrong)
    file = wrong.files.first()
    assert (
        "does not watch for it any more"
        in as_admin.get(f"/media/{wrong.pk}/files/{file.pk}").content.decode()
    )


@pytest.mark.parametrize(("act", "option"), [("replace", "allow_search"), ("unmonitor", "allow_unmonitor")])
def test_what_the_policy_does_not_allow_is_said(rows, as_admin, act, option):
    media = rows.series[2]
    text = as_admin.post(f"/media/{media.pk}/{act}", {"file": media.files.first().pk}, follow=True)
    assert f"switch on {option}" in text.content.decode()
    assert text.request["QUERY_STRING"] == f"file={media.files.first().pk}"


@pytest.fixture
def settings_text(sonarr_process: StandIn) -> str:
    sonarr_process.load(ArrState("sonarr"))
    return SMALL_SETTINGS.format(url=sonarr_process.url, key=sonarr_process.api_key)


def state_file() -> io.BytesIO:
    file = io.BytesIO(SMALL_STATE.encode())
    file.name = "taggarr.json"
    return file


def test_a_preview_of_an_import_shows_all_and_makes_nothing(rows, as_admin, settings_text):
    from connections.models import Connection

    posted = {"settings": settings_text, "state": state_file(), "connect": "on", "preview": "1"}
    part = as_admin.post("/settings/import", posted, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "old" in part
    assert "would be added" in part
    assert "semi-dub" in part
    assert "instances.old.colour" in part
    assert not Connection.objects.filter(name="old").exists()


def test_an_import_takes_the_settings_over(rows, as_admin, settings_text):
    from connections.models import Connection

    posted = {"settings": settings_text, "state": state_file(), "connect": "on"}
    answer = as_admin.post("/settings/import", posted, follow=True)

    assert "The settings are taken over." in answer.content.decode()
    connection = Connection.objects.get(name="old")
    assert set(connection.managed_labels.values_list("label", flat=True)) == {"dub", "semi-dub", "wrong-dub"}


def test_everything_that_is_wrong_with_an_import_is_shown(rows, as_admin, monkeypatch):
    monkeypatch.setenv("SOME_SECRET", "do-not-show-this")
    text = SMALL_SETTINGS.format(url="http://sonarr", key="${SOME_SECRET}").replace(
        "type: sonarr", "type: plex"
    )
    shown = as_admin.post("/settings/import", {"settings": text, "preview": "1"}).content.decode()

    assert "The type of old is sonarr or radarr, not plex." in shown
    assert "do-not-show-this" not in shown
    assert "This field is required." in as_admin.post("/settings/import", {"preview": "1"}).content.decode()
