"""Which series and movies lie in a plain folder."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StorageError
from library.folder.listing import Listed, list_one, list_titles


def made(root: Path, *paths: str) -> Path:
    """Make these files, a byte for each letter of the name, and folders where they end with a slash."""
    for path in paths:
        whole = root / path
        if path.endswith("/"):
            whole.mkdir(parents=True, exist_ok=True)
            continue
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_bytes(b"x" * len(path))
    return root


def listed(root: Path, *, series: bool = False) -> list[Listed]:
    return list_titles(str(root), series=series, may_enter=lambda _path: False)


def told(root: Path, *, series: bool = False) -> list[tuple[str, tuple[str, ...]]]:
    """The titles by their place in the root, with their files."""
    return [(os.path.relpath(one.path, root), one.videos) for one in listed(root, series=series)]


def test_movies_lie_in_folders_of_their_own_loose_or_in_folders_of_folders(tmp_path):
    made(
        tmp_path,
        "Arrival (2016)/Arrival (2016).mkv",
        "Arrival (2016)/movie.nfo",
        "Loose (2001).mp4",
        "Box/One (1999)/One.mkv",
        "Box/Two (2003)/Two.avi",
        "Together/Three (2004).mkv",
        "Together/Four (2005).mkv",
        "Wanted (2024)/",
        "Papers/readme.txt",
    )
    assert told(tmp_path) == [
        ("Arrival (2016)", ("Arrival (2016).mkv",)),
        ("Box/One (1999)", ("One.mkv",)),
        ("Box/Two (2003)", ("Two.avi",)),
        ("Loose (2001).mp4", ("",)),
        ("Together/Four (2005).mkv", ("",)),
        ("Together/Three (2004).mkv", ("",)),
        ("Wanted (2024)", ()),
    ]


def test_of_versions_and_parts_the_largest_is_the_movie(tmp_path):
    made(
        tmp_path,
        "Title (2019)/Title (2019) - 720p.mkv",
        "Title (2019)/Title (2019) {edition-Final Cut} - 2160p.mkv",
        "Parted (2001)/CD1/a.avi",
        "Parted (2001)/CD2/ab.avi",
        "Disc (2002)/VIDEO_TS/",
    )
    assert told(tmp_path) == [
        ("Disc (2002)", ()),
        ("Parted (2001)", ("CD2/ab.avi",)),
        ("Title (2019)", ("Title (2019) {edition-Final Cut} - 2160p.mkv",)),
    ]


def test_extras_samples_and_what_systems_leave_behind_are_left_out(tmp_path):
    made(
        tmp_path,
        "Title (2019)/Title (2019).mkv",
        "Title (2019)/Title (2019)-trailer with a much longer name-trailer.mkv",
        "Title (2019)/Featurettes/The making of it, at great length.mkv",
        "Title (2019)/sample/sample of some length to be the largest.mkv",
        "Title (2019)/.hidden of some length to be the largest.mkv",
        "Extras/Other.mkv",
        "#recycle/Gone (2000)/Gone.mkv",
        "lost+found/#1234.mkv",
        "@eaDir/Title.mkv",
        "Ignored (2001)/.ignore",
        "Ignored (2001)/Ignored.mkv",
        ".Trash/Old (2002).mkv",
    )
    assert told(tmp_path) == [("Title (2019)", ("Title (2019).mkv",))]


def test_a_series_has_the_files_of_all_its_seasons_and_its_specials(tmp_path):
    made(
        tmp_path,
        "Show (2010)/Season 01/Show - S01E01.mkv",
        "Show (2010)/Season 01/Show - S01E01-trailer.mkv",
        "Show (2010)/Season 01/Extras/Bloopers.mkv",
        "Show (2010)/Season 02/Disc 1/2x01.mkv",
        "Show (2010)/Specials/The Trailer.mkv",
        "Show (2010)/Show - 1071.mkv",
        "Show (2010)/tvshow.nfo",
        "Other/S01E01.mkv",
        "Announced (2030)/",
        "Nothing/notes.txt",
        "loose.mkv",
    )
    assert told(tmp_path, series=True) == [
        ("Announced (2030)", ()),
        ("Other", ("S01E01.mkv",)),
        (
            "Show (2010)",
            (
                "Season 01/Show - S01E01.mkv",
                "Season 02/Disc 1/2x01.mkv",
                "Show - 1071.mkv",
                "Specials/The Trailer.mkv",
            ),
        ),
    ]


def test_each_folder_is_listed_once_and_no_episode_is_looked_at(tmp_path, monkeypatch):
    made(
        tmp_path,
        *(f"Show (2010)/Season {season:02}/S{season:02}E{n:02}.mkv" for season in (1, 2) for n in range(9)),
    )
    made(tmp_path, "Show (2010)/tvshow.nfo")
    opened: Counter[str] = Counter()
    stats: Counter[str] = Counter()
    scandir, stat = os.scandir, os.stat
    monkeypatch.setattr(os, "scandir", lambda path: opened.update([str(path)]) or scandir(path))
    monkeypatch.setattr(os, "stat", lambda path, **more: stats.update([str(path)]) or stat(path, **more))

    listed(tmp_path, series=True)

    show = tmp_path / "Show (2010)"
    folders = {str(path) for path in (tmp_path, show, show / "Season 01", show / "Season 02")}
    assert (set(opened), set(opened.values())) == (folders, {1})
    assert not [path for path in stats if path.endswith(".mkv")]


@pytest.mark.parametrize("series", [True, False])
def test_a_folder_that_is_away_empty_or_no_folder_is_no_list(tmp_path, series):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    for name, sentence in (("none", "cannot be read"), ("file", "cannot be read"), ("empty", "is empty")):
        with pytest.raises(StorageError, match=sentence):
            listed(tmp_path / name, series=series)


@pytest.mark.parametrize("series", [True, False])
def test_one_title_is_found_again_as_the_list_has_it(tmp_path, series):
    made(
        tmp_path,
        "Show (2010)/S01E01.mkv",
        "Show (2010)/tvshow.nfo",
        "Box/One (1999)/One.mkv",
        "Loose (2001).mkv",
    )
    for one in listed(tmp_path, series=series):
        assert list_one(one.path, series=series, may_enter=lambda _path: False) == one
    assert list_one(str(tmp_path / "none"), series=series, may_enter=lambda _path: False) is None


def test_the_stamp_tells_a_new_file_a_replaced_one_and_another_nfo(tmp_path):
    made(tmp_path, "Show (2010)/Season 01/S01E01.mkv", "Show (2010)/tvshow.nfo")
    stamps = [listed(tmp_path, series=True)[0].stamp] * 2
    assert listed(tmp_path, series=True)[0].stamp == stamps[0]

    made(tmp_path, "Show (2010)/Season 01/S01E02.mkv")
    stamps.append(listed(tmp_path, series=True)[0].stamp)
    (tmp_path / "Show (2010)" / "tvshow.nfo").write_text("longer than before, by far")
    stamps.append(listed(tmp_path, series=True)[0].stamp)
    season = tmp_path / "Show (2010)" / "Season 01"
    os.utime(season, (1, 1))  # as after a file was replaced by another of its name
    stamps.append(listed(tmp_path, series=True)[0].stamp)

    assert len(set(stamps)) == 4


@pytest.mark.parametrize(("series", "name"), [(True, "Show (2010)"), (False, "Film (2010)")])
def test_what_cannot_be_read_now_is_listed_as_unread(tmp_path, monkeypatch, series, name):
    made(tmp_path, f"{name}/S01E01.mkv", "Loose (2001).mkv")
    scandir, stat = os.scandir, os.stat

    def denied(call, word):
        def deny(path, **more):
            if word in str(path):
                raise PermissionError(13, "Permission denied")
            return call(path, **more)

        return deny

    monkeypatch.setattr(os, "scandir", denied(scandir, name))
    monkeypatch.setattr(os, "stat", denied(stat, "Loose"))

    unread = {Path(one.path).name for one in listed(tmp_path, series=series) if one.unread}
    assert unread == ({name} if series else {name, "Loose (2001).mkv"})


def test_an_nfo_that_went_away_a_moment_ago_leaves_a_stamp_that_does_not_last(tmp_path, monkeypatch):
    made(tmp_path, "Show (2010)/S01E01.mkv", "Show (2010)/tvshow.nfo")
    stamp = listed(tmp_path, series=True)[0].stamp

    def gone(_path):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "lstat", gone)
    assert listed(tmp_path, series=True)[0].stamp != stamp


def test_a_loose_file_whose_folder_is_gone_is_no_title_any_more(tmp_path):
    path = str(tmp_path / "gone" / "Loose (2001).mkv")
    assert list_one(path, series=False, may_enter=lambda _path: False) is None


NAMES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))
VIDEO = st.tuples(NAMES, st.sampled_from([".mkv", ".nfo", "-trailer.mkv", " (2019).mkv", ""])).map("".join)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.lists(NAMES, max_size=3), VIDEO), max_size=8), st.booleans())
def test_whatever_the_names_all_that_is_listed_lies_in_the_folder(files, series):
    with TemporaryDirectory() as folder:
        root = Path(folder, "root")
        root.mkdir()
        Path(folder, "outside.mkv").write_bytes(b"x")
        for parents, name in files:
            try:
                made(root, "/".join([*parents, name]))
            except OSError:
                continue  # a file in the place of a folder, or a name that is too long
        try:
            found = listed(root, series=series)
        except StorageError:
            return
        paths = [one.path_of(video) for one in found for video in one.videos]
        assert len({one.path for one in found}) == len(found)
        assert len(set(paths)) == len(paths)
        for path in paths:
            assert os.path.realpath(path).startswith(f"{os.path.realpath(root)}/")
            assert Path(path).is_file()
