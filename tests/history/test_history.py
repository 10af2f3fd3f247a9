"""History: what is written, what outlives what it tells of, and that nobody changes it."""

from __future__ import annotations

import pytest

from accounts.models import Role, User
from core.subjects import titled
from history.models import Event, EventKind
from history.services import record, record_many
from library.models import Media
from scanner.events import ScanEvent
from scanner.models import Policy
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def media() -> Media:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    connection = make_connection(name="Anime", kind="sonarr", url="http://nas", api_key="k", policy=policy)
    return Media.objects.create(
        connection=connection, arr_id=1, title="Lantern Harbour", year=2019, path="/tv/L"
    )


@pytest.fixture
def browser(client):
    client.force_login(User.objects.create_user("root", role=Role.ADMIN))
    return client


def test_an_event_takes_title_and_instance_from_its_media(media):
    event = record(ScanEvent.VERDICT, "original → dub", subject=media, before="original", after="dub")
    event.refresh_from_db()
    assert (event.title, event.connection) == ("Lantern Harbour (2019)", media.connection)
    assert (event.before, event.after, str(event)) == ("original", "dub", "original → dub")


def test_what_is_given_wins_over_what_the_media_brings(media):
    event = record(ScanEvent.TAGS, "added dub", subject=media, connection=media.connection, title="Lantern")
    assert (event.title, event.connection) == ("Lantern", media.connection)


def test_an_event_needs_no_media(media):
    record(ScanEvent.HELD, "too many would go", connection=media.connection)
    assert Event.objects.get().subject_id is None


def test_many_events_cost_one_statement(media, django_assert_num_queries):
    rows = [{"kind": ScanEvent.TAGS, "text": f"added {n}", "subject": media} for n in range(300)]
    with django_assert_num_queries(1):
        assert record_many(rows) == 300
    assert Event.objects.filter(title="Lantern Harbour (2019)").count() == 300
    assert record_many([]) == 0


def test_the_newest_event_comes_first(media):
    first, second = (record(EventKind.BY_HAND, text) for text in ("first", "second"))
    assert list(Event.objects.all()) == [second, first]


def test_events_outlive_media_instance_and_actor(media):
    actor = User.objects.create_user("someone")
    record(ScanEvent.VERDICT, "became dub", subject=media, actor=actor)
    pk = media.pk
    media.connection.delete()
    actor.delete()
    event = Event.objects.get()
    assert (event.connection, event.actor) == (None, None)
    assert (event.subject_kind, event.subject_id, event.title) == ("media", pk, "Lantern Harbour (2019)")
    assert titled(Event.objects.all()).get().subject_title == ""


def test_history_is_listed_filtered_and_found(browser, media, django_assert_max_num_queries):
    record(ScanEvent.VERDICT, "original became dub", subject=media)
    record(ScanEvent.HELD, "too many would go", connection=media.connection)
    with django_assert_max_num_queries(14):
        everything = browser.get("/admin/history/event/").content.decode()
    assert "original became dub" in everything
    assert "too many would go" in everything
    held = browser.get("/admin/history/event/?kind__exact=held").content.decode()
    assert "original became dub" not in held
    found = browser.get("/admin/history/event/?q=lantern").content.decode()
    assert "original became dub" in found
    assert "too many would go" not in found


def test_nobody_changes_history(browser, media):
    event = record(ScanEvent.VERDICT, "original became dub", subject=media)
    address = f"/admin/history/event/{event.pk}"
    assert browser.get(f"{address}/change/").status_code == 200
    assert browser.post(f"{address}/change/", {"text": "never was"}).status_code == 403
    assert browser.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get("/admin/history/event/add/").status_code == 403
    assert Event.objects.get().text == "original became dub"
