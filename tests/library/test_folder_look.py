"""Looking at folders: what is told of each, by the program that may be killed."""

from __future__ import annotations

import io
import json

from library import folder_look
from library.folder_look import Look, Trouble, look_at


def test_what_is_wrong_with_a_folder(tmp_path):
    (tmp_path / "full" / "Dark").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert look_at(str(tmp_path / "full")) == Look()
    assert look_at(str(tmp_path / "empty")).trouble == Trouble.EMPTY
    assert look_at(str(tmp_path / "gone")).trouble == Trouble.MISSING
    assert look_at(str(tmp_path / "file")) == Look(Trouble.UNREADABLE, "Not a directory")
    assert look_at("/a\0b").trouble == Trouble.UNREADABLE


def test_the_program_tells_of_each_folder_and_how_much_room_its_disk_has(tmp_path, monkeypatch, capsys):
    (tmp_path / "full" / "Dark").mkdir(parents=True)
    folders = [str(tmp_path / name) for name in ("full", "gone")]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(folders)))

    folder_look.main()

    told = {answer["folder"]: answer for answer in map(json.loads, capsys.readouterr().out.splitlines())}
    assert sorted(told) == folders
    assert told[folders[0]]["trouble"] == ""
    assert told[folders[0]]["free"] > 0
    assert (told[folders[1]]["trouble"], told[folders[1]]["free"]) == ("missing", None)
