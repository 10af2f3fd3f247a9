"""The library in the admin: what it shows, what it refuses, and that no key is ever shown."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.forms import model_to_dict
from django.utils import timezone

from accounts.models import Role, User
from connections.models import Breaker, Connection
from library.models import File, Media, PathMapping, Season, Tag
from scanner.forms import LanguagePolicyForm
from scanner.models import ManagedLabel, Policy, ScanSettings
from tests.connections.build import make_connection, set_api_key
from tests.library.build import add_file, add_title
from tests.policy_form import POLICY_FORM

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


def form_of(connection: Connection | None, policy: Policy, **change: object) -> dict[str, object]:
    """What a browser sends for an instance's form."""
    data: dict[str, object] = {
        "name": connection.name if connection else "New",
        "kind": "sonarr",
        "url": connection.url if connection else "",
        "new_api_key": "",
        "enabled": "on",
        "policy": policy.pk,
        "facts_from": "auto",
        "deep_scan_every": 604800,
        "brake_verdicts_percent": 20,
        "brake_orphans_percent": 10,
        "path_mappings-TOTAL_FORMS": 0,
        "path_mappings-INITIAL_FORMS": 0,
        **change,
    }
    return {name: value for name, value in data.items() if value is not None}


def errors_in(response) -> list[str]:
    """The sentences beside the fields of a page's form."""
    assert response.status_code == 200, "the form was accepted"
    lists = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [unescape(text) for found in lists for text in re.findall(r"<li>(.*?)</li>", found, re.DOTALL)]


def change_page(connection: Connection) -> str:
    return f"/admin/connections/connection/{connection.pk}/change/"


# Instances


def test_the_list_shows_the_state_of_every_instance(browser, connection, media):
    Connection.objects.update(
        breaker=Breaker.OPEN,
        breaker_reason="nothing answers",
        version="4.0.15",
    )
    ScanSettings.objects.update(held_reason="too many would go")
    page = browser.get("/admin/connections/connection/").content.decode()
    for shown in ("Anime", connection.url, "Open: nothing answers", "too many would go", "4.0.15"):
        assert shown in page
    assert f'<a href="/admin/library/media/?connection__id__exact={connection.pk}">1</a>' in page


def test_the_list_costs_the_same_whatever_its_length(browser, connection, policy, django_assert_num_queries):
    browser.get("/admin/connections/connection/")
    with django_assert_num_queries(5):
        browser.get("/admin/connections/connection/")
    for number in range(10):
        other = make_connection(
            name=f"I{number}", kind="radarr", url="http://nas", api_key=KEY, policy=policy
        )
        Media.objects.create(connection=other, arr_id=1, title="M", path="/m")
    with django_assert_num_queries(5):
        browser.get("/admin/connections/connection/")


def test_a_key_is_in_no_page(browser, connection):
    set_api_key(KEY)
    for address in ("/admin/connections/connection/", change_page(connection)):
        assert KEY not in browser.get(address).content.decode()
    wrong = browser.post(
        change_page(connection),
        form_of(connection, connection.scan_settings.policy, new_api_key="0" * 8 + KEY),
    )
    assert KEY not in wrong.content.decode()


def test_of_a_stored_key_the_last_four_characters_are_shown(browser, connection):
    set_api_key(KEY)
    assert "Stored: ****3210." in browser.get(change_page(connection)).content.decode()
    set_api_key("short")
    assert "Stored: ****." in browser.get(change_page(connection)).content.decode()
    assert "Settings → General" in browser.get("/admin/connections/connection/add/").content.decode()


def test_an_instance_is_added_after_it_answered(browser, policy, sonarr):
    data = form_of(None, policy, url=f"{sonarr.url}/", new_api_key=sonarr.api_key)
    assert browser.post("/admin/connections/connection/add/", data).status_code == 302
    added = Connection.objects.get()
    assert (added.name, added.url, added.reveal("api_key"), added.version) == (
        "New",
        sonarr.url,
        sonarr.api_key,
        "4.0.15.2941",
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"url": "ftp://nas"}, "An address begins with http:// or https://"),
        ({"url": "http://169.254.169.254"}, "Taggarr never connects to 169.254.169.254"),
        ({"new_api_key": "wrong"}, "refused the API key"),
        ({"new_api_key": ""}, "The API key is empty"),
        ({"kind": "radarr"}, "This is Sonarr, not Radarr"),
    ],
)
def test_what_is_wrong_is_one_sentence_by_its_field(browser, policy, sonarr, change, sentence):
    given = {"url": sonarr.url, "new_api_key": sonarr.api_key, **change}
    errors = errors_in(browser.post("/admin/connections/connection/add/", form_of(None, policy, **given)))
    assert len(errors) == 1
    assert sentence in errors[0]
    assert not Connection.objects.exists()


