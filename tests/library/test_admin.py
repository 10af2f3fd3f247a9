"""The library in the admin: what it shows, what it refuses, and that no key is ever shown."""

from __future__ import annotations

from html import unescape

import pytest
from django.forms import model_to_dict

from accounts.models import Role, User
from connections.models import Breaker, Connection
from library.models import Media, Tag
from scanner.forms import PolicyForm
from scanner.models import ScanSettings
from tests.connections.build import make_connection, set_api_key
from tests.library.build import add_title

pytestmark = pytest.mark.django_db
KEY = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def browser(client):
    client.force_login(User.objects.create_user("root", role=Role.ADMIN))
    return client


@pytest.fixture
def connection(series_instance: Connection) -> Connection:
    return series_instance


@pytest.fixture
def media(connection) -> Media:
    return add_title(
        connection=connection,
        arr_id=1,
        title="Lantern Harbour",
        sort_title="lantern",
        path="/tv/L",
        verdict="dub",
    )


def change_page(connection: Connection) -> str:
    return f"/admin/connections/connection/{connection.pk}/change/"


# Connections


def test_the_lists_show_the_state_of_every_instance(browser, connection, media):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="nothing answers", version="4.0.15")
    page = browser.get("/admin/connections/connection/").content.decode()
    for shown in ("Anime", connection.url, "does not answer: nothing answers", "4.0.15"):
        assert shown in page
    ScanSettings.objects.update(held_reason="too many would go")
    assert "too many would go" in browser.get("/admin/scanner/scansettings/").content.decode()


@pytest.mark.parametrize(("page", "queries"), [("connections/connection", 4), ("scanner/scansettings", 5)])
def test_the_list_costs_the_same_whatever_its_length(
    browser, connection, policy, page, queries, django_assert_num_queries
):
    page = f"/admin/{page}/"
    browser.get(page)
    with django_assert_num_queries(queries):
        browser.get(page)
    for number in range(10):
        other = make_connection(
            name=f"I{number}", kind="radarr", url="http://nas", api_key=KEY, policy=policy
        )
        Media.objects.create(connection=other, arr_id=1, title="M", path="/m")
    with django_assert_num_queries(queries):
        browser.get(page)


def test_a_key_is_in_no_page(browser, connection):
    set_api_key(KEY)
    for address in ("/admin/connections/connection/", change_page(connection)):
        assert KEY not in browser.get(address).content.decode()


def test_what_has_a_form_on_the_pages_is_added_and_changed_there_alone(browser, connection, media):
    rows = {
        "connections/connection": ("/settings/connections/add", f"/settings/connections/{connection.pk}"),
        "scanner/policy": (
            "/settings/policies/add",
            f"/settings/policies/{connection.scan_settings.policy_id}",
        ),
        "accounts/user": ("/settings/users", f"/settings/users/{User.objects.get().pk}"),
    }
    for model, (add, page) in rows.items():
        pk = page.rpartition("/")[2]
        assert browser.get(f"/admin/{model}/add/")["Location"] == add
        changed = browser.post(f"/admin/{model}/{pk}/change/", {"name": "x", "username": "x"})
        assert (changed.status_code, changed["Location"]) == (302, page)
        assert browser.get(f"/admin/{model}/999999/change/").status_code == 404
    assert not Connection.objects.filter(name="x").exists()
    changed = browser.post(f"/admin/library/media/{media.pk}/change/", {"excluded": "on"})
    assert (changed.status_code, changed["Location"]) == (302, f"/media/{media.pk}")


@pytest.mark.parametrize("by", ["one", "many"])
def test_a_connection_is_deleted_as_on_its_page(browser, connection, by):
    address = "/admin/connections/connection/"
    if by == "one":
        browser.post(f"{address}{connection.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [connection.pk], "post": "yes"}
        browser.post(address, chosen)
    assert not Connection.objects.exists()


def test_the_connection_is_tested_by_an_action(browser, connection, movie_instance, radarr):
    set_api_key(KEY, pk=movie_instance.pk)
    chosen = {"action": "test_connection", "_selected_action": [connection.pk, movie_instance.pk]}
    page = unescape(browser.post("/admin/connections/connection/", chosen, follow=True).content.decode())
    assert "Anime: Sonarr 4.0.15.2941 answers; folders: /tv." in page
    assert "Films: Radarr refused the API key" in page


# Media and policies


def test_media_are_listed_filtered_and_found(browser, media):
    page = browser.get("/admin/library/media/?q=lantern&verdict__exact=dub").content.decode()
    assert "Lantern Harbour" in page
    assert "Lantern Harbour" not in browser.get("/admin/library/media/?q=comets").content.decode()


@pytest.mark.parametrize("address", ["media/add/", "media/{}/delete/"])
def test_nobody_adds_or_deletes_what_a_sync_brings(browser, media, address):
    assert browser.get(f"/admin/library/{address.format(media.pk)}").status_code == 403


def test_policies_are_listed_with_who_uses_them(browser, connection):
    page = browser.get("/admin/scanner/policy/").content.decode()
    assert "English" in page
    assert "Anime" in page


def test_the_languages_of_a_policy_are_stored_in_order_and_once(browser, policy):
    form = PolicyForm({**model_to_dict(policy), "target_languages": "JPN, eng,jpn,por-br"}, instance=policy)
    assert form.is_valid(), form.errors
    assert form.save().target_languages == ["jpn", "eng", "por-br"]


# What is only read


def test_what_the_program_writes_is_shown_and_not_changed(browser, connection):
    tag = Tag.objects.create(connection=connection, arr_id=1, label="kids")
    assert "kids" in browser.get("/admin/library/tag/").content.decode()
    page = browser.get(f"/admin/library/tag/{tag.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert browser.get("/admin/library/tag/add/").status_code == 403
    assert browser.post(f"/admin/library/tag/{tag.pk}/delete/", {"post": "yes"}).status_code == 403
    tag.refresh_from_db()


def test_a_viewer_sees_nothing_here(client, connection):
    client.force_login(User.objects.create_user("guest", role=Role.VIEWER))
    assert client.get("/admin/connections/connection/").status_code == 302
