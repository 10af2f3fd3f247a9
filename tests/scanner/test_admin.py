"""The admin of titles and policies: what is listed, filtered and started; health on its first page."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from accounts.models import Role, User
from connections.models import Breaker, Connection
from jobs.models import Job
from library.models import File, Media
from scanner.models import FileProblem, Policy
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
    response = browser.post(f"/admin/library/{model}/", data)
    assert response.status_code == 302
    return messages_of(response)[-len(rows) :]


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def listed(browser, query: str = "") -> list[str]:
    """The titles that the list of media shows."""
    page = browser.get(f"/admin/library/media/{query}")
    return sorted(media.title for media in page.context["cl"].result_list)


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


def test_titles_are_scanned_by_an_action_in_the_name_of_who_asked(browser, media):
    assert act(browser, "media", "scan_now", media) == [
        f"Lantern Harbour: is scanned by scan #{Job.objects.get().pk}."
    ]
    assert str(Job.objects.get().requested_by) == "ann"


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
