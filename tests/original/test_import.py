"""Taking the original over: all or nothing, twice as good as once, and compared with what it left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connections.models import Connection
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from history.models import AuditEntry
from jobs.models import Schedule
from library.models import Media, PathMapping
from scanner.models import ManagedLabel, Policy
from tests.commands import Ran, run
from tests.connections.build import make_connection
from tests.library.build import add_title

from .build import movie, series, settings, write_state

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_messages")]


@pytest.fixture
def folder(tmp_path: Path, sonarr_process: StandIn, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The original's folder beside a library that Sonarr knows under another root."""
    root = tmp_path / "tv"
    state = ArrState("sonarr")
    for name in ("A", "B"):
        (root / name).mkdir(parents=True)
        state.add_series(name, f"/data/tv/{name}")
    sonarr_process.load(state)
    write_state(root, A=series("dub"), B=series("none"), Gone=series("half-dub"))
    text = settings(url=sonarr_process.url, root=str(root)).split("  anime:")[0]
    (tmp_path / "taggarr.yaml").write_text(text)
    (tmp_path / ".env").write_text(f"SONARR_API_KEY={sonarr_process.api_key}\n")
    monkeypatch.delenv("SONARR_API_KEY", raising=False)
    return tmp_path


def bring_in(folder: Path, *options: str) -> Ran:
    return run("import_taggarr", str(folder), *options)


def rows() -> list[object]:
    models = (Policy, Connection, PathMapping, Schedule, ManagedLabel)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_settings_path_mappings_and_tags_are_taken_over(folder, sonarr_process):
    ran = bring_in(folder)
    assert (ran.code, ran.err) == (0, "")
    connection = Connection.objects.get()
    assert (connection.name, connection.url, connection.reveal("api_key")) == (
        "sonarr",
        sonarr_process.url,
        sonarr_process.api_key,
    )
    assert connection.scan_settings.policy.target_languages == ["eng", "por-br"]
    assert connection.scan_settings.policy.label_semi_dub == "half-dub"
    assert connection.scan_settings.policy.write_nfo
    mapping = PathMapping.objects.get()
    assert (mapping.remote_prefix, mapping.local_prefix) == ("/data/tv", str(folder / "tv"))
    assert Schedule.objects.get(job="scan").every == 7200
    labels = ManagedLabel.objects.filter(found=False).values_list("label", flat=True)
    assert set(labels) == {"dub", "half-dub", "wrong-dub"}
    assert "3 series" not in ran.out
    assert "1 dub, 1 half-dub, 1 none" in ran.out


def test_a_second_import_changes_nothing(folder):
    bring_in(folder)
    before = rows()
    ran = bring_in(folder, "--json")
    assert {one["outcome"] for one in ran.json["made"]} == {"same"}
    assert AuditEntry.objects.filter(action="imported").count() == 1
    assert ran.json["labels"] == {}
    assert rows() == before


def test_a_dry_run_shows_what_would_be_made_and_makes_nothing(folder):
    before = rows()
    ran = bring_in(folder, "--dry-run", "--json")
    assert [(one["what"], one["name"], one["outcome"]) for one in ran.json["made"]] == [
        ("policies", "From the original", "added"),
        ("connections", "sonarr", "added"),
        ("schedules", "scan sonarr", "added"),
    ]
    assert ran.json["labels"] == {"sonarr": ["dub", "half-dub", "wrong-dub"]}
    assert rows() == before
    assert "Nothing was changed." in bring_in(folder, "--dry-run").out


def test_nothing_is_half_applied(folder):
    file = folder / "taggarr.yaml"
    file.write_text(
        file.read_text().replace("english, pt-BR", "english, Klingonese") + "  x: {type: sonarr}\n"
    )
    before = rows()
    ran = bring_in(folder)
    assert ran.code == 2
    assert "url is missing in the instance x" in ran.err
    file.write_text(file.read_text().replace("  x: {type: sonarr}\n", ""))
    ran = bring_in(folder)
    assert "line 2: Taggarr knows no language “Klingonese”" in ran.err
    assert rows() == before


def test_an_instance_with_the_same_address_keeps_its_name(folder, sonarr_process):
    policy = Policy.objects.create(name="Mine", target_languages=["deu"])
    make_connection(
        name="TV", kind="sonarr", url=sonarr_process.url, api_key=sonarr_process.api_key, policy=policy
    )
    bring_in(folder)
    assert Connection.objects.get().name == "TV"
    assert Connection.objects.get().scan_settings.policy.name == "From the original"


def test_tags_that_already_waited_are_adopted(folder):
    bring_in(folder, "--no-connect")
    ManagedLabel.objects.filter(label="dub").update(found=True)
    ManagedLabel.objects.exclude(label="dub").delete()
    ran = bring_in(folder, "--no-connect", "--json")
    assert ran.json["labels"] == {"sonarr": ["dub", "half-dub", "wrong-dub"]}
    assert not ManagedLabel.objects.filter(found=True).exists()


@pytest.mark.parametrize("spoil", ["no state", "dry run", "damaged"])
def test_without_proof_that_it_wrote_them_tags_are_left_to_be_asked_about(folder, spoil):
    state, file = folder / "tv" / "taggarr.json", folder / "taggarr.yaml"
    if spoil == "no state":
        state.unlink()
    elif spoil == "damaged":
        state.write_text(state.read_text()[:100])
    else:
        file.write_text(file.read_text().replace("defaults:\n", "defaults:\n  dry_run: true\n"))
    ran = bring_in(folder)
    assert ran.code == 0
    assert not ManagedLabel.objects.exists()
    assert ("damaged or cut off" in ran.out) == (spoil == "damaged")


