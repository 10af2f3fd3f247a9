"""Media, files, policies and jobs over the API."""

import pytest

from history.models import AuditEntry, Event
from jobs.models import Job
from jobs.services import run_inline
from library.models import Media
from scanner.models import FileScanState, Policy

pytestmark = pytest.mark.django_db


def titles(api, query):
    answer = api.get(f"/api/v1/media?{query}")
    assert answer.status_code == 200, answer.content
    return [media["title"] for media in answer.json()["results"]]


@pytest.fixture
def library(make_media):
    make_media("Brazil", ["por-br"], verdict="dub", genres=["Drama"], tags=["dub"], year=2001)
    make_media("Japan", ["jpn"], verdict="original", genres=["Drama", "Comedy"], year=2002, monitored=False)
    make_media("Mixed", ["jpn", "eng"], ["jpn"], verdict="semi-dub", year=2003)
    make_media("None", verdict="unknown", scan_error="The folder is empty.", year=2004)
    make_media("100%_a\\b", ["cmn"], excluded=True, year=2005)
    return {media.title: media for media in Media.objects.all()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verdict=dub", {"Brazil"}),
        ("verdict=dub&verdict=semi-dub", {"Brazil", "Mixed"}),
        ("language=jpn", {"Japan", "Mixed"}),
        ("language=Portuguese", {"Brazil"}),
        ("language=pt-PT", set()),
        ("language=zh", {"100%_a\\b"}),
        ("language=fra", set()),
        ("missing_language=en", {"Brazil", "Japan", "Mixed", "100%_a\\b"}),
        ("missing_language=ja", {"Brazil", "100%_a\\b"}),
        ("genre=Comedy", {"Japan"}),
        ("tag=dub", {"Brazil"}),
        ("monitored=false", {"Japan"}),
        ("excluded=true", {"100%_a\\b"}),
        ("failed=true", {"None"}),
        ("kind=radarr", set()),
        ("search=IX", {"Mixed"}),
        ("search=%25", {"100%_a\\b"}),
        ("search=_", {"100%_a\\b"}),
        ("search=%5C", {"100%_a\\b"}),
        ("verdict=unknown&search=non", {"None"}),
    ],
)
def test_media_are_found(api, library, query, expected):
    assert set(titles(api, query)) == expected


@pytest.mark.parametrize("order", ["title", "year", "verdict", "verdict_at", "scanned_at", "id"])
def test_media_are_sorted_either_way(api, library, order):
    forwards, backwards = titles(api, f"ordering={order}"), titles(api, f"ordering=-{order}")

    assert len(forwards) == 5
    assert set(forwards) == set(backwards)
    if order == "year":
        assert forwards == list(reversed(backwards)) == ["Brazil", "Japan", "Mixed", "None", "100%_a\\b"]


def test_a_language_that_is_none_is_refused(api):
    answer = api.get("/api/v1/media?language=Klingonese")

    assert answer.status_code == 422
    assert "Klingonese" in answer.json()["detail"]


def test_a_media_says_why(api, library):
    media = api.get(f"/api/v1/media/{library['None'].pk}").json()

    assert media["why"] == "The folder is empty."


def test_a_media_is_excluded_and_taken_back(api, library):
    address = f"/api/v1/media/{library['Brazil'].pk}"

    assert api.patch(address, {"excluded": True}, format="json").json()["excluded"] is True
    assert api.patch(address, {"excluded": False}, format="json").json()["excluded"] is False
    told = Event.objects.filter(subject_id=library["Brazil"].pk, kind="by_hand")
    assert list(told.values_list("actor__username", flat=True)) == ["ada", "ada"]


def test_another_policy_and_original_language_decide_anew(api, library):
    media = library["Mixed"]
    english = Policy.objects.create(name="English", target_languages=["eng"])
    address = f"/api/v1/media/{media.pk}"
    FileScanState.objects.filter(file__media=media).update(
        tracks=[{"kind": "audio", "index": 0, "language": "eng", "codec": "AAC", "channels": 2}]
    )

    changed = api.patch(
        address, {"policy_override": english.pk, "original_language_override": "Japanese"}, format="json"
    ).json()

    assert (changed["policy_override"], changed["original_language_override"]) == (english.pk, "jpn")
    assert changed["verdict"] == "dub"
    explained = api.get(f"{address}/explain").json()
    assert (explained["verdict"], explained["policy"]) == ("dub", "English")
    assert [file["verdict"] for file in explained["files"]] == ["dub", "dub"]
    assert explained["original_language_by"] == "set by hand"


def test_what_cannot_be_set_is_left(api, library):
    media = library["Brazil"]

    api.patch(f"/api/v1/media/{media.pk}", {"title": "Mine", "verdict": "wrong-dub"}, format="json")

    media.refresh_from_db()
    assert (media.title, media.scan_state.verdict) == ("Brazil", "dub")


def test_scanning_one_media_answers_its_item(api, library):
    address = f"/api/v1/media/{library['Brazil'].pk}/scan"

    first, second = api.post(address, {}, format="json"), api.post(address, {}, format="json")

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]  # the second joins the first
    job = Job.objects.get()
    assert (job.trigger, job.queue) == ("api", "interactive")
    assert job.requested_by is not None
    assert job.requested_by.username == "ada"


