"""Where a path of the application lies here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.paths import check_mapping, is_full_path, last_part, local_path, shown


@dataclass
class Mapping:
    remote_prefix: str
    local_prefix: str


def mapped(remote: str, *pairs: tuple[str, str]) -> str:
    return local_path(remote, [Mapping(*pair) for pair in pairs])


@pytest.mark.parametrize(
    ("remote", "pairs", "local"),
    [
        ("/tv/Show/a.mkv", [("/tv", "/mnt/tv")], "/mnt/tv/Show/a.mkv"),
        ("/tv/Show/a.mkv", [("/tv/", "/mnt/tv/")], "/mnt/tv/Show/a.mkv"),
        ("/tv", [("/tv", "/mnt/tv")], "/mnt/tv"),
        ("/tv/", [("/tv", "/")], "/"),
        ("/tv/a", [("/tv", "/")], "/a"),
        ("/data/x", [("/", "/host")], "/host/data/x"),
        ("/tvs/a.mkv", [("/tv", "/mnt")], "/tvs/a.mkv"),
        ("/TV/a.mkv", [("/tv", "/mnt")], "/TV/a.mkv"),
        ("/tv/anime/a", [("/tv", "/one"), ("/tv/anime", "/two")], "/two/a"),
        ("/tv/anime/a", [("/tv/anime", "/two"), ("/tv", "/one")], "/two/a"),
        ("/tv//anime/a", [("/tv/anime", "/two")], "/two/a"),
        (r"D:\TV\Show\a.mkv", [("D:\\TV", "/mnt/tv")], "/mnt/tv/Show/a.mkv"),
        (r"D:\TV\Show\a.mkv", [("d:/tv/", "/mnt/tv")], "/mnt/tv/Show/a.mkv"),
        (r"D:\TV\a.mkv", [("D:", "/d")], "/d/TV/a.mkv"),
        (r"D:\TVs\a.mkv", [(r"D:\TV", "/mnt")], r"D:\TVs\a.mkv"),
        (r"\\NAS\media\tv\a.mkv", [(r"\\nas\Media", "/mnt")], "/mnt/tv/a.mkv"),
        (r"\\nas\media\a", [("/nas/media", "/mnt")], r"\\nas\media\a"),
        ("/D:/TV/a", [("D:/TV", "/mnt")], "/D:/TV/a"),
        (r"/tv/back\slash.mkv", [("/tv", "/mnt")], r"/mnt/back\slash.mkv"),
        ("", [("/tv", "/mnt")], ""),
    ],
)
def test_the_longest_prefix_of_whole_folder_names_decides(remote, pairs, local):
    assert mapped(remote, *pairs) == local


names = st.text(st.characters(exclude_characters="/\x00"), min_size=1, max_size=6).filter(
    lambda n: n not in "."
)
folders = st.lists(names, min_size=1, max_size=4)


@given(folders)
def test_without_a_mapping_nothing_changes(parts):
    assert mapped("/" + "/".join(parts)) == "/" + "/".join(parts)


@given(folders, folders, folders)
def test_what_lies_below_a_mapped_folder_keeps_its_place(prefix, below, local):
    remote, here = "/" + "/".join(prefix), "/" + "/".join(local)
    assert mapped(f"{remote}/{'/'.join(below)}", (remote, here)) == f"{here}/{'/'.join(below)}"


@given(folders, folders, folders)
def test_another_folder_is_left_alone(prefix, other, local):
    remote, path = "/" + "/".join(prefix), "/" + "/".join(other)
    if not f"{path}/".startswith(f"{remote}/"):
        assert mapped(path, (remote, "/" + "/".join(local))) == path


@pytest.mark.parametrize("path", ["/tv", "/", "D:\\TV", "d:/tv", "D:", r"\\nas\tv"])
def test_full_paths_are_known(path):
    assert is_full_path(path)


@pytest.mark.parametrize("path", ["", "tv", "./tv", "DD:\\TV", "D:TV"])
def test_other_paths_are_no_full_paths(path):
    assert not is_full_path(path)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/tv/Show/S01E01.mkv", "S01E01.mkv"),
        ("/tv/Show/", "Show"),
        ("/music/AC\\DC.mkv", "AC\\DC.mkv"),
        ("D:\\TV\\Show/S01E01.mkv", "S01E01.mkv"),
        (r"\\nas\tv\Show", "Show"),
        ("/", ""),
        ("", ""),
    ],
)
def test_a_file_is_called_by_the_last_part_of_its_path(path, name):
    assert last_part(path) == name


def test_a_path_of_any_bytes_can_be_shown():
    assert shown("/tv/Größe.mkv") == "/tv/Größe.mkv"
    assert shown("/tv/\udce4.mkv") == "/tv/\ufffd.mkv"


def test_a_visible_folder_is_fine(tmp_path):
    (tmp_path / "Show").mkdir()
    assert check_mapping("/tv", str(tmp_path)) == ""


def test_what_is_wrong_with_a_mapping_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    assert "not a full path" in check_mapping("tv", str(tmp_path))
    assert "begins with /" in check_mapping("/tv", "tv")
    assert "does not exist here" in check_mapping("/tv", str(tmp_path / "away"))
    assert "is not a folder" in check_mapping("/tv", str(tmp_path / "file"))
    assert "is empty: is it mounted?" in check_mapping("/tv", str(tmp_path / "empty"))
    assert "cannot be read (it is no valid path)" in check_mapping("/tv", "/t\x00v")
    assert "cannot be read (File name too long)" in check_mapping("/tv", "/" + "x" * 300)
