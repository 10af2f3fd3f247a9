"""Testing, adding, editing, releasing and deleting instances."""

from __future__ import annotations

import pytest
import responses
from django.utils import timezone

from connections import services
from connections.kinds import Answer
from connections.models import Breaker, Connection
from connections.services import add, edit
from core.errors import ConfigError, FieldError
from demo.arr.process import StandIn
from history.models import AuditEntry, Event
from jobs.models import Job, JobState
from library.models import File, Media, PathMapping, Source
from library.path_mappings import mapping_problems
from scanner.models import FactsFrom, Policy, ScanSettings
from scanner.scan.brake import let_go
from scanner.scan.starting import start_scan

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"
NAS = "http://nas.example.lan:8989"


def refused(call, *args, **options) -> tuple[str, str]:
    """The field and the sentence of the FieldError that a call ends with."""
    with pytest.raises(FieldError) as caught:
        call(*args, **options)
    assert isinstance(caught.value, ConfigError)
    assert KEY not in str(caught.value)
    return caught.value.field, str(caught.value)


def check_instance(kind: str, url: str, api_key: str) -> Answer | None:
    """What answers where a new connection leads to."""
    given = {"name": "New", "url": url, "api_key": api_key, "policy": Policy(name="Any")}
    return services.check(kind, given).found


def map_paths(connection: Connection, pairs: list[tuple[str, str]]) -> None:
    edit(connection, path_mappings=[{"remote": remote, "local": local} for remote, local in pairs])


def fresh() -> Connection:
    return Connection.objects.get()


# Testing a connection


def test_a_connection_shows_what_answers(sonarr):
    assert check_instance("sonarr", f"{sonarr.url}/", f" {sonarr.api_key} ") == Answer(
        "Sonarr", "4.0.15.2941", ("/tv",)
    )


def test_the_wrong_kind_is_told_at_once(sonarr, radarr):
    assert refused(check_instance, "sonarr", radarr.url, radarr.api_key) == (
        "url",
        "This is Radarr, not Sonarr: choose another kind, or correct the address.",
    )
    assert refused(check_instance, "radarr", sonarr.url, sonarr.api_key)[1].startswith(
        "This is Sonarr, not Radarr"
    )


def test_a_wrong_key_is_told_by_its_field(sonarr):
    field, sentence = refused(check_instance, "sonarr", sonarr.url, KEY)
    assert field == "api_key"
    assert "refused the API key" in sentence


def test_a_login_page_is_told(sonarr):
    sonarr.fault("html", "/system/status")
    field, sentence = refused(check_instance, "sonarr", sonarr.url, sonarr.api_key)
    assert field == "url"
    assert "a page behind a login" in sentence


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9", "nothing answers at http://127.0.0.1:9"),
        ("http://no-such-host.invalid", "host name no-such-host.invalid is not known"),
        ("http://169.254.169.254/", "Taggarr never connects to"),
        ("http://2852039166/", "Taggarr never connects to"),
        ("nas:8989", "begins with http"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(url, words):
    field, sentence = refused(check_instance, "sonarr", url, KEY)
    assert field == "url"
    assert words in sentence


def test_an_answer_that_is_no_status_is_told(sonarr):
    sonarr.fault("other-app", "/system/status")
    assert "does not name its application" in refused(check_instance, "sonarr", sonarr.url, sonarr.api_key)[1]


def test_a_missing_url_base_is_told():
    with StandIn("radarr", url_base="/radarr") as based:
        bare = based.url.removesuffix("/radarr")
        assert "add /radarr to the address" in refused(check_instance, "radarr", bare, based.api_key)[1]


@pytest.mark.parametrize(
    ("version", "fine"), [("3.0.10.1567", False), ("4.0.0.0", True), ("10.0", True), ("", True)]
)
def test_versions_that_do_not_tell_original_languages_are_refused(version, fine):
    with responses.RequestsMock(assert_all_requests_are_fired=False) as net:
        net.get(f"{NAS}/api/v3/system/status", json={"appName": "Sonarr", "version": version})
        net.get(f"{NAS}/api/v3/rootfolder", json=[])
        if fine:
            found = check_instance("sonarr", NAS, KEY)
            assert found is not None
            assert found.version == version
        else:
            assert "needs 4 or newer: update it" in refused(check_instance, "sonarr", NAS, KEY)[1]


def test_a_test_that_succeeds_lets_calls_through_again(series_instance):
    Connection.objects.update(breaker=Breaker.REFUSED, breaker_reason="no")
    services.test(series_instance)
    assert (fresh().breaker, fresh().breaker_reason, fresh().version) == (
        Breaker.CLOSED,
        "",
        "4.0.15.2941",
    )
    assert series_instance.breaker == Breaker.CLOSED


def test_a_test_that_fails_changes_nothing(series_instance, sonarr):
    Connection.objects.update(breaker=Breaker.OPEN)
    sonarr.fault("status", "/system/status", status=503)
    refused(services.test, series_instance)
    assert fresh().breaker == Breaker.OPEN


# Adding


def test_an_instance_is_added_after_it_answered(policy, sonarr):
    added = add(
        name="  Anime   shows ",
        kind="sonarr",
        url=f"{sonarr.url}/",
        api_key=sonarr.api_key,
        policy=policy,
        facts_from=FactsFrom.DISK,
    )
    stored = fresh()
    assert (stored.name, stored.url, stored.reveal("api_key")) == ("Anime shows", sonarr.url, sonarr.api_key)
    assert (stored.scan_settings.facts_from, stored.version) == (FactsFrom.DISK, "4.0.15.2941")
    assert added == stored


def test_an_instance_that_does_not_answer_is_not_added(policy):
    field, _ = refused(add, name="Anime", kind="sonarr", url="http://127.0.0.1:9", api_key=KEY, policy=policy)
    assert field == "url"
    assert not Connection.objects.exists()


def test_an_instance_may_be_added_unseen(policy):
    add(name="Anime", kind="sonarr", url=NAS, api_key=KEY, policy=policy, connect=False)
    assert fresh().version == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "ANIME"}, "name"),
        ({"kind": "lidarr"}, "kind"),
        ({"url": "ftp://nas"}, "url"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "two words"}, "api_key"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(series_instance, policy, change, field):
    given = {"name": "New", "kind": "sonarr", "url": NAS, "api_key": KEY, "policy": policy, "connect": False}
    assert refused(add, **{**given, **change})[0] == field
    assert Connection.objects.count() == 1