def test_a_second_scan_of_an_instance_names_the_live_one(api, plain_instance):
    address = f"/api/v1/connections/{plain_instance.pk}/scan"
    started = api.post(address, {"mode": "rewrite"}, format="json")
    refused = api.post("/api/v1/jobs", {"name": "scan", "instance": plain_instance.pk}, format="json")

    assert started.json()["params"]["mode"] == "rewrite"
    assert refused.status_code == 409
    assert api.get(refused.json()["job"]).json()["id"] == started.json()["id"]

    cancelled = api.post(f"/api/v1/jobs/{started.json()['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert api.post(address, {}, format="json").status_code == 202


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "backdoor"},
        {"name": "scan", "params": {"mode": "erase"}},
        {"name": "scan", "params": {"quick": "perhaps"}},
        {"name": "reconcile", "params": {"mode": "update"}},
        {"name": "scan", "instance": 0},
    ],
)
def test_a_job_that_is_not_on_the_list_is_refused(api, plain_instance, wanted):
    answer = api.post("/api/v1/jobs", {"instance": plain_instance.pk, **wanted}, format="json")

    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_a_policy_is_previewed_without_being_saved(api, library, plain_instance):
    Media.objects.all().update(original_language="Japanese")
    for state in FileScanState.objects.all():
        state.tracks = [
            {"kind": "audio", "index": n, "language": code[:3], "codec": "AAC", "channels": 2}
            for n, code in enumerate(state.languages)
        ]
        state.save()
    address = f"/api/v1/policies/{plain_instance.scan_settings.policy_id}"

    preview = api.post(f"{address}/preview", {"target_languages": ["English"]}, format="json").json()

    assert preview["media"] == 5
    assert preview["changed"] == sum(change["count"] for change in preview["changes"]) > 0
    assert len(preview["examples"]) == preview["changed"]
    assert api.get(address).json()["target_languages"] == ["deu"]
    assert Media.objects.get(title="Brazil").scan_state.verdict == "dub"

    saved = api.patch(address, {"target_languages": ["English"]}, format="json").json()

    assert saved["target_languages"] == ["eng"]
    run_inline(Job.objects.get(pk=saved["job"]))
    now = dict(Media.objects.values_list("title", "scan_state__verdict"))
    for change in preview["examples"]:
        assert now[change["title"].partition(" (")[0]] == change["after"]

    (former,) = api.get(f"{address}/versions").json()
    reverted = api.post(f"{address}/revert", {"version": former["id"]}, format="json").json()
    assert reverted["target_languages"] == ["deu"]
    assert Job.objects.get(pk=reverted["job"]).name == "decide"
    gone = api.post(f"{address}/revert", {"version": 4711}, format="json")
    assert (gone.status_code, "no former version 4711" in gone.json()["detail"]) == (422, True)


def test_another_policy_of_an_instance_decides_its_media_anew(api, library, plain_instance):
    FileScanState.objects.update(
        tracks=[{"kind": "audio", "index": 0, "language": "eng", "codec": "AAC", "channels": 2}]
    )
    english = Policy.objects.create(name="English", target_languages=["eng"])

    api.patch(f"/api/v1/connections/{plain_instance.pk}", {"values": {"policy": english.pk}}, format="json")

    run_inline(Job.objects.get(name="decide"))
    assert Media.objects.get(title="Japan").scan_state.verdict == "dub"


def test_deleting_an_instance_cancels_its_work_and_keeps_its_history(api, library, plain_instance):
    api.post(f"/api/v1/connections/{plain_instance.pk}/scan", {}, format="json")

    assert api.delete(f"/api/v1/connections/{plain_instance.pk}").status_code == 204

    assert Job.objects.get().state == "cancelled"
    assert not Media.objects.exists()
    assert AuditEntry.objects.filter(action="deleted", kind="connection", target="Shelf").count() == 1
    assert api.delete(f"/api/v1/connections/{plain_instance.pk}").status_code == 404


def test_statistics_count_the_library(api, library):
    stats = api.get("/api/v1/stats").json()

    assert stats["media"] == 5
    assert stats["files"] == 5
    assert stats["verdicts"] == {"dub": 1, "semi-dub": 1, "wrong-dub": 0, "original": 1, "unknown": 2}
    (shelf,) = stats["instances"]
    assert (shelf["name"], shelf["excluded"], shelf["failed"]) == ("Shelf", 1, 1)
    assert stats["languages"][0] == {"language": "jpn", "name": "Japanese", "files": 3}


def test_the_items_of_a_job_are_listed_and_tried_again(api, library, plain_instance):
    job = Job.objects.create(name="scan", state="completed", connection=plain_instance)
    failed = job.items.create(step="media", key="media:1", state="failed", error="gone")
    job.items.create(step="media", key="media:2", state="done")

    listed = api.get(f"/api/v1/jobs/{job.pk}/items?state=failed").json()
    assert [item["error"] for item in listed["results"]] == ["gone"]
    assert api.get(f"/api/v1/jobs/{job.pk}").json()["progress"]["failed"] == 1

    assert api.post(f"/api/v1/jobs/{job.pk}/items/{failed.pk}/retry").json()["state"] == "pending"
    assert api.post(f"/api/v1/jobs/{job.pk}/items/{failed.pk}/retry").status_code == 409
    assert api.get("/api/v1/jobs/0/items").status_code == 404
    assert api.get(f"/api/v1/jobs?state=running&instance={plain_instance.pk}").json()["count"] == 1
