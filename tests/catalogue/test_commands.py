"""The collection from the command line; what is exported comes back equal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from catalogue.matching import How, What
from catalogue.models import Import, Work
from catalogue.values import Wrong
from catalogue.words import TEXTS
from tests.catalogue.build import add_user, add_work
from tests.catalogue.tables import rows_of_all
from tests.catalogue.test_importing import SHELF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("switched_on", "data")]


def run(*arguments: Any) -> dict[str, Any]:
    out = io.StringIO()
    try:
        call_command(*map(str, arguments), "--json", stdout=out)
    except SystemExit as end:
        return {"code": end.code, **json.loads(out.getvalue())}
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    path = tmp_path / "shelf.csv"
    path.write_text(SHELF)
    return path


def test_a_file_is_imported_exported_and_taken_back(ute: User, shelf: Path, tmp_path: Path):
    assert run("catalogue_import", shelf, "--user", "ute", "--preview") == {
        "format": "ours",
        "rows": 5,
        "own": ["Mood"],
    }
    assert not Import.objects.exists()
    result = tmp_path / "result.csv"
    done = run("catalogue_import", shelf, "--user", "UTE", "--result", result)
    assert {name: done[name] for name in ("format", "created", "updated")} == {
        "format": "ours",
        "created": 4,
        "updated": 1,
    }
    assert len(result.read_text().splitlines()) == 6
    exported, again = tmp_path / "all.csv", tmp_path / "again.csv"
    assert run("catalogue_export", exported, "--user", "ute") == {"rows": 5}
    number = done["import"]
    assert run("catalogue_undo", number, "--preview")["deleted"] == 4
    assert run("catalogue_undo", number)["deleted"] == 4
    assert not Work.objects.exists()
    assert run("catalogue_import", exported, "--user", "ute")["created"] == 4
    run("catalogue_export", again, "--user", "ute")
    assert again.read_text() == exported.read_text()


def test_a_column_is_called_otherwise(ute: User, tmp_path: Path):
    path = tmp_path / "liste.csv"
    path.write_text("Titel\nDune\n")
    assert run("catalogue_import", path, "--user", "ute")["code"] == 1
    assert run("catalogue_import", path, "--user", "ute", "--map", "Titel=title")["created"] == 1


def test_a_preview_says_what_each_column_would_become(ute: User, tmp_path: Path):
    path, out = tmp_path / "liste.csv", io.StringIO()
    path.write_text("Titel,Laune\nDune,ruhig\n")
    arguments = ("catalogue_import", path, "--user", "ute", "--map", "Titel=title", "--preview")
    call_command(*map(str, arguments), stdout=out)
    assert out.getvalue().splitlines() == ["ours: 1", "Titel = title", "Laune = own:Laune"]


def test_what_became_of_rows_is_never_written_over_a_file(ute: User, shelf: Path, tmp_path: Path):
    result = tmp_path / "result.csv"
    result.write_text("mine")
    refused = run("catalogue_import", shelf, "--user", "ute", "--result", result)
    assert (refused["code"], result.read_text()) == (2, "mine")
    assert not Import.objects.exists()
    new = tmp_path / "new.csv"
    assert run("catalogue_import", shelf, "--user", "ute", "--map", "No=title", "--result", new)["code"] == 2
    assert not new.exists()


def test_what_cannot_be_is_said_in_one_sentence(ute: User, shelf: Path, tmp_path: Path):
    add_user("vera", Role.VIEWER)
    columns = ["--user", "ute", "--map"]
    wrong = {
        "no file": run("catalogue_import", tmp_path / "none.csv", "--user", "ute"),
        "no user": run("catalogue_import", shelf, "--user", "nobody"),
        "a viewer": run("catalogue_import", shelf, "--user", "vera"),
        "no column": run("catalogue_import", shelf, *columns, "Titel=title"),
        "a column twice": run("catalogue_import", shelf, *columns, "Mood=title"),
        "no field": run("catalogue_import", shelf, *columns, "Mood=temper"),
        "no name": run("catalogue_import", shelf, *columns, "Mood"),
        "no folder": run("catalogue_export", tmp_path / "none" / "all.csv", "--user", "ute"),
        "no import": run("catalogue_undo", 999),
    }
    before = rows_of_all()
    assert {name: told["code"] for name, told in wrong.items()} == dict.fromkeys(wrong, 2)
    assert len({told["error"] for told in wrong.values()}) == len(wrong)
    assert rows_of_all() == before


def test_every_fault_and_every_evidence_has_its_sentence():
    lacking = {f"catalogue.row-{one}" for one in Wrong} - TEXTS.keys()
    evidence = {f"catalogue.evidence-{what}-{how}" for what in What for how in How}
    told = {code for code in TEXTS if code.startswith("catalogue.evidence-")}
    assert lacking == set()
    assert told <= evidence


def test_two_works_become_one_and_two_again(ute: User):
    kept, gone = (
        add_work(title, added_by=ute, year=year) for title, year in (("Dune", 1965), ("Duna", 1966))
    )
    before = rows_of_all()
    done = run("catalogue_merge", kept.pk, gone.pk, "--user", "ute", "--take", "year")
    assert done["work"] == kept.pk
    kept.refresh_from_db()
    assert (kept.title, kept.year) == ("Dune", 1966)
    assert run("catalogue_unmerge", done["merge"], "--user", "ute") == {"works": [kept.pk, gone.pk]}
    assert rows_of_all() == before
    assert "not there" in str(run("catalogue_merge", kept.pk, gone.pk + 1, "--user", "ute"))
    assert "no merge number" in str(run("catalogue_unmerge", done["merge"] + 1, "--user", "ute"))
