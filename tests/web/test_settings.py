"""Settings: instances over a stand-in Sonarr, policies with their preview, users, API keys."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from tests.policy_form import POLICY_FORM
from tests.scanner.build import JPN_ENG, add_series, spec
from tests.scanner.conftest import (  # noqa: F401
    root,
    series_instance,
    sonarr,
)


@pytest.fixture
def one_series(sonarr, series_instance, root):  # noqa: F811
    from demo.arr.state import ArrState

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG), spec(*JPN_ENG)]})
    sonarr.load(state)
    return series_instance


def add_form(app, policy, **changes):
    return {
        "kind": "sonarr",
        "name": "New",
        "url": app.url,
        "api_key": getattr(app, "api_key", ""),
        "policy": policy.pk,
        "enabled": "on",
        "facts_from": "auto",
        "deep_scan_every": 604800,
        "brake_verdicts_percent": 20,
        "brake_orphans_percent": 10,
        **changes,
    }


def test_an_instance_is_connected_to_and_added(sonarr, policy, as_admin):  # noqa: F811
    from connections.models import Connection

    answer = as_admin.post("/settings/connections/add/sonarr", add_form(sonarr, policy), follow=True)

    assert Connection.objects.get().version.startswith("4.")
    assert "New 4." in answer.content.decode()
    assert sonarr.api_key not in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_key": "wrong" * 8}, "API key"),
        ({"kind": "radarr"}, "This is Sonarr, not Radarr"),
        ({"url": "http://127.0.0.1:1"}, "127.0.0.1:1"),
        ({"name": " "}, "This field is required"),
    ],
)
def test_what_is_wrong_with_an_instance_stands_at_its_field(changes, told, sonarr, policy, as_admin):  # noqa: F811
    from connections.models import Connection

    form = add_form(sonarr, policy, **changes)
    text = as_admin.post(f"/settings/connections/add/{form['kind']}", form).content.decode()

    assert told in text
    assert 'class="small error"' in text
    assert not Connection.objects.exists()


def test_a_key_that_was_entered_is_still_there_where_something_else_is_wrong(sonarr, policy, as_admin):  # noqa: F811
    form = add_form(sonarr, policy, name=" ")
    answer = as_admin.post("/settings/connections/add/sonarr", form)

    assert f'value="{sonarr.api_key}"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_an_instance_is_changed_without_its_key_being_shown_or_asked_for(one_series, policy, as_admin):
    from connections.models import Connection

    where = f"/settings/connections/{one_series.pk}"
    assert one_series.reveal("api_key") not in as_admin.get(where).content.decode()
    form = add_form(one_series, policy, name="Renamed", api_key="", brake_verdicts_percent=50)
    as_admin.post(where, form)

    changed = Connection.objects.get()
    assert (changed.name, changed.scan_settings.brake_verdicts_percent) == ("Renamed", 50)
    assert changed.secrets() == one_series.secrets()


def test_a_test_says_version_and_folders_and_what_needs_a_hand(one_series, sonarr, as_admin):  # noqa: F811
    from demo.arr.state import ArrState

    state = ArrState("sonarr")
    state.add_root_folder("/no/such/folder")
    sonarr.load(state)
    text = as_admin.post(f"/settings/connections/{one_series.pk}/test", follow=True).content.decode()

    assert "Sonarr 4." in text
    assert "Its folders: /no/such/folder." in text
    assert "The folder /no/such/folder does not exist here: mount it" in text


def test_an_address_that_does_not_answer_is_told_at_its_field_and_by_the_test(one_series, policy, as_admin):
    where = f"/settings/connections/{one_series.pk}"
    form = add_form(one_series, policy, url="http://127.0.0.1:1", api_key=one_series.reveal("api_key"))
    assert 'id="id_url_error"' in as_admin.post(where, form).content.decode()

    one_series.url = "http://127.0.0.1:1"
    one_series.save()
    text = as_admin.post(f"{where}/test", follow=True).content.decode()
    assert 'class="message error"' in text
    assert "127.0.0.1:1" in text


def test_a_duration_is_asked_for_in_words_and_kept_in_seconds(one_series, policy, as_admin):
    from scanner.models import ScanSettings

    where = f"/settings/connections/{one_series.pk}"
    page = as_admin.get(where).content.decode()
    assert re.search(r'name="deep_scan_every" value="7"', page)
    assert '<option value="days" selected>' in page
    assert '<label for="id_deep_scan_every_0">' in page

    form = add_form(one_series, policy, api_key="", deep_scan_every=36, deep_scan_every_unit="hours")
    as_admin.post(where, form)
    assert ScanSettings.objects.get().deep_scan_every == 36 * 3600
    form |= {"deep_scan_every": "x"}
    assert 'id="id_deep_scan_every_error"' in as_admin.post(where, form).content.decode()
    assert ScanSettings.objects.get().deep_scan_every == 36 * 3600


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [(0, [0, "days"]), (60, [1, "minutes"]), (90, [90, "seconds"]), (None, [None, "days"])],
)
def test_a_duration_stands_in_the_largest_unit_that_fits(seconds, asked):
    from web.forms import DurationField, DurationWidget

    assert DurationWidget().decompress(seconds) == asked
    assert seconds is None or DurationField().clean(asked) == seconds


def files_seen(client, where):
    """What the page of a connection says of its folders after a worker has looked for them."""
    from jobs.models import Job
    from jobs.services import run_inline

    client.get(f"{where}/files", headers={"HX-Request": "true"})
    for job in Job.objects.filter(name="check_roots", state="queued"):
        run_inline(job)
    return client.get(f"{where}/files", headers={"HX-Request": "true"}).content.decode()


def test_path_mappings_are_saved_with_the_rest_and_tried_on_real_files(one_series, root, policy, as_admin):  # noqa: F811
    where = f"/settings/connections/{one_series.pk}"
    as_admin.post(f"/setup/{one_series.pk}/folders", {"look": "1"})
    assert as_admin.get(f"{where}/files")["Location"] == f"/setup/{one_series.pk}/folders"
    assert "✓ Seen" in files_seen(as_admin, where)

    form = add_form(one_series, policy, name="TV", api_key="", path_mappings=f"{root} = /nowhere")
    as_admin.post(where, form)
    text = files_seen(as_admin, where)

    assert f"{root} = /nowhere" in as_admin.get(where).content.decode()
    assert "✕ Not seen" in text
    assert "(/nowhere here) is not there" in text
    assert "<html" not in text


def test_a_path_mapping_that_leads_nowhere_is_refused_at_its_field(one_series, policy, as_admin):
    form = add_form(one_series, policy, api_key="", path_mappings="tv = /tv")
    answer = as_admin.post(f"/settings/connections/{one_series.pk}", form)

    assert "Enter the full path as the app names it" in answer.content.decode()
    assert 'id="id_path_mappings_error"' in answer.content.decode()
    assert not one_series.path_mappings.exists()


def test_an_instance_that_is_away_is_told_on_its_paths(rows, as_admin):
    rows.sonarr.url = "http://127.0.0.1:1"
    rows.sonarr.save()
    rows.sonarr.media.all().delete()

    answer = as_admin.post(f"/setup/{rows.sonarr.pk}/folders", {"look": "1"}, follow=True)
    assert 'class="message error"' in answer.content.decode()


def test_scans_are_started_in_the_mode_that_was_chosen(rows, as_admin):
    from jobs.models import Job

    as_admin.post(f"/settings/connections/{rows.sonarr.pk}/scan", {"dry_run": "1"})
    as_admin.post(f"/settings/connections/{rows.radarr.pk}/scan", {"mode": "remove"})
    joined = as_admin.post(f"/settings/connections/{rows.sonarr.pk}/scan", follow=True)

    jobs = {job.connection_id: job.params for job in Job.objects.filter(state="queued")}
    assert jobs[rows.sonarr.pk]["dry_run"] is True
    assert jobs[rows.radarr.pk]["mode"] == "remove"
    assert "is running already" in joined.content.decode()


def test_an_instance_that_is_disabled_is_not_scanned(rows, as_admin):
    rows.sonarr.enabled = False
    rows.sonarr.save()

    answer = as_admin.post(f"/settings/connections/{rows.sonarr.pk}/scan", follow=True)

    assert "is disabled: enable it first." in answer.content.decode()


def test_the_brake_is_released(rows, as_admin, now):
    rows.sonarr.scan_settings.held_since, rows.sonarr.scan_settings.held_reason = (
        now,
        "Too much would change.",
    )
    rows.sonarr.scan_settings.save()
    where = f"/settings/connections/{rows.sonarr.pk}"
    assert "Too much would change." in as_admin.get(where).content.decode()

    as_admin.post(f"{where}/release", {"all": "1"})

    rows.sonarr.refresh_from_db()
    assert rows.sonarr.scan_settings.held_since is None
    assert (
        "there is nothing to release"
        in as_admin.post(f"{where}/release", {"all": "1"}, follow=True).content.decode()
    )


def test_a_found_label_is_adopted_and_what_it_held_up_is_written(rows, as_admin):
    from jobs.models import Job
    from scanner.models import ManagedLabel

    ManagedLabel.objects.create(connection=rows.sonarr, label="dub", found=True)
    where = f"/settings/connections/{rows.sonarr.pk}"
    assert "Adopt them or leave them alone" in as_admin.get(where).content.decode()

    as_admin.post(f"{where}/adopt", {"label": "dub"})

    assert not ManagedLabel.objects.filter(found=True).exists()
    assert Job.objects.filter(name="reconcile", connection=rows.sonarr).exists()
    assert (
        "is waiting to be adopted"
        in as_admin.post(f"{where}/adopt", {"label": "x"}, follow=True).content.decode()
    )


def test_an_instance_is_deleted_after_saying_what_goes(rows, as_admin):
    from connections.models import Connection

    text = as_admin.get(f"/settings/connections/{rows.sonarr.pk}").content.decode()
    assert "forgets this connection with all that it knows through it" in text

    as_admin.post(f"/settings/connections/{rows.sonarr.pk}/delete")

    assert list(Connection.objects.all()) == [rows.player, rows.radarr]


FORM = {**POLICY_FORM, "target_languages": "Japanese, en"}


def save_seen(client, where, form):
    """Save a policy, as who has seen its preview does."""
    seen = client.post(where, form).context
    return client.post(where, {**form, "confirmed": seen["confirmed"]}, follow=True)


def test_a_preview_says_what_a_policy_would_do_and_saves_nothing(rows, as_admin):
    where = f"/settings/policies/{rows.policy.pk}"
    text = as_admin.post(where, {**FORM, "target_languages": "jpn", "preview": "1"}).content.decode()

    rows.policy.refresh_from_db()
    assert "Nothing is saved yet." in text
    assert "of 10 titles" in text
    assert rows.policy.target_languages == ["eng"]


def test_a_policy_is_saved_with_languages_by_name(rows, as_admin):
    answer = save_seen(as_admin, f"/settings/policies/{rows.policy.pk}", FORM)

    from jobs.models import Job

    rows.policy.refresh_from_db()
    assert rows.policy.target_languages == ["jpn", "eng"]
    assert answer.redirect_chain[-1][0] == f"/activity/jobs/{Job.objects.get(name='decide').pk}"
    assert "All titles of this policy are decided anew" in answer.content.decode()


@pytest.mark.parametrize(
    "changes", [{"target_languages": "Elvish"}, {"label_dub": "Dub!"}, {"label_dub": "wrong-dub"}]
)
def test_a_policy_that_cannot_be_is_told(changes, rows, as_admin):
    answer = as_admin.post(f"/settings/policies/{rows.policy.pk}", {**FORM, **changes})

    rows.policy.refresh_from_db()
    assert answer.status_code == 200
    assert "error" in answer.content.decode()
    assert rows.policy.target_languages == ["eng"]


def test_languages_are_typed_by_name_or_code_and_shown_by_name(rows, as_admin):
    where = f"/settings/policies/{rows.policy.pk}"
    typed = {"target_languages": "English, pt-BR ,en,, Spanish (Latino)", "undetermined": "Japanese"}
    save_seen(as_admin, where, {**FORM, **typed})

    rows.policy.refresh_from_db()
    assert (rows.policy.target_languages, rows.policy.undetermined) == (["eng", "por-br", "spa-419"], "jpn")
    page = as_admin.get(where).content.decode()
    assert 'value="English, Portuguese (Brazil), Spanish (Latino)"' in page
    assert 'value="Japanese"' in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target_languages": " , "}, "Name at least one target language."),
        ({"undetermined": "sometimes"}, "Taggarr knows no language “sometimes”"),
        ({"label_dub": "my dub"}, "A label may hold only a-z, 0-9 and"),
        ({"label_dub": "semi-dub"}, "must differ from each other."),
    ],
)
def test_what_is_wrong_with_a_policy_is_one_sentence(rows, as_admin, change, sentence):
    text = as_admin.post(f"/settings/policies/{rows.policy.pk}", {**FORM, **change}).content.decode()

    assert sentence in text
    assert len(re.findall('class="(small|message) error"', text)) == 1


def test_a_policy_is_added_and_deleted_but_not_one_in_use(rows, as_admin):
    from scanner.models import Policy

    as_admin.post("/settings/policies/add", {**FORM, "name": "Other"})
    other = Policy.objects.get(name="Other")
    as_admin.post(f"/settings/policies/{other.pk}/delete")
    refused = as_admin.post(f"/settings/policies/{rows.policy.pk}/delete", follow=True)

    assert list(Policy.objects.all()) == [rows.policy]
    assert "It is in use" in refused.content.decode()


def test_users_are_added_changed_and_deleted(as_admin):
    from accounts.models import User

    as_admin.post(
        "/settings/users",
        {"username": "bob", "role": "viewer", "password": "a long one indeed", "is_active": "on"},
    )
    bob = User.objects.get(username="bob")
    assert not bob.is_admin

    as_admin.post(f"/settings/users/{bob.pk}", {"username": "bob", "role": "admin", "is_active": "on"})
    bob.refresh_from_db()
    assert bob.is_admin
    assert bob.check_password("a long one indeed")

    as_admin.post(f"/settings/users/{bob.pk}/delete")
    assert not User.objects.filter(username="bob").exists()


def test_a_weak_password_is_refused(as_admin):
    from accounts.models import User

    text = as_admin.post(
        "/settings/users", {"username": "bob", "role": "viewer", "password": "short"}
    ).content.decode()

    assert "too short" in text
    assert not User.objects.filter(username="bob").exists()


def test_the_last_admin_stays(admin, as_admin):
    changed = as_admin.post(
        f"/settings/users/{admin.pk}", {"username": "ada", "role": "viewer", "is_active": "on"}
    )
    deleted = as_admin.post(f"/settings/users/{admin.pk}/delete", follow=True)

    admin.refresh_from_db()
    assert admin.is_admin
    assert "only admin" in changed.content.decode()
    assert "only admin" in deleted.content.decode()


def test_whoever_changes_their_own_password_stays_signed_in(admin, as_admin):
    form = {"username": "ada", "role": "admin", "is_active": "on", "password": "another long one"}
    as_admin.post(f"/settings/users/{admin.pk}", form)

    assert as_admin.get("/settings/users").status_code == 200


def test_an_api_key_is_shown_once(as_admin):
    from accounts.keys import find_key
    from accounts.models import ApiKey

    text = as_admin.post("/settings/keys", {"name": "Widget"}).content.decode()
    key = text.partition("<code>")[2].partition("</code>")[0]

    assert find_key(key) == ApiKey.objects.get()
    assert key not in as_admin.get("/settings/keys").content.decode()

    as_admin.post(f"/settings/keys/{ApiKey.objects.get().pk}/delete")
    assert find_key(key) is None


def test_a_new_policy_with_a_wrong_language_is_told_that_alone(rows, as_admin):
    text = as_admin.post("/settings/policies/add", {**FORM, "target_languages": "Germn"}).content.decode()

    assert "did you mean German?" in text
    assert "Name at least one target language" not in text


def test_what_is_wrong_is_said_in_the_language_of_the_page(rows, as_admin):
    as_admin.post("/language", {"language": "de", "next": "/"})
    text = as_admin.post("/settings/policies/add", {**FORM, "target_languages": "Germn"}).content.decode()

    assert "Taggarr kennt keine Sprache „Germn“: meintest du Deutsch?" in text


def test_a_key_gets_the_scopes_the_date_and_the_networks_that_were_chosen(as_admin):
    from accounts.models import ApiKey

    form = {"name": "Script", "scopes": ["write"], "expires_at": "2999-01-31", "networks": "10.0.0.0/8, ::1"}
    page = as_admin.post("/settings/keys", form).content.decode()

    key = ApiKey.objects.get()
    assert (key.scopes, key.networks) == (["read", "write"], ["10.0.0.0/8", "::1/128"])
    assert timezone.localtime(key.expires_at).date().isoformat() == "2999-01-31"
    assert "10.0.0.0/8, ::1/128" in page


@pytest.mark.parametrize(
    "wrong", [{"expires_at": "2020-01-01"}, {"networks": "everywhere"}, {"scopes": ["god"]}]
)
def test_a_key_that_cannot_be_is_refused_at_its_field(wrong, as_admin):
    from accounts.models import ApiKey

    page = as_admin.post("/settings/keys", {"name": "Script", **wrong}).content.decode()

    assert 'class="small error"' in page
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", {"Sonarr", "Radarr", "Plex"}),
        ("q=RADARR", {"Radarr"}),
        ("q=sonarr.lan", {"Sonarr"}),
        ("kind=plex", {"Plex"}),
        ("kind=nonsense", {"Sonarr", "Radarr", "Plex"}),
        ("state=trouble", {"Sonarr"}),
        ("state=disabled", {"Radarr"}),
        ("state=disabled&q=sonarr", set()),
    ],
)
def test_connections_are_found_by_name_address_kind_and_state(query, there, rows, as_admin):
    from connections.models import Connection

    Connection.objects.filter(name="Sonarr").update(breaker="open")
    Connection.objects.filter(name="Radarr").update(enabled=False)
    page = as_admin.get(f"/settings/connections?{query}")

    assert {row.name for row, _kind, _lines in page.context["rows"]} == there
    assert ("Nothing fits these filters." in page.content.decode()) == (not there)
