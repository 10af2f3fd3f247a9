"""Looking at folders: what is told of each, by the program that may be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from library.folder_look import Look, Trouble, look_at

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_wrong_with_a_folder(tmp_path):
    (tmp_path / "full" / "Dark").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert look_at(str(tmp_path / "full")) == Look()
    assert look_at(str(tmp_path / "empty")).trouble == Trouble.EMPTY
    assert look_at(str(tmp_path / "gone")).trouble == Trouble.MISSING
    assert look_at(str(tmp_path / "file")) == Look(Trouble.UNREADABLE, "Not a directory")
    assert look_at("/a\0b").trouble == Trouble.UNREADABLE


@pytest.mark.e2e
def test_the_program_tells_of_each_folder_and_how_much_room_its_disk_has(tmp_path):
    (tmp_path / "full" / "Dark").mkdir(parents=True)
    folders = [str(tmp_path / name) for name in ("full", "gone")]

    ended = subprocess.run(
        [sys.executable, "-m", "library.folder_look"],
        input=json.dumps(folders),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    told = {answer["folder"]: answer for answer in map(json.loads, ended.stdout.splitlines())}
    assert sorted(told) == folders
    assert told[folders[0]]["trouble"] == ""
    assert told[folders[0]]["free"] > 0
    assert (told[folders[1]]["trouble"], told[folders[1]]["free"]) == ("missing", None)