def test_tags_of_old_versions_that_no_app_takes_are_named(folder):
    write_state(folder / "tv", A=series("dub-en,fr"))
    ran = bring_in(folder)
    assert "no tag of Sonarr or Radarr reads dub-en,fr" in ran.out


def test_the_environment_serves_where_no_file_does(tmp_path, monkeypatch):
    monkeypatch.setenv("RADARR_URL", "http://radarr.lan:7878")
    monkeypatch.setenv("RADARR_API_KEY", "the-key-of-radarr")
    monkeypatch.setenv("ROOT_MOVIE_PATH", str(tmp_path / "nowhere"))
    ran = bring_in(tmp_path, "--no-connect")
    assert ran.code == 0
    assert "the environment of this process" in ran.out
    assert Connection.objects.get().name == "Radarr"


def test_a_folder_that_is_not_here_is_noted(folder):
    file = folder / "taggarr.yaml"
    file.write_text(file.read_text().replace(str(folder / "tv"), "/nowhere/tv"))
    ran = bring_in(folder)
    assert "sonarr: none of its folders (/nowhere/tv) holds anything here." in ran.out
    assert not PathMapping.objects.exists()


def test_unknown_keys_are_listed(folder):
    file = folder / "taggarr.yaml"
    file.write_text(file.read_text() + "    colour: blue\n")
    assert "instances.sonarr.colour (line 13) is not a setting of the original" in bring_in(folder).out


@pytest.mark.parametrize("name", ["", "missing.yaml", "taggarr.json"])
def test_where_there_is_nothing_to_take_over_is_said(tmp_path, name, monkeypatch):
    for variable in ("SONARR_URL", "RADARR_URL"):
        monkeypatch.delenv(variable, raising=False)
    if name == "taggarr.json":
        write_state(tmp_path, A=series("dub"))
    ran = bring_in(tmp_path / name)
    assert ran.code == 2
    assert "taggarr.yaml" in ran.err or "cannot be read" in ran.err


def decided(title: str, verdict: str, **fields: object) -> Media:
    return add_title(
        connection=Connection.objects.get(),
        arr_id=len(title) + Media.objects.count(),
        title=title,
        path=f"/data/tv/{title}",
        verdict=verdict,
        verdict_reason={"code": "all-left-out", "unknown_total": 0, "left_out": {"specials": 2}},
        **fields,
    )


def test_the_comparison_lists_where_verdicts_differ_and_why(folder):
    bring_in(folder)
    decided("A", "dub")
    decided("B", "semi-dub")
    decided("New", "dub")
    before = rows()
    ran = bring_in(folder, "--compare", "--json")
    assert ran.code == 0
    assert ran.json["same"] == {"dub": 1}
    (difference,) = ran.json["different"]
    assert (difference["title"], difference["theirs"], difference["ours"]) == ("B", "original", "semi-dub")
    assert difference["why"] == "No file counts: 2 among the specials."
    assert difference["cause"]
    assert ran.json["not_here"] == [f"{folder}/tv/Gone"]
    assert ran.json["only_here"] == 1
    assert rows() == before
    told = bring_in(folder, "--compare").out
    assert "The same verdict: 1 dub." in told
    assert "No file counts: 2 among the specials." in told


def test_a_state_alone_can_be_compared(folder):
    bring_in(folder)
    decided("A", "wrong-dub")
    state = json.loads((folder / "tv" / "taggarr.json").read_text())
    state["movies"] = {"/movies/M": movie("dub", "en")}
    lone = folder / "old" / "taggarr.json"
    lone.parent.mkdir()
    lone.write_text(json.dumps(state))
    ran = run("import_taggarr", str(lone), "--compare", "--json")
    assert [one["title"] for one in ran.json["different"]] == ["A"]
    assert "/movies/M" in ran.json["not_here"]


def test_a_damaged_state_spoils_a_comparison(folder):
    bring_in(folder)
    (folder / "tv" / "taggarr.json").write_text("{")
    ran = bring_in(folder, "--compare")
    assert ran.code == 1
    assert "damaged" in ran.out
    (folder / "tv" / "taggarr.json").unlink()
    assert bring_in(folder, "--compare").code == 2


def test_a_folder_with_variables_alone_is_enough(tmp_path):
    (tmp_path / ".env").write_text(
        "RADARR_URL=http://radarr.lan:7878\nRADARR_API_KEY=the-key-of-radarr\n\tODD: [\n"
    )
    assert bring_in(tmp_path, "--no-connect").code == 0
    assert Connection.objects.get().name == "Radarr"
    assert Schedule.objects.count() == 0


def test_the_file_of_variables_itself_can_be_named(tmp_path):
    (tmp_path / "old.env").write_text("SONARR_URL=http://sonarr.lan:8989\nSONARR_API_KEY=the-key-of-sonarr\n")
    assert bring_in(tmp_path / "old.env", "--no-connect").code == 0
    assert Connection.objects.get().name == "Sonarr"


def test_a_file_that_is_far_too_large_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("original.files.LARGEST", 10)
    ran = bring_in(folder)
    assert ran.code == 2
    assert "is too large to be a file of the original" in ran.err


def test_an_address_that_is_none_is_told_with_its_line(folder, sonarr_process):
    file = folder / "taggarr.yaml"
    file.write_text(file.read_text().replace(sonarr_process.url, "sonarr at home"))
    ran = bring_in(folder)
    assert ran.code == 2
    assert ran.err.startswith("line 10: ")
    assert not Connection.objects.exists()
