"""What Sonarr and Radarr call, and setting that up."""

import base64

import pytest
from rest_framework.test import APIClient

from connections.models import Connection
from demo.arr.state import ArrState
from history.models import Event
from jobs import services as jobs
from jobs.models import Job, JobItem
from library.models import Media
from library.webhooks import make_token
from scanner import webhook_setup
from tests.api.conftest import SCOPES, with_key
from tests.scanner.build import add_movie, add_series, spec, tags_at
from tests.waiting import wait_until

DB = pytest.mark.django_db


@pytest.fixture
def library(sonarr, root):
    state = ArrState("sonarr")
    add_series(state, root, "Lantern", {1: [spec("jpn", "eng")] * 24})
    add_series(state, root, "Orchid", {1: [spec("jpn")]})
    sonarr.load(state)
    return sonarr


@pytest.fixture
def call(series_instance):
    """Sends an event with the instance's token."""
    token = make_token(series_instance)
    client = APIClient()

    def send(event, arr_id=1, name="series", **more):
        body = {"eventType": event, name: {"id": arr_id, "title": "T"}, **more}
        answer = client.post(
            f"/api/v1/webhook/{series_instance.pk}", body, format="json", headers={"X-Webhook-Token": token}
        )
        assert answer.status_code == 200, answer.content
        return answer.json()

    return send


def run_all():
    for job in Job.objects.filter(state__in=["queued", "running"]):
        jobs.run_inline(job)


@DB
def test_the_token_opens_by_header_password_or_address(series_instance):
    token = make_token(series_instance)
    address, body = f"/api/v1/webhook/{series_instance.pk}", {"eventType": "Test"}
    basic = base64.b64encode(f"taggarr:{token}".encode()).decode()
    client = APIClient()

    assert client.post(address, body, format="json", headers={"X-Webhook-Token": token}).status_code == 200
    assert (
        client.post(address, body, format="json", headers={"Authorization": f"Basic {basic}"}).status_code
        == 200
    )
    assert client.post(f"{address}/{token}", body, format="json").status_code == 200
    assert Connection.objects.get().source.webhook_token != token


@DB
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Webhook-Token": ""},
        {"X-Webhook-Token": "wrong"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff:x").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        {"Authorization": "Bearer wrong"},
    ],
)
@pytest.mark.parametrize("has_token", [True, False])
def test_nothing_else_opens_it(series_instance, headers, has_token):
    if has_token:
        make_token(series_instance)
    for number in (series_instance.pk, series_instance.pk + 1):
        answer = APIClient().post(
            f"/api/v1/webhook/{number}", {"eventType": "Test"}, format="json", headers=headers
        )
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"].startswith("Basic")


@DB
def test_a_new_token_ends_the_old_one(series_instance, api):
    old = make_token(series_instance)
    made = api.post(f"/api/v1/instances/{series_instance.pk}/webhook-token").json()

    statuses = [
        APIClient().post(f"{made['url']}/{token}", {"eventType": "Test"}, format="json").status_code
        for token in (old, made["token"])
    ]
    assert statuses == [401, 200]


@DB
@pytest.mark.parametrize(
    "event",
    [
        "Test",
        "Grab",
        "Health",
        "HealthRestored",
        "ApplicationUpdate",
        "ManualInteractionRequired",
        "SomethingNew",
    ],
)
def test_events_that_change_no_file_do_nothing(library, call, event):
    assert call(event) == {"done": "nothing", "media": None, "job": None}
    assert not Job.objects.exists()


@DB
@pytest.mark.parametrize(
    ("event", "more"),
    [
        ("Download", {"episodeFile": {"id": 1}}),
        ("Download", {"episodeFiles": [{"id": 1}], "isUpgrade": True}),
        ("Rename", {"renamedEpisodeFiles": []}),
        ("SeriesAdd", {}),
        ("EpisodeFileDelete", {"deleteReason": "upgrade"}),
    ],
)
def test_events_that_change_files_scan_the_one_media(library, call, event, more):
    received = call(event, 1, **more)
    run_all()

    media = Media.objects.get()
    assert (received["done"], received["media"]) == ("scan", media.pk)
    assert (media.title, media.scan_state.verdict) == ("Lantern", "dub")
    assert tags_at(library)["Lantern"] == {"dub"}
    assert Job.objects.get().trigger == "webhook"


@DB
def test_radarrs_events_are_heard_too(movie_instance, radarr, root):
    state = ArrState("radarr")
    movie = add_movie(state, root, "Harbour", spec("jpn", "eng"))
    radarr.load(state)
    token = make_token(movie_instance)

    for event in ("MovieAdded", "Download", "MovieFileDelete"):
        answer = APIClient().post(
            f"/api/v1/webhook/{movie_instance.pk}/{token}",
            {"eventType": event, "movie": {"id": movie.id}},
            format="json",
        )
        assert answer.json()["done"] == "scan"
    run_all()

    assert tags_at(radarr)["Harbour"] == {"dub"}