def test_what_the_kind_has_not_is_refused_by_its_name(policy):
    given = {"name": "A", "kind": "sonarr", "url": NAS, "api_key": KEY, "policy": policy, "connect": False}
    field, sentence = refused(add, **given, webhook_token="x")
    assert field == "webhook_token"
    assert sentence.startswith(
        "Sonarr has no field webhook_token; its fields are: api_key, path_mappings, policy"
    )


# Editing


def test_what_is_not_given_stays(series_instance, sonarr):
    sonarr.clear_journal()
    edit(series_instance, name="Shows", enabled=False)
    assert (fresh().name, fresh().enabled) == ("Shows", False)
    assert (fresh().url, fresh().reveal("api_key")) == (sonarr.url, sonarr.api_key)
    assert sonarr.journal() == []


def test_a_new_address_needs_the_key_again(series_instance, sonarr):
    field, sentence = refused(edit, series_instance, url=NAS)
    assert (field, sentence) == (
        "api_key",
        "Enter this again: API key. A stored secret is never sent to a new address.",
    )
    assert fresh().url == sonarr.url


def test_another_spelling_of_the_address_is_not_a_new_one(series_instance, sonarr):
    edit(series_instance, url=f"{sonarr.url}/")
    assert fresh().url == sonarr.url


def test_a_new_key_is_tried_before_it_is_stored(series_instance, sonarr):
    assert refused(edit, series_instance, api_key=KEY)[0] == "api_key"
    assert fresh().reveal("api_key") == sonarr.api_key
    edit(series_instance, api_key=KEY, connect=False)
    assert fresh().reveal("api_key") == KEY
    edit(fresh(), api_key=sonarr.api_key)
    assert fresh().version == "4.0.15.2941"


def test_a_disabled_instance_is_not_connected_to(series_instance):
    edit(series_instance, url="http://127.0.0.1:9", api_key=KEY, enabled=False)
    assert fresh().url == "http://127.0.0.1:9"


@pytest.mark.parametrize("state", [Breaker.REFUSED, Breaker.OPEN])
def test_an_edit_lets_calls_through_again(series_instance, state):
    Connection.objects.update(breaker=state, breaker_reason="because", breaker_failures=5)
    edit(series_instance, name="Anime")
    assert (fresh().breaker, fresh().breaker_reason, fresh().breaker_failures) == (Breaker.CLOSED, "", 0)


def test_an_edit_leaves_alone_what_moved_meanwhile(series_instance):
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="too much")
    edit(series_instance, name="Shows", policy=Policy.objects.get())
    assert fresh().scan_settings.held_reason == "too much"


def test_a_name_may_change_its_case_and_not_take_anothers(series_instance, movie_instance):
    edit(series_instance, name="ANIME")
    assert refused(edit, series_instance, name="films") == (
        "name",
        "The name films is taken: choose another.",
    )


# Releasing, mapping, deleting


def test_a_release_takes_off_the_brake(series_instance):
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="too much")
    Source.objects.update(orphans_held=[4, 5, 6])
    let_go(series_instance)
    for connection in (series_instance, fresh()):
        assert (
            connection.scan_settings.held_since,
            connection.scan_settings.held_reason,
            connection.source.orphans_released,
        ) == (None, "", 3)


