"""Configuration as code: out, in, twice; and everything that is wrong told at once."""

from __future__ import annotations

import pytest
import yaml
from django.db.models import Model

from catalogue.models import Library, Location, OwnField
from connections.models import Connection
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from jobs import doorbells
from jobs.models import Schedule
from jobs.schedules import save_schedule
from library.models import PathMapping
from library.path_mappings import mapping_problems
from notify.models import Channel
from players.models import Route
from scanner.models import Policy, ScanSettings
from system.configuration import DocumentError, export_document, import_document, sections
from tests.commands import run

pytestmark = pytest.mark.django_db

DOCUMENT = """
version: 1
policies:
  - name: English
    target_languages: [English, pt-BR]
    quick: true
connections:
  - name: TV
    kind: sonarr
    url: http://127.0.0.1:1
    api_key: ${TV_KEY}
    policy: english
    path_mappings:
      - {remote: /tv, local: /}
schedules:
  - {job: scan, instance: tv, cron: "30 3 * * *"}
  - {job: backup, every: 86400, params: {keep: 3}}
channels:
  - name: Hook
    kind: webhook
    address: https://192.168.1.9/${HOOK}
    secret: ${HOOK}
    topics: [wrong_dub]
    instances: [TV]
"""
ENVIRONMENT = {"TV_KEY": "the-key-of-tv", "HOOK": "hook-token"}


@pytest.fixture(autouse=True)
def no_messages():
    with doorbells.muted():
        yield


def bring_in(text: str = DOCUMENT, **options):
    return dict(import_document(text, environ=ENVIRONMENT, **{"connect": False, **options}))


def problems(text: str, **options) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        bring_in(text, **options)
    return [str(problem) for problem in caught.value.problems]


def test_a_document_sets_all_up():
    assert bring_in() == {"added": 5}
    connection = Connection.objects.get()
    assert (connection.name, connection.reveal("api_key"), connection.scan_settings.policy.name) == (
        "TV",
        "the-key-of-tv",
        "English",
    )
    assert Policy.objects.get().target_languages == ["eng", "por-br"]
    assert PathMapping.objects.get().local_prefix == "/"
    assert Schedule.objects.get(job="scan").cron == "30 3 * * *"
    assert Schedule.objects.get(job="backup").params == {"keep": 3}
    channel = Channel.objects.get()
    assert (channel.address.reveal(), channel.secret.reveal()) == (
        "https://192.168.1.9/hook-token",
        "hook-token",
    )
    assert list(channel.connections.all()) == [connection]


def test_the_second_time_nothing_changes():
    bring_in()
    assert bring_in() == {"same": 5}


def test_what_changed_is_changed_and_the_rest_stays():
    bring_in()
    Policy.objects.create(name="Mine", target_languages=["jpn"])
    changed = DOCUMENT.replace("quick: true", "quick: false").replace("86400", "7200")
    assert bring_in(changed) == {"changed": 2, "same": 3}
    assert Policy.objects.filter(name="Mine").exists()


def test_what_is_exported_can_be_imported_where_the_secrets_are_set():
    bring_in()
    exported = export_document()
    assert "the-key-of-tv" not in exported
    assert "hook-token" not in exported
    assert "api_key: ${TV_API_KEY}" in exported
    # Here the secrets are known already.
    assert dict(import_document(exported, connect=False, environ={})) == {"same": 5}
    for model in (Channel, Schedule, Connection, Policy):
        model.objects.all().delete()
    elsewhere = {"TV_API_KEY": "the-key-of-tv", "HOOK_ADDRESS": "https://192.168.1.9/hook-token"}
    with pytest.raises(DocumentError, match="HOOK_SECRET is not set"):
        import_document(exported, connect=False, environ=elsewhere)
    elsewhere["HOOK_SECRET"] = "hook-token"
    assert dict(import_document(exported, connect=False, environ=elsewhere)) == {"added": 5}
    assert export_document() == exported


