"""The admin of instances, titles and policies: lists, filters, actions; health on its first page."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.models import Role, User
from connections.models import Breaker, Connection
from jobs.models import Job
from library.models import File, Media
from scanner.models import FileProblem, ManagedLabel, Policy, ScanSettings
from scanner.scan.starting import start_scan
from tests.library.build import add_file as add_row
from tests.library.build import add_title

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    client.force_login(User.objects.create_user("ann", role=Role.ADMIN))
    return client


@pytest.fixture
def media(series_instance) -> Media:
    """A title with one Japanese file, decided."""
    found = Media.objects.create(
        connection=series_instance,
        arr_id=1,
        title="Lantern Harbour",
        sort_title="lantern harbour",
        path="/tv/L",
        original_language="Japanese",
    )
    add_file(found, "jpn")
    redecide()
    found.refresh_from_db()
    return found


def add_file(media: Media, *languages: str, name: str = "L - S01E01.mkv", **fields) -> File:
    tracks = [
        {"kind": "audio", "index": index, "language": language} for index, language in enumerate(languages)
    ]
    return add_row(
        media=media,
        path=f"/tv/L/{name}",
        tracks=tracks,
        languages=list(languages),
        engine="header",
        probed_at=timezone.now(),
        **fields,
    )


def redecide() -> None:
    from scanner.scan.deciding import redecide

    redecide(Media.objects.all())


def act(browser, model: str, action: str, *rows) -> list[str]:
    """Run an action of a list on some rows; return what it says."""
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    app = "library" if model == "media" else "scanner"
    response = browser.post(f"/admin/{app}/{model}/", data)
    assert response.status_code == 302
    return messages_of(response)[-len(rows) :]


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def listed(browser, query: str = "") -> list[str]:
    """The titles that the list of media shows."""
    page = browser.get(f"/admin/library/media/{query}")
    return sorted(media.title for media in page.context["cl"].result_list)


# Instances


def test_scan_now_starts_a_scan_in_the_name_of_who_asked(browser, series_instance):
    said = act(browser, "scansettings", "scan_now", series_instance)
    job = Job.objects.get()
    assert said == [f"Sonarr: started scan #{job.pk}."]
    assert (str(job.requested_by), job.params["dry_run"]) == ("ann", False)


def test_a_scan_that_is_under_way_is_told(browser, series_instance):
    job, _ = start_scan(series_instance)
    assert act(browser, "scansettings", "scan_now", series_instance) == [
        f"Sonarr: scan #{job.pk} is under way already."
    ]


def test_a_dry_run_writes_nothing(browser, series_instance):
    act(browser, "scansettings", "dry_run", series_instance)
    assert Job.objects.get().params["dry_run"] is True


def test_a_disabled_instance_is_told_and_the_others_are_scanned(browser, series_instance, movie_instance):
    Connection.objects.filter(name="Sonarr").update(enabled=False)
    said = act(browser, "scansettings", "scan_now", series_instance, movie_instance)
    assert "Sonarr is disabled: enable it first." in said
    assert Job.objects.get().connection == movie_instance


def test_release_takes_off_the_brake(browser, series_instance):
    said = act(browser, "scansettings", "release", series_instance)
    assert said == ["Sonarr is not held: there is nothing to release."]
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="Much.")
    said = act(browser, "scansettings", "release", series_instance)
    assert said == [f"Sonarr: released; reconcile #{Job.objects.get().pk} writes what waited."]


def test_tags_that_were_there_are_adopted(browser, series_instance):
    said = act(browser, "scansettings", "adopt_labels", series_instance)
    assert said == ["No tag of Sonarr is waiting to be adopted."]
    ManagedLabel.objects.create(connection=series_instance, label="dub", found=True)
    said = act(browser, "scansettings", "adopt_labels", series_instance)
    assert said[0].startswith("Sonarr: adopted; reconcile #")
    assert not ManagedLabel.objects.get().found
    ManagedLabel.objects.update(found=True)
    Connection.objects.update(enabled=False)
    said = act(browser, "scansettings", "adopt_labels", series_instance)
    assert said == ["Sonarr: adopted; the instance is disabled, so nothing is written."]


# Media


def test_the_list_says_why(browser, media):
    page = browser.get("/admin/library/media/").content.decode()
    assert "The file holds only Japanese and lacks English" in page
    assert listed(browser, "?q=lantern") == ["Lantern Harbour"]
    assert listed(browser, "?q=nothing") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=sonarr", ["Bad", "Lantern Harbour", "Out", "Ruled", "Stuck"]),
        ("?kind=radarr", []),
        ("?verdict__exact=original", ["Lantern Harbour"]),
        ("?monitored__exact=0", ["Out"]),
        ("?left_out=hand", ["Out"]),
        ("?left_out=rule", ["Ruled"]),
        ("?left_out=no", ["Bad", "Lantern Harbour", "Stuck"]),
        ("?trouble=scan", ["Bad"]),
        ("?trouble=write", ["Stuck"]),
        ("?trouble=files", ["Bad"]),
    ],
)
def test_the_list_is_filtered(browser, media, query, found):
    def add(title: str, **fields) -> Media:
        return add_title(
            connection=media.connection,
            arr_id=100 + Media.objects.count(),
            title=title,
            path="/tv/x",
            **fields,
        )

    bad = add("Bad", scan_error="It is away.")
    add_file(bad, name="bad.mkv", problem=FileProblem.UNREADABLE)
    add("Stuck", reconcile_error="It refused.")
    add("Out", excluded=True, monitored=False)
    add("Ruled", excluded_by="the genre News")
    assert listed(browser, query) == found


def test_the_list_costs_the_same_whatever_its_length(
    browser, media, django_assert_num_queries, read_just_now
):
    browser.get("/admin/library/media/")
    with django_assert_num_queries(6):
        browser.get("/admin/library/media/")
    for number in range(20):
        Media.objects.create(
            connection=media.connection, arr_id=100 + number, title=f"M{number}", path="/tv/x"
        )
    with django_assert_num_queries(6):
        browser.get("/admin/library/media/")


def test_a_title_is_text(browser, media):
    Media.objects.update(title="<script>alert(1)</script>")
    assert "<script>alert" not in browser.get("/admin/library/media/").content.decode()


def test_media_are_scanned_excluded_and_taken_back_in_by_actions(browser, media):
    said = act(browser, "media", "scan_now", media)
    assert said == [f"Lantern Harbour: is scanned by scan #{Job.objects.get().pk}."]
    assert act(browser, "media", "leave_out", media) == ["Lantern Harbour: excluded by hand."]
    assert act(browser, "media", "take_back_in", media) == ["Lantern Harbour: taken back in."]
    media.refresh_from_db()
    assert not media.excluded


def test_a_media_that_a_rule_excludes_stays_out(browser, media):
    Policy.objects.update(exclude_paths=["/tv/*"])
    act(browser, "media", "leave_out", media)
    said = act(browser, "media", "take_back_in", media)
    assert said == ["Lantern Harbour: excluded by the path pattern /tv/*."]


# Policies

POLICY_PAGE = "/admin/scanner/policy/{}/change/"


def test_the_list_of_policies_costs_the_same_whatever_its_length(
    browser, policy, django_assert_num_queries, read_just_now
):
    browser.get("/admin/scanner/policy/")
    with django_assert_num_queries(5):
        browser.get("/admin/scanner/policy/")
    for number in range(10):
        Policy.objects.create(name=f"P{number}", target_languages=["jpn"])
    with django_assert_num_queries(5):
        browser.get("/admin/scanner/policy/")


# The first page


def test_the_first_page_says_what_is_wrong(browser, series_instance):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="<b>Nothing</b> answers.")
    page = browser.get("/admin/").content.decode()
    assert (
        '<li class="error"><strong>Sonarr:</strong> &lt;b&gt;Nothing&lt;/b&gt; answers. It is tried again'
        in page
    )
    assert "The scheduler (beat) has never run." in page


def test_the_first_page_says_that_all_is_well(browser, monkeypatch):
    monkeypatch.setattr("system.templatetags.health.find_issues", lambda *, live: [])
    assert '<li class="success">All is well.</li>' in browser.get("/admin/").content.decode()


def test_nothing_of_it_is_for_those_who_have_not_signed_in(client, policy):
    for address in ("/admin/", POLICY_PAGE.format(policy.pk)):
        assert "/login" in client.post(address, {})["Location"]
    client.force_login(User.objects.create_user("viewer"))
    assert (
        "/login" in client.post(POLICY_PAGE.format(policy.pk), {"target_languages": "Japanese"})["Location"]
    )
    policy.refresh_from_db()
    assert policy.target_languages == ["eng"]
