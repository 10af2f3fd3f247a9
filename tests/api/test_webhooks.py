"""What Sonarr and Radarr call, and setting that up."""

import base64

import pytest
from django.apps import apps
from django.db.models.functions import Now
from rest_framework.test import APIClient

from connections.models import Connection
from demo.arr.state import ArrState
from history.models import Event
from jobs import services as jobs
from jobs.models import Job, JobItem
from jobs.runner import run_item
from library.contract import Heard, Receivers
from library.metrics import webhooks
from library.models import Media, Source
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
    """Run what there is to do, and what that starts."""
    while job := Job.objects.filter(state__in=["queued", "running", "finishing"]).first():
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
    made = api.post(f"/api/v1/connections/{series_instance.pk}/webhook-token").json()

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
    assert call(event) == {"receivers": 1, "failed": 0}
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
    assert call(event, 1, **more) == {"receivers": 1, "failed": 0}
    run_all()

    media = Media.objects.get()
    assert (media.title, media.scan_state.verdict) == ("Lantern", "dub")
    assert tags_at(library)["Lantern"] == {"dub"}
    assert set(Job.objects.values_list("name", "trigger")) == {("fetch", "webhook"), ("scan", "webhook")}


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
        assert answer.json() == {"receivers": 1, "failed": 0}
        run_all()

    assert tags_at(radarr)["Harbour"] == {"dub"}


@DB
def test_a_season_pack_costs_one_scan_before_it_begins_and_one_after(library, call):
    call("SeriesAdd", 1)
    run_all()
    Job.objects.all().delete()
    for number in range(12):
        call("Download", 1, episodeFile={"id": number})
    item = JobItem.objects.get()
    JobItem.objects.filter(pk=item.pk).update(state="claimed")
    for number in range(12):
        call("Download", 1, episodeFile={"id": number})

    assert Job.objects.count() == JobItem.objects.count() == 1
    item.refresh_from_db()
    assert item.again


@DB
def test_a_deleted_media_is_forgotten_when_the_application_says_so(library, call):
    call("SeriesAdd", 1)
    run_all()
    call("SeriesDelete", 1)
    run_all()
    assert Media.objects.exists()  # it is still there
    library.change("remove_media", id=1)

    for _ in range(2):
        call("SeriesDelete", 1)
        run_all()

    assert not Media.objects.exists()
    assert Event.objects.filter(kind="media_removed", title__startswith="Lantern").count() == 1


@DB
def test_a_media_that_the_application_does_not_have_is_not_made_up(library, call):
    call("Download", 77)
    run_all()

    assert not Media.objects.exists()
    assert JobItem.objects.get(step="fetch").result == {"why": "The app has no such title."}


@DB
def test_an_app_speaks_of_its_own_titles_alone(library, call):
    call("Download", 1, name="movie")
    assert not Job.objects.exists()


@DB
def test_the_answer_comes_though_the_application_hangs(library, call):
    library.fault("latency", seconds=60, count=None)

    assert call("Download", 1) == {"receivers": 1, "failed": 0}
    assert call("Download", 1) == {"receivers": 1, "failed": 0}

    assert Job.objects.get().params == {"arr_id": 1, "deleted": False}
    assert library.journal() == []


@DB
def test_while_the_application_does_not_answer_the_job_waits(library, call, naps):
    library.fault("status", "/series/1", status=503, count=4)
    call("Download", 1)
    job = Job.objects.get()
    item = job.items.get()
    run_item(item.pk)
    item.refresh_from_db()
    assert (item.state, item.error_kind) == ("pending", "ApiTransientError")

    job.items.update(due_at=Now())
    run_all()

    assert Media.objects.get().scan_state.verdict == "dub"


@DB
def test_one_receiver_that_fails_does_not_stop_the_others(
    library, call, series_instance, monkeypatch, caplog
):
    heard: list[Heard] = []

    def fail(_heard):
        Source.objects.update(last_sync_at=Now())
        raise KeyError("a fault of ours")

    scanner = apps.get_app_config("scanner")
    monkeypatch.setitem(vars(scanner)["_brought"], "receivers", Receivers(webhooks=(fail, heard.append)))

    assert call("Download", 5) == {"receivers": 2, "failed": 1}

    assert [(one.connection, one.event, one.arr_id) for one in heard] == [(series_instance, "Download", 5)]
    source = Source.objects.get()
    assert (source.webhook_failures, source.last_sync_at) == (1, None)
    (told,) = [record for record in caplog.records if record.name == "library.webhooks"]
    assert told.getMessage() == "scanner failed to take the webhook Download of Sonarr (id 5 there)"
    (family,) = webhooks()
    assert [sample.value for sample in family.samples if sample.labels == {"instance": "Sonarr"}] == [1]


@DB
def test_a_disabled_instance_does_nothing(library, call, series_instance):
    Connection.objects.update(enabled=False)

    call("Download", 1)
    assert not Job.objects.exists()


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
        f"/api/v1/connections/{series_instance.pk}/webhook", {"url": "http://127.0.0.1:9"}, format="json"
    )

    assert answer.status_code == 422
    assert "test message" in answer.json()["detail"]
    address = f"/api/v1/webhook/{series_instance.pk}/{token}"
    assert APIClient().post(address, {"eventType": "Test"}, format="json").status_code == 200


@DB
@pytest.mark.parametrize("url", ["http://taggarr:8484", "https://example.org/taggarr", "http://[::1]:8484/"])
def test_addresses_of_a_home_network_do(api, series_instance, url, monkeypatch):
    monkeypatch.setattr(webhook_setup, "connect_webhook", lambda *_args, **_options: 3)

    answer = api.post(f"/api/v1/connections/{series_instance.pk}/webhook", {"url": url}, format="json")

    assert answer.json()["url"] == f"{url.rstrip('/')}/api/v1/webhook/{series_instance.pk}"


@DB
@pytest.mark.parametrize("url", ["taggarr:8484", "ftp://taggarr", "http://", "http://a b", "http://a?b", 5])
def test_what_is_no_address_is_refused(api, series_instance, url):
    answer = api.post(f"/api/v1/connections/{series_instance.pk}/webhook", {"url": url}, format="json")

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
    address = f"/api/v1/connections/{series_instance.pk}/webhook"

    first = api.post(address, {"url": web}, format="json").json()
    again = api.post(address, {"url": web}, format="json").json()

    assert first["url"] == f"{web}/api/v1/webhook/{series_instance.pk}"
    assert first["notification"] == again["notification"]  # brought up to date, not doubled
    saved = [entry for entry in library.journal("PUT") if "notification" in entry["path"]][-1]["body"]
    assert saved["onDownload"] is saved["onSeriesDelete"] is True
    assert saved["onGrab"] is False

    assert library.change("fire", event="Download", id=1) == {"receivers": 1}

    item = wait_until(lambda: JobItem.objects.filter(step="fetch").first())
    assert item.queue == "interactive"