def test_a_change_keeps_the_key_and_what_moved_meanwhile(browser, connection, sonarr):
    Connection.objects.update(breaker=Breaker.REFUSED)
    ScanSettings.objects.update(held_reason="too much")
    data = form_of(connection, connection.scan_settings.policy, name="Shows", kind=None)
    assert browser.post(change_page(connection), data).status_code == 302
    stored = Connection.objects.get()
    assert (stored.name, stored.reveal("api_key"), stored.scan_settings.held_reason) == (
        "Shows",
        sonarr.api_key,
        "too much",
    )
    assert stored.breaker == Breaker.CLOSED


def test_a_new_address_asks_for_the_key(browser, connection, sonarr):
    data = form_of(connection, connection.scan_settings.policy, url="http://elsewhere.example:1")
    assert errors_in(browser.post(change_page(connection), data)) == [
        "Enter this again: API key. A stored secret is never sent to a new address."
    ]
    assert Connection.objects.get().url == sonarr.url


def test_a_new_key_replaces_the_old_one_and_an_instance_off_is_not_connected_to(browser, connection):
    data = form_of(
        connection, connection.scan_settings.policy, url="http://127.0.0.1:9", new_api_key=KEY, enabled=None
    )
    assert browser.post(change_page(connection), data).status_code == 302
    assert (Connection.objects.get().url, Connection.objects.get().reveal("api_key")) == (
        "http://127.0.0.1:9",
        KEY,
    )


def test_the_kind_of_a_known_instance_cannot_be_changed(browser, connection):
    browser.post(change_page(connection), form_of(connection, connection.scan_settings.policy, kind="radarr"))
    assert Connection.objects.get().kind == "sonarr"


def test_path_mappings_are_edited_with_their_instance(browser, connection, tmp_path):
    (tmp_path / "Show").mkdir()
    row = {
        "path_mappings-TOTAL_FORMS": 1,
        "path_mappings-0-remote_prefix": "/tv",
        "path_mappings-0-local_prefix": str(tmp_path),
    }
    assert (
        browser.post(
            change_page(connection), form_of(connection, connection.scan_settings.policy, **row)
        ).status_code
        == 302
    )
    assert PathMapping.objects.get().local_prefix == str(tmp_path)
    assert "Visible" in browser.get(change_page(connection)).content.decode()
    PathMapping.objects.update(local_prefix="/no/such/folder")
    assert "does not exist here: mount it" in browser.get(change_page(connection)).content.decode()


def test_a_path_mapping_that_leads_nowhere_is_refused_by_its_field(browser, connection):
    row = {
        "path_mappings-TOTAL_FORMS": 1,
        "path_mappings-0-remote_prefix": "tv",
        "path_mappings-0-local_prefix": "/mnt",
    }
    errors = errors_in(
        browser.post(change_page(connection), form_of(connection, connection.scan_settings.policy, **row))
    )
    assert errors == ["Give the full path as the app names it, such as /tv or D:\\TV."]


def test_half_a_path_mapping_is_refused(browser, connection):
    row = {"path_mappings-TOTAL_FORMS": 1, "path_mappings-0-remote_prefix": "/tv"}
    errors = errors_in(
        browser.post(change_page(connection), form_of(connection, connection.scan_settings.policy, **row))
    )
    assert errors == ["This field is required."]


def test_the_connection_is_tested_by_an_action(browser, connection, movie_instance, radarr):
    set_api_key(KEY, pk=movie_instance.pk)
    chosen = {"action": "test_connection", "_selected_action": [connection.pk, movie_instance.pk]}
    page = unescape(browser.post("/admin/connections/connection/", chosen, follow=True).content.decode())
    assert "Anime: Sonarr 4.0.15.2941 answers; root folders: /tv." in page
    assert "Films: Radarr refused the API key" in page


# Media and policies


def test_media_are_listed_filtered_and_found(browser, media):
    page = browser.get("/admin/library/media/?q=lantern&verdict__exact=dub").content.decode()
    assert "Lantern Harbour" in page
    assert "Lantern Harbour" not in browser.get("/admin/library/media/?q=comets").content.decode()