def test_path_mappings_are_replaced_as_a_whole(series_instance):
    map_paths(series_instance, [("/old", "/mnt/old")])
    map_paths(series_instance, [(" /tv ", "/mnt/tv"), ("D:\\Films", "/mnt/films")])
    assert list(
        PathMapping.objects.order_by("local_prefix").values_list("remote_prefix", "local_prefix")
    ) == [
        ("D:\\Films", "/mnt/films"),
        ("/tv", "/mnt/tv"),
    ]


@pytest.mark.parametrize(
    ("mappings", "told"),
    [
        ([("tv", "/mnt")], "Enter the full path as the app names it"),
        ([("/tv", "mnt")], "Enter the full path of the folder here"),
        ([("/tv", "D:\\mnt")], "Enter the full path of the folder here"),
        ([("/tv", "/a"), ("/tv", "/b")], "Map each folder of the app only once."),
    ],
)
def test_mappings_that_make_no_sense_are_refused_and_the_old_ones_stay(series_instance, mappings, told):
    map_paths(series_instance, [("/old", "/mnt/old")])
    field, sentence = refused(map_paths, series_instance, mappings)
    assert field == "path_mappings"
    assert told in sentence
    assert PathMapping.objects.get().remote_prefix == "/old"


def test_mappings_whose_folders_are_not_here_are_told(series_instance, tmp_path):
    (tmp_path / "Show").mkdir()
    map_paths(series_instance, [("/tv", str(tmp_path)), ("/away", "/no/such/folder")])
    assert mapping_problems(series_instance) == [
        "The folder /no/such/folder does not exist here: mount it, or correct the path."
    ]


def test_a_deleted_instance_leaves_its_history(series_instance):
    media = Media.objects.create(connection=series_instance, arr_id=1, title="Lantern Harbour", path="/tv/L")
    File.objects.create(media=media, path="/tv/L/a.mkv")
    Event.objects.create(
        kind="tags",
        subject_kind="media",
        subject_id=media.pk,
        connection=series_instance,
        title="L",
        code="added dub",
    )
    services.delete(series_instance)
    assert not File.objects.exists()
    event = Event.objects.get(kind="tags")
    assert (event.title, event.connection) == ("L", None)
    assert Policy.objects.exists()


def test_what_runs_for_a_deleted_connection_is_cancelled(series_instance, no_messages):
    job, _ = start_scan(series_instance)
    services.delete(series_instance)
    assert Job.objects.get(pk=job.pk).state == JobState.CANCELLED
    assert not Event.objects.exists(), "the audit tells it"


def test_the_audit_hears_of_every_path_mapping(series_instance):
    map_paths(series_instance, [("/tv", "/mnt/tv"), ("/old", "/mnt/old")])
    map_paths(series_instance, [("/tv", "/mnt/shows")])
    map_paths(series_instance, [("/tv", "/mnt/shows")])
    told = AuditEntry.objects.filter(kind="path mapping").order_by("pk")
    assert list(told.values_list("action", "target")) == [
        ("added", "/old → /mnt/old"),
        ("added", "/tv → /mnt/tv"),
        ("deleted", "/old → /mnt/old"),
        ("changed", "/tv → /mnt/shows"),
    ]


def test_the_audit_hears_of_connection_and_settings_and_shows_no_secret(series_instance):
    edit(series_instance, name="Shows", api_key=KEY, connect=False, brake_verdicts_percent=30)
    told = {entry.kind: entry for entry in AuditEntry.objects.filter(action="changed")}
    assert told["connection"].after == {"name": "Shows", "secret": "****"}
    assert told["scan settings"].after == {"brake_verdicts_percent": 30}


def test_a_secret_that_no_key_opens_can_be_replaced(series_instance, sonarr, settings):
    from cryptography.fernet import Fernet

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ConfigError):
        edit(series_instance, name="Shows")
    edit(series_instance, api_key=sonarr.api_key)
    assert fresh().reveal("api_key") == sonarr.api_key


def test_a_connection_is_found_by_its_name_and_a_wrong_one_is_told_with_the_nearest(series_instance):
    assert services.connection_named(f" {series_instance.name.upper()} ") == series_instance
    with pytest.raises(ConfigError, match=f"did you mean {series_instance.name}"):
        services.connection_named(f"{series_instance.name}x")
    series_instance.delete()
    with pytest.raises(ConfigError, match="There is no connection called a: there is none yet"):
        services.connection_named("a")


def test_a_secret_is_masked_in_logs_from_the_moment_it_is_known(series_instance):
    from core.masking import masked

    edit(series_instance, api_key="a-key-that-nobody-may-read", connect=False)
    assert "a-key-that-nobody-may-read" not in masked("refused: a-key-that-nobody-may-read")
