"""Seasons by hand: on the work's page and by the API, with how far each person is."""

from __future__ import annotations

import pytest

from accounts.models import Role, User
from catalogue import editing, seasons
from catalogue.models import Change, Progress, Season, Work
from core.errors import ConfigError, FieldError
from tests.api.conftest import with_key
from tests.catalogue.build import add_user, add_work
from tests.catalogue.test_api import ROOT
from tests.catalogue.test_pages import browser_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "read_just_now")]


@pytest.fixture
def firefly(ute: User) -> Work:
    return add_work("Firefly", kind="tv_series", added_by=ute)


def told(work: Work) -> list[tuple[object, ...]]:
    return list(work.seasons.values_list("number", "name", "available", "expected", "is_complete"))


def test_seasons_are_added_changed_and_removed_on_their_pages(ute: User, firefly: Work):
    client = browser_of(ute)
    page = f"/collection/works/{firefly.pk}"
    assert "Nobody has said which seasons are here" in text_of(client, page)
    given = {"number": 1, "name": "", "available": 12, "expected": 14}
    assert 'value="1"' in client.get(f"{page}/seasons/add").content.decode()
    assert client.post(f"{page}/seasons/add", given).status_code == 302
    again = client.post(f"{page}/seasons/add", given)
    assert "There is a season 1 already" in again.content.decode()
    season = firefly.seasons.get()
    assert "12 of 14" in text_of(client, page)
    client.post(f"/collection/seasons/{season.pk}", given | {"available": 14, "name": "The only one"})
    assert told(firefly) == [(1, "The only one", 14, 14, True)]
    assert [one.after for one in Change.objects.order_by("pk")] == [
        {"seasons": ["1 (12/14)"]},
        {"seasons": ["The only one (14/14)"]},
    ]
    client.post(f"/collection/seasons/{season.pk}/mine", {"state": "completed"})
    assert (season.progress.get().user, season.progress.get().state) == (ute, "completed")
    assert '<option value="completed" selected>' in client.get(page).content.decode()
    assert client.post(f"/collection/seasons/{season.pk}/mine", {"state": "asleep"}, follow=True)
    assert season.progress.get().state == "completed"
    client.post(f"/collection/seasons/{season.pk}/remove")
    assert not Season.objects.exists()
    assert not Progress.objects.exists()


def test_who_only_looks_notes_how_far_they_are_and_changes_no_season(ute: User, firefly: Work):
    season = seasons.save(Season(work=firefly), ute, {"number": 1})
    vera = add_user("vera", Role.VIEWER)
    client, page = browser_of(vera), f"/collection/works/{firefly.pk}"
    assert "Add a season" not in text_of(client, page)
    for address in (f"{page}/seasons/add", f"/collection/seasons/{season.pk}"):
        assert client.get(address).status_code == 403
    client.post(f"/collection/seasons/{season.pk}/mine", {"state": "in_progress"})
    assert list(Progress.objects.values_list("user", "state")) == [(vera.pk, "in_progress")]
    with pytest.raises(ConfigError):
        seasons.save(season, vera, {"expected": 3})
    with pytest.raises(ConfigError):
        seasons.remove(season, vera)
    other = browser_of(add_user("emil", Role.USER))
    assert other.get(f"/collection/seasons/{season.pk}").status_code == 404


@pytest.mark.parametrize("changes", [{"number": -1}, {"expected": 10_000}, {"name": "x" * 201}])
def test_a_season_takes_no_numbers_that_are_none(ute: User, firefly: Work, changes: dict[str, object]):
    with pytest.raises(FieldError):
        seasons.save(Season(work=firefly, number=1), ute, changes)


def test_the_api_does_the_same(ute: User, firefly: Work):
    mine = with_key(ute, "read", "write")
    root = f"{ROOT}/works/{firefly.pk}/seasons"
    made = mine.post(root, {"number": 2, "expected": 10, "available": 8}, format="json")
    assert made.status_code == 201
    assert mine.post(root, {"number": 2}, format="json").status_code == 422
    one = f"{root}/{made.json()['id']}"
    assert mine.patch(one, {"available": 10}, format="json").json()["is_complete"] is True
    assert [row["number"] for row in mine.get(root).json()["results"]] == [2]
    noted = mine.patch(f"{one}/progress", {"state": "completed", "finished_on": "2026-01-15"}, format="json")
    assert noted.json()["plays"] == [{"started_on": None, "finished_on": "2026-01-15"}]
    assert mine.get(f"{one}/progress").json()["state"] == "completed"
    assert mine.get(f"{ROOT}/works/{firefly.pk}/progress").json()["state"] == ""
    theirs = with_key(add_user("emil"), "read", "write")
    assert theirs.patch(one, {"available": 0}, format="json").status_code == 403
    assert theirs.post(root, {"number": 3}, format="json").status_code == 403
    assert theirs.delete(one).status_code == 403
    assert mine.delete(one).status_code == 204
    assert told(firefly) == []


def test_progress_of_a_season_is_not_that_of_the_work(ute: User, firefly: Work):
    season = seasons.save(Season(work=firefly), ute, {"number": 1})
    editing.note_progress(firefly, ute, {"state": "completed"}, season=season)
    editing.note_progress(firefly, ute, {"state": "in_progress"})
    rows = Progress.objects.order_by("pk").values_list("season", "state")
    assert list(rows) == [(season.pk, "completed"), (None, "in_progress")]
