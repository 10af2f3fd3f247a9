"""Paths of sources and players: keys, mappings, and the mapping that is proposed."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from players.rules.paths import EVIDENCE, Mapping, in_player, key, mapping_between, proposed, pure

NAMES = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='/\\:<>"|?*'), min_size=1
).filter(lambda name: name.strip() and name not in (".", ".."))
FOLDERS = st.lists(NAMES, min_size=1, max_size=4)
POSIX = FOLDERS.map(lambda names: "/" + "/".join(names))
WINDOWS = FOLDERS.map(lambda names: "D:\\" + "\\".join(names))


@given(POSIX)
def test_both_forms_of_unicode_have_one_key(path: str):
    assert key(unicodedata.normalize("NFD", path)) == key(unicodedata.normalize("NFC", path))


@given(WINDOWS)
def test_windows_tells_neither_cases_nor_slashes_apart(path: str):
    assert key(path.replace("\\", "/") + "\\") == key(path)
    assert key(path.replace("D:", "d:")) == key(path)


def test_elsewhere_case_counts():
    assert key("/tv/Show") != key("/tv/show")


@given(POSIX, NAMES, st.sampled_from(["/data", "D:\\Media", "\\\\nas\\media", "smb://nas/media", "/"]))
def test_a_mapped_folder_keeps_what_lies_below_it(folder: str, name: str, place: str):
    path = f"{folder}/{name}"
    (found,) = in_player(path, [Mapping(folder, place)])
    assert key(found)[-1] == key(f"{place}/{name}")[-1]
    assert key(found)[:-1] == key(place)


@given(POSIX)
def test_what_nothing_maps_stays_as_it_is(path: str):
    assert in_player(path, [Mapping("/nowhere/at/all/of/this", "/x")]) == (path,)


def test_the_longest_folder_decides_and_whole_names_only():
    mappings = [Mapping("/tv", "/a"), Mapping("/tv/4k", "/b")]
    assert in_player("/tv/4k/Show", mappings) == ("/b/Show",)
    assert in_player("/tv/4kids", mappings) == ("/a/4kids",)
    assert in_player("/tv2/Show", mappings) == ("/tv2/Show",)


def test_a_folder_that_two_sources_name_alike_may_lie_in_either_place():
    mappings = [Mapping("/tv", "/hd"), Mapping("/tv", "/uhd")]
    assert in_player("/tv/Show", mappings) == ("/hd/Show", "/uhd/Show")


@given(POSIX, POSIX, FOLDERS)
def test_the_mapping_between_two_paths_makes_one_of_the_other(ours: str, theirs: str, below: list[str]):
    source, player = ("/".join([root, *below]) for root in (ours, theirs))
    mapping = mapping_between(source, player)
    if mapping is None:
        assert key(source) == key(player)
    else:
        assert [key(place) for place in in_player(source, [mapping])] == [key(player)]


def test_the_mapping_between_a_linux_and_a_windows_path():
    assert mapping_between("/data/tv/Show", "D:\\Media\\tv\\Show") == Mapping("/data", "D:\\Media")
    assert mapping_between("/data/tv/Show", "\\\\nas\\media\\tv\\Show") == Mapping("/data", "\\\\nas\\media")
    assert mapping_between("/data/tv/Show", "smb://nas/m/tv/Show") == Mapping("/data", "smb://nas/m")
    assert mapping_between("/data/tv/Show", "/data/tv/Other") is None
    assert mapping_between("/data/tv/Show", "/mnt/tv/SHOW") is None


def test_a_mapping_is_proposed_once_enough_titles_speak_for_it():
    pairs = [(f"/data/tv/Show {one}", f"/mnt/media/tv/Show {one}") for one in range(EVIDENCE)]
    stray = [("/data/x/y", "/elsewhere/x/y")]
    assert proposed([*pairs, *stray]) == {Mapping("/data", "/mnt/media"): EVIDENCE}
    assert proposed(pairs[1:]) == {}
    assert proposed(pairs, [Mapping("/data/", "/mnt/media")]) == {}


def test_a_path_is_taken_apart_as_its_source_writes_it():
    assert str(pure("D:\\clips\\a.mp4").parent) == "D:\\clips"
    assert str(pure("/clips/a.mp4").parent) == "/clips"