def test_the_list_of_media_costs_the_same_whatever_its_length(browser, media, django_assert_max_num_queries):
    for number in range(2, 30):
        Media.objects.create(connection=media.connection, arr_id=number, title=str(number), path="/x")
    with django_assert_max_num_queries(8):
        browser.get("/admin/library/media/")


def test_a_person_decides_three_things_of_a_media_and_no_more(browser, media, policy):
    data = {
        "excluded": "on",
        "original_language_override": "kor",
        "policy_override": policy.pk,
        "verdict": "original",
    }
    address = f"/admin/library/media/{media.pk}/change/"
    assert browser.post(address, data).status_code == 302
    media.refresh_from_db()
    assert (media.excluded, media.original_language_override, media.scan_state.policy_override) == (
        True,
        "kor",
        policy,
    )
    assert media.scan_state.verdict == "unknown", "it has no file, whatever the browser sent"
    assert f"/admin/library/file/?media__id__exact={media.pk}" in browser.get(address).content.decode()


@pytest.mark.parametrize("address", ["media/add/", "media/{}/delete/", "file/add/"])
def test_nobody_adds_or_deletes_what_a_sync_brings(browser, media, address):
    assert browser.get(f"/admin/library/{address.format(media.pk)}").status_code == 403


def test_policies_are_listed_with_who_uses_them(browser, connection):
    page = browser.get("/admin/scanner/policy/").content.decode()
    assert "English" in page
    assert "Anime" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"label_dub": "My Dub"}, "A label may hold only a-z, 0-9 and '-'"),
        ({"label_dub": "semi-dub"}, "must differ from each other"),
        ({"target_languages": "eng,gibberish"}, "Taggarr knows no language"),
        ({"target_languages": ""}, "This field is required."),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_its_field(browser, connection, change, sentence):
    policy = connection.scan_settings.policy
    data = {**POLICY_FORM, "name": policy.name}
    address = f"/admin/scanner/policy/{policy.pk}/change/"
    assert browser.post(address, data).status_code == 302
    errors = errors_in(browser.post(address, data | change))
    assert len(errors) == 1
    assert sentence in errors[0]


def test_the_languages_of_a_policy_are_stored_in_order_and_once(browser, policy):
    form = LanguagePolicyForm(
        {**model_to_dict(policy), "target_languages": "JPN, eng,jpn,por-br"}, instance=policy
    )
    assert form.is_valid(), form.errors
    assert form.save().target_languages == ["jpn", "eng", "por-br"]


# What is only read


@pytest.mark.parametrize("model", ["season", "file", "tag", "managedlabel"])
def test_what_the_program_writes_is_shown_and_not_changed(
    browser, media, model, django_assert_max_num_queries
):
    season = Season.objects.create(media=media, number=1)
    rows = {
        "season": season,
        "file": File.objects.create(media=media, season=season, path="/tv/L/S01E01.mkv", size=1_500_000),
        "tag": Tag.objects.create(connection=media.connection, arr_id=1, label="kids"),
        "managedlabel": ManagedLabel.objects.create(connection=media.connection, label="dub"),
    }
    app_of = {model: rows[model]._meta.app_label}
    with django_assert_max_num_queries(10):
        assert (
            str(rows[model]) in browser.get(f"/admin/{app_of[model]}/{model}/").content.decode()
            or model == "season"
        )
    page = browser.get(f"/admin/{app_of[model]}/{model}/{rows[model].pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert browser.get(f"/admin/{app_of[model]}/{model}/add/").status_code == 403
    assert (
        browser.post(f"/admin/{app_of[model]}/{model}/{rows[model].pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    rows[model].refresh_from_db()


def test_the_files_of_one_media_are_shown(browser, media):
    other = Media.objects.create(connection=media.connection, arr_id=2, title="Other", path="/tv/O")
    add_file(media=media, path="/tv/L/mine.mkv", size=1_500_000, probed_at=timezone.now())
    File.objects.create(media=other, path="/tv/O/theirs.mkv")
    page = browser.get(f"/admin/library/file/?media__id__exact={media.pk}").content.decode()
    assert "mine.mkv" in page
    assert "1.4\xa0MB" in page
    assert "theirs.mkv" not in page


def test_a_viewer_sees_nothing_here(client, connection):
    client.force_login(User.objects.create_user("guest", role=Role.VIEWER))
    assert client.get("/admin/connections/connection/").status_code == 302
