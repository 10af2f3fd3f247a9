"""`manage.py add_instance`, `test_connection`, `release`, `adopt_tags` and `policy`."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from connections.models import Connection
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from history.models import AuditEntry
from jobs.models import Job
from library.models import PathMapping
from scanner.management.commands import adopt_tags, release
from scanner.management.commands import policy as policy_command
from scanner.models import ManagedLabel, Policy, ScanSettings
from scanner.policies import former_versions, save_policy
from tests.commands import Ran, run
from tests.connections.build import set_api_key
from tests.library.build import add_title

from .build import add_series, spec, tags_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_worker_is_asked_for(monkeypatch):
    for command in (release, adopt_tags, policy_command):
        monkeypatch.setattr(command, "why_not_served", lambda _queue: "")


def add(stand_in: StandIn, *more: str, name: str = "TV", kind: str = "sonarr") -> Ran:
    key = ["--api-key", stand_in.api_key] if not {"--api-key", "--api-key-file"} & set(more) else []
    return run("add_instance", name, "--kind", kind, "--url", stand_in.url, *key, *more)


def test_an_instance_is_added_with_a_policy_of_its_own(sonarr, tmp_path):
    state = ArrState("sonarr")
    (tmp_path / "tv").mkdir()
    (tmp_path / "tv" / "Show").mkdir()
    state.add_root_folder(str(tmp_path / "tv"))
    state.add_root_folder("/nowhere/at/all")
    sonarr.load(state)
    ran = add(sonarr, "--languages", "English, Portuguese (Brazil)", "--policy", "Family")
    connection = Connection.objects.get()
    assert ran.code == 0
    assert f"TV: Sonarr {connection.version} answers" in ran.out
    assert f"  {tmp_path / 'tv'}\n" in ran.out
    assert "The folder /nowhere/at/all does not exist here: mount it" in ran.out
    assert ran.out.count("mount it") == 1, "the other folder is seen"
    assert (connection.scan_settings.policy.name, connection.scan_settings.policy.target_languages) == (
        "Family",
        ["eng", "por-br"],
    )
    assert connection.reveal("api_key") == sonarr.api_key
    assert AuditEntry.objects.get(kind="connection").action == "added"


def test_the_only_policy_is_taken_where_none_is_named(sonarr, policy):
    add(sonarr)
    assert Connection.objects.get().scan_settings.policy == policy


def test_a_policy_without_a_name_is_named_after_its_languages_and_taken_again(sonarr):
    add(sonarr, "--languages", "en,de")
    add(sonarr, "--languages", "English,German", name="Second")
    names = Connection.objects.values_list("scan_settings__policy__name", flat=True)
    assert list(names) == ["English + German"] * 2


def test_a_policy_may_be_named_again_with_the_same_languages(sonarr, policy):
    assert add(sonarr, "--policy", "english", "--languages", "en").code == 0


def test_a_root_folder_is_looked_for_where_its_mapping_says(sonarr, policy, tmp_path):
    (tmp_path / "Show").mkdir()
    state = ArrState("sonarr")
    state.add_root_folder("D:\\TV")
    state.add_root_folder("E:\\Old")
    sonarr.load(state)
    ran = add(sonarr, "--map", f"D:\\TV={tmp_path}")
    assert "E:\\Old is a path of another machine: add a path mapping." in ran.out
    assert "D:\\TV is" not in ran.out
    assert PathMapping.objects.get().local_prefix == str(tmp_path)


def test_an_instance_without_root_folders_is_told(sonarr, policy):
    assert "It has no root folder yet." in add(sonarr).out


def test_json_says_what_answered(sonarr, policy, root):
    state = ArrState("sonarr")
    state.add_root_folder(str(root))
    sonarr.load(state)
    document = add(sonarr, "--json").json
    assert document["app"] == "Sonarr"
    assert document["added"] is True
    assert document["folders"] == [str(root)]
    assert document["notes"] == [f"The folder {root} is empty: is it mounted?"]


def test_the_key_may_stand_in_a_file(sonarr, policy, tmp_path):
    (tmp_path / "key").write_text(f"{sonarr.api_key}\n")
    assert add(sonarr, "--api-key-file", str(tmp_path / "key")).code == 0


def test_the_key_may_stand_in_the_environment(sonarr, policy, settings):
    settings.NEW_API_KEY = sonarr.api_key
    ran = run("add_instance", "TV", "--kind", "sonarr", "--url", sonarr.url)
    assert ran.code == 0


def test_the_key_is_asked_for_at_a_terminal(sonarr, policy, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: sonarr.api_key)
    assert run("add_instance", "TV", "--kind", "sonarr", "--url", sonarr.url).code == 0


def test_an_instance_that_is_there_is_left_alone_where_that_is_asked_for(sonarr, policy):
    add(sonarr)
    sonarr.clear_journal()
    ran = add(sonarr, "--if-missing", name="tv")
    assert (ran.code, ran.out) == (0, "tv is there already.\n")
    assert add(sonarr, "--if-missing", "--json").json == {"connection": "TV", "added": False}
    assert sonarr.journal() == []


def test_every_mistake_gives_one_sentence_and_saves_nothing(sonarr, radarr, policy, tmp_path):
    url, key = ["--url", sonarr.url], ["--api-key", sonarr.api_key]
    start, twice = ["add_instance", "TV", "--kind", "sonarr"], ["--map", "/a=/b", "--map", "/a=/c"]
    cases = {
        "TV: This is Radarr, not Sonarr": None,
        "refused the API key (401): copy it again": [*start, *url, "--api-key", "0" * 32],
        "nothing answers at http://127.0.0.1:9": [*start, "--url", "http://127.0.0.1:9", *key],
        "Give the API key: with --api-key-file": [*start, *url],
        "cannot be read: No such file": [*start, *url, "--api-key-file", str(tmp_path / "none")],
        "Taggarr knows no language “Germn”: did you mean German?": [
            *start, *url, *key, "--policy", "New", "--languages", "Germn",
        ],
        "There is no policy called New: say with --languages": [*start, *url, *key, "--policy", "New"],
        "There is a policy called English already, and it wants English": [
            *start, *url, *key, "--policy", "English", "--languages", "German",
        ],
        "“/tv” is no path mapping: write REMOTE=LOCAL": [*start, *url, *key, "--map", "/tv"],
        "Enter the full path as the app names it": [*start, *url, *key, "--map", "tv=/mnt/tv"],
        "Enter the full path of the folder here": [*start, *url, *key, "--map", "/tv=mnt/tv"],
        "Map each folder of the app only once": [*start, *url, *key, *twice],
        "Give it a name": ["add_instance", "", "--kind", "sonarr", *url, *key],
    }  # fmt: skip
    wrong_kind = ["add_instance", "TV", "--kind", "sonarr", "--url", radarr.url, "--api-key", radarr.api_key]
    for sentence, arguments in cases.items():
        ran = run(*(arguments or wrong_kind))
        assert sentence.removeprefix("TV: ") in ran.err, (sentence, ran)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran
        assert sonarr.api_key not in ran.err
    assert not Connection.objects.exists()
    assert Policy.objects.count() == 1


def test_a_web_page_instead_of_the_api_is_told(sonarr, policy):
    sonarr.fault("html", "/api/v3/system/status")
    assert "a web page came instead of the API's answer" in add(sonarr).err


def test_of_several_policies_one_must_be_named(sonarr, policy):
    Policy.objects.create(name="German", target_languages=["deu"])
    ran = add(sonarr)
    assert "Say with --policy which policy it follows: English, German." in ran.err


def test_without_any_policy_languages_are_asked_for(sonarr):
    assert "Say with --languages which languages you want" in add(sonarr).err


def test_a_file_that_is_no_text_is_no_key(sonarr, policy, tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe\xff")
    ran = add(sonarr, "--api-key-file", str(tmp_path / "key"))
    assert "it is not UTF-8 text" in ran.err


def test_a_known_instance_is_tested(sonarr, series_instance, root: Path):
    state = ArrState("sonarr")
    state.add_root_folder(str(root))
    sonarr.load(state)
    ran = run("test_connection", "sonarr")
    assert ran.code == 0
    assert ran.out.startswith("Sonarr: Sonarr 4.")
    assert f"  The folder {root} is empty: is it mounted?" in ran.out
    assert run("test_connection", "Sonarr", "--json").json["version"].startswith("4.")


def test_an_instance_that_fails_its_test_is_told(series_instance):
    set_api_key("another-key-that-is-wrong")
    series_instance.refresh_from_db()
    ran = run("test_connection", "Sonarr")
    assert ran.code == 2
    assert "refused the API key (401)" in ran.err


def test_a_held_instance_is_released_and_written(sonarr, series_instance):
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="Too much.")
    ran = run("release", "Sonarr")
    assert ran.code == 0
    assert ran.out == f"Released Sonarr: job {Job.objects.get().pk} writes what was held back.\n"
    assert Connection.objects.get().scan_settings.held_since is None


def test_an_instance_that_is_not_held_cannot_be_released(series_instance):
    ran = run("release", "Sonarr")
    assert (ran.code, ran.err) == (2, "Sonarr is not held: there is nothing to release.\n")


def test_a_released_instance_waits_for_a_worker_and_that_is_said(series_instance, monkeypatch):
    monkeypatch.setattr(release, "why_not_served", lambda _queue: "No worker is running.")
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="Too much.")
    assert run("release", "Sonarr").err == "No worker is running.\n"


def test_a_tag_that_was_there_is_adopted_and_then_written(sonarr, series_instance, root, scan):
    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec("jpn", "eng")]})
    add_series(state, root, "Native", {1: [spec("jpn")]}, tags=["dub"])
    sonarr.load(state)
    scan(series_instance)
    assert tags_at(sonarr) == {"Dubbed": set(), "Native": {"dub"}}

    ran = run("adopt_tags", "Sonarr", "dub")

    job = Job.objects.latest("pk")
    assert (
        ran.out
        == f"Adopted: these tags of Sonarr are Taggarr's now.\nJob {job.pk} writes what they held up.\n"
    )
    run_job(job)
    assert tags_at(sonarr) == {"Dubbed": {"dub"}, "Native": set()}


def test_an_adoption_without_a_worker_says_that_it_waits(series_instance, monkeypatch):
    monkeypatch.setattr(adopt_tags, "why_not_served", lambda _queue: "No worker is running.")
    ManagedLabel.objects.create(connection=series_instance, label="dub", found=True)
    assert run("adopt_tags", "Sonarr", "dub").err == "No worker is running.\n"


def test_a_tag_that_does_not_wait_is_not_adopted(series_instance):
    ran = run("adopt_tags", "Sonarr", "dub")
    assert (ran.code, ran.err) == (2, "No tag “dub” in Sonarr is waiting to be adopted.\n")


def test_a_disabled_instance_is_not_written_after_an_adoption(series_instance):
    Connection.objects.update(enabled=False)
    ManagedLabel.objects.create(connection=series_instance, label="dub", found=True)
    ran = run("adopt_tags", "Sonarr", "dub")
    assert ran.out == "Adopted: these tags of Sonarr are Taggarr's now.\n"
    assert not Job.objects.exists()


def run_job(job: Job) -> None:
    from jobs.services import run_inline

    run_inline(job)


def test_what_a_policy_was_like_is_listed_previewed_and_gone_back_to(series_instance):
    add_title(connection=series_instance, arr_id=1, title="Dubbed")
    policy = Policy.objects.get()
    assert run("policy", "english").out == ""
    assert "English has no earlier version" in run("policy", "English", "--back").err
    policy.target_languages = ["deu"]
    save_policy(policy)

    number = former_versions(policy)[0].pk
    listed = run("policy", "English").out
    assert (listed.startswith(f"{number}: saved "), "target_languages ['eng']" in listed) == (True, True)
    assert "0 of 1 titles would change" in run("policy", "English", "--back", "--preview").out
    assert "has no former version 4711" in run("policy", "English", "--back", "4711").err
    assert run("policy", "German").err == "There is no policy called German; there are: English.\n"
    assert Policy.objects.get().target_languages == ["deu"]

    told = run("policy", "English", "--back", str(number)).out
    assert told.startswith("English is what it was before.\nJob ")
    assert Policy.objects.get().target_languages == ["eng"]