def test_everything_that_is_wrong_is_told_at_once_with_its_line():
    text = """version: 1
policies:
  - name: English
    target_languages: [Englsh]
  - name: english
    target_languages: [eng]
    qiuck: true
  - name: Third
    target_languages: []
    label_dub: Dub!
connections:
  - name: TV
    kind: sonar
    url: http://127.0.0.1:1
    api_key: ${NOT_SET}
    policy: Englisch
    deep_scan_every: soon
    path_mappings: [{remote: /tv, local: nas}]
schedules:
  - {job: scan, instance: TW, every: 5}
  - {job: dance, every: 600}
channels:
  - {name: Hook, kind: pigeon, address: x, topics: [wrong_dubb]}
  - {kind: ntfy}
"""
    found = problems(text)
    expected = [
        "line 4: Taggarr knows no language “Englsh”: did you mean English?",
        "line 5: english stands twice in policies: also in line 3.",
        "line 7: qiuck is unknown in policies: did you mean quick?",
        "line 13: There is no kind sonar: did you mean sonarr?",
        "line 15: The variable NOT_SET is not set",
        "line 16: There is no policy Englisch: did you mean english?",
        "line 17: deep_scan_every: ",
        "line 18: path_mappings: Enter the full path of the folder here",
        "line 20: An interval is 60",
        "line 20: There is no instance TW: did you mean tv?",
        "line 21: There is no job called dance",
        "line 23: There is no event wrong_dubb: did you mean wrong_dub?",
        "line 23: There is no kind of channel pigeon",
        "line 24: address is missing in channels.",
        "line 24: name is missing in channels.",
    ]
    for start in expected:
        assert [one for one in found if one.startswith(start)], (start, found)
    assert [one for one in found if one.startswith(("line 8", "line 9", "line 10"))]
    assert not any(model.objects.exists() for model in (Policy, Connection, Channel, Schedule))


POLICY = "version: 1\npolicies: [{name: a, target_languages: [eng], "
CONNECTION = "version: 1\nconnections: [{name: TV, kind: sonarr, url: http://nas:8989, "
CHANNEL = "version: 1\nchannels: [{name: a, kind: webhook, address: https://192.168.1.9/, topics: [], "


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "line 1: This is no YAML"),
        ("[]", "line 1: The document is a mapping"),
        ("version: 2", "line 1: The document needs version: 1."),
        ("version: 1\npolcies: []", "line 2: There is no section polcies: did you mean policies?"),
        ("version: 1\npolicies: 3", "line 2: policies is a list of mappings"),
        ("version: 1\npolicies: [x]", "line 2: policies is a list of mappings"),
        ("version: 1\npolicies: [{name: 1, target_languages: [eng]}]", "line 2: name is a text"),
        ("version: 1\npolicies: [{name: a, target_languages: eng}]", "line 2: target_languages is a list"),
        (POLICY + "quick: maybe}]", "line 2: quick: give true or false."),
        (POLICY + "undetermined: Klingonish}]", "line 2: Taggarr knows no language “Klingonish”"),
        ("version: 1\nschedules: [{job: scan, every: soon}]", "line 2: every: give a whole number"),
        ("version: 1\nschedules: [{job: scan, every: 60, params: [1]}]", "line 2: params is a mapping."),
        (CONNECTION + "deep_scan_every: '${NONE}'}]", "line 2: The variable NONE is not set"),
        (CONNECTION + "enabled: 'on'}]", "line 2: enabled: give true or false."),
        (CHANNEL + "instances: [TV]}]", "line 2: There is no instance TV"),
        ("version: 1\npolicies: !!python/object:os.system {}", "line 2: This is no YAML"),
    ],
)
def test_a_document_of_the_wrong_shape(text, problem):
    assert [one for one in problems(text) if one.startswith(problem)], problems(text)


def test_addresses_are_tried_unless_they_may_come_later():
    found = problems(DOCUMENT, connect=True)
    assert len(found) == 1
    assert found[0].startswith("line 10: ")


def test_a_folder_that_is_not_seen_here_is_taken_as_on_the_page_and_told_by_the_test():
    bring_in(DOCUMENT.replace("local: /}", "local: /nowhere/tv}"))
    assert mapping_problems(Connection.objects.get()) == [
        "The folder /nowhere/tv does not exist here: mount it, or correct the path."
    ]