@DB
def test_a_season_pack_costs_one_scan_before_it_begins_and_one_after(library, call):
    jobs_named = {call("Download", 1, episodeFile={"id": number})["job"] for number in range(12)}
    item = JobItem.objects.get()
    JobItem.objects.filter(pk=item.pk).update(state="claimed")
    jobs_named |= {call("Download", 1, episodeFile={"id": number})["job"] for number in range(12)}

    assert len(jobs_named) == Job.objects.count() == JobItem.objects.count() == 1
    item.refresh_from_db()
    assert item.again


@DB
def test_a_deleted_media_is_forgotten_when_the_application_says_so(library, call):
    call("SeriesAdd", 1)
    assert call("SeriesDelete", 1)["done"] == "nothing"  # it is still there
    library.change("remove_media", id=1)

    assert call("SeriesDelete", 1)["done"] == "forgotten"
    assert call("SeriesDelete", 1)["done"] == "nothing"

    assert not Media.objects.exists()
    assert Event.objects.filter(kind="media_removed", title__startswith="Lantern").count() == 1


@DB
def test_a_media_that_the_application_does_not_have_is_not_made_up(library, call):
    assert call("Download", 77) == {"done": "nothing", "media": None, "job": None}
    assert not Media.objects.exists()


@DB
def test_while_the_application_does_not_answer_the_instance_is_scanned_later(library, call, naps):
    library.fault("status", "/series/1", status=503, count=None)

    received = call("Download", 1)

    job = Job.objects.get()
    assert (received["done"], received["job"], job.params["media_id"]) == ("scan", job.pk, None)
    assert call("Download", 1)["job"] == job.pk


@DB
def test_a_disabled_instance_does_nothing(library, call, series_instance):
    Connection.objects.update(enabled=False)

    assert call("Download", 1)["done"] == "nothing"


@DB
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"eventType": None},
        {"eventType": "Download", "series": {"id": "x"}},
        {"eventType": "D", "series": 3},
    ],
)
def test_a_call_that_is_no_event_is_refused(series_instance, body):
    token = make_token(series_instance)

    answer = APIClient().post(f"/api/v1/webhook/{series_instance.pk}/{token}", body, format="json")

    assert answer.status_code == 422


@DB
def test_where_the_application_cannot_call_us_the_old_token_stays(series_instance, sonarr, api):
    token = make_token(series_instance)

    answer = api.post(
        f"/api/v1/instances/{series_instance.pk}/webhook", {"url": "http://127.0.0.1:9"}, format="json"
    )

    assert answer.status_code == 422
    assert "test message" in answer.json()["detail"]
    address = f"/api/v1/webhook/{series_instance.pk}/{token}"
    assert APIClient().post(address, {"eventType": "Test"}, format="json").status_code == 200


@DB
@pytest.mark.parametrize("url", ["http://taggarr:8484", "https://example.org/taggarr", "http://[::1]:8484/"])
def test_addresses_of_a_home_network_do(api, series_instance, url, monkeypatch):
    monkeypatch.setattr(webhook_setup, "connect_webhook", lambda *_args, **_options: 3)

    answer = api.post(f"/api/v1/instances/{series_instance.pk}/webhook", {"url": url}, format="json")

    assert answer.json()["url"] == f"{url.rstrip('/')}/api/v1/webhook/{series_instance.pk}"


@DB
@pytest.mark.parametrize("url", ["taggarr:8484", "ftp://taggarr", "http://", "http://a b", "http://a?b", 5])
def test_what_is_no_address_is_refused(api, series_instance, url):
    answer = api.post(f"/api/v1/instances/{series_instance.pk}/webhook", {"url": url}, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "url"


@DB
def test_an_application_without_webhooks_says_so(series_instance, monkeypatch):
    monkeypatch.setattr("library.clients.base.ArrClient.notification_forms", lambda _self: [])

    with pytest.raises(Exception, match="no webhook"):
        webhook_setup.connect_webhook(series_instance, "http://127.0.0.1:9")


@pytest.mark.django_db(transaction=True)
def test_one_click_connects_the_application_and_it_calls(web, library, series_instance, admin):
    api = with_key(admin, *SCOPES)
    address = f"/api/v1/instances/{series_instance.pk}/webhook"

    first = api.post(address, {"url": web}, format="json").json()
    again = api.post(address, {"url": web}, format="json").json()

    assert first["url"] == f"{web}/api/v1/webhook/{series_instance.pk}"
    assert first["notification"] == again["notification"]  # brought up to date, not doubled
    saved = [entry for entry in library.journal("PUT") if "notification" in entry["path"]][-1]["body"]
    assert saved["onDownload"] is saved["onSeriesDelete"] is True
    assert saved["onGrab"] is False

    assert library.change("fire", event="Download", id=1) == {"receivers": 1}

    item = wait_until(lambda: JobItem.objects.filter(subject_kind="media").first())
    assert item.queue == "interactive"