def test_a_key_that_the_app_refuses_is_told_at_its_line():
    with StandIn("sonarr") as app:
        app.load(ArrState("sonarr"))
        text = DOCUMENT.replace("http://127.0.0.1:1", app.url)
        assert [one[:8] for one in problems(text, connect=True)] == ["line 11:"]
        right = {**ENVIRONMENT, "TV_KEY": app.api_key}
        assert dict(import_document(text, environ=right)) == {"added": 5}
        assert Connection.objects.get().version


def test_an_error_while_applying_leaves_nothing_half_done(monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("the last step fails")

    monkeypatch.setattr("notify.portable.save_channel", broken)
    with pytest.raises(RuntimeError):
        bring_in()
    assert not any(model.objects.exists() for model in (Policy, Connection, Schedule))


def test_a_new_kind_for_a_known_instance_is_refused():
    bring_in()
    assert problems(DOCUMENT.replace("sonarr", "radarr"))[0].startswith("line 9: TV is a sonarr")


def test_a_list_without_mappings_takes_those_away_that_there_were():
    bring_in()
    text = DOCUMENT.replace("path_mappings:\n      - {remote: /tv, local: /}", "path_mappings:")
    assert bring_in(text) == {"changed": 1, "same": 4}
    assert not PathMapping.objects.exists()


def test_a_channel_of_other_instances_has_changed():
    bring_in()
    assert bring_in(DOCUMENT.replace("    instances: [TV]\n", "")) == {"changed": 1, "same": 4}
    assert not Channel.objects.get().connections.exists()


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    ran = run("export_config", str(tmp_path / "none" / "config.yaml"))
    assert ran.code != 0
    assert "config.yaml cannot be written: No such file or directory." in ran.err


def test_the_commands(tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "config.yaml"
    path.write_text(DOCUMENT)
    assert run("import_config", str(path), "--no-connect", "--dry-run").out == "The document is right.\n"
    assert not Connection.objects.exists()
    done = run("import_config", str(path), "--no-connect")
    assert (done.code, done.out) == (0, "5 added, 0 changed, 0 as they were.\n")
    assert run("import_config", str(path), "--no-connect", "--json").json["same"] == 5
    out = tmp_path / "out.yaml"
    assert run("export_config", str(out)).code == 0
    assert yaml.safe_load(out.read_text()) == yaml.safe_load(run("export_config").out)
    path.write_text("version: 1\npolicies: [{}]\n")
    ran = run("import_config", str(path))
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "line 2: name is missing in policies.",
        "line 2: target_languages is missing in policies.",
    ]
    assert run("import_config", str(tmp_path / "none.yaml")).code == 2


def test_a_schedule_made_by_hand_is_exported():
    save_schedule(Schedule(job="cleanup", cron="0 5 * * *", enabled=False))
    assert {"job": "cleanup", "cron": "0 5 * * *", "enabled": False} in yaml.safe_load(export_document())[
        "schedules"
    ]


KEPT_OUT: dict[str, list[tuple[type[Model], set[str]]]] = {
    "policies": [(Policy, {"id", "created_at", "updated_at"})],
    # Options stand under the names that their kind has for them; no kind here has any.
    "connections": [
        (Connection, {"id", "created_at", "updated_at", "options"}),
        (ScanSettings, {"connection"}),
    ],
    "routes": [(Route, {"id"})],
    "schedules": [(Schedule, {"id", "updated_at"})],
    "channels": [(Channel, {"id", "created_at"})],
    "libraries": [(Library, {"id", "created_at", "created_by"})],
    "places": [(Location, {"id", "of_import"})],
    "own_fields": [(OwnField, {"id", "of_import"})],
}
CALLED: dict[str, str] = {
    "connection": "instance",
    "connections": "instances",
    "secret": "api_key",
    "is_default": "usual",
    "archived_at": "archived",
    "parent": "inside",
}
"""Fields that have another name in the document."""

FOUND_OUT = ("breaker", "last_", "held_", "failures", "failing_", "paused_")


def test_every_setting_is_part_of_the_document():
    """A setting that is added to a model later must not be forgotten here."""
    for section in sections():
        settings = {
            field.name
            for model, kept_out in KEPT_OUT[section.name]
            for field in model._meta.concrete_fields
            if field.editable and field.name not in kept_out and not field.name.startswith(FOUND_OUT)
        }
        named = {name if name in section.keys else CALLED.get(name, name) for name in settings}
        assert named <= set(section.keys)
